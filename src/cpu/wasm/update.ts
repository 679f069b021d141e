// Kernels that change several operands in one pass, in WebAssembly: operands
// that lie in order in the shared memory. Others go to the loops in JavaScript.

import type { Strided, UpdateKernel } from "../../tensor/device.ts";
import type { DTypeInfo } from "../../tensor/dtype.ts";
import type { Expr } from "../../tensor/expr.ts";
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

/** Kernels by kernel and element type; null where JavaScript serves. */
const KERNELS: (WasmKernel | null | undefined)[] = [];

/** Elements below which a thread is not worth waking. */
const GRAIN = 16384;
/** Kernels count with signed integers of 32 bits. */
const MOST_ITEMS = 2 ** 31 - 1;
/** Vectors in a turn of the loop: a step of an optimizer is long by itself. */
const UNROLL = 2;

/** Changes operands in place if WebAssembly serves the call; see `Device.update`. */
export function wasmUpdate(
  kernel: UpdateKernel,
  operands: readonly Strided[],
  params: readonly number[],
): boolean {
  const { info, count } = operands[0]!;
  if (count < TUNING.mapLeast || count > MOST_ITEMS) return false;
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    const { pointer } = x.storage as CpuStorage;
    if (pointer === 0 || !x.dense) return false;
    WORDS[k] = pointer + x.offset * info.bytes;
  }
  const key = kernel.id * 10 + info.code;
  let code = KERNELS[key];
  if (code === undefined) {
    const kind = kindOf(info);
    const serves = kernel.bodies.every((body) =>
      body === null || prints(body, kind)
    );
    code = KERNELS[key] = serves ? compile(kernel, info) : null;
  }
  if (code === null) return false;
  for (let i = 0; i < params.length; i++) NUMBERS[i] = params[i]!;
  launch(code, count, GRAIN);
  return true;
}

function compile({ bodies }: UpdateKernel, info: DTypeInfo): WasmKernel {
  const fn = new FunctionBuilder([I32, I32, I32]);
  const v = new VectorCode(fn);
  const { bytes } = info;
  const lanes = lanesOf(info);
  const addresses = bodies.map(() => fn.local(I32));
  const left = fn.local(I32);
  const at = fn.local(I32);
  const params = loadParams(v, bodies, info);
  addresses.forEach((address, k) => {
    fn.get(0).memory("i32.load", 4 * k);
    fn.get(1).i32(bytes).op("i32.mul").op("i32.add").set(address);
  });
  fn.get(2).get(1).op("i32.sub").set(left);
  /** What the operands become, from the k-th vector on. */
  const values = (from: number): (Value | null)[] => {
    const inputs = addresses.map((address) =>
      loadRow(v, info, address, from * lanes * bytes)
    );
    const visit = vectorPrinter(kindOf(info), v, inputs, params);
    return bodies.map((body) =>
      body === null ? null : pack(v, info, lanes, visit(body), false)
    );
  };
  for (const count of [UNROLL, 1]) {
    fn.block().get(left).i32(count * lanes).op("i32.lt_s").brIf(0).loop();
    for (let from = 0; from < count; from++) {
      values(from).forEach((value, k) => {
        if (value === null) return;
        const size = lanes * bytes;
        storeRow(fn, size, addresses[k]!, from * size, value);
      });
    }
    for (const address of addresses) {
      fn.get(address).i32(count * lanes * bytes).op("i32.add").set(address);
    }
    fn.get(left).i32(count * lanes).op("i32.sub").tee(left);
    fn.i32(count * lanes).op("i32.ge_s").brIf(0).end().end();
  }
  fn.get(left).i32(0).op("i32.gt_s").if();
  // Reading beyond the last element is harmless: its lanes are not stored.
  values(0).forEach((value, k) => {
    if (value === null) return;
    storeApart(fn, info, lanes, addresses[k]!, null, at, value, left);
  });
  fn.end();
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
