// Fourier transforms by kernels: one launch for lines that fit into the caches.
// A longer line is a matrix whose columns are transformed first, then its rows,
// both in blocks that fit.

import type { Strided } from "../../tensor/device.ts";
import type { FourierTask } from "../../tensor/device_fourier.ts";
import { partInfo } from "../../tensor/dtype.ts";
import { type Places, sourceOf, targetOf } from "../fourier/lines.ts";
import { passesOf } from "../fourier/steps.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { type FourierJob, runJob } from "./fourier_job.ts";
import { scratch } from "./gemm_scratch.ts";

/** Complex numbers of the longest line that is done at once; of float32, of which a matrix has two lines to a vector, half as many. */
const LONGEST = 2 ** 16;

/** Lines one behind the other lie at the distance of batches. */
function asLines(places: Places, inner: number): Places {
  return inner === 1 ? { ...places, across: places.batch } : places;
}

/** Runs a task where its numbers lie in the memory of the kernels; returns whether it served. */
export function wasmFourier(
  task: FourierTask,
  out: Strided,
  x: Strided,
): boolean {
  const { kind, length, backward, scale } = task;
  if (MEMORY === null || x.count < TUNING.fourierLeast) return false;
  const source = (x.storage as CpuStorage).pointer;
  const target = (out.storage as CpuStorage).pointer;
  if (source === 0 || target === 0) return false;
  const [outer, , inner] = x.shape as [number, number, number];
  const { bytes } = partInfo(x.info);
  const from = source + x.offset * x.info.bytes;
  const to = target + out.offset * out.info.bytes;
  const whole = kind === "r2c" && out.shape[1] === length;
  if (inner === 1) {
    const rows = rowsOf(kind === "c2c" ? length : length / 2, bytes);
    if (rows > 0) {
      return longLines(task, { from, to, bytes, outer, whole, rows });
    }
  }
  const lines = inner === 1 ? outer : inner;
  return runJob({
    kind,
    n: length,
    narrow: bytes === 4 && lines > 1 && passesOf(length).length > 0,
    bytes,
    from,
    to,
    source: asLines(sourceOf(kind, length, inner), inner),
    target: asLines(targetOf(kind, length, inner, whole), inner),
    lines,
    batches: inner === 1 ? 1 : outer,
    dense: inner === 1,
    whole,
    backward,
    scale,
  });
}

/** Rows of the matrix that a long line is: its largest factor up to the root; 0 where it is not to be one. */
function rowsOf(length: number, bytes: number): number {
  const longest = bytes === 4 ? LONGEST / 2 : LONGEST;
  if (length <= longest || passesOf(length).length === 0) return 0;
  let rows = Math.floor(Math.sqrt(length));
  while (length % rows !== 0) rows--;
  return rows < 16 ? 0 : rows;
}

/** Long lines in memory. */
interface LongLines {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly outer: number;
  readonly whole: boolean;
  readonly rows: number;
}

/** Complex numbers of lines that alternate: from one of a line to the next, and from line to line. */
function places(count: number, along: number, across: number): Places {
  return {
    count,
    along: 2 * along,
    across: 2 * across,
    imaginary: 1,
    batch: 0,
  };
}

function longLines(task: FourierTask, at: LongLines): boolean {
  const { kind, length, backward, scale } = task;
  const { bytes, outer, whole } = at;
  const count = kind === "c2c" ? length : length / 2;
  const source = sourceOf(kind, length, 1);
  const target = targetOf(kind, length, 1, whole);
  const common = { bytes, narrow: false, lines: 1, batches: 1, dense: true };
  const row = places(count, 1, 0);
  for (let line = 0; line < outer; line++) {
    let from = at.from + line * source.batch * bytes;
    const to = at.to + line * target.batch * bytes;
    if (kind === "c2r") {
      const job = { ...common, n: length, from, to, whole: false, backward };
      const done = runJob({
        ...job,
        kind: "before",
        source: places(count + 1, 1, 0),
        target: row,
        scale: 1,
      });
      if (!done) return false;
      from = to;
    }
    const own = kind === "r2c" ? 1 : scale;
    const matrix = { from, to, bytes, rows: at.rows, count };
    if (!longLine(matrix, backward, own)) return false;
    if (kind !== "r2c") continue;
    const done = runJob({
      ...common,
      kind: "after",
      n: length,
      from: to,
      to,
      source: row,
      target,
      whole,
      backward,
      scale,
    });
    if (!done) return false;
  }
  return true;
}

interface Matrix {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly rows: number;
  readonly count: number;
}

function longLine(
  { from, to, bytes, rows, count }: Matrix,
  backward: boolean,
  scale: number,
): boolean {
  const columns = count / rows;
  const between = scratch(11, 2 * bytes * count);
  if (between === 0) return false;
  const common: Pick<
    FourierJob,
    "bytes" | "narrow" | "batches" | "dense" | "whole" | "backward"
  > = {
    bytes,
    narrow: bytes === 4,
    batches: 1,
    dense: false,
    whole: false,
    backward,
  };
  const down = places(rows, columns, 1);
  return runJob({
    ...common,
    kind: "columns",
    n: rows,
    pitch: columns,
    from,
    to: between,
    source: down,
    target: down,
    lines: columns,
    scale: 1,
  }) && runJob({
    ...common,
    kind: "c2c",
    n: columns,
    from: between,
    to,
    source: places(columns, 1, columns),
    target: places(columns, rows, 1),
    lines: rows,
    scale,
  });
}
