// Polygamma functions of float64 vectors: of the orders 0 and 1 digamma and
// trigamma, above by Hurwitz's zeta function, as in math_gamma.ts. The order is
// the same in all lanes.

import { EULER_MACLAURIN } from "../gamma_series.ts";
import { I32, V128 } from "./emitter.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import { add, div, k, mul, sub } from "./vector_double.ts";
import { digamma, trigamma } from "./vector_wide_gamma.ts";

/** n!, infinite above 170. */
function factorial(v: VectorCode, n: Value): Value {
  const { fn } = v;
  const [factor, product] = [fn.local(V128), fn.local(V128)];
  const one = k(v, 1);
  const last = v.op("f64x2.min", n, k(v, 171));
  fn.get(one).set(factor).get(one).set(product);
  fn.block().loop();
  fn.get(v.op("f64x2.ge", factor, last)).simd("v128.any_true").brIf(1);
  fn.get(add(v, factor, one)).set(factor);
  fn.get(mul(v, product, factor)).set(product).br(0).end().end();
  return product;
}

/** x to the power in a variable of type i32, by squaring. */
function wholePower(v: VectorCode, x: Value, exponent: number): Value {
  const { fn } = v;
  const [base, product] = [fn.local(V128), fn.local(V128)];
  const left = fn.local(I32);
  fn.get(x).set(base).get(k(v, 1)).set(product).get(exponent).set(left).loop();
  fn.get(left).i32(1).op("i32.and").if();
  fn.get(mul(v, product, base)).set(product).end();
  fn.get(mul(v, base, base)).set(base);
  fn.get(left).i32(1).op("i32.shr_u").tee(left).brIf(0).end();
  return product;
}

/** The sum over k >= 0 of `(q + k)**-s` for s > 1 and q > 0, by Euler and Maclaurin's formula. */
function zetaOfPositive(v: VectorCode, s: Value, q: Value): Value {
  const { fn } = v;
  const one = k(v, 1);
  const zero = k(v, 0);
  const [a, sum, ended, active] = [0, 1, 2, 3].map(() => fn.local(V128)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const exponent = fn.local(I32);
  fn.get(sub(v, s, one)).simd("i32x4.trunc_sat_f64x2_s_zero").lane("i32x4", 0);
  fn.i32(1).op("i32.shr_u").set(exponent);
  const halfOrder = mul(v, sub(v, s, one), k(v, 0.5));
  const isOdd = v.op("f64x2.ne", v.op("f64x2.floor", halfOrder), halfOrder);
  const enough = v.op("f64x2.max", k(v, 10), add(v, s, k(v, 6)));
  fn.get(q).set(a).get(zero).set(sum).get(zero).set(ended);
  fn.loop();
  // By its half: the whole power may be infinite where its inverse is subnormal.
  const inverse = div(v, one, a);
  const half = div(v, one, wholePower(v, a, exponent));
  const more = v.choose(isOdd, inverse, one);
  const power = mul(v, mul(v, half, half), more);
  const term = div(v, power, a);
  const short = v.op("f64x2.lt", a, enough);
  fn.get(v.op("v128.andnot", short, ended)).set(active);
  fn.get(add(v, sum, v.op("v128.and", active, term))).set(sum);
  const small = v.op("f64x2.le", term, mul(v, sum, k(v, 1e-17)));
  const ends = v.op("v128.and", active, small);
  fn.get(v.op("v128.or", ended, ends)).set(ended);
  fn.get(add(v, a, v.op("v128.and", active, one))).set(a);
  fn.get(active).simd("v128.any_true").brIf(0).end();
  // The last power was that of the last a, or counts no more.
  const r = div(v, one, a);
  const w = mul(v, r, r);
  let p = zero;
  for (let j = EULER_MACLAURIN.length - 1; j >= 0; j--) {
    const odd = add(v, s, k(v, 2 * j + 1));
    const even = add(v, s, k(v, 2 * j + 2));
    const scaled = mul(v, mul(v, mul(v, p, odd), even), w);
    p = add(v, scaled, k(v, EULER_MACLAURIN[j]!));
  }
  const correction = add(v, mul(v, mul(v, s, r), p), k(v, 0.5));
  const rest = add(v, div(v, one, sub(v, s, one)), mul(v, r, correction));
  const none = v.op("v128.or", ended, v.op("f64x2.eq", power, zero));
  return add(v, sum, v.op("v128.andnot", mul(v, power, rest), none));
}

/** Hurwitz's zeta function of an integer s above 1. */
function zeta(v: VectorCode, s: Value, q: Value): Value {
  const { fn } = v;
  const one = k(v, 1);
  const zero = k(v, 0);
  const infinity = k(v, Infinity);
  const isLeft = v.op("f64x2.lt", q, zero);
  // Left of zero the terms below it are a finite piece of another such sum:
  // there are three, each of its own kind of argument.
  const near = sub(v, q, v.op("f64x2.nearest", q));
  const isUp = v.op("f64x2.gt", near, zero);
  const above = v.choose(isUp, near, add(v, one, near));
  // Right of zero these do not count; one is a short sum.
  const under = v.choose(isUp, sub(v, one, near), v.op("f64x2.neg", near));
  const below = v.choose(isLeft, under, one);
  const beyond = v.choose(isLeft, sub(v, one, q), one);
  const half = mul(v, s, k(v, 0.5));
  const isOdd = v.op("f64x2.ne", v.op("f64x2.floor", half), half);
  const flip = v.op("v128.and", isOdd, v.i64x2(1n << 63n));

  const [argument, result] = [fn.local(V128), fn.local(V128)];
  const pass = fn.local(I32);
  fn.get(v.choose(isLeft, above, q)).set(argument);
  fn.get(zero).set(result).i32(0).set(pass).loop();
  const value = zetaOfPositive(v, s, argument);
  const signed = v.op("v128.xor", value, flip);
  const counted = v.op("v128.and", isLeft, signed);
  fn.get(pass).op("i32.eqz").if();
  fn.get(value).set(result).get(below).set(argument).else();
  fn.get(pass).i32(1).op("i32.eq").if();
  fn.get(add(v, result, counted)).set(result).get(beyond).set(argument).else();
  fn.get(sub(v, result, counted)).set(result).end().end();
  fn.get(pass).i32(1).op("i32.add").tee(pass).i32(3).op("i32.lt_s");
  fn.get(isLeft).simd("v128.any_true").op("i32.and").brIf(0).end();

  const isPole = v.op(
    "v128.and",
    v.op("f64x2.le", q, zero),
    v.op("f64x2.eq", v.op("f64x2.floor", q), q),
  );
  const real = v.choose(isPole, infinity, result);
  const known = v.op("f64x2.lt", q, infinity);
  return v.choose(known, real, k(v, NaN));
}

/** The n-th derivative of digamma. */
export function polygamma(v: VectorCode, n: Value, x: Value): Value {
  const { fn } = v;
  const result = fn.local(V128);
  const is = (order: number): void => {
    fn.get(v.op("f64x2.eq", n, k(v, order))).simd("v128.any_true").if();
  };
  is(0);
  fn.get(digamma(v, x)).set(result).else();
  is(1);
  fn.get(trigamma(v, x)).set(result).else();
  const value = mul(v, factorial(v, n), zeta(v, add(v, n, k(v, 1)), x));
  const half = mul(v, n, k(v, 0.5));
  const isEven = v.op("f64x2.eq", v.op("f64x2.floor", half), half);
  const flip = v.op("v128.and", isEven, v.i64x2(1n << 63n));
  fn.get(v.op("v128.xor", value, flip)).set(result).end().end();
  return result;
}
