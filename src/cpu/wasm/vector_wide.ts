// Exponentials, logarithms and hyperbolic functions of float64 vectors, within
// a few units of the last place; ACCURACY.md says how many. The logarithms
// follow fdlibm; what is not plain is computed apart.

import type { Value, VectorCode } from "./vector_code.ts";
import {
  abs,
  add,
  D,
  div,
  k,
  MAGIC,
  mul,
  sub,
  withSign,
} from "./vector_double.ts";
import { unlessAll } from "./vector_single.ts";

/** ln 2 in two parts; products of the first with exponents are exact. */
const LN2_HIGH = 6.93147180369123816490e-01;
const LN2_LOW = 1.90821492927058770002e-10;

/** Where a mask does not hold, `other` takes the place of `result`. */
function except(
  v: VectorCode,
  usual: Value,
  result: Value,
  other: () => Value,
): Value {
  unlessAll(v, usual, () => {
    v.fn.get(v.choose(usual, result, other())).set(result);
  });
  return result;
}

/** `x = n ln 2 + f`: `e**f - 1` and n in the low bits. */
function reduce(v: VectorCode, x: Value): { part: Value; bits: Value } {
  const bits = v.madd(D, x, k(v, Math.LOG2E), k(v, MAGIC));
  const n = sub(v, bits, k(v, MAGIC));
  const high = v.madd(D, n, k(v, -LN2_HIGH), x);
  const f = v.madd(D, n, k(v, -LN2_LOW), high);
  return { part: expm1OfRest(v, f), bits };
}

/** `e**f - 1` on ±ln(2)/2. */
function expm1OfRest(v: VectorCode, f: Value): Value {
  const q = v.polynomial(D, f, [
    0.5000000000000001,
    0.16666666666666669,
    0.041666666666623824,
    0.008333333333330039,
    0.0013888888917367081,
    0.00019841269863171557,
    2.4801521057868204e-5,
    2.7557268276905696e-6,
    2.7620201591031547e-7,
    2.5100472505694996e-8,
  ]);
  return v.madd(D, mul(v, f, f), q, f);
}

/** 2 to the power in the low bits. */
function powerOfTwo(v: VectorCode, bits: Value): Value {
  return v.op("i64x2.add", v.shift("i64x2.shl", bits, 52), k(v, 1));
}

/** Bounds what leads to 0 and to infinity; a NaN stays. */
function clamp(v: VectorCode, x: Value, low: number, high: number): Value {
  const above = v.op("f64x2.pmin", x, k(v, high));
  return v.op("f64x2.pmax", above, k(v, low));
}

/** `(1 + part) * 2**n`, n being in the low bits, in two steps: the power alone may be no double. */
function scaled(v: VectorCode, part: Value, bits: Value): Value {
  const n = sub(v, bits, k(v, MAGIC));
  const half = v.op("f64x2.floor", mul(v, n, k(v, 0.5)));
  const first = powerOfTwo(v, add(v, half, k(v, MAGIC)));
  const second = powerOfTwo(v, add(v, sub(v, n, half), k(v, MAGIC)));
  return mul(v, mul(v, add(v, part, k(v, 1)), first), second);
}

/** e to the power x. */
export function exp(v: VectorCode, x: Value): Value {
  const { part, bits } = reduce(v, x);
  const power = powerOfTwo(v, bits);
  const result = v.madd(D, power, part, power);
  const usual = v.op("f64x2.le", abs(v, x), k(v, 708));
  return except(v, usual, result, () => {
    const wide = reduce(v, clamp(v, x, -750, 720));
    return scaled(v, wide.part, wide.bits);
  });
}

/** 2 to the power x. */
export function exp2(v: VectorCode, x: Value): Value {
  const within = clamp(v, x, -1100, 1100);
  const bits = add(v, within, k(v, MAGIC));
  const rest = sub(v, within, sub(v, bits, k(v, MAGIC)));
  const part = expm1OfRest(v, mul(v, rest, k(v, Math.LN2)));
  const power = powerOfTwo(v, bits);
  const result = v.madd(D, power, part, power);
  const usual = v.op("f64x2.le", abs(v, x), k(v, 1021));
  return except(v, usual, result, () => scaled(v, part, bits));
}

/** `e**x - 1` up to about 700; a zero loses its sign. */
function expm1Core(v: VectorCode, x: Value): Value {
  const { part, bits } = reduce(v, x);
  const power = powerOfTwo(v, bits);
  return v.madd(D, power, part, sub(v, power, k(v, 1)));
}

/** `e**x - 1`. */
export function expm1(v: VectorCode, x: Value): Value {
  const low = v.op("f64x2.pmax", x, k(v, -60));
  const result = expm1Core(v, low);
  const usual = v.op("f64x2.le", x, k(v, 700));
  const all = except(v, usual, result, () => {
    const wide = reduce(v, clamp(v, x, 0, 720));
    return scaled(v, wide.part, wide.bits);
  });
  // The sign bit of the result is that of x throughout.
  return withSign(v, abs(v, all), x);
}

/** A positive normal number as `2**e * (1 + f)` with `1 + f` between √½ and √2. */
function split(v: VectorCode, x: Value): { e: Value; f: Value } {
  const ROOT = 0x3fe6a09e00000000n; // bits of √½
  const ONE = 0x3ff0000000000000n;
  const shifted = v.op("i64x2.add", x, v.i64x2(ONE - ROOT));
  const biased = v.shift("i64x2.shr_u", shifted, 52);
  // An integer below 2**52 among the low bits of 2**52 makes their sum.
  const whole = v.op("v128.or", biased, k(v, 2 ** 52));
  const mantissa = v.op("v128.and", shifted, v.i64x2((1n << 52n) - 1n));
  const m = v.op("i64x2.add", mantissa, v.i64x2(ROOT));
  return { e: sub(v, whole, k(v, 2 ** 52 + 1023)), f: sub(v, m, k(v, 1)) };
}

/** `f**2 / 2`, and what it leaves of `log(1 + f) - f` when it is taken away. */
function logParts(v: VectorCode, f: Value): { square: Value; rest: Value } {
  const s = div(v, f, add(v, f, k(v, 2)));
  const z = mul(v, s, s);
  const series = mul(
    v,
    z,
    v.polynomial(D, z, [
      6.666666666666735130e-01,
      3.999999999940941908e-01,
      2.857142874366239149e-01,
      2.222219843214978396e-01,
      1.818357216161805012e-01,
      1.531383769920937332e-01,
      1.479819860511658591e-01,
    ]),
  );
  const square = mul(v, mul(v, f, f), k(v, 0.5));
  return { square, rest: mul(v, s, add(v, square, series)) };
}

/** Logarithm of `2**e * (1 + f)` to some base. */
type LogEnd = (v: VectorCode, e: Value, f: Value) => Value;

/** To the base e; `more` belongs to f, where that is not exact. */
function natural(v: VectorCode, e: Value, f: Value, more?: Value): Value {
  const { square, rest } = logParts(v, f);
  const low = more === undefined
    ? mul(v, e, k(v, LN2_LOW))
    : v.madd(D, e, k(v, LN2_LOW), more);
  const small = sub(v, sub(v, square, add(v, rest, low)), f);
  return sub(v, mul(v, e, k(v, LN2_HIGH)), small);
}

/** `log(1 + f)`. */
function ofPart(v: VectorCode, f: Value): Value {
  const { square, rest } = logParts(v, f);
  return sub(v, f, sub(v, square, rest));
}

function logTo(v: VectorCode, x: Value, end: LogEnd): Value {
  const infinity = k(v, Infinity);
  const least = k(v, 2 ** -1022);
  const { e, f } = split(v, x);
  const result = end(v, e, f);
  const usual = v.op(
    "v128.and",
    v.op("f64x2.ge", x, least),
    v.op("f64x2.lt", x, infinity),
  );
  return except(v, usual, result, () => {
    const zero = k(v, 0);
    const parts = split(v, mul(v, x, k(v, 2 ** 54)));
    const subnormal = end(v, sub(v, parts.e, k(v, 54)), parts.f);
    const below = v.choose(v.op("f64x2.lt", x, zero), k(v, NaN), x);
    const none = v.op("f64x2.eq", x, zero);
    const special = v.choose(none, k(v, -Infinity), below);
    const isSubnormal = v.op(
      "v128.and",
      v.op("f64x2.gt", x, zero),
      v.op("f64x2.lt", x, least),
    );
    return v.choose(isSubnormal, subnormal, special);
  });
}

/** Natural logarithm. */
export function log(v: VectorCode, x: Value): Value {
  return logTo(v, x, natural);
}

/** Logarithm to the base 2; those of powers of two are exact. */
export function log2(v: VectorCode, x: Value): Value {
  const end: LogEnd = (v, e, f) => v.madd(D, ofPart(v, f), k(v, Math.LOG2E), e);
  return logTo(v, x, end);
}

/** Logarithm to the base 10. */
export function log10(v: VectorCode, x: Value): Value {
  return logTo(v, x, (v, e, f) => {
    const part = mul(v, ofPart(v, f), k(v, Math.LOG10E));
    const low = v.madd(D, e, k(v, 3.69423907715893078616e-13), part);
    return v.madd(D, e, k(v, 3.01029995663611771306e-01), low);
  });
}

/** `log(1 + x)`: what the sum loses is added to its logarithm. */
export function log1p(v: VectorCode, x: Value): Value {
  const one = k(v, 1);
  const u = add(v, x, one);
  const large = v.op("f64x2.gt", x, one);
  const lost = v.choose(
    large,
    sub(v, one, sub(v, u, x)),
    sub(v, x, sub(v, u, one)),
  );
  const { e, f } = split(v, u);
  const value = natural(v, e, f, div(v, lost, u));
  // The sign bit of the result is that of x throughout.
  const result = withSign(v, abs(v, value), x);
  const usual = v.op(
    "v128.and",
    v.op("f64x2.gt", x, k(v, -1)),
    v.op("f64x2.lt", x, k(v, Infinity)),
  );
  return except(v, usual, result, () => {
    const below = v.choose(v.op("f64x2.lt", x, k(v, -1)), k(v, NaN), x);
    return v.choose(v.op("f64x2.eq", x, k(v, -1)), k(v, -Infinity), below);
  });
}

/** Hyperbolic tangent: `m / (m + 2)` with `m = e**2a - 1`. */
export function tanh(v: VectorCode, x: Value): Value {
  const a = v.op("f64x2.pmin", abs(v, x), k(v, 22));
  const m = expm1Core(v, add(v, a, a));
  return withSign(v, abs(v, div(v, m, add(v, m, k(v, 2)))), x);
}

/** Past 700: `e**a / 2` from the square of its root. */
function halfOfLarge(v: VectorCode, a: Value): Value {
  const root = exp(v, mul(v, a, k(v, 0.5)));
  return mul(v, mul(v, root, k(v, 0.5)), root);
}

/** Hyperbolic sine. */
export function sinh(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const m = expm1Core(v, v.op("f64x2.pmin", a, k(v, 700)));
  const sum = add(v, m, div(v, m, add(v, m, k(v, 1))));
  const usual = v.op("f64x2.le", a, k(v, 700));
  const half = mul(v, sum, k(v, 0.5));
  const all = except(v, usual, half, () => halfOfLarge(v, a));
  return withSign(v, abs(v, all), x);
}

/** Hyperbolic cosine. */
export function cosh(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const { part, bits } = reduce(v, v.op("f64x2.pmin", a, k(v, 700)));
  const power = powerOfTwo(v, bits);
  const e = v.madd(D, power, part, power);
  const half = mul(v, add(v, e, div(v, k(v, 1), e)), k(v, 0.5));
  const usual = v.op("f64x2.le", a, k(v, 700));
  return except(v, usual, half, () => halfOfLarge(v, a));
}

/** Inverse hyperbolic sine. */
export function asinh(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const one = k(v, 1);
  const square = mul(v, a, a);
  const root = v.op("f64x2.sqrt", add(v, square, one));
  const value = log1p(v, add(v, a, div(v, square, add(v, root, one))));
  const usual = v.op("f64x2.lt", a, k(v, 2 ** 28));
  const all = except(v, usual, value, () => {
    return add(v, log(v, a), k(v, Math.LN2));
  });
  return withSign(v, all, x);
}

/** Inverse hyperbolic cosine; NaN below 1. */
export function acosh(v: VectorCode, x: Value): Value {
  const t = sub(v, x, k(v, 1));
  const root = v.op("f64x2.sqrt", mul(v, t, add(v, t, k(v, 2))));
  const value = log1p(v, add(v, t, root));
  const usual = v.op(
    "v128.and",
    v.op("f64x2.ge", t, k(v, 0)),
    v.op("f64x2.lt", t, k(v, 2 ** 28)),
  );
  return except(v, usual, value, () => {
    const far = add(v, log(v, x), k(v, Math.LN2));
    const large = v.op("f64x2.ge", t, k(v, 2 ** 28));
    return v.choose(large, far, k(v, NaN));
  });
}

/** Inverse hyperbolic tangent; NaN past ±1. */
export function atanh(v: VectorCode, x: Value): Value {
  const a = abs(v, x);
  const ratio = div(v, add(v, a, a), sub(v, k(v, 1), a));
  return withSign(v, mul(v, log1p(v, ratio), k(v, 0.5)), x);
}

/** √(x² + y²), by the quotient of both, so that nothing overflows early; an infinity wins over NaN. */
export function hypot(v: VectorCode, x: Value, y: Value): Value {
  const a = abs(v, x);
  const b = abs(v, y);
  const zero = k(v, 0);
  const infinity = k(v, Infinity);
  const most = v.op("f64x2.max", a, b);
  const ratio = div(v, v.op("f64x2.min", a, b), most);
  const root = v.op("f64x2.sqrt", v.madd(D, ratio, ratio, k(v, 1)));
  const none = v.op("f64x2.eq", most, zero);
  const value = v.choose(none, zero, mul(v, most, root));
  const endless = v.op(
    "v128.or",
    v.op("f64x2.eq", a, infinity),
    v.op("f64x2.eq", b, infinity),
  );
  return v.choose(endless, infinity, value);
}
