// Functions of float32 vectors that are computed in float32, with their usual
// arguments in mind; see vector_math.ts for the others and for the table.

import type { Value, VectorCode } from "./vector_code.ts";

/** The shape of the vectors. */
export const F = "f32x4";

/** Adding it to a small float leaves the nearest integer in the low bits. */
export const MAGIC = 12582912;
const BITS_OF_MAGIC = 0x4b400000;
/** ln 2 in two parts; products of the first with exponents are exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = 1.42860682030941723212e-6;

/** e to a power within ±ln(2)/2 as a polynomial. */
const EXP_TERMS = [
  1,
  1,
  0.4999999403953552,
  0.1666652113199234,
  0.04166825860738754,
  0.00836867094039917,
  0.0013821357861161232,
];

/** e to the power f, within ±ln(2)/2, times a power of two. */
function expOfRest(v: VectorCode, f: Value, scale = 1): Value {
  return v.polynomial(F, f, EXP_TERMS.map((c) => c * scale));
}

/** `x = n ln 2 + f`: f, and n + bias in the low bits. */
function splitExp(
  v: VectorCode,
  x: Value,
  bias: number,
): { f: Value; bits: Value } {
  const magic = v.splat(F, MAGIC + bias);
  const bits = v.madd(F, x, v.splat(F, Math.LOG2E), magic);
  const n = v.op("f32x4.sub", bits, magic);
  const high = v.madd(F, n, v.splat(F, -LN2_HIGH), x);
  return { f: v.madd(F, n, v.splat(F, -LN2_LOW), high), bits };
}

/** The polynomial of f times `2**-bias` in place of f. */
function reduceExp(
  v: VectorCode,
  x: Value,
  bias = 0,
): { p: Value; bits: Value } {
  const { f, bits } = splitExp(v, x, bias);
  return { p: expOfRest(v, f, 2 ** -bias), bits };
}

/** The integer in the low bits of a sum with {@linkcode MAGIC}; a NaN is far off. */
export function integerOf(v: VectorCode, bits: Value): Value {
  return v.op("v128.xor", bits, v.splat("i32x4", BITS_OF_MAGIC));
}

/** The magnitude. */
export function magnitude(v: VectorCode, x: Value): Value {
  return v.op("v128.and", x, v.splat("i32x4", 0x7fffffff));
}

/** e to the power x. */
export function exp(v: VectorCode, x: Value): Value {
  if (v.assumed !== null) {
    const { p, bits } = reduceExp(v, x, 64);
    v.assume(integerOf(v, bits), 127);
    return v.op("i32x4.add", p, v.shift("i32x4.shl", bits, 23));
  }
  const { p, bits } = reduceExp(v, x);
  const result = v.op("i32x4.add", p, v.shift("i32x4.shl", bits, 23));
  const size = magnitude(v, x);
  unlessAll(v, v.op("f32x4.le", size, v.splat(F, 87)), () => {
    v.fn.get(wideExp(v, x)).set(result);
  });
  return result;
}

/**
 * `1 + e**x`, what sigmoid divides by: 1 is added to the power of two, which is
 * exact up to 2**{@linkcode EXACT_SUM}, so that the sum is rounded once. What
 * it lost would show twice as large in quotients just below a power of two.
 */
export function onePlusExp(v: VectorCode, x: Value): Value {
  const bias = v.assumed === null ? 0 : 63 - EXACT_SUM;
  const { f, bits } = splitExp(v, x, bias);
  const exponent = v.shift("i32x4.shl", bits, 23);
  const power = v.op(
    "i32x4.add",
    exponent,
    v.splat("i32x4", (127 - bias) << 23),
  );
  const q = v.polynomial(F, f, EXP_TERMS.slice(1));
  const one = v.splat(F, 1);
  const sum = v.op("f32x4.add", power, one);
  const part = v.op("f32x4.mul", f, power);
  if (v.assumed !== null) {
    v.assume(integerOf(v, bits), 63);
    return v.madd(F, part, q, sum);
  }
  // Past that the power is added last.
  const isLarge = v.op("f32x4.gt", power, v.splat(F, 2 ** EXACT_SUM));
  const first = v.madd(F, part, q, v.choose(isLarge, one, sum));
  const last = v.op("v128.and", isLarge, power);
  const result = v.op("f32x4.add", first, last);
  const usual = v.op("f32x4.le", magnitude(v, x), v.splat(F, 87));
  unlessAll(v, usual, () => {
    const other = v.op("f32x4.add", wideExp(v, x), one);
    v.fn.get(v.choose(usual, result, other)).set(result);
  });
  return result;
}

/** Up to this power of two 1 is added to it without loss; 63 less is even, so that ties round as without a bias. */
const EXACT_SUM = 23;

/** Emits code for when a mask does not hold in every lane. */
export function unlessAll(v: VectorCode, mask: Value, emit: () => void): void {
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
 * tanh of `n ln 2 / 2 + g`. With t = tanh(g) and s = 2**n it is the quotient of
 * `s - 1 + (s + 1) t` and `s + 1 + (s - 1) t`, which is the former and 2 - 2t:
 * so their errors are the same. n is rounded down a little, because quotients
 * round best from 1/4 on.
 */
export function tanh(v: VectorCode, x: Value): Value {
  const a = magnitude(v, x);
  if (v.assumed === null) {
    // pmin keeps a NaN that is its first operand. The result is 1 long before.
    v.fn.get(v.op("f32x4.pmin", a, v.splat(F, 43))).set(a);
  }
  const magic = v.splat(F, MAGIC);
  const turns = v.madd(F, a, v.splat(F, 2 * Math.LOG2E), v.splat(F, -0.25));
  const bits = v.op("f32x4.add", turns, magic);
  if (v.assumed !== null) v.assume(integerOf(v, bits), 63);
  const n = v.op("f32x4.sub", bits, magic);
  const g = v.madd(F, n, v.splat(F, -Math.LN2 / 2), a);
  const square = v.op("f32x4.mul", g, g);
  const p = v.polynomial(F, square, [
    -0.3333321511745453,
    0.13322679698467255,
    -0.05122334137558937,
  ]);
  const t = v.madd(F, p, v.op("f32x4.mul", g, square), g);
  const s = powerOfTwo(v, bits);
  const one = v.splat(F, 1);
  const less = v.op("f32x4.sub", s, one);
  const top = v.madd(F, v.op("f32x4.add", s, one), t, less);
  const rest = v.madd(F, t, v.splat(F, -2), v.splat(F, 2));
  const bottom = v.op("f32x4.add", top, rest);
  return withSign(v, v.op("f32x4.div", top, bottom), x);
}

/** Natural logarithm. */
export function log(v: VectorCode, x: Value): Value {
  const infinity = v.splat(F, Infinity);
  const least = v.splat(F, 2 ** -126);
  const result = logOfNormal(v, x, 127);
  if (v.assumed !== null) {
    // Bits from those of the least normal number on, below those of infinity.
    const above = v.op("i32x4.sub", x, v.splat("i32x4", 0x800000));
    v.assume(above, 0x7effffff);
    return result;
  }
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
export function erf(v: VectorCode, x: Value): Value {
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
