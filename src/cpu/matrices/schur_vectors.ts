// The eigenvectors of a matrix in real Schur form, from the last element up. Of
// a complex pair the real parts are one vector and the imaginary parts the next.

import { type Block, elementsOf, startOf } from "./block.ts";
import { PairSolver } from "./pair_solver.ts";

/** Elements beyond which a vector is made smaller. */
const LARGE = 1e10;

/** A matrix in real Schur form, of numbers about 1, and its eigenvalues. */
export interface SchurForm {
  /** The matrix. */
  readonly x: Block;
  /** The eigenvalues' real parts. */
  readonly re: Float64Array;
  /** Their imaginary parts. */
  readonly im: Float64Array;
  /** What takes the place of smaller numbers in a division. */
  readonly least: number;
}

/** Makes the rows of `out` the eigenvectors. */
export function findVectors(out: Block, form: SchurForm): void {
  const { x, im } = form;
  const n = x.rows;
  const data = elementsOf(out);
  const start = startOf(out);
  data.fill(0, start, start + n * out.down);
  const solver = new PairSolver();
  for (let i = n - 1; i >= 0; i--) {
    const at = start + i * out.down;
    if (im[i] === 0) {
      data[at + i] = 1;
      substitute(data, at, -1, i, i, form, solver);
    } else {
      i--;
      beginPair(data, at - out.down, at, i, form);
      substitute(data, at - out.down, at, i, i + 1, form, solver);
    }
  }
}

/** The last two elements of a vector of the first eigenvalue of a pair. */
function beginPair(
  data: Float64Array,
  re: number,
  im: number,
  i: number,
  form: SchurForm,
): void {
  const { x } = form;
  const values = elementsOf(x);
  const at = startOf(x) + i * (x.down + 1);
  const above = values[at + 1]!;
  const below = values[at + x.down]!;
  if (Math.abs(above) >= Math.abs(below)) {
    data[re + i] = 1;
    data[im + i + 1] = form.im[i]! / above;
  } else {
    data[re + i] = -form.im[i]! / below;
    data[im + i + 1] = 1;
  }
}

/**
 * Finds the elements before number `i` of a vector whose elements to `last` are
 * there, its real parts from `p` on and its imaginary ones from `q` on; none
 * where that is negative.
 */
function substitute(
  data: Float64Array,
  p: number,
  q: number,
  i: number,
  last: number,
  { x, re, im, least }: SchurForm,
  solver: PairSolver,
): void {
  const values = elementsOf(x);
  const { down } = x;
  const w = re[i]!;
  const turn = q < 0 ? 0 : -im[i]!;
  const size = Math.abs(w) + Math.abs(turn);
  solver.least = Math.max(Number.EPSILON * size, least);
  for (let j = i - 1; j >= 0; j--) {
    const row = startOf(x) + j * down;
    const diagonal = values[row + j]! - w;
    solver.re2 = product(values, row, data, p, j + 1, last);
    solver.im2 = q < 0 ? 0 : product(values, row, data, q, j + 1, last);
    const pair = im[j] !== 0;
    if (!pair) solver.solveOne(diagonal, turn);
    else {
      const upper = row - down;
      solver.re1 = product(values, upper, data, p, j + 1, last);
      solver.im1 = q < 0 ? 0 : product(values, upper, data, q, j + 1, last);
      solver.solveTwo(
        values[upper + j - 1]! - w,
        values[upper + j]!,
        values[row + j - 1]!,
        diagonal,
        turn,
      );
    }
    data[p + j] = solver.re2;
    if (q >= 0) data[q + j] = solver.im2;
    if (pair) {
      j--;
      data[p + j] = solver.re1;
      if (q >= 0) data[q + j] = solver.im1;
    }
    const { most } = solver;
    if (most <= LARGE) continue;
    for (let k = j; k <= last; k++) {
      data[p + k]! /= most;
      if (q >= 0) data[q + k]! /= most;
    }
  }
}

/** The negative sum of products of elements `from` to `to` of a row and of a vector. */
function product(
  values: Float64Array,
  row: number,
  vector: Float64Array,
  at: number,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let k = from; k <= to; k++) sum -= values[row + k]! * vector[at + k]!;
  return sum;
}
