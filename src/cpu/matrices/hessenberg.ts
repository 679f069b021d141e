// A square matrix made upper Hessenberg, nothing below the neighbours of the
// diagonal, by reflections from both sides.

import {
  addProduct,
  type Block,
  elementsOf,
  part,
  startOf,
  turned,
} from "./block.ts";
import { reflect } from "./householder.ts";

/** What the algorithm needs besides the matrix. */
export interface HessenbergRoom {
  /** The reflections' vectors, as rows. */
  readonly v: Block;
  /** Room for two vectors. */
  readonly spare: Block;
}

/**
 * Reduces rows and columns `low` to `high` of `x`, which is triangular outside
 * of them. The reflections' vectors are left in the room, zeros where there is
 * none; their factors are in `taus`.
 */
export function makeHessenberg(
  x: Block,
  low: number,
  high: number,
  { v: vectors, spare }: HessenbergRoom,
  taus: Float64Array,
): void {
  const n = x.rows;
  const data = elementsOf(x);
  const start = startOf(x);
  const { down } = x;
  const kept = elementsOf(vectors);
  const from = startOf(vectors);
  kept.fill(0, from, from + n * vectors.down);
  taus.fill(0);
  for (let k = low; k < high - 1; k++) {
    const top = start + (k + 1) * down;
    const count = high - k;
    const tau = reflect(data, top + k, down, count);
    taus[k] = tau;
    const v = from + k * vectors.down;
    kept[v + k + 1] = 1;
    for (let i = 1; i < count; i++) {
      const p = top + i * down + k;
      kept[v + k + 1 + i] = data[p]!;
      data[p] = 0;
    }
    if (tau !== 0) applyBoth(x, part(vectors, k, 0, 1, n), tau, k, high, spare);
  }
}

/** Applies reflection number `k` from both sides at once: two images of its vector, and one pass. */
function applyBoth(
  x: Block,
  vector: Block,
  tau: number,
  k: number,
  high: number,
  spare: Block,
): void {
  const n = x.rows;
  const low = k + 1;
  const count = high - k;
  const v = turned(part(vector, 0, low, 1, count));
  const image = turned(part(spare, 0, 0, 1, high + 1));
  const other = turned(part(spare, 1, 0, 1, n - low));
  addProduct(image, tau, part(x, 0, low, high + 1, count), v, 0);
  const rows = part(x, low, low, count, n - low);
  addProduct(other, tau, turned(rows), v, 0);
  const data = elementsOf(x);
  const numbers = elementsOf(spare);
  const factors = elementsOf(vector);
  const at = startOf(vector);
  const own = startOf(image);
  // What the reflection from the right does to the image from the left.
  let product = 0;
  for (let i = low; i <= high; i++) {
    product += factors[at + i]! * numbers[own + i]!;
  }
  product *= tau;
  const left = startOf(other) - low;
  for (let j = low; j <= high; j++) {
    numbers[left + j]! -= product * factors[at + j]!;
  }
  for (let i = 0; i <= high; i++) {
    const row = startOf(x) + i * x.down;
    const right = numbers[own + i]!;
    const down = i < low ? 0 : factors[at + i]!;
    if (down === 0) {
      for (let j = low; j <= high; j++) {
        data[row + j]! -= right * factors[at + j]!;
      }
      continue;
    }
    for (let j = low; j <= high; j++) {
      data[row + j]! -= right * factors[at + j]! + down * numbers[left + j]!;
    }
    for (let j = high + 1; j < n; j++) {
      data[row + j]! -= down * numbers[left + j]!;
    }
  }
}
