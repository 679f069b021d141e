// Fused computations on rows by kernels: how the operands lie decides whether
// vectors go along rows or across them.

import type { RowKernel, Strided } from "../../tensor/device.ts";
import { mergeDims } from "../geometry.ts";
import { takeBlock } from "../heap.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
import { MOST_THREADS, THREADS } from "../threads.ts";
import { TUNING } from "../tuning.ts";
import {
  compileKernel,
  launch,
  NUMBERS,
  type WasmKernel,
  WORDS,
} from "./kernel.ts";
import { scratch } from "./gemm_scratch.ts";
import { acrossRows, STEP_BYTES } from "./row_across.ts";
import { alongRows } from "./row_along.ts";
import {
  OPERANDS,
  printsRows,
  RowCode,
  type RowType,
  WIDTH,
  WORD,
} from "./row_code.ts";

/** Elements that make up enough work for one thread. */
const GRAIN = 4096;

/** The purpose of the scratch memory, among those of products. */
const ROWS = 9;

/** Elements of small operands that lie outside of the memory and are carried over, at most. */
const MOST = 64;
/** Bytes for the elements of one. */
const SLOT = MOST * 8;

let place = 0;

/** The address where the elements of small operand `k` are carried to; 0 where there is none. */
function slot(k: number): number {
  if (place === 0) place = takeBlock((OPERANDS + 4) * SLOT);
  return place === 0 ? 0 : place + k * SLOT;
}

function view(type: RowType, address: number): Float32Array | Float64Array {
  return type === "f32"
    ? new Float32Array(MEMORY!.buffer, address, MOST)
    : new Float64Array(MEMORY!.buffer, address, MOST);
}

/** By kernel, then by type, direction and which operands repeat; null where it cannot be printed. */
const KERNELS: Map<number, WasmKernel | null>[] = [];

function kernelFor(
  kernel: RowKernel,
  type: RowType,
  across: boolean,
  splats: readonly boolean[],
): WasmKernel | null {
  let key = (type === "f64" ? 1 : 0) + (across ? 2 : 0);
  splats.forEach((splat, k) => {
    if (splat) key += 4 << k;
  });
  const known = KERNELS[kernel.id] ??= new Map();
  let code = known.get(key);
  if (code === undefined) {
    code = null;
    if (printsRows(kernel, type)) {
      const c = new RowCode(kernel, type, splats);
      code = compileKernel({ run: across ? acrossRows(c) : alongRows(c) });
    }
    known.set(key, code);
  }
  return code;
}

/** A dense copy, for an operand whose elements lie in no order that vectors follow. */
function dense(x: Strided): Strided {
  const { device } = x.storage;
  const storage = device.allocate(x.info, x.count);
  const strides: number[] = [];
  let step = 1;
  for (let d = x.shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= x.shape[d]!;
  }
  const out = { ...x, storage, strides, offset: 0, dense: true };
  device.copy(out, x);
  return out;
}

/** See `Device.rows`; returns false where no kernel serves. */
export function wasmRows(
  kernel: RowKernel,
  out: Strided | null,
  totals: readonly Strided[],
  inputs: readonly Strided[],
  params: readonly number[],
): boolean {
  // Where nothing is stored, an input that repeats nothing says how rows lie: the
  // gradient of a sum has no order.
  const first = out ?? inputs.find((x) => !x.strides.includes(0)) ?? inputs[0]!;
  const { count, info, shape } = first;
  if (MEMORY === null || count < TUNING.reduceLeast || count === 0) {
    return false;
  }
  if (inputs.length >= OPERANDS || totals.length > 4) return false;
  if (kernel.changes.length > 0 || inputs.some((x) => x.info !== info)) {
    return false;
  }
  const rank = shape.length;
  const last = rank - 1;
  const n = rank === 0 ? 1 : shape[last]!;
  const along = rank === 0 || n === 1 || first.strides[last] === 1;
  const operands = [first];
  for (const x of inputs) {
    const step = rank === 0 || n === 1 ? 1 : x.strides[last]!;
    const fits = !along || step === 1 || step === 0;
    operands.push(fits ? x : dense(x));
  }
  const walk = mergeDims(
    shape.slice(0, -1),
    operands.map(({ strides }) => strides.slice(0, -1)),
  );
  if (walk.shape.length > 2) return false;
  const [outer, inner] = walk.shape as [number, number];
  if (!along && inner > 1) {
    const fits = operands.every((_, k) => {
      const step = walk.strides[k]![1]!;
      return step === 1 || (step === 0 && k > 0);
    });
    if (!fits) return false;
  }
  return start(
    kernel,
    info.bytes === 8 ? "f64" : "f32",
    !along,
    { n, outer, inner },
    operands,
    walk.strides,
    totals,
    params,
  );
}

/** Writes the arguments and runs the kernel. */
function start(
  kernel: RowKernel,
  type: RowType,
  across: boolean,
  size: { readonly n: number; readonly outer: number; readonly inner: number },
  operands: readonly Strided[],
  strides: readonly (readonly number[])[],
  totals: readonly Strided[],
  params: readonly number[],
): boolean {
  const { n, outer, inner } = size;
  const bytes = type === "f64" ? 8 : 4;
  const splats = operands.map((x, k) => {
    if (k === 0) return false;
    if (across) return inner > 1 && strides[k]![1] === 0;
    return n > 1 && x.strides[x.shape.length - 1] === 0;
  });
  const code = kernelFor(kernel, type, across, splats);
  if (code === null) return false;
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    const storage = x.storage as CpuStorage;
    let { pointer } = storage;
    if (pointer === 0) {
      if (k === 0 || storage.length > MOST) return false;
      pointer = slot(k - 1);
      if (pointer === 0) return false;
      const to = view(type, pointer);
      const { data, base, length } = storage;
      for (let i = 0; i < length; i++) to[i] = data[base + i] as number;
    }
    const at = WORD.operands + 4 * k;
    WORDS[at] = pointer + x.offset * bytes;
    WORDS[at + 1] = strides[k]![0]! * bytes;
    WORDS[at + 2] = strides[k]![1]! * bytes;
    WORDS[at + 3] = (x.strides[x.shape.length - 1] ?? 0) * bytes;
  }
  for (let j = 0; j < totals.length; j++) {
    const { storage, offset, count } = totals[j]!;
    let { pointer } = storage as CpuStorage;
    if (pointer === 0) pointer = count > MOST ? 0 : slot(OPERANDS + j);
    else pointer += offset * bytes;
    if (pointer === 0) return false;
    WORDS[WORD.totals + j] = pointer;
  }
  for (let k = 0; k < params.length; k++) NUMBERS[k] = params[k]!;
  WORDS[WORD.length] = n;
  WORDS[WORD.inner] = inner;
  if (across) {
    const width = widthOf(inner, outer);
    const blocks = Math.ceil(inner / width);
    const memory = scratch(
      ROWS,
      MOST_THREADS * STEP_BYTES * kernel.steps.length,
    );
    if (memory === 0) return false;
    WORDS[WORD.blocks] = blocks;
    WORDS[WORD.width] = width;
    WORDS[WORD.scratch] = memory;
    launch(code, outer * blocks, Math.max(1, Math.ceil(GRAIN / (n * width))));
  } else launch(code, outer * inner, Math.max(1, Math.ceil(GRAIN / n)));
  for (let j = 0; j < totals.length; j++) deliver(totals[j]!, j, type);
  return true;
}

/** How many rows side by side are walked together: enough for pages and lines, few enough for all threads to have some. */
function widthOf(inner: number, outer: number): number {
  const share = Math.ceil(inner * outer / THREADS.count / 64) * 64;
  return Math.min(inner, WIDTH, Math.max(share, 64));
}

/** Brings the totals to their storage where they were written elsewhere. */
function deliver(total: Strided, j: number, type: RowType): void {
  const { pointer, data, base } = total.storage as CpuStorage;
  if (pointer !== 0) return;
  const from = view(type, slot(OPERANDS + j));
  const at = base + total.offset;
  for (let k = 0; k < total.count; k++) {
    (data as Float64Array)[at + k] = from[k]!;
  }
}
