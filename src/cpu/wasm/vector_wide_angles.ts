// Trigonometric functions and their inverses, of float64 vectors, within a few
// units of the last place; ACCURACY.md says how many.

import type { Value, VectorCode } from "./vector_code.ts";
import {
  abs,
  add,
  D,
  div,
  k,
  mul,
  signOf,
  sub,
  withSign,
} from "./vector_double.ts";

/** π/2 and what it lacks. */
const QUARTER = Math.PI / 2;
const QUARTER_REST = 6.123233995736766e-17;

/** `atan(t)` up to √2 - 1, and `t - atan(t)` with its sign turned, apart. */
function atanSeries(v: VectorCode, t: Value): Value {
  const z = mul(v, t, t);
  const p = v.polynomial(D, z, [
    -0.3333333333333333,
    0.19999999999999804,
    -0.14285714285659779,
    0.11111111105150588,
    -0.09090908753259112,
    0.07692296368042296,
    -0.0666642476020052,
    0.05878927554473807,
    -0.05230443640686948,
    0.045515447340221615,
    -0.03456931506332609,
    0.016284375050043393,
  ]);
  return mul(v, mul(v, t, z), p);
}

/** Arc tangent of a magnitude, given as a quotient, whose second part may be 0. */
function atanOfQuotient(v: VectorCode, y: Value, x: Value): Value {
  const middle = v.op("f64x2.gt", y, mul(v, x, k(v, Math.SQRT2 - 1)));
  const far = v.op("f64x2.gt", y, mul(v, x, k(v, Math.SQRT2 + 1)));
  const near = v.choose(middle, sub(v, y, x), y);
  const top = v.choose(far, v.op("f64x2.neg", x), near);
  const bottom = v.choose(far, y, v.choose(middle, add(v, y, x), x));
  const pick = (whole: number): Value =>
    v.choose(
      far,
      k(v, whole),
      v.op("v128.and", middle, k(v, whole / 2)),
    );
  const t = div(v, top, bottom);
  const rest = add(v, pick(QUARTER_REST), atanSeries(v, t));
  return add(v, pick(QUARTER), add(v, t, rest));
}

/** Arc tangent. */
export function atan(v: VectorCode, x: Value): Value {
  return withSign(v, abs(v, atanOfQuotient(v, abs(v, x), k(v, 1))), x);
}

/** Angle of the point (x, y). */
export function atan2(v: VectorCode, y: Value, x: Value): Value {
  const a = abs(v, x);
  const b = abs(v, y);
  const infinity = k(v, Infinity);
  const least = v.op("f64x2.min", a, b);
  const most = v.op("f64x2.max", a, b);
  // The origin counts as (1, 0), and of two infinities each counts as 1.
  const origin = v.op("f64x2.eq", most, k(v, 0));
  const endless = v.op("f64x2.eq", least, infinity);
  const plain = v.op("v128.or", origin, endless);
  const bottom = v.choose(plain, k(v, 1), most);
  const top = v.choose(endless, k(v, 1), least);
  const swapped = v.op("f64x2.gt", b, a);
  const small = atanOfQuotient(v, div(v, top, bottom), k(v, 1));
  const steep = sub(v, k(v, QUARTER), sub(v, small, k(v, QUARTER_REST)));
  const acute = v.choose(swapped, steep, small);
  const left = v.op("i64x2.lt_s", x, v.i64x2(0n));
  const obtuse = sub(
    v,
    k(v, 2 * QUARTER),
    sub(v, acute, k(v, 2 * QUARTER_REST)),
  );
  return withSign(v, abs(v, v.choose(left, obtuse, acute)), y);
}

/** `asin(√z) / √z - 1` for z up to 1/4, as in fdlibm. */
function asinSeries(v: VectorCode, z: Value): Value {
  const p = v.polynomial(D, z, [
    1.66666666666666657415e-01,
    -3.25565818622400915405e-01,
    2.01212532134862925881e-01,
    -4.00555345006794114027e-02,
    7.91534994289814532176e-04,
    3.47933107596021167570e-05,
  ]);
  const q = v.polynomial(D, z, [
    1,
    -2.40339491173441421878e+00,
    2.02094576023350569471e+00,
    -6.88283971605453293030e-01,
    7.70381505559019352791e-02,
  ]);
  return div(v, mul(v, z, p), q);
}

/** The arc sine of a magnitude up to 1/2, or of √((1 - a) / 2) past it, as root and correction. */
function asinParts(
  v: VectorCode,
  x: Value,
): { root: Value; more: Value; far: Value } {
  const a = abs(v, x);
  const far = v.op("f64x2.gt", a, k(v, 0.5));
  const rest = mul(v, sub(v, k(v, 1), a), k(v, 0.5));
  const z = v.choose(far, rest, mul(v, a, a));
  const root = v.choose(far, v.op("f64x2.sqrt", rest), a);
  return { root, more: mul(v, root, asinSeries(v, z)), far };
}

/** Arc sine. */
export function asin(v: VectorCode, x: Value): Value {
  const { root, more, far } = asinParts(v, x);
  const near = add(v, root, more);
  // π/2 - 2 * near, the small parts first.
  const small = sub(v, add(v, more, more), k(v, QUARTER_REST));
  const past = sub(v, sub(v, k(v, QUARTER), add(v, root, root)), small);
  return withSign(v, abs(v, v.choose(far, past, near)), x);
}

/** Arc cosine. */
export function acos(v: VectorCode, x: Value): Value {
  const { root, more, far } = asinParts(v, x);
  const negative = v.op("f64x2.lt", x, k(v, 0));
  const near = add(v, root, more);
  const twice = add(v, near, near);
  const back = sub(
    v,
    k(v, 2 * QUARTER),
    sub(v, twice, k(v, 2 * QUARTER_REST)),
  );
  const past = v.choose(negative, back, twice);
  const sign = signOf(v, x);
  const small = sub(
    v,
    k(v, QUARTER_REST),
    v.op("v128.xor", more, sign),
  );
  const signed = v.op("v128.xor", root, sign);
  const mid = sub(v, k(v, QUARTER), sub(v, signed, small));
  return v.choose(far, past, mid);
}
