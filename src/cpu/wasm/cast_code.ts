// Code that loads, converts and stores one element, as C casts do and as the
// loops in JavaScript spell it.

import type { FunctionBuilder } from "./emitter.ts";
import type { CopyType } from "./copy_types.ts";

/** Types that fit the stack as they are. */
type ScalarType = Exclude<CopyType, "i8" | "i16" | "f16" | "bf16">;

/** Whether a type has scalar conversions. */
export function isScalarType(type: CopyType): type is ScalarType {
  return type !== "i8" && type !== "i16" && type !== "f16" && type !== "bf16";
}

/** Pops an address and pushes the element there; what has no scalar form is only moved. */
export function loadScalar(f: FunctionBuilder, type: CopyType): void {
  if (!isScalarType(type)) {
    f.memory(type === "i8" ? "i32.load8_u" : "i32.load16_u");
  } else if (type === "u8" || type === "bool") f.memory("i32.load8_u");
  else if (type === "b16") f.memory("i32.load16_u");
  else f.memory(`${type}.load`);
}

/** Pops an element and an address below it. */
export function storeScalar(f: FunctionBuilder, type: CopyType): void {
  if (!isScalarType(type)) {
    f.memory(type === "i8" ? "i32.store8" : "i32.store16");
  } else if (type === "u8" || type === "bool") f.memory("i32.store8");
  else if (type === "b16") f.memory("i32.store16");
  else f.memory(`${type}.store`);
}

/** Pops an element of one type and pushes it as another; `spare` is a float64 variable. */
export function convertScalar(
  f: FunctionBuilder,
  from: CopyType,
  to: CopyType,
  spare: number,
): void {
  if (from === to) return;
  const float = from === "f32" || from === "f64";
  if (to === "bool") {
    if (float) f[from](0).op(`${from}.ne`);
    else if (from === "i64") f.op("i64.eqz").op("i32.eqz");
    else f.op("i32.eqz").op("i32.eqz");
  } else if (to === "f32" || to === "f64") {
    if (from === "f32") f.op("f64.promote_f32");
    else if (from === "i64") f.op("f64.convert_i64_s");
    else if (from !== "f64") f.op("f64.convert_i32_s");
    if (to === "f32") f.op("f32.demote_f64");
  } else if (float) {
    if (from === "f32") f.op("f64.promote_f32");
    toInteger(f, spare);
    if (to !== "i64") f.op("i32.wrap_i64");
  } else if (to === "i64") {
    f.op(from === "i32" ? "i64.extend_i32_s" : "i64.extend_i32_u");
  } else if (from === "i64") f.op("i32.wrap_i64");
}

/** Pops a float64 and pushes its integer part; the lowest int64 where it does not fit. */
function toInteger(f: FunctionBuilder, spare: number): void {
  f.tee(spare).op("f64.abs").f64(2 ** 63).op("f64.lt").op("i32.eqz").if();
  f.f64(-(2 ** 63)).set(spare).end();
  f.get(spare).op("i64.trunc_f64_s");
}
