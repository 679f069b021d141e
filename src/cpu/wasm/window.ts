// Sums and largest elements of windows by kernels; the tables of the windows
// go into scratch memory.

import type { Strided, Windows } from "../../tensor/device.ts";
import { FLOAT32, FLOAT64 } from "../../tensor/dtype.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { threeWindows } from "../window_loop.ts";
import { scratch } from "./gemm_scratch.ts";
import { launch, WORDS } from "./kernel.ts";
import { SUM, sumKernel } from "./window_kernel.ts";
import { MAX, maxKernel, type MaxReading } from "./window_max_kernel.ts";

/** Elements read that make up enough work for one thread. */
const GRAIN = 8192;
/** Number of the scratch block. */
const TABLES = 7;

/** Items of so many elements each that make up enough work for one thread. */
function grainOf(perItem: number): number {
  return Math.max(1, Math.ceil(GRAIN / Math.max(perItem, 1)));
}

/** Address of the first element. */
function address(x: Strided): number {
  return (x.storage as CpuStorage).pointer + x.offset * x.info.bytes;
}

/** Copies tables to memory one after the other, each from a multiple of 8 on; the address of the first, 0 without room. */
function place(tables: readonly (Int32Array | Float64Array)[]): number {
  let bytes = 0;
  for (const table of tables) bytes += (table.byteLength + 7) & ~7;
  const pointer = scratch(TABLES, bytes);
  if (pointer === 0) return 0;
  const target = new Uint8Array(MEMORY!.buffer, pointer, bytes);
  let at = 0;
  for (const table of tables) {
    const { buffer, byteOffset, byteLength } = table;
    target.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += (byteLength + 7) & ~7;
  }
  return pointer;
}

/** See `Device.windowSum`; false where no kernel serves. */
export function wasmWindowSum(
  out: Strided,
  x: Strided,
  dim: number,
  windows: Windows,
): boolean {
  const { starts, lengths, step, weights, most } = windows;
  if (out.count < TUNING.reduceLeast || x.info !== FLOAT32) return false;
  if (
    (x.storage as CpuStorage).pointer === 0 ||
    (out.storage as CpuStorage).pointer === 0
  ) return false;
  let inner = 1;
  for (let d = dim + 1; d < x.shape.length; d++) inner *= x.shape[d]!;
  const m = starts.length;
  const tables = place(
    weights === null ? [starts, lengths] : [starts, lengths, weights],
  );
  if (tables === 0) return false;
  const table = (starts.byteLength + 7) & ~7;
  WORDS[SUM.x] = address(x);
  WORDS[SUM.out] = address(out);
  WORDS[SUM.n] = x.shape[dim]!;
  WORDS[SUM.m] = m;
  WORDS[SUM.inner] = inner;
  WORDS[SUM.step] = step;
  WORDS[SUM.starts] = tables;
  WORDS[SUM.lengths] = tables + table;
  WORDS[SUM.weights] = tables + 2 * table;
  WORDS[SUM.most] = most;
  const along = inner === 1;
  launch(
    sumKernel(along, weights !== null),
    along ? out.count / m : out.count / inner,
    grainOf(most * (along ? m : inner)),
  );
  return true;
}

/** Writes which windows of a row can be searched side by side, and tells how. */
function findRegular({ starts, lengths, most }: Windows): MaxReading {
  const n = starts.length;
  let from = 0;
  while (from < n && lengths[from] !== most) from++;
  const stride = from + 1 < n ? starts[from + 1]! - starts[from]! : 0;
  let to = from + 1;
  while (
    to < n && lengths[to] === most && starts[to]! - starts[to - 1]! === stride
  ) to++;
  WORDS[MAX.regularFrom] = from;
  WORDS[MAX.regularTo] = to;
  WORDS[MAX.stride] = stride;
  if (to - from < 4) return "single";
  return stride === 1 ? "dense" : stride === 2 ? "even" : "apart";
}

/** See `Device.windowMax`; false where no kernel serves. */
export function wasmWindowMax(
  values: Strided,
  indices: Strided,
  x: Strided,
  windows: readonly Windows[],
): boolean {
  if (values.count < TUNING.reduceLeast) return false;
  if (x.info !== FLOAT32 && x.info !== FLOAT64) return false;
  for (const { storage } of [values, indices, x]) {
    if ((storage as CpuStorage).pointer === 0) return false;
  }
  const { windows: three, shape } = threeWindows(x, windows);
  const list = three.flatMap(({ starts, lengths }) => [starts, lengths]);
  let table = place(list);
  if (table === 0) return false;
  WORDS[MAX.x] = address(x);
  WORDS[MAX.values] = address(values);
  WORDS[MAX.indices] = address(indices);
  let size = 1;
  for (let k = 0; k < 3; k++) {
    const { starts, lengths, step, most } = three[k]!;
    WORDS[MAX.depth + k] = shape[k]!;
    WORDS[MAX.planes + k] = starts.length;
    WORDS[MAX.depthStep + k] = step;
    WORDS[MAX.depthStarts + k] = table;
    table += (starts.byteLength + 7) & ~7;
    WORDS[MAX.depthLengths + k] = table;
    table += (lengths.byteLength + 7) & ~7;
    size *= most;
  }
  const columns = three[2].starts.length;
  const reading = findRegular(three[2]);
  launch(
    x.info === FLOAT64 ? maxKernel(8, "single") : maxKernel(4, reading),
    values.count / columns,
    grainOf(columns * size),
  );
  return true;
}
