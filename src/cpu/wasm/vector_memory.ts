// How elements of each type are loaded into the lanes of a kind of arithmetic
// and stored from them: small integers and floats are widened to 32 bits,
// conditions are narrowed to bytes. It knows no expressions.

import { BFLOAT16, type DTypeInfo, FLOAT16 } from "../../tensor/dtype.ts";
import type { FunctionBuilder } from "./emitter.ts";
import {
  brainToFloat,
  floatToBrain,
  floatToHalf,
  halfToFloat,
} from "./half_code.ts";
import type { Value, VectorCode } from "./vector_code.ts";

/** Lanes of arithmetic on an element type. */
export function lanesOf(info: DTypeInfo): number {
  return info.bytes === 8 ? 2 : 4;
}

/** Bytes in the order that keeps `bytes` of each lane, 0 and up. */
function packing(lanes: number, bytes: number): number[] {
  const size = 16 / lanes;
  return Array.from(
    { length: 16 },
    (_, i) => (Math.floor(i / bytes) % lanes) * size + i % bytes,
  );
}

/** Widens elements at the start of a vector to its lanes. */
function widen(v: VectorCode, info: DTypeInfo, x: Value): Value {
  switch (info.name) {
    case "bool":
    case "uint8":
      return v.op(
        "i32x4.extend_low_i16x8_u",
        v.op("i16x8.extend_low_i8x16_u", x),
      );
    case "int8":
      return v.op(
        "i32x4.extend_low_i16x8_s",
        v.op("i16x8.extend_low_i8x16_s", x),
      );
    case "int16":
      return v.op("i32x4.extend_low_i16x8_s", x);
    case "float16":
      return halfToFloat(v, v.op("i32x4.extend_low_i16x8_u", x));
    case "bfloat16":
      return brainToFloat(v, v.op("i32x4.extend_low_i16x8_u", x));
    default:
      return x;
  }
}

/** Loads as many elements as there are lanes, from an address in a variable plus `offset`. */
export function loadRow(
  v: VectorCode,
  info: DTypeInfo,
  address: number,
  offset: number,
): Value {
  const total = lanesOf(info) * info.bytes;
  v.fn.get(address).memory(
    total === 16
      ? "v128.load"
      : total === 8
      ? "v128.load64_zero"
      : "v128.load32_zero",
    offset,
  );
  return widen(v, info, v.keep());
}

/** Loads one element into every lane. */
export function loadSplat(
  v: VectorCode,
  info: DTypeInfo,
  address: number,
): Value {
  const bits = info.bytes * 8 as 8 | 16 | 32 | 64;
  v.fn.get(address).memory(`v128.load${bits}_splat`);
  return widen(v, info, v.keep());
}

/** Loads elements `stride` bytes apart; where `left` is a variable, only so many of them. */
export function loadApart(
  v: VectorCode,
  info: DTypeInfo,
  address: number,
  stride: number,
  at: number,
  left: number | null,
): Value {
  const { fn } = v;
  const bits = info.bytes * 8 as 8 | 16 | 32 | 64;
  fn.get(address).tee(at).memory(`v128.load${bits}_splat`);
  const out = v.keep();
  for (let lane = 1; lane < lanesOf(info); lane++) {
    if (left !== null) fn.get(left).i32(lane).op("i32.gt_s").if();
    fn.get(at).get(stride).op("i32.add").tee(at);
    fn.get(out).memoryLane(`v128.load${bits}_lane`, lane).set(out);
    if (left !== null) fn.end();
  }
  return widen(v, info, out);
}

/** Turns lanes into elements at the start of a vector; masks become 0 and 1. */
export function pack(
  v: VectorCode,
  info: DTypeInfo,
  lanes: number,
  x: Value,
  isMask: boolean,
): Value {
  if (info.category === 0) {
    const mask = isMask ? x : notZero(v, lanes, x);
    const bytes = v.shuffle(mask, mask, packing(lanes, 1));
    return v.op("v128.and", bytes, v.splat("i32x4", 0x01010101));
  }
  if (info.bytes * lanes === 16) return x;
  const stored = info === FLOAT16
    ? floatToHalf(v, x)
    : info === BFLOAT16
    ? floatToBrain(v, x)
    : x;
  return v.shuffle(stored, stored, packing(lanes, info.bytes));
}

function notZero(v: VectorCode, lanes: number, x: Value): Value {
  const zero = v.splat("i32x4", 0);
  return v.op(lanes === 4 ? "i32x4.ne" : "i64x2.ne", x, zero);
}

/** Stores the elements at the start of a vector, one for each lane. */
export function storeRow(
  fn: FunctionBuilder,
  bytes: number,
  address: number,
  offset: number,
  x: Value,
): void {
  fn.get(address).get(x);
  if (bytes === 16) fn.memory("v128.store", offset);
  else {
    fn.memoryLane(
      `v128.store${bytes * 8 as 16 | 32 | 64}_lane`,
      0,
      offset,
    );
  }
}

/** Stores elements `stride` bytes apart; where `left` is a variable, only so many of them. */
export function storeApart(
  fn: FunctionBuilder,
  info: DTypeInfo,
  lanes: number,
  address: number,
  stride: number | null,
  at: number,
  x: Value,
  left: number | null,
): void {
  const bits = info.bytes * 8 as 8 | 16 | 32 | 64;
  fn.get(address).tee(at).get(x).memoryLane(`v128.store${bits}_lane`, 0);
  for (let lane = 1; lane < lanes; lane++) {
    if (left !== null) fn.get(left).i32(lane).op("i32.gt_s").if();
    fn.get(at);
    if (stride === null) fn.i32(info.bytes);
    else fn.get(stride);
    fn.op("i32.add").tee(at).get(x)
      .memoryLane(`v128.store${bits}_lane`, lane);
    if (left !== null) fn.end();
  }
}
