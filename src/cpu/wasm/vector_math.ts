// Functions of float32 vectors. The hottest are computed in float32; the
// others in float64, two lanes at a time, and rounded once: short polynomials
// then give results that are nearly always the correctly rounded ones.
// ACCURACY.md says how far each is off. Signs of zero and special values are
// those of PyTorch.

import type { Value, VectorCode } from "./vector_code.ts";
import * as double from "./vector_exponential.ts";
import * as angles from "./vector_trigonometry.ts";
import type { Builds } from "./vector_print.ts";

const F = "f32x4";

/** A function of float64 vectors. */
type Core = (v: VectorCode, ...args: Value[]) => Value;

/** Applies a function of float64 vectors to both halves of float32 vectors. */
function halves(core: Core): Core {
  return (v, ...args) => {
    const low = core(
      v,
      ...args.map((x) => v.op("f64x2.promote_low_f32x4", x)),
    );
    const high = core(
      v,
      ...args.map((x) =>
        v.op("f64x2.promote_low_f32x4", v.shuffle(x, x, UPPER))
      ),
    );
    return v.shuffle(
      v.op("f32x4.demote_f64x2_zero", low),
      v.op("f32x4.demote_f64x2_zero", high),
      JOINED,
    );
  };
}

const UPPER = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const JOINED = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Adding it to a small float leaves the nearest integer in the low bits. */
const MAGIC = 12582912;
/** ln 2 in two parts; products of the first with exponents are exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = 1.42860682030941723212e-6;

/** e**f on ±ln(2)/2. */
const EXP = [
  1,
  1,
  0.5,
  0.16666576666119928,
  0.04166655421298415,
  0.0083632328836826182,
  0.0013926250831497612,
];

/** e to the power x, with subnormal results. */
function exp(v: VectorCode, x: Value): Value {
  // pmin and pmax keep a NaN that is their first operand.
  const above = v.op("f32x4.pmin", x, v.splat(F, 89));
  const clamped = v.op("f32x4.pmax", above, v.splat(F, -104));
  const magic = v.splat(F, MAGIC);
  const bits = v.madd(F, clamped, v.splat(F, Math.LOG2E), magic);
  const n = v.op("f32x4.sub", bits, magic);
  const high = v.madd(F, n, v.splat(F, -LN2_HIGH), clamped);
  const f = v.madd(F, n, v.splat(F, -LN2_LOW), high);
  const p = v.polynomial(F, f, EXP);
  // Two steps: neither 2**128 nor a subnormal power is a factor by itself.
  const half = v.shift("i32x4.shr_s", bits, 1);
  const rest = v.op("i32x4.sub", bits, half);
  const scaled = v.op("f32x4.mul", p, powerOfTwo(v, half));
  return v.op("f32x4.mul", scaled, powerOfTwo(v, rest));
}

/** 2 to the power in the low bits. */
function powerOfTwo(v: VectorCode, bits: Value): Value {
  return v.op("i32x4.add", v.shift("i32x4.shl", bits, 23), v.splat(F, 1));
}

/** Gives `x` the sign bit of `y`; `x` has none. */
function withSign(v: VectorCode, x: Value, y: Value): Value {
  const sign = v.op("v128.and", y, v.splat("i32x4", -0x80000000));
  return v.op("v128.or", x, sign);
}

/**
 * tanh: an odd polynomial up to 5/8, where a quotient would round too often,
 * then `1 - 2 / (e**2a + 1)`.
 */
function tanh(v: VectorCode, x: Value): Value {
  const a = v.op("f32x4.abs", x);
  const one = v.splat(F, 1);
  // pmin keeps a NaN that is its first operand; past 10 the result is 1.
  const twice = v.op("f32x4.pmin", v.op("f32x4.add", a, a), v.splat(F, 20));
  const magic = v.splat(F, MAGIC);
  const bits = v.madd(F, twice, v.splat(F, Math.LOG2E), magic);
  const n = v.op("f32x4.sub", bits, magic);
  const f = v.madd(F, n, v.splat(F, -Math.LN2), twice);
  const p = v.polynomial(F, f, EXP);
  const e = v.op("i32x4.add", p, v.shift("i32x4.shl", bits, 23));
  const rest = v.op("f32x4.div", v.splat(F, 2), v.op("f32x4.add", e, one));
  const far = v.op("f32x4.sub", one, rest);
  const square = v.op("f32x4.mul", a, a);
  const q = v.polynomial(F, square, [
    -0.333333284333,
    0.133327188456,
    -0.0538432631753,
    0.0209613291086,
    -0.00604516509652,
  ]);
  const near = v.madd(F, v.op("f32x4.mul", square, a), q, a);
  // A NaN is not far.
  const isFar = v.op("f32x4.gt", a, v.splat(F, 0.625));
  return withSign(v, v.choose(isFar, far, near), x);
}

/** Sine, cosine or tangent: past some size the angle is reduced with more digits. */
function angle(core: angles.AngleCore): Core {
  return (v, x) => {
    const size = v.op("f32x4.abs", x);
    const large = v.op("f32x4.gt", size, v.splat(F, angles.LARGE_ANGLE));
    const low = v.op("f64x2.promote_low_f32x4", x);
    const high = v.op("f64x2.promote_low_f32x4", v.shuffle(x, x, UPPER));
    const parts = [low, high].map((half) => angles.reduceAngle(v, half));
    v.fn.get(large).simd("v128.any_true").if();
    [low, high].forEach((half, k) => {
      const exact = angles.reduceLargeAngle(v, half);
      const { quadrant, rest } = parts[k]!;
      v.fn.get(v.choose(exact.large, exact.quadrant, quadrant)).set(quadrant);
      v.fn.get(v.choose(exact.large, exact.rest, rest)).set(rest);
    });
    v.fn.end();
    const [first, second] = parts.map((part) =>
      v.op("f32x4.demote_f64x2_zero", core(v, part))
    );
    return v.shuffle(first!, second!, JOINED);
  };
}

/** The functions, by name. */
export const FLOAT32_MATH: Builds = {
  exp,
  tanh,
  exp2: halves(double.exp2),
  expm1: halves(double.expm1),
  log: halves((v, x) => double.log(v, x, Math.LN2, 1)),
  log2: halves((v, x) => double.log(v, x, 1, Math.LOG2E)),
  log10: halves((v, x) =>
    double.log(v, x, Math.LN2 / Math.LN10, 1 / Math.LN10)
  ),
  log1p: halves(double.log1p),
  sin: angle(angles.sin),
  cos: angle(angles.cos),
  tan: angle(angles.tan),
  asin: halves(angles.asin),
  acos: halves(angles.acos),
  atan: halves(angles.atan),
  sinh: halves(double.sinh),
  cosh: halves(double.cosh),
  asinh: halves(double.asinh),
  acosh: halves(double.acosh),
  atanh: halves(double.atanh),
  erf: halves(double.erf),
  erfc: halves(double.erfc),
  pow: halves(double.pow),
  hypot: halves(double.hypot),
};
