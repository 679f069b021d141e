// Functions of float64 vectors that are exact enough to be rounded to float32:
// relative errors are below 1e-9. Arguments are float32 values or results of
// such functions, so that nothing here overflows or is subnormal.
// Polynomials are Chebyshev fits; see the intervals beside them.

import type { Value, VectorCode } from "./vector_code.ts";

const D = "f64x2";

function add(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.add", x, y);
}

function sub(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.sub", x, y);
}

function mul(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.mul", x, y);
}

function div(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.div", x, y);
}

function k(v: VectorCode, value: number): Value {
  return v.splat(D, value);
}

function abs(v: VectorCode, x: Value): Value {
  return v.op("f64x2.abs", x);
}

function signOf(v: VectorCode, x: Value): Value {
  return v.op("v128.and", x, v.i64x2(1n << 63n));
}

/** Gives `x`, which has no sign bit, that of `y`. */
function withSign(v: VectorCode, x: Value, y: Value): Value {
  return v.op("v128.or", x, signOf(v, y));
}

/** Adding it to a double leaves the nearest integer in the low bits. */
const MAGIC = 6755399441055744;

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

function exp(v: VectorCode, x: Value): Value {
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

/** Logarithm to a base, by what it is of 2 and of e. */
export function log(
  v: VectorCode,
  x: Value,
  ofTwo: number,
  ofE: number,
): Value {
  const { e, f } = split(v, x);
  const part = logOfPart(v, f);
  const scaled = ofE === 1 ? part : mul(v, part, k(v, ofE));
  return logSpecials(v, x, v.madd(D, e, k(v, ofTwo), scaled));
}

/** `log(1 + x)`. */
export function log1p(v: VectorCode, x: Value): Value {
  const general = log(v, add(v, x, k(v, 1)), Math.LN2, 1);
  const series = v.polynomial(D, x, [1, -0.5, 1 / 3, -0.25]);
  const small = v.op("f64x2.lt", abs(v, x), k(v, 2 ** -10));
  return v.choose(small, mul(v, x, series), general);
}

/** An angle as quarter turns and what is left, within ±π/4. */
export interface Angle {
  /** Quarter turns, an integer in the low bits. */
  readonly quadrant: Value;
  /** The rest. */
  readonly rest: Value;
}

/** A function of a reduced angle. */
export type AngleCore = (v: VectorCode, angle: Angle) => Value;

/** Up to this size quarter turns times the first part of π/2 are exact. */
export const LARGE_ANGLE = 65536;
/** π/2 in two parts; the first has 33 bits. */
const QUARTER_HIGH = 1.57079632673412561417;
const QUARTER_LOW = 6.07710050650619224932e-11;

/** Reduces angles up to {@linkcode LARGE_ANGLE}. */
export function reduceAngle(v: VectorCode, x: Value): Angle {
  const quadrant = v.madd(D, x, k(v, 2 / Math.PI), k(v, MAGIC));
  const n = sub(v, quadrant, k(v, MAGIC));
  const high = v.madd(D, n, k(v, -QUARTER_HIGH), x);
  return { quadrant, rest: v.madd(D, n, k(v, -QUARTER_LOW), high) };
}

/** 2/π in pieces of 24 bits. */
const TURNS = [
  10680707,
  7228996,
  1387004,
  2578385,
  16069853,
  12639074,
  9804092,
  4427841,
];

/**
 * Reduces angles of any size; `large` tells which ones need it. A float32 times a piece of 2/π is exact, and so
 * is its remainder by a whole turn; the pieces' remainders add up to the
 * number of quarter turns, with more than enough digits behind the point.
 */
export function reduceLargeAngle(
  v: VectorCode,
  x: Value,
): Angle & { readonly large: Value } {
  let turns = k(v, 0);
  let whole = k(v, 0);
  TURNS.forEach((piece, j) => {
    const product = mul(v, x, k(v, piece * 2 ** (-24 * (j + 1))));
    const full = v.op("f64x2.nearest", mul(v, product, k(v, 0.25)));
    const left = sub(v, product, mul(v, full, k(v, 4)));
    turns = add(v, turns, left);
    const n = v.op("f64x2.nearest", turns);
    turns = sub(v, turns, n);
    whole = add(v, whole, n);
  });
  return {
    // The others keep what they have: no lane may depend on its neighbours.
    large: v.op("f64x2.gt", abs(v, x), k(v, LARGE_ANGLE)),
    quadrant: add(v, whole, k(v, MAGIC)),
    rest: mul(v, turns, k(v, Math.PI / 2)),
  };
}

function sinOfRest(v: VectorCode, rest: Value, square: Value): Value {
  const p = v.polynomial(D, square, [
    0.9999999999956297,
    -0.1666666663131027,
    0.0083333287551713209,
    -0.00019839193964485498,
    2.717269367045458e-6,
  ]);
  return mul(v, rest, p);
}

function cosOfRest(v: VectorCode, square: Value): Value {
  return v.polynomial(D, square, [
    0.99999999999994374,
    -0.4999999999934461,
    0.041666666542928151,
    -0.0013888880342838476,
    2.4798918150084808e-5,
    -2.7172666562783096e-7,
  ]);
}

/** All bits where the number of quarter turns is odd. */
function isOdd(v: VectorCode, quadrant: Value): Value {
  const bit = v.op("v128.and", quadrant, v.i64x2(1n));
  return v.op("i64x2.sub", v.i64x2(0n), bit);
}

function sinFrom(v: VectorCode, rest: Value, quadrant: Value): Value {
  const square = mul(v, rest, rest);
  const value = v.choose(
    isOdd(v, quadrant),
    cosOfRest(v, square),
    sinOfRest(v, rest, square),
  );
  const half = v.op("v128.and", quadrant, v.i64x2(2n));
  return v.op("v128.xor", value, v.shift("i64x2.shl", half, 62));
}

/** Sine. */
export function sin(v: VectorCode, { rest, quadrant }: Angle): Value {
  return sinFrom(v, rest, quadrant);
}

/** Cosine: the sine a quarter turn later. */
export function cos(v: VectorCode, { rest, quadrant }: Angle): Value {
  return sinFrom(v, rest, v.op("i64x2.add", quadrant, v.i64x2(1n)));
}

/** Tangent. */
export function tan(v: VectorCode, { rest, quadrant }: Angle): Value {
  const square = mul(v, rest, rest);
  const s = sinOfRest(v, rest, square);
  const c = cosOfRest(v, square);
  const odd = isOdd(v, quadrant);
  const ratio = div(v, v.choose(odd, c, s), v.choose(odd, s, c));
  return v.op("v128.xor", ratio, signOf(v, odd));
}

/** Arc tangent: of the argument, of (a - 1) / (a + 1) or of -1 / a. */
export function atan(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const one = k(v, 1);
  const middle = v.op("f64x2.gt", a, k(v, Math.SQRT2 - 1));
  const far = v.op("f64x2.gt", a, k(v, Math.SQRT2 + 1));
  const top = v.choose(far, k(v, -1), v.choose(middle, sub(v, a, one), a));
  const bottom = v.choose(far, a, v.choose(middle, add(v, a, one), one));
  const start = v.choose(
    far,
    k(v, Math.PI / 2),
    v.op("v128.and", middle, k(v, Math.PI / 4)),
  );
  const t = div(v, top, bottom);
  const p = v.polynomial(D, mul(v, t, t), [
    0.99999999999924058,
    -0.3333333327665221,
    0.19999993025409861,
    -0.14285385466617799,
    0.11103437092731207,
    -0.089923688751381622,
    0.069733555969758357,
    -0.037640050899987151,
  ]);
  return withSign(v, abs(v, v.madd(D, t, p, start)), x);
}

/** `asin(√z) / √z` for z up to 1/4. */
function asinQuotient(v: VectorCode, z: Value): Value {
  return v.polynomial(D, z, [
    1,
    0.16666666666738632,
    0.074999999534297119,
    0.044642906474584963,
    0.030379945210024933,
    0.022412417726695433,
    0.016902683886393575,
    0.01686409027396012,
    0.0010675063150363118,
    0.028346745231833329,
  ]);
}

/** asin of the magnitude's near part: of itself, or of √((1 - a) / 2) past one half. */
function asinParts(
  v: VectorCode,
  x: Value,
): { near: Value; far: Value } {
  const a = abs(v, x);
  const far = v.op("f64x2.gt", a, k(v, 0.5));
  const rest = mul(v, sub(v, k(v, 1), a), k(v, 0.5));
  const z = v.choose(far, rest, mul(v, a, a));
  const root = v.choose(far, v.op("f64x2.sqrt", rest), a);
  return { near: mul(v, root, asinQuotient(v, z)), far };
}

/** Arc sine. */
export function asin(v: VectorCode, x: Value): Value {
  const { near, far } = asinParts(v, x);
  const past = sub(v, k(v, Math.PI / 2), add(v, near, near));
  return withSign(v, abs(v, v.choose(far, past, near)), x);
}

/** Arc cosine. */
export function acos(v: VectorCode, x: Value): Value {
  const { near, far } = asinParts(v, x);
  const negative = v.op("f64x2.lt", x, k(v, 0));
  const twice = add(v, near, near);
  const past = v.choose(negative, sub(v, k(v, Math.PI), twice), twice);
  const signed = v.op("v128.xor", near, signOf(v, x));
  return v.choose(far, past, sub(v, k(v, Math.PI / 2), signed));
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
