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

/** `(e**f - 1 - f) / f**2` on ±ln(2)/2. */
const EXP = [
  0.5,
  0.16666576666119928,
  0.04166655421298415,
  0.0083632328836826182,
  0.0013926250831497612,
];

/** e to the power f, within ±ln(2)/2; the largest term comes last. */
function expOfRest(v: VectorCode, f: Value): Value {
  const q = v.polynomial(F, f, EXP);
  const part = v.madd(F, v.op("f32x4.mul", f, f), q, f);
  return v.op("f32x4.add", part, v.splat(F, 1));
}

/** `x = n ln 2 + f`: the polynomial of f, and n in the low bits. */
function reduceExp(v: VectorCode, x: Value): { p: Value; bits: Value } {
  const magic = v.splat(F, MAGIC);
  const bits = v.madd(F, x, v.splat(F, Math.LOG2E), magic);
  const n = v.op("f32x4.sub", bits, magic);
  const high = v.madd(F, n, v.splat(F, -LN2_HIGH), x);
  const f = v.madd(F, n, v.splat(F, -LN2_LOW), high);
  return { p: expOfRest(v, f), bits };
}

/** e to the power x. */
function exp(v: VectorCode, x: Value): Value {
  const { p, bits } = reduceExp(v, x);
  const result = v.op("i32x4.add", p, v.shift("i32x4.shl", bits, 23));
  const size = v.op("f32x4.abs", x);
  unlessAll(v, v.op("f32x4.le", size, v.splat(F, 87)), () => {
    v.fn.get(wideExp(v, x)).set(result);
  });
  return result;
}

/** Emits code for when a mask does not hold in every lane. */
function unlessAll(v: VectorCode, mask: Value, emit: () => void): void {
  v.fn.get(mask).simd("i32x4.bitmask").i32(15).op("i32.ne").if();
  emit();
  v.fn.end();
}

/** e to the power of anything; what {@linkcode exp} gives where that is right. */
function wideExp(v: VectorCode, x: Value): Value {
  // pmin and pmax keep a NaN that is their first operand.
  const above = v.op("f32x4.pmin", x, v.splat(F, 89));
  const clamped = v.op("f32x4.pmax", above, v.splat(F, -104));
  const { p, bits } = reduceExp(v, clamped);
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

/** e to the power x up to about 20 either way, a little less exact. */
function shortExp(v: VectorCode, x: Value): Value {
  const magic = v.splat(F, MAGIC);
  const bits = v.madd(F, x, v.splat(F, Math.LOG2E), magic);
  const n = v.op("f32x4.sub", bits, magic);
  const f = v.madd(F, n, v.splat(F, -Math.LN2), x);
  const p = expOfRest(v, f);
  return v.op("i32x4.add", p, v.shift("i32x4.shl", bits, 23));
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
  const e = shortExp(v, twice);
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

/** Natural logarithm. */
function log(v: VectorCode, x: Value): Value {
  const infinity = v.splat(F, Infinity);
  const least = v.splat(F, 2 ** -126);
  const result = logOfNormal(v, x, 127);
  const usual = v.op(
    "v128.and",
    v.op("f32x4.ge", x, least),
    v.op("f32x4.lt", x, infinity),
  );
  unlessAll(v, usual, () => {
    const zero = v.splat(F, 0);
    const larger = v.op("f32x4.mul", x, v.splat(F, 2 ** 23));
    const subnormal = logOfNormal(v, larger, 150);
    const below = v.choose(v.op("f32x4.lt", x, zero), v.splat(F, NaN), x);
    const none = v.op("f32x4.eq", x, zero);
    const special = v.choose(none, v.splat(F, -Infinity), below);
    const isSubnormal = v.op(
      "v128.and",
      v.op("f32x4.gt", x, zero),
      v.op("f32x4.lt", x, least),
    );
    const other = v.choose(isSubnormal, subnormal, special);
    v.fn.get(v.choose(usual, result, other)).set(result);
  });
  return result;
}

/** Logarithm of `2**e * (1 + f)` with `1 + f` between √½ and √2; its exponent is `bias` too large. */
function logOfNormal(v: VectorCode, x: Value, bias: number): Value {
  const ROOT = 0x3f3504f3; // bits of √½
  const offset = v.splat("i32x4", 0x3f800000 - ROOT);
  const shifted = v.op("i32x4.add", x, offset);
  const biased = v.shift("i32x4.shr_s", shifted, 23);
  const exponent = v.op("i32x4.sub", biased, v.splat("i32x4", bias));
  const e = v.op("f32x4.convert_i32x4_s", exponent);
  const mantissa = v.op("v128.and", shifted, v.splat("i32x4", 0x7fffff));
  const m = v.op("i32x4.add", mantissa, v.splat("i32x4", ROOT));
  const f = v.op("f32x4.sub", m, v.splat(F, 1));
  const square = v.op("f32x4.mul", f, f);
  // (log(1 + f) - f + f**2 / 2) / f**3
  const p = v.polynomial(F, f, [
    0.333333311743,
    -0.249999969254,
    0.200007172131,
    -0.16667807133,
    0.142490072406,
    -0.124255233599,
    0.11685784721,
    -0.114812120585,
    0.0697251863388,
  ]);
  const cubed = v.op("f32x4.mul", v.op("f32x4.mul", square, f), p);
  const low = v.madd(F, e, v.splat(F, LN2_LOW), cubed);
  const part = v.madd(F, square, v.splat(F, -0.5), low);
  const sum = v.op("f32x4.add", f, part);
  return v.madd(F, e, v.splat(F, LN2_HIGH), sum);
}

/** The error function: an odd polynomial, then 1 - exp of a polynomial. */
function erf(v: VectorCode, x: Value): Value {
  const a = v.op("f32x4.abs", x);
  const square = v.op("f32x4.mul", a, a);
  const near = v.polynomial(F, square, [
    1.28379166e-1,
    -3.76125336e-1,
    1.12819925e-1,
    -2.67681349e-2,
    4.99119423e-3,
    -5.96761703e-4,
  ]);
  // pmin keeps a NaN that is its first operand; past 4 the result is 1.
  const t = v.op("f32x4.pmin", a, v.splat(F, 4));
  const p = v.polynomial(F, t, [
    1.28717512e-1,
    6.34846687e-1,
    1.06777877e-1,
    -2.42546219e-2,
    3.88396438e-3,
    -3.83197126e-4,
    1.7285347e-5,
  ]);
  const exponent = v.op("f32x4.neg", v.madd(F, p, t, t));
  const one = v.splat(F, 1);
  const far = v.op("f32x4.sub", one, shortExp(v, exponent));
  const isFar = v.op("f32x4.gt", a, v.splat(F, 0.927734375));
  return withSign(v, v.choose(isFar, far, v.madd(F, near, a, a)), x);
}

/** x to the power y; what is not plain is computed apart. */
function pow(v: VectorCode, x: Value, y: Value): Value {
  const infinity = v.splat(F, Infinity);
  const usual = v.op(
    "v128.and",
    v.op("f32x4.gt", x, v.splat(F, 0)),
    v.op(
      "v128.and",
      v.op("f32x4.lt", x, infinity),
      v.op("f32x4.lt", v.op("f32x4.abs", y), infinity),
    ),
  );
  const result = halves(double.powOfPositive)(v, x, y);
  unlessAll(v, usual, () => {
    const other = halves(double.pow)(v, x, y);
    v.fn.get(v.choose(usual, result, other)).set(result);
  });
  return result;
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

/**
 * Sine, or cosine a quarter turn later. Where products are added without
 * rounding in between, float32 is exact enough up to {@linkcode SHORT_ANGLE}.
 */
function sine(core: angles.AngleCore, turn: number): Core {
  const long = angle(core);
  return (v, x) => {
    if (!v.fuses) return long(v, x);
    const magic = v.splat(F, MAGIC);
    const quadrant = v.madd(F, x, v.splat(F, 2 / Math.PI), magic);
    const n = v.op("f32x4.sub", quadrant, magic);
    // π/2 in three parts.
    const high = v.madd(F, n, v.splat(F, -1.57079601), x);
    const middle = v.madd(F, n, v.splat(F, -3.13916473e-7), high);
    const rest = v.madd(F, n, v.splat(F, -5.39030253e-15), middle);
    const square = v.op("f32x4.mul", rest, rest);
    const p = v.polynomial(F, square, [
      -1.66666672e-1,
      8.33338592e-3,
      -1.98559923e-4,
      2.86567956e-6,
    ]);
    // Added to 0, the cube of -0 is 0 and leaves the sign to the last sum.
    const cube = v.madd(F, rest, square, v.splat(F, 0));
    const s = v.madd(F, p, cube, rest);
    const c = v.polynomial(F, square, [
      1,
      -0.5,
      4.16666567e-2,
      -1.38877297e-3,
      2.44677067e-5,
    ]);
    const turns = turn === 0
      ? quadrant
      : v.op("i32x4.add", quadrant, v.splat("i32x4", turn));
    const odd = v.op(
      "i32x4.ne",
      v.op("v128.and", turns, v.splat("i32x4", 1)),
      v.splat("i32x4", 0),
    );
    const half = v.op("v128.and", turns, v.splat("i32x4", 2));
    const sign = v.shift("i32x4.shl", half, 30);
    const result = v.op("v128.xor", v.choose(odd, c, s), sign);
    const size = v.op("f32x4.abs", x);
    const isShort = v.op("f32x4.le", size, v.splat(F, SHORT_ANGLE));
    unlessAll(v, isShort, () => {
      v.fn.get(v.choose(isShort, result, long(v, x))).set(result);
    });
    return result;
  };
}

/** Up to this angle float32 suffices for its reduction. */
const SHORT_ANGLE = 48000;

/** The functions, by name. */
export const FLOAT32_MATH: Builds = {
  exp,
  tanh,
  exp2: halves(double.exp2),
  expm1: halves(double.expm1),
  log,
  log2: halves((v, x) => double.log(v, x, 1, Math.LOG2E)),
  log10: halves((v, x) =>
    double.log(v, x, Math.LN2 / Math.LN10, 1 / Math.LN10)
  ),
  log1p: halves(double.log1p),
  sin: sine(angles.sin, 0),
  cos: sine(angles.cos, 1),
  tan: angle(angles.tan),
  asin: halves(angles.asin),
  acos: halves(angles.acos),
  atan: halves(angles.atan),
  sinh: halves(double.sinh),
  cosh: halves(double.cosh),
  asinh: halves(double.asinh),
  acosh: halves(double.acosh),
  atanh: halves(double.atanh),
  erf,
  erfc: halves(double.erfc),
  pow,
  hypot: halves(double.hypot),
};
