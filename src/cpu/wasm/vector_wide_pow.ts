// Powers of float64 vectors, as fdlibm has them: the logarithm to the base 2 in
// two parts, their product with the exponent in two parts, and 2 to that. Parts
// are cut to half of the digits, so that products of first parts are exact.

import type { Value, VectorCode } from "./vector_code.ts";
import { abs, add, D, div, k, MAGIC, mul, sub } from "./vector_double.ts";
import { unlessAll } from "./vector_single.ts";

/** The upper half of the digits. */
function cut(v: VectorCode, x: Value): Value {
  return v.op("v128.and", x, v.i64x2(-1n << 32n));
}

/** A number in two parts. */
interface Parts {
  readonly high: Value;
  readonly low: Value;
}

/** Logarithm to the base 2 of a positive normal number `2**-less * x`. */
function log2Parts(v: VectorCode, x: Value, less: Value): Parts {
  // Mantissas below √1.5 are compared with 1, those up to √3 with 1.5, others
  // are halved.
  const mantissa = v.op("v128.and", x, v.i64x2((1n << 52n) - 1n));
  const overRoot = v.op(
    "i64x2.gt_s",
    mantissa,
    v.i64x2(0x3988effffffffn),
  );
  const overSecond = v.op(
    "i64x2.gt_s",
    mantissa,
    v.i64x2(0xbb679ffffffffn),
  );
  const isUpper = v.op("v128.andnot", overRoot, overSecond);
  const one = v.op("v128.or", mantissa, k(v, 1));
  const a = v.choose(overSecond, mul(v, one, k(v, 0.5)), one);
  const biased = v.shift("i64x2.shr_u", x, 52);
  const whole = v.op("v128.or", biased, k(v, 2 ** 52));
  const up = v.op("v128.and", overSecond, k(v, 1));
  const bias = add(v, less, k(v, 2 ** 52 + 1023));
  const n = add(v, sub(v, whole, bias), up);
  const base = v.choose(isUpper, k(v, 1.5), k(v, 1));

  const top = sub(v, a, base);
  const sum = add(v, a, base);
  const inverse = div(v, k(v, 1), sum);
  const s = mul(v, top, inverse);
  const sHigh = cut(v, s);
  const sumHigh = cut(v, sum);
  const sumLow = sub(v, a, sub(v, sumHigh, base));
  const missing = sub(
    v,
    sub(v, top, mul(v, sHigh, sumHigh)),
    mul(v, sHigh, sumLow),
  );
  const sLow = mul(v, inverse, missing);
  const square = mul(v, s, s);
  const series = v.polynomial(D, square, [
    5.99999999999994648725e-01,
    4.28571428578550184252e-01,
    3.33333329818377432918e-01,
    2.72728123808534006489e-01,
    2.30660745775561754067e-01,
    2.06975017800338417784e-01,
  ]);
  const r = add(
    v,
    mul(v, mul(v, square, square), series),
    mul(v, sLow, add(v, sHigh, s)),
  );
  const squareHigh = mul(v, sHigh, sHigh);
  const factor = cut(v, add(v, add(v, squareHigh, k(v, 3)), r));
  const factorLow = sub(v, r, sub(v, sub(v, factor, k(v, 3)), squareHigh));
  const u = mul(v, sHigh, factor);
  const w = add(v, mul(v, sLow, factor), mul(v, factorLow, s));
  const pHigh = cut(v, add(v, u, w));
  const pLow = sub(v, w, sub(v, pHigh, u));
  // Times 2 / (3 ln 2), in two parts.
  const zHigh = mul(v, pHigh, k(v, 9.61796700954437255859e-01));
  const ofBase = v.op("v128.and", isUpper, k(v, 1.35003920212974897128e-08));
  const zLow = add(
    v,
    add(
      v,
      mul(v, pHigh, k(v, -7.02846165095275826516e-09)),
      mul(v, pLow, k(v, 9.61796693925975554329e-01)),
    ),
    ofBase,
  );
  const baseHigh = v.op("v128.and", isUpper, k(v, 5.84962487220764160156e-01));
  const all = add(v, add(v, add(v, zHigh, zLow), baseHigh), n);
  const high = cut(v, all);
  const low = sub(
    v,
    zLow,
    sub(v, sub(v, sub(v, high, n), baseHigh), zHigh),
  );
  return { high, low };
}

/** 2 to a power in two parts. */
function exp2Parts(v: VectorCode, high: Value, low: Value): Value {
  // Past these the result is 0 or infinity.
  const top = v.op("f64x2.pmin", high, k(v, 1100));
  const within = v.op("f64x2.pmax", top, k(v, -1200));
  // Of others it is below 1/100.
  low = v.op("f64x2.pmax", v.op("f64x2.pmin", low, k(v, 1)), k(v, -1));
  const bits = add(v, add(v, within, low), k(v, MAGIC));
  const n = sub(v, bits, k(v, MAGIC));
  const rest = sub(v, within, n);
  const t = cut(v, add(v, rest, low));
  const u = mul(v, t, k(v, 6.93147182464599609375e-01));
  const w = add(
    v,
    mul(v, sub(v, low, sub(v, t, rest)), k(v, Math.LN2)),
    mul(v, t, k(v, -1.90465429995776804525e-09)),
  );
  const z = add(v, u, w);
  const lost = sub(v, w, sub(v, z, u));
  const square = mul(v, z, z);
  const p = v.polynomial(D, square, [
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
  ]);
  const bend = sub(v, z, mul(v, square, p));
  const quotient = div(v, mul(v, z, bend), sub(v, bend, k(v, 2)));
  const more = sub(v, quotient, v.madd(D, z, lost, lost));
  const power = sub(v, k(v, 1), sub(v, more, z));
  // In two steps: 2**n alone may be no double.
  const half = v.op("f64x2.floor", mul(v, n, k(v, 0.5)));
  const others = sub(v, n, half);
  return mul(v, mul(v, power, powerOfTwo(v, half)), powerOfTwo(v, others));
}

function powerOfTwo(v: VectorCode, n: Value): Value {
  const bits = v.shift("i64x2.shl", add(v, n, k(v, MAGIC)), 52);
  return v.op("i64x2.add", bits, k(v, 1));
}

/** Positive, finite and normal to any power. */
function powOfNormal(
  v: VectorCode,
  x: Value,
  y: Value,
  less: Value,
): Value {
  const log = log2Parts(v, x, less);
  const yHigh = cut(v, y);
  const low = add(
    v,
    mul(v, sub(v, y, yHigh), log.high),
    mul(v, y, log.low),
  );
  return exp2Parts(v, mul(v, yHigh, log.high), low);
}

/** x to the power y as C has it. */
export function pow(v: VectorCode, x: Value, y: Value): Value {
  const zero = k(v, 0);
  const least = k(v, 2 ** -1022);
  const infinity = k(v, Infinity);
  const result = powOfNormal(v, x, y, zero);
  const usual = v.op(
    "v128.and",
    v.op("f64x2.ge", x, least),
    v.op(
      "v128.and",
      v.op("f64x2.lt", x, infinity),
      v.op("f64x2.lt", abs(v, y), k(v, 2 ** 70)),
    ),
  );
  unlessAll(v, usual, () => {
    v.fn.get(v.choose(usual, result, powOfAny(v, x, y))).set(result);
  });
  return result;
}

function powOfAny(v: VectorCode, x: Value, y: Value): Value {
  const one = k(v, 1);
  const zero = k(v, 0);
  const infinity = k(v, Infinity);
  const a = abs(v, x);
  const isSmall = v.op("f64x2.lt", a, k(v, 2 ** -1022));
  const larger = v.choose(isSmall, mul(v, a, k(v, 2 ** 54)), a);
  const less = v.op("v128.and", isSmall, k(v, 54));
  // No power beyond differs from that of infinity; a NaN stays.
  const top = v.op("f64x2.pmin", y, k(v, 2 ** 70));
  const exponent = v.op("f64x2.pmax", top, k(v, -(2 ** 70)));
  const finite = powOfNormal(v, larger, exponent, less);
  const falls = v.op("f64x2.lt", y, zero);
  const ofZero = v.op("v128.and", falls, infinity);
  const ofInfinity = v.op("v128.andnot", infinity, falls);
  const isZero = v.op("f64x2.eq", a, zero);
  const isEndless = v.op("f64x2.eq", a, infinity);
  const value = v.choose(
    isZero,
    ofZero,
    v.choose(isEndless, ofInfinity, finite),
  );
  const whole = v.op("f64x2.eq", v.op("f64x2.floor", y), y);
  const half = mul(v, y, k(v, 0.5));
  const odd = v.op("f64x2.ne", v.op("f64x2.floor", half), half);
  const sign = v.op("v128.and", x, v.i64x2(1n << 63n));
  const negates = v.op("v128.and", v.op("v128.and", whole, odd), sign);
  const signed = v.op("v128.xor", value, negates);
  // Of finite negative numbers there are whole powers only.
  const root = v.op(
    "v128.and",
    v.op("f64x2.lt", x, zero),
    v.op("v128.andnot", v.op("f64x2.gt", x, k(v, -Infinity)), whole),
  );
  const unknown = v.op(
    "v128.or",
    root,
    v.op("v128.or", v.op("f64x2.ne", x, x), v.op("f64x2.ne", y, y)),
  );
  const real = v.choose(unknown, k(v, NaN), signed);
  const endless = v.op("f64x2.eq", abs(v, y), infinity);
  const unit = v.op(
    "v128.or",
    v.op("f64x2.eq", x, one),
    v.op("v128.and", v.op("f64x2.eq", a, one), endless),
  );
  const zeroth = v.op("f64x2.eq", y, zero);
  return v.choose(v.op("v128.or", unit, zeroth), one, real);
}
