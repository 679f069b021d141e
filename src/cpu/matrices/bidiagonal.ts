// A matrix with no more columns than rows made upper bidiagonal by reflections
// from the left and from the right in turn, a panel at a time: what the
// reflections of a panel do to the rest of the matrix is one product.

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

/** Reflections of a panel, from either side. */
const PANEL = 32;

/** What the algorithm needs besides the matrix, and what it leaves. */
export interface BidiagonalRoom {
  /** Vectors of the reflections from the left, as rows of `m`. */
  readonly u: Block;
  /** Vectors of the reflections from the right, as rows of `n`. */
  readonly v: Block;
  /** Factors of those from the left. */
  readonly uTaus: Float64Array;
  /** Factors of those from the right. */
  readonly vTaus: Float64Array;
  /** A panel takes `left.T @ right` from the matrix: rows of `m`. */
  readonly left: Block;
  /** Rows of `n`. */
  readonly right: Block;
  /** Room for vectors. */
  readonly spare: Block;
  /** A panel's triangle; see `applyReflections`. */
  readonly t: Block;
  /** Room for the application of a panel. */
  readonly wide: Block;
}

/** Elements that {@linkcode bidiagonalRoom} takes. */
export function bidiagonalRoomLength(m: number, n: number): number {
  return n * m + n * n + 2 * PANEL * (m + n) + 3 * (m + 2 * PANEL) +
    PANEL * PANEL + 2 * PANEL * m;
}

/** Divides memory among what the algorithm needs. */
export function bidiagonalRoom(
  home: CpuStorage,
  m: number,
  n: number,
): BidiagonalRoom {
  let at = 0;
  const take = (rows: number, columns: number): Block => {
    const block = blockOf(home, at, rows, columns);
    at += rows * columns;
    return block;
  };
  return {
    u: take(n, m),
    v: take(n, n),
    uTaus: new Float64Array(n),
    vTaus: new Float64Array(n),
    left: take(2 * PANEL, m),
    right: take(2 * PANEL, n),
    spare: take(3, m + 2 * PANEL),
    t: take(PANEL, PANEL),
    wide: take(2 * PANEL, m),
  };
}

/** Makes a matrix bidiagonal: `d` is its diagonal then, `e` what lies above. */
export function makeBidiagonal(
  x: Block,
  d: Float64Array,
  e: Float64Array,
  room: BidiagonalRoom,
): void {
  const { rows, columns } = x;
  const { left, right } = room;
  for (let k = 0; k < columns; k += PANEL) {
    const width = Math.min(PANEL, columns - k);
    for (let j = 0; j < width; j++) {
      d[k + j] = reduceColumn(x, k + j, 2 * j, room);
      if (k + j + 1 < columns) e[k + j] = reduceRow(x, k + j, 2 * j, room);
    }
    const next = k + width;
    if (next >= columns) return;
    addProduct(
      part(x, next, next, rows - next, columns - next),
      -1,
      turned(part(left, 0, next, 2 * width, rows - next)),
      part(right, 0, next, 2 * width, columns - next),
    );
  }
}

/** A column of `count` elements in the spare room. */
function spareColumn(
  { spare }: BidiagonalRoom,
  row: number,
  count: number,
): Block {
  return turned(part(spare, row, 0, 1, count));
}

/** Reflects a column from the left; `pairs` rows of the panel are there. */
function reduceColumn(
  x: Block,
  c: number,
  pairs: number,
  room: BidiagonalRoom,
): number {
  const { u, left, right, uTaus, spare } = room;
  const m = x.rows - c;
  const n = x.columns - c - 1;
  const data = elementsOf(x);
  const own = elementsOf(spare);
  const column = spareColumn(room, 0, m);
  const from = startOf(column);
  addProduct(
    column,
    1,
    turned(part(left, 0, c, pairs, m)),
    part(right, 0, c, pairs, 1),
    0,
  );
  let at = startOf(x) + c * (x.down + 1);
  for (let i = 0; i < m; i++, at += x.down) {
    own[from + i] = data[at]! - own[from + i]!;
  }
  const tau = reflect(own, from, 1, m);
  const value = own[from]!;
  own[from] = 1;
  uTaus[c] = tau;
  keep(u, c, c, own, from, m);
  keep(left, pairs, c, own, from, m);
  if (n === 0) return value;
  const vector = turned(part(u, c, c, 1, m));
  const image = spareColumn(room, 1, n);
  addProduct(image, 1, turned(part(x, c, c + 1, m, n)), vector, 0);
  correct(
    image,
    part(left, 0, c, pairs, m),
    vector,
    part(right, 0, c + 1, pairs, n),
    room,
  );
  scaleInto(right, pairs, c + 1, image, tau);
  return value;
}

/** Reflects what lies right of the diagonal's neighbour in a row; `pairs + 1` rows of the panel are there. */
function reduceRow(
  x: Block,
  c: number,
  pairs: number,
  room: BidiagonalRoom,
): number {
  const { v, left, right, vTaus, spare } = room;
  const m = x.rows - c - 1;
  const n = x.columns - c - 1;
  const data = elementsOf(x);
  const own = elementsOf(spare);
  const row = spareColumn(room, 0, n);
  const from = startOf(row);
  addProduct(
    row,
    1,
    turned(part(right, 0, c + 1, pairs + 1, n)),
    part(left, 0, c, pairs + 1, 1),
    0,
  );
  const at = startOf(x) + c * (x.down + 1) + 1;
  for (let i = 0; i < n; i++) own[from + i] = data[at + i]! - own[from + i]!;
  const tau = reflect(own, from, 1, n);
  const value = own[from]!;
  own[from] = 1;
  vTaus[c] = tau;
  keep(v, c, c + 1, own, from, n);
  keep(right, pairs + 1, c + 1, own, from, n);
  const vector = turned(part(v, c, c + 1, 1, n));
  const image = spareColumn(room, 1, m);
  addProduct(image, 1, part(x, c + 1, c + 1, m, n), vector, 0);
  correct(
    image,
    part(right, 0, c + 1, pairs + 1, n),
    vector,
    part(left, 0, c + 1, pairs + 1, m),
    room,
  );
  scaleInto(left, pairs + 1, c + 1, image, tau);
  return value;
}

/** Takes from an image of a vector what the panel's reflections take from the matrix. */
function correct(
  image: Block,
  from: Block,
  vector: Block,
  to: Block,
  room: BidiagonalRoom,
): void {
  if (from.rows === 0) return;
  const numbers = spareColumn(room, 2, from.rows);
  const other = spareColumn(room, 0, image.rows);
  addProduct(numbers, 1, from, vector, 0);
  addProduct(other, 1, turned(to), numbers, 0);
  const data = elementsOf(image);
  const start = startOf(image);
  const less = startOf(other);
  for (let i = 0; i < image.rows; i++) data[start + i]! -= data[less + i]!;
}

/** Copies a vector into a row, with zeros before it. */
function keep(
  x: Block,
  row: number,
  column: number,
  from: Float64Array,
  start: number,
  count: number,
): void {
  const data = elementsOf(x);
  const to = startOf(x) + row * x.down;
  data.fill(0, to, to + column);
  for (let i = 0; i < count; i++) data[to + column + i] = from[start + i]!;
}

/** Stores a multiple of a column in a row, from a place on. */
function scaleInto(
  x: Block,
  row: number,
  column: number,
  from: Block,
  factor: number,
): void {
  const data = elementsOf(x);
  const source = elementsOf(from);
  const to = startOf(x) + row * x.down + column;
  const start = startOf(from);
  for (let i = 0; i < from.rows; i++) {
    data[to + i] = factor * source[start + i]!;
  }
}

/**
 * Makes the rows of `q` the first columns of the product of reflections, whose
 * vectors are the rows of `v` and begin `shift` behind the diagonal.
 */
export function formTransposed(
  q: Block,
  v: Block,
  taus: Float64Array,
  shift: number,
  room: BidiagonalRoom,
): void {
  const n = q.columns;
  setIdentity(q);
  const count = v.rows - shift;
  if (count <= FEW_REFLECTIONS) {
    const vectors = elementsOf(v);
    for (let k = count - 1; k >= 0; k--) {
      const at = k + shift;
      const x = turned(part(q, at, at, q.rows - at, n - at));
      const start = startOf(v) + k * v.down + at;
      applyReflection(x, vectors, start, 1, taus[k]!);
    }
    return;
  }
  for (let k = Math.floor((count - 1) / PANEL) * PANEL; k >= 0; k -= PANEL) {
    const width = Math.min(PANEL, count - k);
    const at = k + shift;
    const vectors = turned(part(v, k, at, width, n - at));
    const t = part(room.t, 0, 0, width, width);
    fillTriangle(vectors, t, taus, k);
    const rows = q.rows - at;
    const x = turned(part(q, at, at, rows, n - at));
    const spare = { ...room.wide, columns: rows, down: rows };
    applyReflections(x, vectors, t, false, spare);
  }
}
