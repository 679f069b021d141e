// The factorization into Q and R for every matrix of a batch.

import type { Strided } from "../../tensor/device.ts";
import { FLOAT64 } from "../../tensor/dtype.ts";
import { allocate, type CpuStorage, free } from "../storage.ts";
import { blockOf } from "./block.ts";
import { factorQr, formQ, qrRoom, qrRoomLength } from "./qr.ts";
import { finish, load, type Work, workFor } from "./work.ts";

/** See the task `"qr"` of `MatrixTask`. */
export function runQr(q: Strided, r: Strided, x: Strided): void {
  const [batch, m, n] = x.shape as [number, number, number];
  const width = q.shape[2]!;
  const kept = r.shape[1]!;
  if (batch === 0) return;
  const { device } = r.storage;
  const left = workFor(q);
  const right = workFor(r);
  const home = allocate(device, FLOAT64, x.count);
  const all = { home, at: 0, batch, rows: m, columns: n, own: false };
  const length = qrRoomLength(m, n, width);
  const spare = allocate(device, FLOAT64, length);
  load(all, x);
  const room = qrRoom(spare, 0, m, n, width);
  for (let b = 0; b < batch; b++) {
    const matrix = blockOf(home, b * m * n, m, n);
    factorQr(matrix, room);
    if (width > 0) {
      formQ(blockOf(left.home, left.at + b * m * width, m, width), room);
    }
    copyTriangle(home, b * m * n, n, right, b, kept);
  }
  free(home);
  free(spare);
  finish(left, q);
  finish(right, r);
}

/** Copies the upper triangle of a matrix, with zeros below. */
function copyTriangle(
  from: CpuStorage,
  at: number,
  n: number,
  to: Work,
  b: number,
  rows: number,
): void {
  const source = from.data as Float64Array;
  const target = to.home.data as Float64Array;
  for (let i = 0; i < rows; i++) {
    const row = to.home.base + to.at + (b * rows + i) * n;
    const given = from.base + at + i * n;
    for (let j = 0; j < n; j++) {
      target[row + j] = j < i ? 0 : source[given + j]!;
    }
  }
}
