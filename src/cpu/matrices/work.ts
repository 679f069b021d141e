// Memory in which an algorithm works on the matrices of a batch: float64
// whatever the type is, so that float32 gives results that are exact but for
// the last rounding, where the problem allows it.

import type { Strided } from "../../tensor/device.ts";
import { FLOAT64 } from "../../tensor/dtype.ts";
import { runCopy } from "../map_loop.ts";
import { allocate, type CpuStorage, free } from "../storage.ts";
import { wasmCopy } from "../wasm/copy.ts";

/** Matrices in float64, one after the other. */
export interface Work {
  /** The memory. */
  readonly home: CpuStorage;
  /** Position of the first matrix. */
  readonly at: number;
  /** Number of matrices. */
  readonly batch: number;
  /** Number of rows of each. */
  readonly rows: number;
  /** Number of columns of each. */
  readonly columns: number;
  /** Whether the memory is the result's own. */
  readonly own: boolean;
}

function copy(out: Strided, x: Strided): void {
  if (!wasmCopy(out, x)) runCopy(out, x);
}

/** Memory to compute `out` in: its own where it is of float64 and dense. */
export function workFor(out: Strided): Work {
  const [batch, rows, columns] = out.shape as [number, number, number];
  const own = out.info === FLOAT64 && out.dense;
  const home = own
    ? out.storage as CpuStorage
    : allocate(out.storage.device, FLOAT64, out.count);
  return { home, at: own ? out.offset : 0, batch, rows, columns, own };
}

function stridedOf({ home, at, batch, rows, columns }: Work): Strided {
  return {
    storage: home,
    info: FLOAT64,
    shape: [batch, rows, columns],
    strides: [rows * columns, columns, 1],
    offset: at,
    count: batch * rows * columns,
    dense: true,
  };
}

/** Copies an operand into memory to compute in. */
export function load(work: Work, x: Strided): void {
  copy(stridedOf(work), x);
}

/** Copies what was computed into the result, and gives back the memory if it was not the result's. */
export function finish(work: Work, out: Strided): void {
  if (work.own) return;
  copy(out, stridedOf(work));
  free(work.home);
}

/** The integers of a result, from its first element on. */
export function integersOf(x: Strided): Int32Array {
  const { data, base } = x.storage as CpuStorage;
  const start = base + x.offset;
  return (data as Int32Array).subarray(start, start + x.count);
}

/** Numbers to compute a result in that has one vector for each matrix; see {@linkcode finishVectors}. */
export function vectorsFor(out: Strided): Float64Array {
  return new Float64Array(out.count);
}

/** Stores what {@linkcode vectorsFor} gave. */
export function finishVectors(out: Strided, numbers: Float64Array): void {
  const { data, base } = out.storage as CpuStorage;
  (data as Float64Array).set(numbers, base + out.offset);
}
