// A square matrix made upper Hessenberg, nothing below the neighbours of the
// diagonal, by reflections from both sides.

import { type Block, elementsOf, startOf } from "./block.ts";
import { reflect } from "./householder.ts";
import { setIdentity } from "./rotations.ts";

/**
 * Reduces rows and columns `low` to `high` of `x`, which is triangular outside
 * of them. `vectors` keeps the reflections' vectors as rows; their factors are
 * returned.
 */
export function makeHessenberg(
  x: Block,
  low: number,
  high: number,
  vectors: Block,
): Float64Array {
  const n = x.rows;
  const data = elementsOf(x);
  const start = startOf(x);
  const { down } = x;
  const kept = elementsOf(vectors);
  const taus = new Float64Array(n);
  const sums = new Float64Array(n);
  for (let k = low; k < high - 1; k++) {
    const top = start + (k + 1) * down;
    const count = high - k;
    const tau = reflect(data, top + k, down, count);
    taus[k] = tau;
    const v = startOf(vectors) + k * vectors.down;
    kept[v + k + 1] = 1;
    for (let i = 1; i < count; i++) {
      const p = top + i * down + k;
      kept[v + k + 1 + i] = data[p]!;
      data[p] = 0;
    }
    if (tau === 0) continue;
    fromRight(data, start, down, high + 1, kept, v, tau, k + 1, high);
    fromLeft(data, start, down, n, kept, v, tau, k + 1, high, sums);
  }
  return taus;
}

/** Applies a reflection to rows 0 to below `rows`, in columns `low` to `high`. */
function fromRight(
  data: Float64Array,
  start: number,
  down: number,
  rows: number,
  vector: Float64Array,
  v: number,
  tau: number,
  low: number,
  high: number,
): void {
  for (let i = 0; i < rows; i++) {
    const row = start + i * down;
    let sum = 0;
    for (let j = low; j <= high; j++) sum += data[row + j]! * vector[v + j]!;
    sum *= tau;
    for (let j = low; j <= high; j++) data[row + j]! -= sum * vector[v + j]!;
  }
}

/** Applies a reflection to rows `low` to `high`, in columns from `low` to below `n`. */
function fromLeft(
  data: Float64Array,
  start: number,
  down: number,
  n: number,
  vector: Float64Array,
  v: number,
  tau: number,
  low: number,
  high: number,
  sums: Float64Array,
): void {
  sums.fill(0);
  for (let i = low; i <= high; i++) {
    const row = start + i * down;
    const value = tau * vector[v + i]!;
    for (let j = low; j < n; j++) sums[j]! += value * data[row + j]!;
  }
  for (let i = low; i <= high; i++) {
    const row = start + i * down;
    const value = vector[v + i]!;
    for (let j = low; j < n; j++) data[row + j]! -= value * sums[j]!;
  }
}

/** Makes the rows of `q` the columns of the orthogonal matrix that {@linkcode makeHessenberg} reduced by. */
export function formHessenbergRows(
  q: Block,
  low: number,
  high: number,
  vectors: Block,
  taus: Float64Array,
): void {
  setIdentity(q);
  const data = elementsOf(q);
  const kept = elementsOf(vectors);
  for (let k = high - 2; k >= low; k--) {
    const tau = taus[k]!;
    if (tau === 0) continue;
    const v = startOf(vectors) + k * vectors.down;
    const at = startOf(q) + (k + 1) * q.down;
    fromRight(data, at, q.down, high - k, kept, v, tau, k + 1, high);
  }
}
