// The factorization of a symmetric positive definite matrix into a lower
// triangle and its transpose, by halves.

import {
  addProduct,
  type Block,
  elementsOf,
  middle,
  part,
  startOf,
  turned,
} from "./block.ts";
import { solveTriangleRight } from "./triangular.ts";

/** Columns that are computed one by one. */
const FEW = 16;

/**
 * Factors `x` in place; only its lower triangle is read, and what lies above is
 * left as it is or overwritten. Returns the order of the first leading minor
 * that is not positive definite, or 0; columns from there on are not finished.
 */
export function factorCholesky(x: Block): number {
  const n = x.rows;
  if (n <= FEW) return byColumns(x);
  const half = middle(n, FEW);
  const rest = n - half;
  const first = part(x, 0, 0, half, half);
  const failed = factorCholesky(first);
  if (failed > 0) return failed;
  const below = part(x, half, 0, rest, half);
  solveTriangleRight(turned(first), below, true, false);
  const last = part(x, half, half, rest, rest);
  subtractSquare(last, below);
  const later = factorCholesky(last);
  return later === 0 ? 0 : half + later;
}

/** Columns of a square that are subtracted at a time. */
const STRIP = 64;

/** Takes `y @ y.T` from the lower triangle of `x`; a little above it changes too. */
function subtractSquare(x: Block, y: Block): void {
  const n = x.rows;
  for (let j = 0; j < n; j += STRIP) {
    const width = Math.min(STRIP, n - j);
    const rows = part(y, j, 0, n - j, y.columns);
    const across = turned(part(y, j, 0, width, y.columns));
    addProduct(part(x, j, j, n - j, width), -1, rows, across);
  }
}

function byColumns(x: Block): number {
  const n = x.rows;
  const { down, across } = x;
  const data = elementsOf(x);
  const start = startOf(x);
  for (let j = 0; j < n; j++) {
    const row = start + j * down;
    let pivot = data[row + j * across]!;
    for (let p = 0; p < j; p++) pivot -= data[row + p * across]! ** 2;
    data[row + j * across] = pivot;
    // NaN is not positive either.
    if (!(pivot > 0)) return j + 1;
    const root = Math.sqrt(pivot);
    data[row + j * across] = root;
    for (let i = j + 1; i < n; i++) {
      const other = start + i * down;
      let sum = data[other + j * across]!;
      for (let p = 0; p < j; p++) {
        sum -= data[other + p * across]! * data[row + p * across]!;
      }
      data[other + j * across] = sum / root;
    }
  }
  return 0;
}
