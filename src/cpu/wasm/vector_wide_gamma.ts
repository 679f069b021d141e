// The gamma function's logarithm and derivatives of float64 vectors, by the
// formulas of math_gamma.ts; ACCURACY.md says how exact they are. All lanes go
// through the near fit; what lies far out or left of zero is computed apart.

import {
  DIGAMMA_FAR,
  DIGAMMA_NEAR_ROOT,
  DIGAMMA_NEAR_TWO,
  LGAMMA_NEAR,
  ROOT,
  ROOT_REST,
  STIRLING,
  STIRLING_CONSTANT,
  TRIGAMMA_FAR,
} from "../gamma_series.ts";
import { V128 } from "./emitter.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import { abs, add, D, div, k, mul, sub } from "./vector_double.ts";
import { unlessAll } from "./vector_single.ts";
import { log } from "./vector_wide.ts";

/** Emits code for when some lane is in a mask. */
function ifAny(v: VectorCode, mask: Value, emit: () => void): void {
  v.fn.get(mask).simd("v128.any_true").if();
  emit();
  v.fn.end();
}

/** A variable of its own with a value. */
export function variable(v: VectorCode, value: Value): Value {
  v.fn.get(value);
  return v.keep();
}

/** sin(πf) for |f| <= 1/2. */
function sinOfTurn(v: VectorCode, f: Value): Value {
  const p = v.polynomial(D, mul(v, f, f), [
    3.141592653589793,
    -5.167712780049969,
    2.5501640398773007,
    -0.5992645293189447,
    0.0821458865731029,
    -0.007370430505916944,
    0.0004662998161898394,
    -2.1903497074626018e-05,
    7.697826768224191e-07,
  ]);
  return mul(v, f, p);
}

/** What a number is off the nearest integer. */
function fractionOf(v: VectorCode, x: Value): Value {
  return sub(v, x, v.op("f64x2.nearest", x));
}

/** Counts lanes between 2.5 and `end` down below it, in turns for all that are left. */
function countDown(
  v: VectorCode,
  y: Value,
  end: number,
  turn: (active: Value) => void,
): void {
  const { fn } = v;
  const below = v.op("f64x2.lt", y, k(v, end));
  const isAbove = (): Value =>
    v.op("v128.and", below, v.op("f64x2.gt", y, k(v, 2.5)));
  const active = variable(v, isAbove());
  fn.block().loop().get(active).simd("v128.any_true").op("i32.eqz").brIf(1);
  fn.get(sub(v, y, v.op("v128.and", active, k(v, 1)))).set(y);
  turn(active);
  fn.get(isAbove()).set(active).br(0).end().end();
}

/** The logarithm of |gamma(x)|; `fit` is how exact it has to be near 1 and 2. */
export function lgamma(
  v: VectorCode,
  x: Value,
  fit: readonly number[] = LGAMMA_NEAR,
): Value {
  const { fn } = v;
  const one = k(v, 1);
  const isLeft = v.op("f64x2.le", x, k(v, -0.5));
  const p = v.choose(isLeft, abs(v, x), x);
  const y = variable(v, p);
  const product = variable(v, one);
  countDown(v, y, 8, (active) => {
    const next = mul(v, product, y);
    fn.get(v.choose(active, next, product)).set(product);
  });
  // gamma(y) divided by 1, by y - 1 or by (y - 1) (y - 2), or multiplied.
  const isLow = v.op("f64x2.lt", p, one);
  const isNegative = v.op("f64x2.lt", p, k(v, 0));
  const isFar = v.op("f64x2.ge", p, k(v, 8));
  const result = fn.local(V128);
  unlessAll(v, isFar, () => {
    const up = v.op("v128.and", isNegative, one);
    // y - 1 and y - 2: the factors of both zeros.
    const first = add(v, y, v.choose(isLow, up, k(v, -1)));
    const second = sub(v, first, one);
    const rest = v.longPolynomial(D, add(v, second, k(v, 0.25)), fit);
    fn.get(mul(v, mul(v, first, second), rest)).set(result);
  });
  const far = v.choose(isFar, p, product);
  const twice = v.op("f64x2.neg", mul(v, p, add(v, p, one)));
  const factor = v.choose(isNegative, twice, v.choose(isLow, p, far));
  const logarithm = log(v, factor);
  const minus = v.op("v128.and", isLow, v.i64x2(1n << 63n));
  fn.get(add(v, result, v.op("v128.xor", logarithm, minus))).set(result);
  ifAny(v, isFar, () => {
    const r = div(v, one, p);
    const series = v.polynomial(D, mul(v, r, r), STIRLING);
    const rest = v.madd(D, series, r, k(v, STIRLING_CONSTANT));
    // log(p) - 1 first: it cancels less than (p - 1/2) log(p) - p would.
    const most = sub(v, logarithm, one);
    const value = v.madd(D, sub(v, p, k(v, 0.5)), most, rest);
    fn.get(v.choose(isFar, value, result)).set(result);
  });
  ifAny(v, isLeft, () => {
    const f = fractionOf(v, x);
    const sine = abs(v, mul(v, x, sinOfTurn(v, f)));
    const reflected = sub(v, log(v, div(v, k(v, Math.PI), sine)), result);
    const isPole = v.op(
      "v128.or",
      v.op("f64x2.eq", f, k(v, 0)),
      v.op("f64x2.eq", p, k(v, Infinity)),
    );
    const value = v.choose(isPole, k(v, Infinity), reflected);
    fn.get(v.choose(isLeft, value, result)).set(result);
  });
  return result;
}

/** The derivative of {@linkcode lgamma}. */
export function digamma(v: VectorCode, x: Value): Value {
  const { fn } = v;
  const one = k(v, 1);
  const isLeft = v.op("f64x2.le", x, k(v, -0.5));
  const p = v.choose(isLeft, sub(v, one, x), x);
  const y = variable(v, p);
  const sum = variable(v, k(v, 0));
  countDown(v, y, 10, (active) => {
    const next = v.op("v128.and", active, div(v, one, y));
    fn.get(add(v, sum, next)).set(sum);
  });
  const isLow = v.op("f64x2.le", p, k(v, 1.2));
  const isSmall = v.op("f64x2.lt", p, k(v, 0.5));
  const less = v.choose(isLow, one, k(v, 2));
  const z = sub(v, y, v.op("v128.andnot", less, isSmall));
  const near = add(v, v.longPolynomial(D, z, DIGAMMA_NEAR_TWO), sum);
  const second = div(v, one, add(v, one, p));
  const once = sub(v, near, v.op("v128.and", second, isSmall));
  const first = div(v, one, p);
  const result = sub(v, once, v.op("v128.and", first, isLow));
  const isNearRoot = v.op(
    "v128.and",
    v.op("f64x2.gt", p, k(v, 1.2)),
    v.op("f64x2.le", p, k(v, 1.75)),
  );
  ifAny(v, isNearRoot, () => {
    const off = sub(v, sub(v, p, k(v, ROOT)), k(v, ROOT_REST));
    const value = mul(v, off, v.longPolynomial(D, off, DIGAMMA_NEAR_ROOT));
    fn.get(v.choose(isNearRoot, value, result)).set(result);
  });
  const isFar = v.op("f64x2.ge", p, k(v, 10));
  ifAny(v, isFar, () => {
    const w = mul(v, first, first);
    const series = v.polynomial(D, w, DIGAMMA_FAR);
    const rest = sub(v, mul(v, series, w), mul(v, first, k(v, 0.5)));
    const value = add(v, log(v, p), rest);
    fn.get(v.choose(isFar, value, result)).set(result);
  });
  ifAny(v, isLeft, () => {
    const f = fractionOf(v, x);
    const cosine = sinOfTurn(v, sub(v, k(v, 0.5), abs(v, f)));
    const slope = div(v, mul(v, cosine, k(v, Math.PI)), sinOfTurn(v, f));
    const isPole = v.op("f64x2.eq", f, k(v, 0));
    const value = v.choose(isPole, k(v, NaN), sub(v, result, slope));
    fn.get(v.choose(isLeft, value, result)).set(result);
  });
  return result;
}

/** The second derivative of {@linkcode lgamma}. */
export function trigamma(v: VectorCode, x: Value): Value {
  const { fn } = v;
  const one = k(v, 1);
  const isLeft = v.op("f64x2.lt", x, k(v, 0));
  const y = variable(v, v.choose(isLeft, sub(v, one, x), x));
  const first = variable(v, k(v, 0));
  const sum = variable(v, k(v, 0));
  const isNear = v.op("f64x2.lt", y, k(v, 10));
  ifAny(v, isNear, () => {
    // The largest term is added last.
    const largest = div(v, one, mul(v, y, y));
    fn.get(v.op("v128.and", isNear, largest)).set(first);
    fn.get(add(v, y, v.op("v128.and", isNear, one))).set(y);
    const active = variable(v, v.op("f64x2.lt", y, k(v, 10)));
    fn.block().loop().get(active).simd("v128.any_true").op("i32.eqz").brIf(1);
    const term = div(v, one, mul(v, y, y));
    fn.get(add(v, sum, v.op("v128.and", active, term))).set(sum);
    fn.get(add(v, y, v.op("v128.and", active, one))).set(y);
    fn.get(v.op("f64x2.lt", y, k(v, 10))).set(active).br(0).end().end();
  });
  const r = div(v, one, y);
  const w = mul(v, r, r);
  const series = v.madd(D, r, v.polynomial(D, w, TRIGAMMA_FAR), k(v, 0.5));
  const others = add(v, sum, v.madd(D, w, series, r));
  const result = add(v, first, others);
  ifAny(v, isLeft, () => {
    const ratio = div(v, k(v, Math.PI), sinOfTurn(v, fractionOf(v, x)));
    const value = sub(v, mul(v, ratio, ratio), result);
    fn.get(v.choose(isLeft, value, result)).set(result);
  });
  return result;
}
