// Runs an algorithm on every matrix of a batch.

import type { MatrixTask, Strided } from "../../tensor/device.ts";
import { FLOAT64 } from "../../tensor/dtype.ts";
import { allocate, type CpuStorage, free } from "../storage.ts";
import { blockOf, turned } from "./block.ts";
import { factorCholesky } from "./cholesky.ts";
import { runEig } from "./eig_task.ts";
import { runEigh } from "./eigen_task.ts";
import { factorLu } from "./lu.ts";
import { runQr } from "./qr_task.ts";
import { runSvd } from "./svd_task.ts";
import { solveTriangle } from "./triangular.ts";
import { finish, integersOf, load, workFor } from "./work.ts";

/** See `Device.factor`. */
export function runTask(
  task: MatrixTask,
  results: readonly Strided[],
  operands: readonly Strided[],
): void {
  switch (task.name) {
    case "lu":
      return runLu(results[0]!, results[1]!, results[2]!, operands[0]!);
    case "cholesky":
      return runCholesky(results[0]!, results[1]!, operands[0]!);
    case "triangular":
      return runTriangular(task, results[0]!, operands[0]!, operands[1]!);
    case "qr":
      return runQr(results[0]!, results[1]!, operands[0]!);
    case "eigh":
      return runEigh(results[0]!, results[1]!, results[2]!, operands[0]!);
    case "eig":
      return runEig(results, operands[0]!);
    case "svd":
      return runSvd(results, operands[0]!);
  }
}

function runLu(
  out: Strided,
  pivots: Strided,
  info: Strided,
  x: Strided,
): void {
  const work = workFor(out);
  load(work, x);
  const { home, at, batch, rows, columns } = work;
  const count = Math.min(rows, columns);
  const rowOf = integersOf(pivots);
  const found = integersOf(info);
  for (let b = 0; b < batch; b++) {
    const matrix = blockOf(home, at + b * rows * columns, rows, columns);
    found[b] = factorLu(matrix, rowOf, b * count);
  }
  // They were counted from 0.
  for (let i = 0; i < rowOf.length; i++) rowOf[i]! += 1;
  finish(work, out);
}

function runCholesky(out: Strided, info: Strided, x: Strided): void {
  const work = workFor(out);
  load(work, x);
  const { home, at, batch, rows: n } = work;
  const found = integersOf(info);
  for (let b = 0; b < batch; b++) {
    const start = at + b * n * n;
    found[b] = factorCholesky(blockOf(home, start, n, n));
    const data = home.data as Float64Array;
    for (let i = 0; i < n; i++) {
      const row = home.base + start + i * n;
      for (let j = i + 1; j < n; j++) data[row + j] = 0;
    }
  }
  finish(work, out);
}

function runTriangular(
  { upper = false, unit = false }: MatrixTask,
  out: Strided,
  a: Strided,
  b: Strided,
): void {
  const [batch, n, k] = out.shape as [number, number, number];
  // Where the result lies by columns, it is computed that way.
  const across = out.strides[1] === 1 && out.strides[2] !== 1;
  const turn = (x: Strided, dense: boolean): Strided => ({
    ...x,
    shape: [batch, k, n],
    strides: [x.strides[0]!, x.strides[2]!, x.strides[1]!],
    dense,
  });
  const target = across ? turn(out, true) : out;
  const work = workFor(target);
  load(work, across ? turn(b, false) : b);
  const left = { home: a.storage as CpuStorage, own: a.info === FLOAT64 };
  if (!left.own) {
    left.home = allocate(a.storage.device, FLOAT64, a.count);
    const at = {
      home: left.home,
      at: 0,
      batch,
      rows: n,
      columns: n,
      own: false,
    };
    load(at, a);
  }
  const from = left.own ? a.offset : 0;
  const [step, down, over] = left.own ? a.strides : [n * n, n, 1];
  for (let i = 0; i < batch; i++) {
    const matrix = {
      home: left.home,
      at: from + i * step!,
      rows: n,
      columns: n,
      down: down!,
      across: over!,
    };
    const { home, at, rows, columns } = work;
    const side = blockOf(home, at + i * n * k, rows, columns);
    solveTriangle(matrix, across ? turned(side) : side, upper, unit);
  }
  if (!left.own) free(left.home);
  finish(work, target);
}
