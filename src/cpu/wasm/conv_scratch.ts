// Operands of convolutions as kernels and copies see them: parts of tensors,
// and scratch memory that looks like one.

import type { Strided } from "../../tensor/device.ts";
import type { DTypeInfo } from "../../tensor/dtype.ts";
import { runCopy } from "../map_loop.ts";
import { MEMORY } from "../memory.ts";
import { CpuStorage } from "../storage.ts";
import { wasmCopy, wasmFill } from "./copy.ts";
import { scratch } from "./gemm_scratch.ts";

/** The product of numbers. */
export function product(values: readonly number[]): number {
  return values.reduce((x, y) => x * y, 1);
}

/** Address of the first element. */
export function address(x: Strided): number {
  return (x.storage as CpuStorage).pointer + x.offset * x.info.bytes;
}

/** Looks at scratch memory as elements of a shape, or null where there is no room. */
export function scratchLike(
  x: Strided,
  purpose: number,
  shape: readonly number[],
): Strided | null {
  const { info } = x;
  const count = product(shape);
  const pointer = scratch(purpose, count * info.bytes);
  if (pointer === 0) return null;
  return {
    storage: new CpuStorage(
      x.storage.device,
      viewOf(info, pointer, count),
      0,
      count,
      pointer,
      null,
    ),
    info,
    shape,
    strides: rowMajor(shape),
    offset: 0,
    count,
    dense: true,
  };
}

function viewOf(
  info: DTypeInfo,
  pointer: number,
  length: number,
): Float32Array | Float64Array {
  const { buffer } = MEMORY!;
  return info.bytes === 4
    ? new Float32Array(buffer, pointer, length)
    : new Float64Array(buffer, pointer, length);
}

function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d]!;
  }
  return strides;
}

/** Sets all elements of scratch memory. */
export function fill(out: Strided, value: number): void {
  if (wasmFill(out, value)) return;
  ((out.storage as CpuStorage).data as Float32Array).fill(value);
}

/** Copies; `x` has the shape of `out`. */
export function copy(out: Strided, x: Strided): void {
  if (!wasmCopy(out, x)) runCopy(out, x);
}

/** A part of a tensor. */
export function part(
  x: Strided,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Strided {
  const { storage, info } = x;
  const count = product(shape);
  return { storage, info, shape, strides, offset, count, dense: false };
}
