// A square matrix made ready for its eigenvalues, as LAPACK's `gebal` does it:
// rows and columns are exchanged so that eigenvalues that can be read off stand
// at the ends, and what is between is scaled by powers of two until rows and
// columns are of like length.

import { type Block, elementsOf, startOf, swapRows, turned } from "./block.ts";
import { lengthOf } from "./householder.ts";

/** What was done to a matrix. */
export interface Balance {
  /** The first row of what is between. */
  readonly low: number;
  /** The last row of what is between. */
  readonly high: number;
  /** Factors of the rows between, and which row each other one was exchanged with. */
  readonly scale: Float64Array;
}

/** Beyond these, factors are not applied: `x * 2` and `x / 2` stay normal numbers. */
const SMALLEST = 2 ** -969;
const LARGEST = 2 ** 969;
/** By how much a row and a column must get shorter together. */
const WORTH = 0.95;

/** Balances a matrix in place. */
export function balance(x: Block): Balance {
  const n = x.rows;
  const scale = new Float64Array(n).fill(1);
  let high = n - 1;
  for (let i = high; i >= 0; i--) {
    if (!isAlone(x, i, x.across, i * x.down, 0, high)) continue;
    if (high === 0) return { low: 0, high: 0, scale };
    scale[high] = i;
    exchange(x, i, high, 0, high);
    // Others may be alone now.
    i = high--;
  }
  let low = 0;
  for (let j = low; j <= high; j++) {
    if (!isAlone(x, j, x.down, j * x.across, low, high)) continue;
    scale[low] = j;
    exchange(x, j, low, low, high);
    j = low++;
  }
  while (scaleOnce(x, low, high, scale));
  return { low, high, scale };
}

/** Whether a row, or column, has zeros only beside the diagonal. */
function isAlone(
  x: Block,
  own: number,
  step: number,
  from: number,
  low: number,
  high: number,
): boolean {
  const data = elementsOf(x);
  const start = startOf(x) + from;
  for (let k = low; k <= high; k++) {
    if (k !== own && data[start + k * step] !== 0) return false;
  }
  return true;
}

/** Exchanges two rows and the same columns, as far as they are not settled. */
function exchange(
  x: Block,
  i: number,
  j: number,
  low: number,
  high: number,
): void {
  if (i === j) return;
  const { columns } = x;
  swapRows(turned({ ...x, rows: high + 1 }), i, j);
  const right = { ...x, at: x.at + low * x.across, columns: columns - low };
  swapRows(right, i, j);
}

/** Scales each row and column once; tells whether it was worth it anywhere. */
function scaleOnce(
  x: Block,
  low: number,
  high: number,
  scale: Float64Array,
): boolean {
  const data = elementsOf(x);
  const start = startOf(x);
  const { down, columns: n } = x;
  let changed = false;
  for (let i = low; i <= high; i++) {
    const row = start + i * down;
    const column = start + i;
    const count = high - low + 1;
    const c = lengthOf(data, column + low * down, down, count);
    const r = lengthOf(data, row + low, 1, count);
    if (c === 0 || r === 0) continue;
    const f = factorFor(
      c,
      r,
      largest(data, column, down, high + 1),
      largest(data, row + low, 1, n - low),
    );
    if (f === 1 || f * c + r / f >= WORTH * (c + r)) continue;
    const both = scale[i]! * f;
    if (both <= SMALLEST || both >= LARGEST) continue;
    scale[i] = both;
    changed = true;
    for (let j = low; j < n; j++) data[row + j]! /= f;
    for (let j = 0; j <= high; j++) data[column + j * down]! *= f;
  }
  return changed;
}

/** The power of two that makes a column and a row of lengths `c` and `r` most alike. */
function factorFor(
  c: number,
  r: number,
  columnMost: number,
  rowMost: number,
): number {
  let f = 1;
  while (
    c < r / 2 && Math.max(f, c, columnMost) < LARGEST / 2 &&
    Math.min(r / 2, rowMost) > 2 * SMALLEST
  ) {
    f *= 2;
    c *= 2;
    columnMost *= 2;
    r /= 2;
    rowMost /= 2;
  }
  while (
    c / 2 >= r && Math.max(r, rowMost) < LARGEST / 2 &&
    Math.min(f, c / 2, columnMost) > 2 * SMALLEST
  ) {
    f /= 2;
    c /= 2;
    columnMost /= 2;
    r *= 2;
    rowMost *= 2;
  }
  return f;
}

function largest(
  data: Float64Array,
  start: number,
  step: number,
  count: number,
): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    most = Math.max(most, Math.abs(data[start + i * step]!));
  }
  return most;
}

/** Makes vectors, the rows of `v`, those of the matrix before it was balanced. */
export function undoBalance(v: Block, { low, high, scale }: Balance): void {
  const data = elementsOf(v);
  for (let i = 0; i < v.rows; i++) {
    const row = startOf(v) + i * v.down;
    for (let j = low; j <= high; j++) data[row + j]! *= scale[j]!;
  }
  const columns = turned(v);
  for (let j = low - 1; j >= 0; j--) swapRows(columns, j, scale[j]!);
  for (let j = high + 1; j < v.columns; j++) swapRows(columns, j, scale[j]!);
}
