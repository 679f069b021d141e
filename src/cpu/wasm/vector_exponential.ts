// Exponentials, logarithms and what is made of them, of float64 vectors for
// float32 results; see vector_double.ts.

import type { Value, VectorCode } from "./vector_code.ts";
import {
  abs,
  add,
  D,
  div,
  k,
  MAGIC,
  mul,
  signOf,
  sub,
  withSign,
} from "./vector_double.ts";
import { unlessAll } from "./vector_single.ts";

/** expm1 in parts: `2**n` and `e**f - 1` for `x = n ln 2 + f`. */
function expParts(
  v: VectorCode,
  x: Value,
): { power: Value; part: Value } {
  // Past ±200 float32 holds 0 or infinity. A NaN as first operand stays.
  const above = v.op("f64x2.pmin", x, k(v, 200));
  const clamped = v.op("f64x2.pmax", above, k(v, -200));
  const bits = v.madd(D, clamped, k(v, Math.LOG2E), k(v, MAGIC));
  const n = sub(v, bits, k(v, MAGIC));
  const f = v.madd(D, n, k(v, -Math.LN2), clamped);
  return { power: powerOfTwo(v, bits), part: mul(v, f, expQuotient(v, f)) };
}

/** 2 to the power in the low bits of a sum with {@linkcode MAGIC}. */
function powerOfTwo(v: VectorCode, bits: Value): Value {
  return v.op("i64x2.add", v.shift("i64x2.shl", bits, 52), k(v, 1));
}

/** `(e**f - 1) / f` on ±ln(2)/2. */
function expQuotient(v: VectorCode, f: Value): Value {
  return v.polynomial(D, f, [
    1,
    0.50000000474013934,
    0.16666666719312481,
    0.041666351638444576,
    0.008333298344023092,
    0.0013941213100006334,
    0.00019899390183679231,
  ]);
}

/** e to the power x. */
export function exp(v: VectorCode, x: Value): Value {
  const { power, part } = expParts(v, x);
  return v.madd(D, power, part, power);
}

/** 2 to the power x. */
export function exp2(v: VectorCode, x: Value): Value {
  const above = v.op("f64x2.pmin", x, k(v, 300));
  const clamped = v.op("f64x2.pmax", above, k(v, -300));
  const bits = add(v, clamped, k(v, MAGIC));
  const rest = sub(v, clamped, sub(v, bits, k(v, MAGIC)));
  const f = mul(v, rest, k(v, Math.LN2));
  const power = powerOfTwo(v, bits);
  return v.madd(D, power, mul(v, f, expQuotient(v, f)), power);
}

/** `e**x - 1`; a zero loses its sign. */
function expm1Core(v: VectorCode, x: Value): Value {
  const { power, part } = expParts(v, x);
  return v.madd(D, power, part, sub(v, power, k(v, 1)));
}

/** `e**x - 1`. */
export function expm1(v: VectorCode, x: Value): Value {
  // The sign bit of the result is that of x throughout.
  return withSign(v, abs(v, expm1Core(v, x)), x);
}

/** A positive number as `2**e * (1 + f)` with `1 + f` between √½ and √2. */
function split(v: VectorCode, x: Value): { e: Value; f: Value } {
  const ROOT = 0x3fe6a09e00000000n; // bits of √½
  const ONE = 0x3ff0000000000000n;
  const shifted = v.op("i64x2.add", x, v.i64x2(ONE - ROOT));
  const biased = v.shift("i64x2.shr_u", shifted, 52);
  // An integer below 2**52 among the low bits of 2**52 makes their sum.
  const e = sub(
    v,
    v.op("v128.or", biased, k(v, 2 ** 52)),
    k(v, 2 ** 52 + 1023),
  );
  const mantissa = v.op("v128.and", shifted, v.i64x2((1n << 52n) - 1n));
  const m = v.op("i64x2.add", mantissa, v.i64x2(ROOT));
  return { e, f: sub(v, m, k(v, 1)) };
}

/** `log(1 + f)` by the series in `s = f / (2 + f)`, `s * s` up to 0.0295. */
function logOfPart(v: VectorCode, f: Value): Value {
  const s = div(v, f, add(v, f, k(v, 2)));
  const p = v.polynomial(D, mul(v, s, s), [
    2,
    0.66666666666667649,
    0.39999999999300491,
    0.28571428761060319,
    0.2222219701200196,
    0.18183634112308751,
    0.15312463029574149,
    0.148103912163146,
  ]);
  return mul(v, s, p);
}

/** Puts -inf for 0, NaN below and the argument itself for infinity and NaN. */
function logSpecials(v: VectorCode, x: Value, result: Value): Value {
  const zero = k(v, 0);
  const usual = v.op(
    "v128.and",
    v.op("f64x2.gt", x, zero),
    v.op("f64x2.lt", x, k(v, Infinity)),
  );
  const below = v.choose(v.op("f64x2.lt", x, zero), k(v, NaN), x);
  const none = v.op("f64x2.eq", x, zero);
  return v.choose(usual, result, v.choose(none, k(v, -Infinity), below));
}

/** Logarithm of a positive number to a base, by what it is of 2 and of e. */
function logOfPositive(
  v: VectorCode,
  x: Value,
  ofTwo: number,
  ofE: number,
): Value {
  const { e, f } = split(v, x);
  const part = logOfPart(v, f);
  const scaled = ofE === 1 ? part : mul(v, part, k(v, ofE));
  return v.madd(D, e, k(v, ofTwo), scaled);
}

/** Logarithm to a base, by what it is of 2 and of e. */
export function log(
  v: VectorCode,
  x: Value,
  ofTwo: number,
  ofE: number,
): Value {
  return logSpecials(v, x, logOfPositive(v, x, ofTwo, ofE));
}

/** `log(1 + x)`. */
export function log1p(v: VectorCode, x: Value): Value {
  const general = log(v, add(v, x, k(v, 1)), Math.LN2, 1);
  const series = v.polynomial(D, x, [1, -0.5, 1 / 3, -0.25]);
  const small = v.op("f64x2.lt", abs(v, x), k(v, 2 ** -10));
  return v.choose(small, mul(v, x, series), general);
}

/** Hyperbolic sine. */
export function sinh(v: VectorCode, x: Value): Value {
  const m = expm1Core(v, abs(v, x));
  const sum = add(v, m, div(v, m, add(v, m, k(v, 1))));
  return withSign(v, mul(v, sum, k(v, 0.5)), x);
}

/** Hyperbolic cosine. */
export function cosh(v: VectorCode, x: Value): Value {
  const e = exp(v, abs(v, x));
  return mul(v, add(v, e, div(v, k(v, 1), e)), k(v, 0.5));
}

/** Inverse hyperbolic sine. */
export function asinh(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const square = mul(v, a, a);
  const root = v.op("f64x2.sqrt", add(v, square, k(v, 1)));
  // Clamped, because ∞ / ∞ below would be NaN.
  const most = v.op("f64x2.pmin", square, k(v, 1e80));
  const more = div(v, most, add(v, root, k(v, 1)));
  return withSign(v, log1p(v, add(v, a, more)), x);
}

/** Inverse hyperbolic cosine; NaN below 1. */
export function acosh(v: VectorCode, x: Value): Value {
  const t = sub(v, x, k(v, 1));
  const root = v.op("f64x2.sqrt", mul(v, t, add(v, t, k(v, 2))));
  const value = log1p(v, add(v, t, root));
  return v.choose(v.op("f64x2.lt", t, k(v, 0)), k(v, NaN), value);
}

/** Inverse hyperbolic tangent; NaN past ±1. */
export function atanh(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const ratio = div(v, add(v, a, a), sub(v, k(v, 1), a));
  return withSign(v, mul(v, log1p(v, ratio), k(v, 0.5)), x);
}

/** erfc of a magnitude: `exp(-a * a)` times a fit in `(a - 4) / (a + 4)`, up to 11. */
function erfcOf(v: VectorCode, magnitude: Value): Value {
  const a = v.op("f64x2.pmin", magnitude, k(v, 11));
  const t = div(v, sub(v, a, k(v, 4)), add(v, a, k(v, 4)));
  const p = v.polynomial(D, t, [
    1.2329951186123242,
    -0.13962111734003577,
    0.015379654708632251,
    0.068097090714142375,
    -0.10103912858733073,
    0.0937320489571061,
    -0.066330243321506105,
    0.037174551624605027,
    -0.016191892259681911,
    0.0050063031909260986,
    -0.00080144786194080006,
    -0.00018322744820857852,
    0.00023654006014081024,
    4.2951629468975009e-5,
  ]);
  const tail = exp(v, v.op("f64x2.neg", mul(v, a, a)));
  return div(v, mul(v, tail, p), v.madd(D, a, k(v, 2), k(v, 1)));
}

/** The error function. */
export function erf(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const square = mul(v, a, a);
  const p = v.polynomial(D, square, [
    1.1283791670946767,
    -0.37612638889635307,
    0.11283791308604581,
    -0.026866133235095592,
    0.0052237834771892481,
    -0.00085426379970872296,
    0.0001195656256820733,
    -1.3909340021874599e-5,
    1.0589380641075019e-6,
  ]);
  const past = sub(v, k(v, 1), erfcOf(v, a));
  const small = v.op("f64x2.lt", a, k(v, 1));
  return withSign(v, abs(v, v.choose(small, mul(v, a, p), past)), x);
}

/** The complementary error function. */
export function erfc(v: VectorCode, x: Value): Value {
  const tail = erfcOf(v, abs(v, x));
  const negative = v.op("f64x2.lt", x, k(v, 0));
  return v.choose(negative, sub(v, k(v, 2), tail), tail);
}

/** x to the power y for positive finite x and finite y. */
export function powOfPositive(v: VectorCode, x: Value, y: Value): Value {
  return exp(v, mul(v, y, logOfPositive(v, x, Math.LN2, 1)));
}

/** x to the power y as C has it. */
export function pow(v: VectorCode, x: Value, y: Value): Value {
  const one = k(v, 1);
  const a = abs(v, x);
  const value = exp(v, mul(v, y, log(v, a, Math.LN2, 1)));
  const whole = v.op("f64x2.eq", v.op("f64x2.floor", y), y);
  const half = mul(v, y, k(v, 0.5));
  const odd = v.op("f64x2.ne", v.op("f64x2.floor", half), half);
  const negates = v.op("v128.and", v.op("v128.and", whole, odd), signOf(v, x));
  const signed = v.op("v128.xor", value, negates);
  // Of finite negative numbers there are whole powers only.
  const root = v.op(
    "v128.and",
    v.op("f64x2.lt", x, k(v, 0)),
    v.op("f64x2.gt", x, k(v, -Infinity)),
  );
  const none = v.op("v128.andnot", root, whole);
  const real = v.choose(none, k(v, NaN), signed);
  const endless = v.op("f64x2.eq", abs(v, y), k(v, Infinity));
  const unit = v.op(
    "v128.or",
    v.op("f64x2.eq", x, one),
    v.op("v128.and", v.op("f64x2.eq", a, one), endless),
  );
  const zeroth = v.op("f64x2.eq", y, k(v, 0));
  return v.choose(v.op("v128.or", unit, zeroth), one, real);
}

/** sqrt(x * x + y * y); an infinity wins over NaN. */
export function hypot(v: VectorCode, x: Value, y: Value): Value {
  const a = abs(v, x);
  const b = abs(v, y);
  const root = v.op("f64x2.sqrt", v.madd(D, a, a, mul(v, b, b)));
  const infinity = k(v, Infinity);
  const endless = v.op(
    "v128.or",
    v.op("f64x2.eq", a, infinity),
    v.op("f64x2.eq", b, infinity),
  );
  return v.choose(endless, infinity, root);
}

function quotient(
  v: VectorCode,
  x: Value,
  top: readonly number[],
  bottom: readonly number[],
): Value {
  return div(v, v.polynomial(D, x, top), v.polynomial(D, x, bottom));
}

/** The inverse of erf, by the formulas of math_erf.ts. */
export function erfinv(v: VectorCode, x: Value): Value {
  const y = abs(v, x);
  const r = sub(v, k(v, 0.180625), mul(v, mul(v, x, x), k(v, 0.25)));
  const ratio = quotient(
    v,
    r,
    [
      3.3871328727963666080,
      1.3314166789178437745e2,
      1.9715909503065514427e3,
      1.3731693765509461125e4,
      4.5921953931549871457e4,
      6.7265770927008700853e4,
      3.3430575583588128105e4,
      2.5090809287301226727e3,
    ].map((c) => c * 0.35355339059327376220),
    [
      1,
      4.2313330701600911252e1,
      6.8718700749205790830e2,
      5.3941960214247511077e3,
      2.1213794301586595867e4,
      3.9307895800092710610e4,
      2.8729085735721942674e4,
      5.2264952788528545610e3,
    ],
  );
  const result = mul(v, y, ratio);
  const usual = v.op("f64x2.le", y, k(v, 0.85));
  unlessAll(v, usual, () => {
    const one = k(v, 1);
    const inside = v.op("f64x2.lt", y, one);
    const ends = v.op("f64x2.eq", y, one);
    const outside = v.choose(ends, k(v, Infinity), k(v, NaN));
    const tail = v.choose(inside, erfinvTail(v, sub(v, one, y)), outside);
    v.fn.get(v.choose(usual, result, tail)).set(result);
  });
  return withSign(v, abs(v, result), x);
}

/** erfinv of what is `left` below 1, which float32 has no less of than 2**-24. */
function erfinvTail(v: VectorCode, left: Value): Value {
  const logarithm = log(v, mul(v, left, k(v, 0.5)), Math.LN2, 1);
  const root = v.op("f64x2.sqrt", v.op("f64x2.neg", logarithm));
  const ratio = quotient(v, sub(v, root, k(v, 1.6)), [
    1.42343711074968357734,
    4.63033784615654529590,
    5.76949722146069140550,
    3.64784832476320460504,
    1.27045825245236838258,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
  ], [
    1,
    2.05319162663775882187,
    1.67638483018380384940,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
  ]);
  return mul(v, ratio, k(v, Math.SQRT1_2));
}
