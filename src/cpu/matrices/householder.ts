// Reflections: one that makes all elements of a vector but the first zero, and
// the product of several as `I - v @ t @ v.T`, which is applied by products of
// blocks.

import {
  addProduct,
  type Block,
  elementsOf,
  part,
  startOf,
  turned,
} from "./block.ts";

/** Sums of squares below and above which numbers are scaled before they are squared. */
const TINY = 1e-280;
const HUGE = 1e280;

/** The length of a vector of `n` elements. */
export function lengthOf(
  data: Float64Array,
  start: number,
  step: number,
  n: number,
): number {
  let sum = 0;
  let p = start;
  for (let i = 0; i < n; i++, p += step) sum += data[p]! * data[p]!;
  if (sum > TINY && sum < HUGE) return Math.sqrt(sum);
  let most = 0;
  p = start;
  for (let i = 0; i < n; i++, p += step) {
    const size = Math.abs(data[p]!);
    // NaN stays.
    if (size > most || size !== size) most = size;
  }
  if (most === 0 || !(most < Infinity)) return most;
  sum = 0;
  p = start;
  for (let i = 0; i < n; i++, p += step) sum += (data[p]! / most) ** 2;
  return most * Math.sqrt(sum);
}

/**
 * Turns a vector into a multiple of the first unit vector by the reflection
 * `I - tau * v @ v.T`, where `v` begins with 1. The vector's first element
 * becomes that multiple, the others become the rest of `v`. Returns `tau`, which
 * is 0 where nothing needs to be done. Signs are those of LAPACK's `dlarfg`.
 */
export function reflect(
  data: Float64Array,
  start: number,
  step: number,
  n: number,
): number {
  if (n < 2) return 0;
  const rest = lengthOf(data, start + step, step, n - 1);
  if (rest === 0) return 0;
  const first = data[start]!;
  const length = Math.hypot(first, rest);
  const beta = first >= 0 ? -length : length;
  const scale = first - beta;
  let p = start + step;
  for (let i = 1; i < n; i++, p += step) data[p]! /= scale;
  data[start] = beta;
  return (beta - first) / beta;
}

/** Up to this many reflections are applied one by one: products of blocks cost more to prepare. */
export const FEW_REFLECTIONS = 16;

/** Applies one reflection to the columns of `x`, whose vector begins at a place of `v`. */
export function applyReflection(
  x: Block,
  v: Float64Array,
  start: number,
  step: number,
  tau: number,
): void {
  if (tau === 0) return;
  const data = elementsOf(x);
  const { rows, columns, down, across } = x;
  for (let c = 0; c < columns; c++) {
    const top = startOf(x) + c * across;
    let sum = 0;
    let p = top;
    let q = start;
    for (let r = 0; r < rows; r++, p += down, q += step) {
      sum += v[q]! * data[p]!;
    }
    sum *= tau;
    p = top;
    q = start;
    for (let r = 0; r < rows; r++, p += down, q += step) {
      data[p]! -= sum * v[q]!;
    }
  }
}

/**
 * Fills `t`, upper triangular, for reflections whose vectors are the columns of
 * `v`, the first of them that of `taus[from]`.
 */
export function fillTriangle(
  v: Block,
  t: Block,
  taus: Float64Array,
  from: number,
): void {
  const { columns } = v;
  addProduct(t, 1, turned(v), v, 0);
  const data = elementsOf(t);
  const start = startOf(t);
  const { down, across } = t;
  for (let j = 0; j < columns; j++) {
    const tau = taus[from + j]!;
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let p = i; p < j; p++) {
        sum += data[start + i * down + p * across]! *
          data[start + p * down + j * across]!;
      }
      data[start + i * down + j * across] = -tau * sum;
    }
    data[start + j * (down + across)] = tau;
    for (let i = j + 1; i < columns; i++) {
      data[start + i * down + j * across] = 0;
    }
  }
}

/**
 * Joins two sets of reflections, the first of which comes first: fills the
 * upper right part of `t`, whose diagonal blocks belong to one each. `spare` has
 * room for that part.
 */
export function joinTriangles(
  v: Block,
  t: Block,
  first: number,
  spare: Block,
): void {
  const rest = t.columns - first;
  const v1 = part(v, 0, 0, v.rows, first);
  const v2 = part(v, 0, first, v.rows, rest);
  const corner = part(t, 0, first, first, rest);
  const between = part(spare, 0, 0, first, rest);
  addProduct(corner, -1, turned(v1), v2, 0);
  addProduct(between, 1, part(t, 0, 0, first, first), corner, 0);
  addProduct(corner, 1, between, part(t, first, first, rest, rest), 0);
}

/**
 * Applies reflections to the columns of `x`: `x - v @ t @ (v.T @ x)`, or with
 * `t` transposed, which is their inverse. `spare` has room for twice
 * `v.columns` rows of `x`.
 */
export function applyReflections(
  x: Block,
  v: Block,
  t: Block,
  inverse: boolean,
  spare: Block,
): void {
  const n = v.columns;
  if (x.columns === 0 || n === 0) return;
  const first = part(spare, 0, 0, n, x.columns);
  const second = part(spare, n, 0, n, x.columns);
  addProduct(first, 1, turned(v), x, 0);
  addProduct(second, 1, inverse ? turned(t) : t, first, 0);
  addProduct(x, -1, v, second);
}
