// 16-bit floats in vectors of 32 bits: their bits lie in the lower halves of
// the lanes and become float32, or come back from it, rounded to even.

import type { Value, VectorCode } from "./vector_code.ts";

/** The signs of lanes. */
function signs(v: VectorCode, x: Value): Value {
  return v.op("v128.and", x, v.splat("i32x4", -0x80000000));
}

/** The bits of a float32 as a number that splat takes. */
function power(exponent: number): number {
  return (exponent + 127) << 23;
}

/** From the bits of float16 to float32. */
export function halfToFloat(v: VectorCode, bits: Value): Value {
  const size = v.op("v128.and", bits, v.splat("i32x4", 0x7fff));
  const moved = v.shift("i32x4.shl", size, 13);
  // Subnormal ones become normal by this as well.
  const scaled = v.op("f32x4.mul", moved, v.splat("i32x4", power(112)));
  const last = v.splat("i32x4", 0x7bff);
  const special = v.op("i32x4.gt_s", size, last);
  const infinite = v.op("v128.and", special, v.splat("i32x4", 0x7f800000));
  const sign = signs(v, v.shift("i32x4.shl", bits, 16));
  return v.op("v128.or", v.op("v128.or", scaled, infinite), sign);
}

/** From float32 to the bits of float16. */
export function floatToHalf(v: VectorCode, x: Value): Value {
  const sign = signs(v, x);
  const size = v.op("v128.xor", x, sign);
  const odd = v.op(
    "v128.and",
    v.shift("i32x4.shr_u", size, 13),
    v.splat("i32x4", 1),
  );
  const biased = v.op("i32x4.add", size, v.splat("i32x4", 0xfff - (112 << 23)));
  const normal = v.shift("i32x4.shr_u", v.op("i32x4.add", biased, odd), 13);
  // An addition rounds those that are subnormal in float16.
  const magic = v.splat("i32x4", power(-1));
  const sum = v.op("f32x4.add", size, magic);
  const small = v.op("i32x4.sub", sum, magic);
  const isSmall = v.op("i32x4.lt_s", size, v.splat("i32x4", power(-14)));
  const finite = v.choose(isSmall, small, normal);
  const nan = v.op("i32x4.gt_s", size, v.splat("i32x4", 0x7f800000));
  const special = v.choose(
    nan,
    v.splat("i32x4", 0x7e00),
    v.splat("i32x4", 0x7c00),
  );
  const isLarge = v.op("i32x4.ge_s", size, v.splat("i32x4", power(16)));
  const out = v.choose(isLarge, special, finite);
  return v.op("v128.or", out, v.shift("i32x4.shr_u", sign, 16));
}

/** From the bits of bfloat16 to float32. */
export function brainToFloat(v: VectorCode, bits: Value): Value {
  return v.shift("i32x4.shl", bits, 16);
}

/** From float32 to the bits of bfloat16; there is one NaN. */
export function floatToBrain(v: VectorCode, x: Value): Value {
  const upper = v.shift("i32x4.shr_u", x, 16);
  const odd = v.op("v128.and", upper, v.splat("i32x4", 1));
  const biased = v.op("i32x4.add", x, v.splat("i32x4", 0x7fff));
  const rounded = v.shift("i32x4.shr_u", v.op("i32x4.add", biased, odd), 16);
  const number = v.op("f32x4.eq", x, x);
  return v.choose(number, rounded, v.splat("i32x4", 0x7fc0));
}

/**
 * From float64 to float32 so that a second rounding, to fewer bits, gives what
 * one rounding would have: what is inexact ends in an odd bit.
 */
export function demoteOdd(v: VectorCode, x: Value): Value {
  const near = v.op("f32x4.demote_f64x2_zero", x);
  const back = v.op("f64x2.promote_low_f32x4", near);
  const far = v.op("f64x2.gt", v.op("f64x2.abs", back), v.op("f64x2.abs", x));
  const differs = v.op("f64x2.ne", back, x);
  const low = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
  // A mask is -1 where it holds.
  const down = v.op("i32x4.add", near, v.shuffle(far, far, low));
  const one = v.op(
    "v128.and",
    v.shuffle(differs, differs, low),
    v.splat("i32x4", 1),
  );
  const odd = v.op("v128.or", down, one);
  const number = v.op("f32x4.eq", near, near);
  return v.choose(number, odd, near);
}
