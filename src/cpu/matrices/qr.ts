// The factorization of a matrix into an orthogonal and an upper triangular one,
// by Householder's reflections: panels of columns by halves, as E. Elmroth and
// F. Gustavson have it, what is right of them by products.

import {
  type Block,
  blockOf,
  elementsOf,
  middle,
  part,
  startOf,
} from "./block.ts";
import type { CpuStorage } from "../storage.ts";
import {
  applyReflection,
  applyReflections,
  FEW_REFLECTIONS,
  fillTriangle,
  joinTriangles,
  reflect,
} from "./householder.ts";

/** Columns that are reflected one by one. */
const FEW = 8;
/** Columns of a panel. */
const PANEL = 64;

/** What a factorization of a size needs besides the matrix: one memory for all. */
export interface QrRoom {
  /** The vectors of the reflections, ones and zeros included: `m` by `k`. */
  readonly v: Block;
  /** Triangles of the panels, one beside the other. */
  readonly t: Block;
  /** Room for results in between. */
  readonly spare: Block;
}

/** Elements that {@linkcode qrRoom} takes. */
export function qrRoomLength(m: number, n: number, q: number): number {
  const k = Math.min(m, n);
  const wide = Math.max(n, q);
  const panel = Math.min(PANEL, k);
  return m * k + panel * k + 2 * panel * wide;
}

/** Divides memory among what a factorization of `m` by `n` needs, and its Q of `q` columns. */
export function qrRoom(
  home: CpuStorage,
  at: number,
  m: number,
  n: number,
  q: number,
): QrRoom {
  const k = Math.min(m, n);
  const wide = Math.max(n, q);
  const panel = Math.min(PANEL, k);
  return {
    v: blockOf(home, at, m, k),
    t: blockOf(home, at + m * k, panel, k),
    spare: blockOf(home, at + m * k + panel * k, 2 * panel, wide),
  };
}

/** Factors `x`: its upper triangle becomes R; the reflections are left in `room`. */
export function factorQr(x: Block, room: QrRoom): void {
  const { rows, columns } = x;
  const k = Math.min(rows, columns);
  for (let j = 0; j < k; j += PANEL) {
    const width = Math.min(PANEL, k - j);
    const v = part(room.v, j, j, rows - j, width);
    const t = part(room.t, 0, j, width, width);
    reflectPanel(part(x, j, j, rows - j, width), v, t, room.spare);
    const rest = columns - j - width;
    const right = part(x, j, j + width, rows - j, rest);
    applyReflections(right, v, t, true, narrow(room.spare, rest));
  }
}

/** Room of fewer columns, so that its rows lie together. */
function narrow(spare: Block, columns: number): Block {
  return { ...spare, columns, down: columns };
}

/** Makes `q` the first columns of the orthogonal matrix that {@linkcode factorQr} left in `room`. */
export function formQ(q: Block, room: QrRoom): void {
  const data = elementsOf(q);
  const start = startOf(q);
  const { rows, columns, down } = q;
  for (let i = 0; i < rows; i++) {
    data.fill(0, start + i * down, start + i * down + columns);
    if (i < columns) data[start + i * down + i] = 1;
  }
  const { v: all, t: factors } = room;
  const k = all.columns;
  if (k <= FEW_REFLECTIONS) {
    const vectors = elementsOf(all);
    for (let j = k - 1; j >= 0; j--) {
      const tau = elementsOf(
        factors,
      )[startOf(factors) + j * (factors.down + 1)]!;
      const x = part(q, j, j, rows - j, columns - j);
      applyReflection(x, vectors, startOf(all) + j * (k + 1), k, tau);
    }
    return;
  }
  for (let j = Math.floor((k - 1) / PANEL) * PANEL; j >= 0; j -= PANEL) {
    const width = Math.min(PANEL, k - j);
    const v = part(room.v, j, j, rows - j, width);
    const t = part(room.t, 0, j, width, width);
    const rest = part(q, j, j, rows - j, columns - j);
    applyReflections(rest, v, t, false, narrow(room.spare, columns - j));
  }
}

/** Factors a panel, with its reflections' vectors in `v` and their triangle in `t`. */
function reflectPanel(x: Block, v: Block, t: Block, spare: Block): void {
  const { rows, columns } = x;
  if (columns <= FEW) return reflectColumns(x, v, t);
  const first = middle(columns, FEW);
  const rest = columns - first;
  const v1 = part(v, 0, 0, rows, first);
  const t1 = part(t, 0, 0, first, first);
  reflectPanel(part(x, 0, 0, rows, first), v1, t1, spare);
  const right = part(x, 0, first, rows, rest);
  applyReflections(right, v1, t1, true, narrow(spare, rest));
  const v2 = part(v, first, first, rows - first, rest);
  const t2 = part(t, first, first, rest, rest);
  reflectPanel(part(right, first, 0, rows - first, rest), v2, t2, spare);
  clear(part(v, 0, first, first, rest));
  clear(part(t, first, 0, rest, first));
  joinTriangles(v, t, first, narrow(spare, rest));
}

function clear(x: Block): void {
  const data = elementsOf(x);
  for (let i = 0; i < x.rows; i++) {
    const row = startOf(x) + i * x.down;
    data.fill(0, row, row + x.columns);
  }
}

/** One column after the other. */
function reflectColumns(x: Block, v: Block, t: Block): void {
  const { rows, columns, down } = x;
  const data = elementsOf(x);
  const start = startOf(x);
  const vectors = elementsOf(v);
  const taus = new Float64Array(columns);
  const sums = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    const head = start + j * down + j;
    const tau = reflect(data, head, down, rows - j);
    taus[j] = tau;
    for (let i = 0; i < j; i++) vectors[startOf(v) + i * v.down + j] = 0;
    vectors[startOf(v) + j * v.down + j] = 1;
    let to = startOf(v) + (j + 1) * v.down + j;
    let from = head + down;
    for (let i = j + 1; i < rows; i++, to += v.down, from += down) {
      vectors[to] = data[from]!;
    }
    if (tau === 0 || j + 1 === columns) continue;
    const more = columns - j - 1;
    for (let c = 1; c <= more; c++) sums[c] = data[head + c]!;
    let row = head + down;
    for (let i = j + 1; i < rows; i++, row += down) {
      const value = data[row]!;
      for (let c = 1; c <= more; c++) sums[c]! += value * data[row + c]!;
    }
    for (let c = 1; c <= more; c++) {
      sums[c]! *= tau;
      data[head + c]! -= sums[c]!;
    }
    row = head + down;
    for (let i = j + 1; i < rows; i++, row += down) {
      const value = data[row]!;
      for (let c = 1; c <= more; c++) data[row + c]! -= value * sums[c]!;
    }
  }
  fillTriangle(v, t, taus, 0);
}
