// Kernels that change several operands in one pass, in WebAssembly: operands
// that lie in order in the shared memory, as a whole or row by row. Others go to
// the loops in JavaScript.

import type { Strided, UpdateKernel } from "../../tensor/device.ts";
import type { DTypeInfo } from "../../tensor/dtype.ts";
import { type Expr, inputsOf } from "../../tensor/expr.ts";
import { kindOf } from "../spelling.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import {
  compileKernel,
  launch,
  NUMBERS,
  NUMBERS_AT,
  type WasmKernel,
  WORDS,
} from "./kernel.ts";
import { type Value, VectorCode } from "./vector_code.ts";
import {
  lanesOf,
  loadRow,
  pack,
  storeApart,
  storeRow,
} from "./vector_memory.ts";
import { paramsOf, prints, vectorPrinter } from "./vector_print.ts";

/** Kernels by kernel, element type and whether items are rows; null where JavaScript serves. */
const KERNELS: (WasmKernel | null | undefined)[] = [];

/** Elements below which a thread is not worth waking. */
const GRAIN = 16384;
/** Kernels count with signed integers of 32 bits. */
const MOST_ITEMS = 2 ** 31 - 1;
/** Where the words of a call stand: addresses, then bytes between rows, then the columns. */
const PITCHES = 8;
const COLUMNS = 16;
/** In place of an operand that no expression reads. */
const NEVER = -1;
/** Vectors in a turn of the loop: a step of an optimizer is long by itself. */
const UNROLL = 2;

/** Changes operands in place if WebAssembly serves the call; see `Device.update`. */
export function wasmUpdate(
  kernel: UpdateKernel,
  operands: readonly Strided[],
  params: readonly number[],
): boolean {
  const { info, count, shape } = operands[0]!;
  if (count < TUNING.mapLeast || count > MOST_ITEMS) return false;
  let whole = true;
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    const { pointer } = x.storage as CpuStorage;
    if (pointer === 0) return false;
    if (!x.dense) whole = false;
    WORDS[k] = pointer + x.offset * info.bytes;
  }
  if (!whole && !describeRows(operands, info.bytes)) return false;
  const key = kernel.id * 20 + info.code * 2 + (whole ? 0 : 1);
  let code = KERNELS[key];
  if (code === undefined) {
    const kind = kindOf(info);
    const serves = kernel.bodies.every((body) =>
      body === null || prints(body, kind)
    );
    code = KERNELS[key] = serves ? compile(kernel, info, whole) : null;
  }
  if (code === null) return false;
  for (let i = 0; i < params.length; i++) NUMBERS[i] = params[i]!;
  if (whole) launch(code, count, GRAIN);
  else launch(code, shape[0]!, Math.ceil(GRAIN / shape[1]!));
  return true;
}

/** Enters how rows follow each other; false where operands are no matrices whose rows are dense. */
function describeRows(operands: readonly Strided[], bytes: number): boolean {
  // Words for more there are not.
  if (operands.length > COLUMNS - PITCHES) return false;
  for (let k = 0; k < operands.length; k++) {
    const { shape, strides } = operands[k]!;
    if (shape.length !== 2 || strides[1] !== 1) return false;
    WORDS[PITCHES + k] = strides[0]! * bytes;
    WORDS[COLUMNS] = shape[1]!;
  }
  return true;
}

/** An item is an element where operands lie in order as a `whole`, else a row. */
function compile(
  { bodies }: UpdateKernel,
  info: DTypeInfo,
  whole: boolean,
): WasmKernel {
  const fn = new FunctionBuilder([I32, I32, I32]);
  const v = new VectorCode(fn);
  const { bytes } = info;
  const lanes = lanesOf(info);
  const addresses = bodies.map(() => fn.local(I32));
  const left = fn.local(I32);
  const at = fn.local(I32);
  const params = loadParams(v, bodies, info);
  const read = new Set<number>();
  for (const body of bodies) if (body !== null) inputsOf(body, read);
  /** What the operands become, from the k-th vector on. */
  const values = (from: number): (Value | null)[] => {
    const inputs = addresses.map((address, k) =>
      read.has(k) ? loadRow(v, info, address, from * lanes * bytes) : NEVER
    );
    const visit = vectorPrinter(kindOf(info), v, inputs, params);
    return bodies.map((body) =>
      body === null ? null : pack(v, info, lanes, visit(body), false)
    );
  };
  const size = lanes * bytes;
  const storeAll = (some: readonly (Value | null)[], from: number): void =>
    some.forEach((value, k) => {
      if (value !== null) storeRow(fn, size, addresses[k]!, from * size, value);
    });
  const advance = (count: number): void =>
    addresses.forEach((address) =>
      fn.get(address).i32(count * size).op("i32.add").set(address)
    );
  /** Repeats what does so many vectors while there are enough elements. */
  const turns = (count: number, turn: () => void): void => {
    fn.block().get(left).i32(count * lanes).op("i32.lt_s").brIf(0).loop();
    turn();
    fn.get(left).i32(count * lanes).op("i32.sub").tee(left);
    fn.i32(count * lanes).op("i32.ge_s").brIf(0).end().end();
  };
  const stretch = (): void => {
    for (const count of [UNROLL, 1]) {
      turns(count, () => {
        for (let from = 0; from < count; from++) storeAll(values(from), from);
        advance(count);
      });
    }
    fn.get(left).i32(0).op("i32.gt_s").if();
    // Reading beyond the last element is harmless: its lanes are not stored.
    values(0).forEach((value, k) => {
      if (value === null) return;
      storeApart(fn, info, lanes, addresses[k]!, null, at, value, left);
    });
    fn.end();
  };
  const aim = (pitch: (k: number) => void): void =>
    addresses.forEach((address, k) => {
      fn.get(0).memory("i32.load", 4 * k).get(1);
      pitch(k);
      fn.op("i32.mul").op("i32.add").set(address);
    });
  if (whole) {
    aim(() => fn.i32(bytes));
    fn.get(2).get(1).op("i32.sub").set(left);
    stretch();
  } else {
    fn.block().get(1).get(2).op("i32.ge_s").brIf(0).loop();
    aim((k) => fn.get(0).memory("i32.load", 4 * (PITCHES + k)));
    fn.get(0).memory("i32.load", 4 * COLUMNS).set(left);
    stretch();
    fn.get(1).i32(1).op("i32.add").tee(1).get(2).op("i32.lt_s").brIf(0);
    fn.end().end();
  }
  return compileKernel({ run: fn });
}

/** Loads the numbers given at the call, rounded and in every lane. */
function loadParams(
  v: VectorCode,
  bodies: readonly (Expr | null)[],
  info: DTypeInfo,
): Map<number, Value> {
  const out = new Map<number, Value>();
  const found = new Set<number>();
  for (const body of bodies) if (body !== null) paramsOf(body, found);
  for (const index of found) {
    v.fn.get(0).memory("f64.load", NUMBERS_AT + 8 * index);
    if (kindOf(info) === "f64") v.fn.simd("f64x2.splat");
    else v.fn.op("f32.demote_f64").simd("f32x4.splat");
    out.set(index, v.keep());
  }
  return out;
}
