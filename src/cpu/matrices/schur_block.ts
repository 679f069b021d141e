// The real Schur form of a matrix of two rows, as LAPACK's `dlanv2` makes it:
// triangular, or with equal numbers on the diagonal and numbers of opposite
// signs beside it, where the eigenvalues are a complex pair.

/** A matrix of two rows, its form, its eigenvalues and the rotation between. */
export class SchurBlock {
  /** The upper left element. */
  a = 0;
  /** The upper right one. */
  b = 0;
  /** The lower left one; 0 where the eigenvalues are real. */
  c = 0;
  /** The lower right one. */
  d = 0;
  /** The cosine of the rotation. */
  cosine = 1;
  /** Its sine. */
  sine = 0;
  /** The first eigenvalue's imaginary part; the second one's is its negative. */
  imaginary = 0;

  /** Brings what is in `a` to `d` into form. */
  reduce(): void {
    this.cosine = 1;
    this.sine = 0;
    const { a, b, c, d } = this;
    if (c !== 0) {
      if (b === 0) {
        this.a = d;
        this.d = a;
        this.b = -c;
        this.c = 0;
        this.cosine = 0;
        this.sine = 1;
      } else if (a !== d || (b > 0) === (c > 0)) this.#rotate();
    }
    this.imaginary = this.c === 0
      ? 0
      : Math.sqrt(Math.abs(this.b)) * Math.sqrt(Math.abs(this.c));
  }

  #rotate(): void {
    const { a, b, c, d } = this;
    const p = (a - d) / 2;
    const most = Math.max(Math.abs(b), Math.abs(c));
    const least = Math.min(Math.abs(b), Math.abs(c)) * Math.sign(b) *
      Math.sign(c);
    const scale = Math.max(Math.abs(p), most);
    const z = p / scale * p + most / scale * least;
    // Where rounding decides whether eigenvalues are real, the decision is left
    // to what comes of equal numbers on the diagonal.
    if (z < 4 * Number.EPSILON) return this.#equalize();
    const root = Math.sqrt(scale) * Math.sqrt(z);
    const far = p + (p < 0 ? -root : root);
    this.a = d + far;
    this.d = d - most / far * least;
    const length = Math.hypot(c, far);
    this.cosine = far / length;
    this.sine = c / length;
    this.b = b - c;
    this.c = 0;
  }

  #equalize(): void {
    const { a, b, c, d } = this;
    const sum = b + c;
    const difference = a - d;
    const length = Math.hypot(sum, difference);
    const cosine = Math.sqrt((1 + Math.abs(sum) / length) / 2);
    const sine = -(difference / 2 / (length * cosine)) * (sum < 0 ? -1 : 1);
    const aa = a * cosine + b * sine;
    const bb = -a * sine + b * cosine;
    const cc = c * cosine + d * sine;
    const dd = -c * sine + d * cosine;
    const middle = (aa * cosine + cc * sine - bb * sine + dd * cosine) / 2;
    this.a = this.d = middle;
    this.b = bb * cosine + dd * sine;
    this.c = -aa * sine + cc * cosine;
    this.cosine = cosine;
    this.sine = sine;
    if (this.c === 0) return;
    if (this.b === 0) {
      this.b = -this.c;
      this.c = 0;
      this.cosine = -sine;
      this.sine = cosine;
    } else if ((this.b > 0) === (this.c > 0)) this.#part(middle);
  }

  /** Makes a matrix triangular whose eigenvalues turned out to be real. */
  #part(middle: number): void {
    const { b, c, cosine, sine } = this;
    const above = Math.sqrt(Math.abs(b));
    const below = Math.sqrt(Math.abs(c));
    const p = c < 0 ? -above * below : above * below;
    const length = Math.sqrt(Math.abs(b + c));
    const cosine2 = above / length;
    const sine2 = below / length;
    this.a = middle + p;
    this.d = middle - p;
    this.b = b - c;
    this.c = 0;
    this.cosine = cosine * cosine2 - sine * sine2;
    this.sine = cosine * sine2 + sine * cosine2;
  }
}
