// Reductions, scans and products of narrow types by way of wide ones: elements
// are converted into scratch memory first, small integers to int32 and 16-bit
// floats to float32, and results are converted back. What is computed is what
// the loops in JavaScript compute, which convert each element as they read it.

import type { Epilogue, ReduceKernel, Strided } from "../../tensor/device.ts";
import { type DTypeInfo, FLOAT32, FLOAT64, INT32 } from "../../tensor/dtype.ts";
import { blockSize, giveBlock, takeBlock } from "../heap.ts";
import { runCopy } from "../map_loop.ts";
import { MEMORY } from "../memory.ts";
import { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { wasmCopy } from "./copy.ts";
import { wasmMatmul } from "./gemm_paths.ts";
import { wasmArgReduce, wasmScan } from "./line.ts";
import { wasmArgScan } from "./positions.ts";
import { wasmReduce } from "./reduce.ts";

/** Blocks of scratch memory that the current call holds: address and size in turn. */
const HELD: number[] = [];

/** The wide type that stands for a narrow one. */
function wide(info: DTypeInfo): DTypeInfo {
  return info.bytes > 2 ? info : info.category === 2 ? FLOAT32 : INT32;
}

/** Whether a call on elements of a type may be worth the conversion. */
function stages(x: Strided): boolean {
  return x.info.bytes <= 2 && x.count >= TUNING.stageLeast && x.count > 0 &&
    (x.storage as CpuStorage).pointer !== 0;
}

/** Dense scratch memory of some shape; null where there is no room. */
function scratch(like: Strided, info: DTypeInfo): Strided | null {
  const { shape, storage: { device } } = like;
  const strides = new Array<number>(shape.length);
  let count = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = count;
    count *= shape[d]!;
  }
  const size = blockSize(Math.max(count, 1) * info.bytes);
  const pointer = MEMORY === null ? 0 : takeBlock(size);
  if (pointer === 0) return null;
  HELD.push(pointer, size);
  const make = info === INT32
    ? Int32Array
    : info === FLOAT32
    ? Float32Array
    : Float64Array;
  const data = new make(
    MEMORY!.buffer as unknown as ArrayBuffer,
    pointer,
    count,
  );
  const storage = new CpuStorage(device, data, 0, count, pointer, null);
  return { storage, info, shape, strides, offset: 0, count, dense: true };
}

/** A wide copy of an operand; null where no kernel makes one. */
function widened(x: Strided): Strided | null {
  const info = wide(x.info);
  if (info === x.info) return x;
  const out = scratch(x, info);
  if (out === null) return null;
  return wasmCopy(out, x) ? out : null;
}

/** Converts results back. */
function narrow(out: Strided, from: Strided): void {
  if (!wasmCopy(out, from)) runCopy(out, from);
}

function release(): void {
  while (HELD.length > 0) {
    const size = HELD.pop()!;
    giveBlock(HELD.pop()!, size);
  }
}

/** What results are computed in: a 16-bit float is rounded from float64, once. */
function resultTypes(out: DTypeInfo): readonly DTypeInfo[] {
  if (out.bytes > 2) return [out];
  if (out.category === 2) return [FLOAT64, FLOAT32];
  return out.category === 0 ? [out, INT32] : [INT32];
}

/** Calls `run` with wide results, which go to `out`; `compute` is their type, or the wide one of its own. */
function intoWide(
  out: Strided,
  compute: DTypeInfo,
  run: (compute: DTypeInfo, out: Strided) => boolean,
): boolean {
  for (const info of resultTypes(out.info)) {
    const own = compute.category === 2 && out.info.category === 2
      ? info
      : wide(compute);
    if (info === out.info) {
      if (run(own, out)) return true;
      continue;
    }
    const between = scratch(out, info);
    if (between === null) return false;
    if (!run(own, between)) continue;
    narrow(out, between);
    return true;
  }
  return false;
}

/** Gives `run` a wide copy of an operand, and all scratch memory back after it. */
function withWide(x: Strided, run: (from: Strided) => boolean): boolean {
  try {
    const from = widened(x);
    return from !== null && run(from);
  } finally {
    release();
  }
}

/** Reduces as `Device.reduce` does, or returns false where no kernel serves. */
export function stagedReduce(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  rank: number,
): boolean {
  if (!stages(x)) return false;
  return withWide(x, (from) =>
    intoWide(
      out,
      compute,
      (type, target) => wasmReduce(kernel, type, target, from, rank),
    ));
}

/** Scans as `Device.scan` does, or returns false where no kernel serves. */
export function stagedScan(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
): boolean {
  if (!stages(x)) return false;
  return withWide(x, (from) =>
    intoWide(
      out,
      compute,
      (type, target) => wasmScan(kernel, type, target, from),
    ));
}

/** Finds positions as `Device.argReduce` does, or returns false where no kernel serves. */
export function stagedArgReduce(
  largest: boolean,
  out: Strided,
  x: Strided,
): boolean {
  if (!stages(x)) return false;
  return withWide(x, (from) => wasmArgReduce(largest, out, from));
}

/** Scans as `Device.argScan` does, or returns false where no kernel serves. */
export function stagedArgScan(
  largest: boolean,
  values: Strided,
  indices: Strided,
  x: Strided,
): boolean {
  if (!stages(x)) return false;
  return withWide(x, (from) => {
    const between = scratch(values, from.info);
    if (between === null) return false;
    if (!wasmArgScan(largest, between, indices, from)) return false;
    narrow(values, between);
    return true;
  });
}

/** Multiplies 16-bit floats as `Device.matmul` does, or returns false where no kernel serves. */
export function stagedMatmul(
  out: Strided,
  x: Strided,
  y: Strided,
  epilogue: Epilogue | null,
): boolean {
  if (epilogue !== null || x.info.category !== 2 || !stages(x) || !stages(y)) {
    return false;
  }
  try {
    const [a, b] = [widened(x), widened(y)];
    const between = scratch(out, FLOAT32);
    if (a === null || b === null || between === null) return false;
    if (!wasmMatmul(between, a, b, null)) return false;
    narrow(out, between);
    return true;
  } finally {
    release();
  }
}
