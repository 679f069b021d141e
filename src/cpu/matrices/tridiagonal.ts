// A symmetric matrix made tridiagonal by reflections from both sides, a panel at
// a time: what the reflections of a panel do to the rest of the matrix is one
// product.

import {
  addProduct,
  type Block,
  blockOf,
  elementsOf,
  part,
  startOf,
  turned,
} from "./block.ts";
import type { CpuStorage } from "../storage.ts";
import {
  applyReflection,
  applyReflections,
  FEW_REFLECTIONS,
  fillTriangle,
  reflect,
} from "./householder.ts";
import { setIdentity } from "./rotations.ts";

/** Reflections of a panel. */
const PANEL = 32;

/** What the algorithm needs besides the matrix. */
export interface TridiagonalRoom {
  /** The reflections' vectors, as rows. */
  readonly v: Block;
  /** Pairs of rows: a reflection's vector, and what it does to the matrix. */
  readonly pairs: Block;
  /** The same, the rows of each pair exchanged. */
  readonly swapped: Block;
  /** Room for two vectors, and for the numbers of a panel. */
  readonly spare: Block;
  /** A panel's triangle; see `applyReflections`. */
  readonly t: Block;
  /** Room for the application of a panel. */
  readonly wide: Block;
  /** The reflections' factors. */
  readonly taus: Float64Array;
}

/** Elements that {@linkcode tridiagonalRoom} takes. */
export function tridiagonalRoomLength(n: number): number {
  return n * n + 6 * PANEL * n + 4 * n + PANEL * (PANEL + 2);
}

/** Divides memory among what the algorithm needs. */
export function tridiagonalRoom(
  home: CpuStorage,
  n: number,
): TridiagonalRoom {
  let at = 0;
  const take = (rows: number, columns: number): Block => {
    const block = blockOf(home, at, rows, columns);
    at += rows * columns;
    return block;
  };
  return {
    v: take(n, n),
    pairs: take(2 * PANEL, n),
    swapped: take(2 * PANEL, n),
    spare: take(4, n),
    t: take(PANEL, PANEL),
    wide: take(2 * PANEL, n),
    taus: new Float64Array(n),
  };
}

/** Makes a symmetric matrix tridiagonal: `d` is its diagonal then, `e` what lies beside it. Both of its triangles are read. */
export function makeTridiagonal(
  x: Block,
  d: Float64Array,
  e: Float64Array,
  room: TridiagonalRoom,
): void {
  const n = x.rows;
  for (let k = 0; k < n; k += PANEL) {
    const width = Math.min(PANEL, n - k);
    for (let j = 0; j < width; j++) reduceColumn(x, k + j, j, d, e, room);
    const next = k + width;
    if (next >= n) return;
    const count = n - next;
    addProduct(
      part(x, next, next, count, count),
      -1,
      turned(part(room.pairs, 0, next, 2 * width, count)),
      part(room.swapped, 0, next, 2 * width, count),
    );
  }
}

/** Reflects what lies below the diagonal in a column, the `j`-th of a panel. */
function reduceColumn(
  x: Block,
  c: number,
  j: number,
  d: Float64Array,
  e: Float64Array,
  { v, pairs, swapped, spare, taus }: TridiagonalRoom,
): void {
  const n = x.rows;
  const count = n - c;
  const data = elementsOf(x);
  const row = startOf(x) + c * (x.down + 1);
  const room = elementsOf(spare);
  const first = turned(part(spare, 0, 0, 1, count));
  const from = startOf(first);
  // The column as the panel's reflections before leave it.
  addProduct(
    first,
    1,
    turned(part(pairs, 0, c, 2 * j, count)),
    part(swapped, 0, c, 2 * j, 1),
    0,
  );
  for (let i = 0; i < count; i++) {
    room[from + i] = data[row + i]! - room[from + i]!;
  }
  d[c] = room[from]!;
  if (c === n - 1) return;
  const tau = reflect(room, from + 1, 1, count - 1);
  e[c] = room[from + 1]!;
  taus[c] = tau;
  room[from + 1] = 1;
  // The vector is kept, with zeros before it.
  const kept = startOf(v) + c * v.down;
  const vectors = elementsOf(v);
  vectors.fill(0, kept, kept + c + 1);
  for (let i = 1; i < count; i++) vectors[kept + c + i] = room[from + i]!;
  const rest = count - 1;
  const column = turned(part(v, c, c + 1, 1, rest));
  const image = turned(part(spare, 1, 0, 1, rest));
  addProduct(image, 1, part(x, c + 1, c + 1, rest, rest), column, 0);
  const numbers = turned(part(spare, 2, 0, 1, 2 * j));
  const other = turned(part(spare, 0, 0, 1, rest));
  if (j > 0) {
    const before = part(swapped, 0, c + 1, 2 * j, rest);
    addProduct(numbers, 1, before, column, 0);
    const earlier = part(pairs, 0, c + 1, 2 * j, rest);
    addProduct(other, 1, turned(earlier), numbers, 0);
  }
  // The image becomes what is subtracted with the vector, symmetrically.
  const to = startOf(image);
  const less = startOf(other);
  let product = 0;
  for (let i = 0; i < rest; i++) {
    const value = tau * (room[to + i]! - (j > 0 ? room[less + i]! : 0));
    room[to + i] = value;
    product += value * vectors[kept + c + 1 + i]!;
  }
  const half = tau * product / 2;
  const own = elementsOf(pairs);
  const upper = startOf(pairs) + 2 * j * pairs.down + c + 1;
  const lower = startOf(swapped) + 2 * j * swapped.down + c + 1;
  for (let i = 0; i < rest; i++) {
    const p = vectors[kept + c + 1 + i]!;
    const w = room[to + i]! - half * p;
    own[upper + i] = p;
    own[upper + pairs.down + i] = w;
    own[lower + i] = w;
    own[lower + swapped.down + i] = p;
  }
}

/** Makes the rows of `q` those of the orthogonal matrix whose columns the reflections made: `q @ x @ q.T` is tridiagonal. */
export function formRows(q: Block, room: TridiagonalRoom): void {
  const n = q.rows;
  setIdentity(q);
  const count = n - 1;
  if (count <= FEW_REFLECTIONS) {
    const vectors = elementsOf(room.v);
    for (let k = count - 1; k >= 0; k--) {
      const x = turned(part(q, k + 1, k + 1, count - k, count - k));
      const start = startOf(room.v) + k * (room.v.down + 1) + 1;
      applyReflection(x, vectors, start, 1, room.taus[k]!);
    }
    return;
  }
  for (
    let k = Math.floor((count - 1) / PANEL) * PANEL;
    k >= 0 && count > 0;
    k -= PANEL
  ) {
    const width = Math.min(PANEL, count - k);
    const v = turned(part(room.v, k, k + 1, width, n - k - 1));
    const t = part(room.t, 0, 0, width, width);
    fillTriangle(v, t, room.taus, k);
    const x = turned(part(q, k + 1, k + 1, n - k - 1, n - k - 1));
    const spare = { ...room.wide, columns: n - k - 1, down: n - k - 1 };
    applyReflections(x, v, t, false, spare);
  }
}
