// Eigenvalues and eigenvectors of every symmetric matrix of a batch.

import type { Strided } from "../../tensor/device.ts";
import { FLOAT64 } from "../../tensor/dtype.ts";
import { allocate, free } from "../storage.ts";
import { type Block, blockOf, elementsOf, startOf } from "./block.ts";
import { findEigenvalues } from "./eigenvalues.ts";
import { ascending } from "./order.ts";
import { Rotations, rowLength, stripedBlock } from "./rotations.ts";
import { scaleOf } from "./scale.ts";
import {
  formRows,
  makeTridiagonal,
  tridiagonalRoom,
  tridiagonalRoomLength,
} from "./tridiagonal.ts";
import {
  finish,
  finishVectors,
  integersOf,
  load,
  vectorsFor,
  workFor,
} from "./work.ts";

/** See the task `"eigh"` of `MatrixTask`. */
export function runEigh(
  values: Strided,
  vectors: Strided,
  info: Strided,
  x: Strided,
): void {
  const [batch, n] = x.shape as [number, number];
  const wanted = vectors.shape[1] !== 0;
  if (batch === 0 || n === 0) return void integersOf(info).fill(0);
  const { device } = values.storage;
  const numbers = vectorsFor(values);
  const target = workFor(vectors);
  const home = allocate(device, FLOAT64, x.count);
  const spare = allocate(device, FLOAT64, tridiagonalRoomLength(n));
  const rows = allocate(device, FLOAT64, wanted ? n * rowLength(n) : 0);
  load({ home, at: 0, batch, rows: n, columns: n, own: false }, x);
  const room = tridiagonalRoom(spare, n);
  const q = wanted ? stripedBlock(rows, 0, n, n) : null;
  const found = integersOf(info);
  const rotations = new Rotations(q);
  const sorted = new Float64Array(n);
  const e = new Float64Array(n);
  for (let b = 0; b < batch; b++) {
    const matrix = blockOf(home, b * n * n, n, n);
    const d = numbers.subarray(b * n, b * n + n);
    found[b] = decompose(matrix, d, e, rotations, room);
    const order = ascending(d);
    if (q !== null) {
      const out = blockOf(target.home, target.at + b * n * n, n, n);
      turnInOrder(out, q, order);
    }
    sorted.set(d);
    for (let i = 0; i < n; i++) d[i] = sorted[order[i]!]!;
  }
  free(home);
  free(spare);
  free(rows);
  finish(target, vectors);
  finishVectors(values, numbers);
}

/** Leaves eigenvalues in `d` and eigenvectors in the rows that are rotated, in no order. */
function decompose(
  x: Block,
  d: Float64Array,
  e: Float64Array,
  rotations: Rotations,
  room: ReturnType<typeof tridiagonalRoom>,
): number {
  const n = x.rows;
  const q = rotations.matrix;
  const scale = mirror(x);
  if (Number.isNaN(scale)) {
    d.fill(NaN);
    if (q !== null) {
      elementsOf(q).fill(NaN, startOf(q), startOf(q) + n * q.down);
    }
    return 0;
  }
  e.fill(0);
  makeTridiagonal(x, d, e, room);
  if (q !== null) formRows(q, room);
  const failed = findEigenvalues(d, e, rotations);
  for (let i = 0; i < n; i++) d[i]! *= scale;
  return failed;
}

/** Makes the upper triangle that of the lower one, and numbers such that their squares exist; returns what they were divided by. */
function mirror(x: Block): number {
  const n = x.rows;
  const data = elementsOf(x);
  const start = startOf(x);
  let most = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = data[start + i * n + j]!;
      const size = Math.abs(value);
      if (size > most || size !== size) most = size;
      data[start + j * n + i] = value;
    }
  }
  const scale = scaleOf(most);
  if (scale !== 1) {
    for (let i = start; i < start + n * n; i++) data[i]! /= scale;
  }
  return scale;
}

/** Column `j` of `out` becomes row `order[j]` of `q`. */
function turnInOrder(out: Block, q: Block, order: Int32Array): void {
  const target = elementsOf(out);
  const source = elementsOf(q);
  const n = out.rows;
  // Squares of a few cache lines, so that both sides are read and written whole.
  for (let top = 0; top < n; top += 8) {
    const end = Math.min(top + 8, n);
    for (let j = 0; j < n; j++) {
      const from = startOf(q) + order[j]! * q.down;
      const to = startOf(out) + j;
      for (let i = top; i < end; i++) target[to + i * n] = source[from + i]!;
    }
  }
}
