// The factorization of a matrix into a lower and an upper triangle, with rows
// exchanged so that no multiplier exceeds one. By halves of the columns, as
// S. Toledo's "Locality of reference in LU decomposition" has it.

import {
  addProduct,
  type Block,
  elementsOf,
  middle,
  part,
  startOf,
  swapRows,
} from "./block.ts";
import { solveTriangle } from "./triangular.ts";

/** Columns that are eliminated one by one. */
const FEW = 8;

/**
 * Factors `x` in place. `pivots` gets, from `first` on, the row that each row
 * was exchanged with, counted from 0. Returns the number of the first zero on
 * the diagonal of U, counted from 1, or 0.
 */
export function factorLu(
  x: Block,
  pivots: Int32Array,
  first: number,
): number {
  const { rows, columns } = x;
  const count = Math.min(rows, columns);
  if (count === 0) return 0;
  const width = count <= FEW ? count : middle(count, FEW);
  const left = part(x, 0, 0, rows, width);
  let singular = count <= FEW
    ? eliminate(left, pivots, first)
    : factorLu(left, pivots, first);
  if (width === columns) return singular;
  const right = part(x, 0, width, rows, columns - width);
  exchange(right, pivots, first, width);
  const top = part(right, 0, 0, width, right.columns);
  solveTriangle(part(x, 0, 0, width, width), top, false, true);
  if (rows === width) return singular;
  const below = part(x, width, 0, rows - width, width);
  const rest = part(right, width, 0, rows - width, right.columns);
  addProduct(rest, -1, below, top);
  if (count === width) return singular;
  const found = factorLu(rest, pivots, first + width);
  if (singular === 0 && found > 0) singular = found + width;
  exchange(below, pivots, first + width, count - width);
  for (let i = first + width; i < first + count; i++) pivots[i]! += width;
  return singular;
}

/** Exchanges rows as the pivots say. */
export function exchange(
  x: Block,
  pivots: Int32Array,
  first: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const other = pivots[first + i]!;
    if (other !== i) swapRows(x, i, other);
  }
}

/** Factors a matrix of few columns, one after the other. */
function eliminate(x: Block, pivots: Int32Array, first: number): number {
  const { rows, columns, down, across } = x;
  const data = elementsOf(x);
  const start = startOf(x);
  let singular = 0;
  for (let j = 0; j < columns; j++) {
    const head = start + j * down + j * across;
    let best = Math.abs(data[head]!);
    let where = j;
    let p = head;
    for (let i = j + 1; i < rows; i++) {
      p += down;
      const size = Math.abs(data[p]!);
      if (size > best) {
        best = size;
        where = i;
      }
    }
    pivots[first + j] = where;
    const pivot = data[start + where * down + j * across]!;
    if (pivot === 0) {
      if (singular === 0) singular = j + 1;
      continue;
    }
    if (where !== j) swapRows(x, j, where);
    p = head;
    for (let i = j + 1; i < rows; i++) {
      p += down;
      const factor = data[p]! / pivot;
      data[p] = factor;
      for (let k = 1; k < columns - j; k++) {
        data[p + k * across]! -= factor * data[head + k * across]!;
      }
    }
  }
  return singular;
}
