// Exponentials and logarithms for rows: float32 exponentials of what is at most
// 0, shorter than the general ones, and both functions in full float64.

import type { Value, VectorCode } from "./vector_code.ts";
import { add, D, k, MAGIC, mul, sub } from "./vector_double.ts";

const F = "f32x4";
/** Adding it to a small float leaves the nearest integer in the low bits. */
const MAGIC32 = 12582912;
/** ln 2 in two parts; products of the first with exponents are exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = 1.42860682030941723212e-6;
/** From here down, exponentials count as zero: the power of two has no bits left. */
const LEAST32 = -88.03;

/** e to the power x in float32, for x up to 0; NaN stays. */
export function expBelow(v: VectorCode, x: Value): Value {
  // pmax keeps a NaN that is its first operand.
  const clamped = v.op("f32x4.pmax", x, v.splat(F, LEAST32));
  const magic = v.splat(F, MAGIC32);
  const bits = v.madd(F, clamped, v.splat(F, Math.LOG2E), magic);
  const n = v.op("f32x4.sub", bits, magic);
  // Where products are not rounded, ln 2 is exact enough in one part.
  const f = v.fuses ? v.madd(F, n, v.splat(F, -Math.LN2), clamped) : v.madd(
    F,
    n,
    v.splat(F, -LN2_LOW),
    v.madd(F, n, v.splat(F, -LN2_HIGH), clamped),
  );
  const p = v.polynomial(F, f, [
    1,
    1,
    0.5,
    0.16666576666119928,
    0.04166655421298415,
    0.0083632328836826182,
    0.0013926250831497612,
  ]);
  const power = v.shift("i32x4.shl", bits, 23);
  return v.op("f32x4.mul", p, v.op("i32x4.add", power, v.splat(F, 1)));
}

/** The series of the exponential. */
const TERMS: number[] = [1];
for (let i = 1; i <= 13; i++) TERMS.push(TERMS[i - 1]! / i);

/** e to the power x in float64, overflow and subnormal results included. */
export function expDouble(v: VectorCode, x: Value): Value {
  const above = v.op("f64x2.pmin", x, k(v, 710));
  const clamped = v.op("f64x2.pmax", above, k(v, -746));
  const bits = v.madd(D, clamped, k(v, Math.LOG2E), k(v, MAGIC));
  const n = sub(v, bits, k(v, MAGIC));
  const high = v.madd(D, n, k(v, -6.93147180369123816490e-1), clamped);
  const f = v.madd(D, n, k(v, -1.90821492927058770002e-10), high);
  const p = v.polynomial(D, f, TERMS);
  // Two steps: neither 2**1024 nor a subnormal power is a factor by itself.
  const whole = v.shift("i64x2.shr_s", v.shift("i64x2.shl", bits, 32), 32);
  const half = v.shift("i64x2.shr_s", whole, 1);
  const rest = v.op("i64x2.sub", whole, half);
  return mul(v, mul(v, p, powerOfTwo(v, half)), powerOfTwo(v, rest));
}

function powerOfTwo(v: VectorCode, n: Value): Value {
  return v.op("i64x2.add", v.shift("i64x2.shl", n, 52), k(v, 1));
}

/** Logarithm in float64 of what is at least the smallest normal number, or NaN; infinity stays. */
export function logDouble(v: VectorCode, x: Value): Value {
  const ROOT = 0x3fe6a09e00000000n; // bits of √½
  const ONE = 0x3ff0000000000000n;
  const shifted = v.op("i64x2.add", x, v.i64x2(ONE - ROOT));
  const biased = v.shift("i64x2.shr_u", shifted, 52);
  const two52 = k(v, 2 ** 52);
  const e = sub(v, v.op("v128.or", biased, two52), k(v, 2 ** 52 + 1023));
  const mantissa = v.op("v128.and", shifted, v.i64x2((1n << 52n) - 1n));
  const f = sub(v, v.op("i64x2.add", mantissa, v.i64x2(ROOT)), k(v, 1));
  const s = v.op("f64x2.div", f, add(v, f, k(v, 2)));
  const z = mul(v, s, s);
  const r = mul(
    v,
    z,
    v.polynomial(D, z, [
      6.666666666666735130e-1,
      3.999999999940941908e-1,
      2.857142874366239149e-1,
      2.222219843214978396e-1,
      1.818357216161805012e-1,
      1.531383769920937332e-1,
      1.479819860511658591e-1,
    ]),
  );
  const square = mul(v, k(v, 0.5), mul(v, f, f));
  const low = v.madd(
    D,
    e,
    k(v, 1.90821492927058770002e-10),
    mul(v, s, add(v, square, r)),
  );
  const part = sub(v, f, sub(v, square, low));
  const value = v.madd(D, e, k(v, 6.93147180369123816490e-1), part);
  // A NaN is not below infinity.
  return v.choose(v.op("f64x2.lt", x, k(v, Infinity)), value, x);
}
