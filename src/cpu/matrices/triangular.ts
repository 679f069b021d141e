// Triangular systems of equations, by halves: the larger part of the work is
// products of blocks.

import {
  addProduct,
  type Block,
  elementsOf,
  middle,
  part,
  startOf,
  turned,
} from "./block.ts";

/** Equations that are solved one by one. */
const FEW = 16;

/** Solves `a @ x = b` for a triangular `a`; `b` becomes `x`. A diagonal of ones is not read if `unit`. */
export function solveTriangle(
  a: Block,
  b: Block,
  upper: boolean,
  unit: boolean,
): void {
  const n = a.rows;
  if (n === 0 || b.columns === 0) return;
  if (n <= FEW) return upper ? backward(a, b, unit) : forward(a, b, unit);
  const half = middle(n, FEW);
  const rest = n - half;
  const top = part(b, 0, 0, half, b.columns);
  const bottom = part(b, half, 0, rest, b.columns);
  const first = part(a, 0, 0, half, half);
  const last = part(a, half, half, rest, rest);
  if (upper) {
    solveTriangle(last, bottom, upper, unit);
    addProduct(top, -1, part(a, 0, half, half, rest), bottom);
    solveTriangle(first, top, upper, unit);
  } else {
    solveTriangle(first, top, upper, unit);
    addProduct(bottom, -1, part(a, half, 0, rest, half), top);
    solveTriangle(last, bottom, upper, unit);
  }
}

/** Solves `x @ a = b`; `b` becomes `x`. */
export function solveTriangleRight(
  a: Block,
  b: Block,
  upper: boolean,
  unit: boolean,
): void {
  solveTriangle(turned(a), turned(b), !upper, unit);
}

/** From the first equation on. */
function forward(a: Block, b: Block, unit: boolean): void {
  for (let i = 0; i < a.rows; i++) {
    let p = 0;
    for (; p + 4 <= i; p += 4) reduceByFour(a, b, i, p);
    for (; p < i; p++) reduceRow(a, b, i, p);
    if (!unit) divideRow(a, b, i);
  }
}

/** From the last equation on. */
function backward(a: Block, b: Block, unit: boolean): void {
  for (let i = a.rows - 1; i >= 0; i--) {
    let p = i + 1;
    for (; p + 4 <= a.rows; p += 4) reduceByFour(a, b, i, p);
    for (; p < a.rows; p++) reduceRow(a, b, i, p);
    if (!unit) divideRow(a, b, i);
  }
}

/** Takes `a[i, p]` times row `p` from row `i`. */
function reduceRow(a: Block, b: Block, i: number, p: number): void {
  const value = elementsOf(a)[startOf(a) + i * a.down + p * a.across]!;
  const data = elementsOf(b);
  const { columns, across } = b;
  let to = startOf(b) + i * b.down;
  let from = startOf(b) + p * b.down;
  for (let j = 0; j < columns; j++, to += across, from += across) {
    data[to]! -= value * data[from]!;
  }
}

/** As {@linkcode reduceRow}, for four rows from `p` on: a row is read and written once for all of them. */
function reduceByFour(a: Block, b: Block, i: number, p: number): void {
  const factors = elementsOf(a);
  const at = startOf(a) + i * a.down + p * a.across;
  const f0 = factors[at]!;
  const f1 = factors[at + a.across]!;
  const f2 = factors[at + 2 * a.across]!;
  const f3 = factors[at + 3 * a.across]!;
  const data = elementsOf(b);
  const { columns, across, down } = b;
  let to = startOf(b) + i * down;
  let from = startOf(b) + p * down;
  for (let j = 0; j < columns; j++, to += across, from += across) {
    data[to] = data[to]! - f0 * data[from]! - f1 * data[from + down]! -
      f2 * data[from + 2 * down]! - f3 * data[from + 3 * down]!;
  }
}

/** Divides row `i` by the diagonal's element. */
function divideRow(a: Block, b: Block, i: number): void {
  const value = elementsOf(a)[startOf(a) + i * (a.down + a.across)]!;
  const data = elementsOf(b);
  const { columns, across } = b;
  let to = startOf(b) + i * b.down;
  for (let j = 0; j < columns; j++, to += across) data[to]! /= value;
}
