// A system of one or two equations with complex numbers, as back substitution in
// a Schur form meets it.

/** Solves for one right side after the other; fields are what goes in and comes out. */
export class PairSolver {
  /** The right side's parts, then those of the solution: of the first row. */
  re1 = 0;
  /** Its imaginary part. */
  im1 = 0;
  /** The second row's real part. */
  re2 = 0;
  /** Its imaginary part. */
  im2 = 0;
  /** What takes the place of smaller numbers in a division. */
  least = 0;
  #re = 0;
  #im = 0;

  /** The largest part of the solution. */
  get most(): number {
    return Math.max(
      Math.abs(this.re1),
      Math.abs(this.im1),
      Math.abs(this.re2),
      Math.abs(this.im2),
    );
  }

  /** Divides the second row's number by another. */
  solveOne(re: number, im: number): void {
    this.#divide(this.re2, this.im2, re, im);
    this.re2 = this.#re;
    this.im2 = this.#im;
    this.re1 = this.im1 = 0;
  }

  /** Solves with `[[a, b], [c, d]]`, of which `a` and `d` have the imaginary part `im`. */
  solveTwo(a: number, b: number, c: number, d: number, im: number): void {
    // The largest element goes first: rows and columns are exchanged for that.
    const diagonal = Math.max(Math.abs(a), Math.abs(d)) + Math.abs(im);
    const beside = Math.max(Math.abs(b), Math.abs(c));
    const mirrored = diagonal >= beside
      ? Math.abs(d) > Math.abs(a)
      : Math.abs(c) > Math.abs(b);
    if (mirrored) {
      this.#swap();
      if (diagonal >= beside) this.#onDiagonal(d, c, b, a, im);
      else this.#beside(d, c, b, a, im);
      this.#swap();
    } else if (diagonal >= beside) this.#onDiagonal(a, b, c, d, im);
    else this.#beside(a, b, c, d, im);
  }

  #swap(): void {
    const { re1, im1 } = this;
    this.re1 = this.re2;
    this.im1 = this.im2;
    this.re2 = re1;
    this.im2 = im1;
  }

  /** Where `a` is largest. */
  #onDiagonal(a: number, b: number, c: number, d: number, im: number): void {
    this.#divide(c, 0, a, im);
    const re = this.#re;
    const turn = this.#im;
    this.#divide(
      this.re2 - (re * this.re1 - turn * this.im1),
      this.im2 - (re * this.im1 + turn * this.re1),
      d - re * b,
      im - turn * b,
    );
    this.re2 = this.#re;
    this.im2 = this.#im;
    this.#divide(this.re1 - b * this.re2, this.im1 - b * this.im2, a, im);
    this.re1 = this.#re;
    this.im1 = this.#im;
  }

  /** Where `b` is largest: the second number is found last. */
  #beside(a: number, b: number, c: number, d: number, im: number): void {
    const re = d / b;
    const turn = im / b;
    // The second row without its second number.
    this.#divide(
      this.re2 - (re * this.re1 - turn * this.im1),
      this.im2 - (re * this.im1 + turn * this.re1),
      c - (re * a - turn * im),
      -(re * im + turn * a),
    );
    const x = this.#re;
    const y = this.#im;
    this.#divide(
      this.re1 - (a * x - im * y),
      this.im1 - (a * y + im * x),
      b,
      0,
    );
    this.re1 = x;
    this.im1 = y;
    this.re2 = this.#re;
    this.im2 = this.#im;
  }

  /** Divides complex numbers, the divisor not below {@linkcode least}. */
  #divide(re: number, im: number, byRe: number, byIm: number): void {
    if (Math.abs(byRe) + Math.abs(byIm) < this.least) {
      byRe = this.least;
      byIm = 0;
    }
    if (Math.abs(byRe) >= Math.abs(byIm)) {
      const ratio = byIm / byRe;
      const whole = byRe + byIm * ratio;
      this.#re = (re + im * ratio) / whole;
      this.#im = (im - re * ratio) / whole;
    } else {
      const ratio = byRe / byIm;
      const whole = byIm + byRe * ratio;
      this.#re = (re * ratio + im) / whole;
      this.#im = (im * ratio - re) / whole;
    }
  }
}
