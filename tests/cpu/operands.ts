// Operands and kernels for tests that call the CPU device's kernels directly:
// random values, laid out in every way a tensor can be.

import { assert } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import { allocate, type CpuStorage } from "../../src/cpu/storage.ts";
import type { MapKernel, Strided } from "../../src/tensor/device.ts";
import {
  BOOL,
  type DTypeInfo,
  FLOAT32,
  FLOAT64,
  INT16,
  INT32,
  INT64,
  INT8,
  UINT8,
} from "../../src/tensor/dtype.ts";
import type { Expr } from "../../src/tensor/expr.ts";

/** A small generator, so that every run sees the same cases. */
export function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = state + 0x6d2b79f5 | 0;
    let x = Math.imul(state ^ state >>> 15, state | 1);
    x ^= x + Math.imul(x ^ x >>> 7, x | 61);
    return Math.floor(((x ^ x >>> 14) >>> 0) / 2 ** 32 * below);
  };
}

/** Gives integers from 0 to below its argument. */
export type Random = (below: number) => number;

/** Types of the elements that random kernels compute with. */
export const MAP_TYPES: readonly DTypeInfo[] = [
  FLOAT32,
  FLOAT64,
  INT32,
  INT64,
  BOOL,
  UINT8,
  INT8,
  INT16,
];

/** Numbers that random kernels are given at the call. */
export const PARAMS: readonly number[] = [2.75, -3];

/** Values that break carelessly written code. */
export const FLOATS: readonly number[] = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  1.5,
  3,
  1e-42,
  -1e-45,
  3e38,
  1e-20,
  16777217,
  -7.75,
];
const INTEGERS = [0, 1, -1, 2, 3, 127, -128, 255, 32767, 2147483647, -5];

function fillRandom(x: CpuStorage, info: DTypeInfo, random: Random): void {
  for (let i = 0; i < x.length; i++) {
    const pool = info.category === 2 ? FLOATS : INTEGERS;
    const value = info.category === 0
      ? random(2)
      : info.category === 2 && random(3) > 0
      ? (random(20001) - 10000) / 1024
      : pool[random(pool.length)]!;
    if (info === INT64) (x.data as BigInt64Array)[x.base + i] = BigInt(value);
    else (x.data as Float32Array)[x.base + i] = value;
  }
}

/** How an operand of some shape is laid out. */
export type Layout =
  | "dense"
  | "single"
  | "row"
  | "column"
  | "transposed"
  | "stepped"
  | "backwards";

/** Every layout. */
export const LAYOUTS: readonly Layout[] = [
  "dense",
  "single",
  "row",
  "column",
  "transposed",
  "stepped",
  "backwards",
];

/** An operand of random values. */
export function strided(
  info: DTypeInfo,
  shape: readonly number[],
  layout: Layout,
  random: Random,
): Strided {
  const own = layout === "single"
    ? []
    : layout === "row"
    ? shape.slice(-1)
    : layout === "column"
    ? [...shape.slice(0, -1), 1]
    : shape.slice();
  const order = own.map((_, d) => d);
  if (layout === "transposed") order.reverse();
  const strides = own.map(() => 0);
  let size = layout === "stepped" ? 3 : 1;
  for (const d of order.reverse()) {
    strides[d] = size;
    size *= own[d]!;
  }
  let offset = random(5);
  if (layout === "backwards" && own.length > 0) {
    const last = own.length - 1;
    offset += strides[last]! * (own[last]! - 1);
    strides[last] = -strides[last]!;
  }
  const storage = allocate(cpu, info, size + offset + 40);
  fillRandom(storage, info, random);
  const count = own.reduce((a, b) => a * b, 1);
  const dense = layout !== "transposed" && layout !== "stepped" &&
    layout !== "backwards";
  return { storage, info, shape: own, strides, offset, count, dense };
}

let kernels = 100000;

/** A kernel that no op has. */
export function kernelOf(arity: number, body: Expr): MapKernel {
  return { id: kernels++, arity, body };
}

/** A dense result with room around it, in the shared memory whatever its size. */
export function result(
  info: DTypeInfo,
  shape: readonly number[],
  random: Random,
): Strided {
  const out = strided(info, shape, "dense", random);
  assert((out.storage as CpuStorage).pointer > 0);
  return out;
}
