// Singular values and vectors of every matrix of a batch.

import type { Strided } from "../../tensor/device.ts";
import { FLOAT64 } from "../../tensor/dtype.ts";
import { allocate, free } from "../storage.ts";
import {
  type BidiagonalRoom,
  bidiagonalRoom,
  bidiagonalRoomLength,
  formTransposed,
  makeBidiagonal,
} from "./bidiagonal.ts";
import { type Block, blockOf, elementsOf, startOf } from "./block.ts";
import { ascending } from "./order.ts";
import { Rotations, rowLength, stripedBlock } from "./rotations.ts";
import { scaleOf } from "./scale.ts";
import { findSingularValues } from "./singular_values.ts";
import {
  finish,
  finishVectors,
  integersOf,
  load,
  vectorsFor,
  workFor,
} from "./work.ts";

/** See the task `"svd"` of `MatrixTask`. */
export function runSvd(results: readonly Strided[], x: Strided): void {
  const [u, s, vh, info] = results as [Strided, Strided, Strided, Strided];
  const [batch, rows, columns] = x.shape as [number, number, number];
  if (batch === 0) return;
  // A wide matrix is taken apart as its transpose, a tall one.
  const wide = rows < columns;
  const m = wide ? columns : rows;
  const n = wide ? rows : columns;
  const wanted = u.shape[1] !== 0 || vh.shape[1] !== 0;
  const { device } = s.storage;
  const numbers = vectorsFor(s);
  const [tall, small] = wide ? [vh, u] : [u, vh];
  // Rows of the tall side: all, or as many as there are values.
  const kept = !wanted ? 0 : wide ? vh.shape[1]! : u.shape[2]!;
  const tallWork = workFor(tall);
  const smallWork = workFor(small);
  const home = allocate(device, FLOAT64, x.count);
  const spare = allocate(device, FLOAT64, bidiagonalRoomLength(m, n));
  const tallLength = kept * rowLength(m);
  const smallLength = wanted ? n * rowLength(n) : 0;
  const vectors = allocate(device, FLOAT64, tallLength + smallLength);
  const turn = (y: Strided): Strided => ({
    ...y,
    shape: [batch, m, n],
    strides: [y.strides[0]!, y.strides[2]!, y.strides[1]!],
    dense: false,
  });
  const work = { home, at: 0, batch, rows: m, columns: n, own: false };
  load(work, wide ? turn(x) : x);
  const room = bidiagonalRoom(spare, m, n);
  const ut = wanted ? stripedBlock(vectors, 0, kept, m) : null;
  const vt = wanted ? stripedBlock(vectors, tallLength, n, n) : null;
  const found = integersOf(info);
  const left = new Rotations(ut);
  const right = new Rotations(vt);
  const sizes = new Float64Array(n);
  const e = new Float64Array(n);
  for (let b = 0; b < batch; b++) {
    const matrix = blockOf(home, b * m * n, m, n);
    const d = numbers.subarray(b * n, b * n + n);
    found[b] = decompose(matrix, d, e, left, right, room);
    for (let i = 0; i < n; i++) sizes[i] = -Math.abs(d[i]!);
    const order = ascending(sizes);
    if (ut !== null && vt !== null) {
      const tallOut = blockOf(
        tallWork.home,
        tallWork.at + b * m * kept,
        wide ? kept : m,
        wide ? m : kept,
      );
      const smallOut = blockOf(smallWork.home, smallWork.at + b * n * n, n, n);
      place(tallOut, ut, order, !wide, null);
      place(smallOut, vt, order, wide, d);
    }
    for (let i = 0; i < n; i++) d[i] = -sizes[order[i]!]!;
  }
  free(home);
  free(spare);
  free(vectors);
  finish(tallWork, tall);
  finish(smallWork, small);
  finishVectors(s, numbers);
}

/** Leaves singular values in `d`, in no order and of either sign, and vectors in the rows that are rotated. */
function decompose(
  x: Block,
  d: Float64Array,
  e: Float64Array,
  left: Rotations,
  right: Rotations,
  room: BidiagonalRoom,
): number {
  const { rows: m, columns: n } = x;
  const ut = left.matrix;
  const vt = right.matrix;
  const data = elementsOf(x);
  const start = startOf(x);
  let most = 0;
  for (let i = start; i < start + m * n; i++) {
    const size = Math.abs(data[i]!);
    if (size > most || size !== size) most = size;
  }
  const scale = scaleOf(most);
  if (Number.isNaN(scale)) return n + 1;
  if (scale !== 1) {
    for (let i = start; i < start + m * n; i++) data[i]! /= scale;
  }
  e.fill(0);
  makeBidiagonal(x, d, e, room);
  if (ut !== null) formTransposed(ut, room.u, room.uTaus, 0, room);
  if (vt !== null) formTransposed(vt, room.v, room.vTaus, 1, room);
  const failed = findSingularValues(d, e, left, right);
  for (let i = 0; i < n; i++) d[i]! *= scale;
  return failed;
}

/** Copies rows in an order, as columns if `turns`; those whose sign is negative are negated. Rows behind the ordered ones stay in place. */
function place(
  out: Block,
  rows: Block,
  order: Int32Array,
  turns: boolean,
  signs: Float64Array | null,
): void {
  const target = elementsOf(out);
  const source = elementsOf(rows);
  const step = turns ? out.down : 1;
  const next = turns ? 1 : out.down;
  for (let top = 0; top < rows.columns; top += 8) {
    const end = Math.min(top + 8, rows.columns);
    for (let j = 0; j < rows.rows; j++) {
      const row = j < order.length ? order[j]! : j;
      const sign = signs !== null && signs[row]! < 0 ? -1 : 1;
      const from = startOf(rows) + row * rows.down;
      const to = startOf(out) + j * next;
      for (let i = top; i < end; i++) {
        target[to + i * step] = sign * source[from + i]!;
      }
    }
  }
}
