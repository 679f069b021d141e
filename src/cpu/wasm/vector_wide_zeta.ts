// Polygamma functions of float64 vectors: of the orders 0 and 1 digamma and
// trigamma, above by Hurwitz's zeta function, as in math_gamma.ts. The order is
// the same in all lanes.

import { EULER_MACLAURIN } from "../gamma_series.ts";
import { I32, V128 } from "./emitter.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import { add, D, div, k, MAGIC, mul, sub } from "./vector_double.ts";
import { type Parts, product, store, wholePower } from "./vector_parts.ts";
import { digamma, trigamma, variable } from "./vector_wide_gamma.ts";

/** Zero in place of NaN. */
function unlessNaN(v: VectorCode, x: Value): Value {
  return v.op("v128.and", x, v.op("f64x2.eq", x, x));
}

/** The sum, or the first alone where that is NaN, as that of opposite infinities is. */
function corrected(v: VectorCode, x: Value, more: Value): Value {
  const sum = add(v, x, more);
  return v.choose(v.op("f64x2.eq", sum, sum), sum, x);
}

/**
 * What follows from an order n, which is the same in all lanes. Arguments are
 * counted in units of `unit`, so that no power of a usual one overflows, and
 * factorials above 100 are made smaller, or 1 where infinite, by what the result
 * is multiplied by at the end.
 */
interface Order {
  readonly n: Value;
  /** n as an i32. */
  readonly whole: number;
  readonly unit: Value;
  /** The binary logarithm of the unit. */
  readonly bits: Value;
  /** (n - 1)! times the unit to the power n. */
  readonly less: Value;
  /** n! times the unit to the power n + 1. */
  readonly full: Value;
  /** 1 / full. */
  readonly inverse: Value;
  /** What the result is to be multiplied by. */
  readonly scale: Value;
  /** Where the series begins to do. */
  readonly enough: Value;
  /** The terms of Euler and Maclaurin's series. */
  readonly series: readonly Value[];
}

/** (n - 1)! and n!, infinite from 171 on. */
function factorials(v: VectorCode, n: Value): [less: Value, full: Value] {
  const { fn } = v;
  const [factor, less] = [fn.local(V128), fn.local(V128)];
  const full: Parts = { high: fn.local(V128), low: fn.local(V128) };
  const one = k(v, 1);
  const zero = k(v, 0);
  const last = v.op("f64x2.min", n, k(v, 171));
  fn.get(one).set(factor).get(one).set(less);
  store(v, full, { high: one, low: zero });
  fn.block().loop();
  fn.get(v.op("f64x2.ge", factor, last)).simd("v128.any_true").brIf(1);
  fn.get(full.high).set(less).get(add(v, factor, one)).set(factor);
  const next = product(v, full, { high: factor, low: zero });
  // Rounded, so that what is left over does not grow.
  const high = add(v, next.high, unlessNaN(v, next.low));
  const low = unlessNaN(v, add(v, sub(v, next.high, high), next.low));
  store(v, full, { high, low });
  fn.br(0).end().end();
  return [less, full.high];
}

/** Emits what computes it, once for all vectors. */
function orderOf(v: VectorCode, n: Value): Order {
  const { fn } = v;
  const [known, unit, bits, less, full, inverse, scale, enough] = Array.from(
    { length: 8 },
    () => fn.local(V128),
  ) as [Value, Value, Value, Value, Value, Value, Value, Value];
  const series = EULER_MACLAURIN.map(() => fn.local(V128));
  const whole = fn.local(I32);
  const one = k(v, 1);
  fn.get(v.op("f64x2.ne", known, n)).simd("v128.any_true").if();
  fn.get(n).set(known);
  fn.get(n).simd("i32x4.trunc_sat_f64x2_s_zero").lane("i32x4", 0).set(whole);
  const next = add(v, n, one);
  // Past order 170 results are infinite, and only the first terms count.
  const isFinite = v.op("f64x2.le", n, k(v, 170));
  fn.get(v.op("v128.and", isFinite, k(v, -5))).set(bits);
  fn.get(powerOfTwo(v, bits)).set(unit);
  const isLow = v.op("f64x2.le", n, k(v, 100));
  const [before, factorial] = factorials(v, n);
  const shrink = v.choose(isLow, one, k(v, 2 ** -512));
  const back = div(v, one, shrink);
  fn.get(v.choose(isFinite, back, k(v, Infinity))).set(scale);
  const top = v.choose(isFinite, mul(v, factorial, shrink), one);
  fn.get(mul(v, top, powerOfTwo(v, mul(v, bits, next)))).set(full);
  const lead = v.choose(isFinite, mul(v, before, shrink), div(v, one, n));
  fn.get(mul(v, lead, powerOfTwo(v, mul(v, bits, n)))).set(less);
  fn.get(div(v, one, full)).set(inverse);
  const most = v.op("f64x2.min", add(v, n, k(v, 7)), k(v, 177));
  fn.get(mul(v, v.op("f64x2.max", k(v, 10), most), unit)).set(enough);
  const square = mul(v, unit, unit);
  let rising = mul(v, next, unit);
  EULER_MACLAURIN.forEach((c, j) => {
    fn.get(mul(v, rising, k(v, c))).set(series[j]!);
    const pair = mul(v, add(v, n, k(v, 2 * j + 2)), add(v, n, k(v, 2 * j + 3)));
    rising = mul(v, mul(v, rising, pair), square);
  });
  fn.end();
  return {
    ...{ n, whole, unit, bits, less, full },
    ...{ inverse, scale, enough, series },
  };
}

/** A sum of terms times powers of x. */
function sumOfPowers(v: VectorCode, x: Value, terms: readonly Value[]): Value {
  return terms.reduceRight((sum, term) => v.madd(D, sum, x, term));
}

/**
 * n! times the sum over k >= 0 of `(q + k)**-(n + 1)` for n > 1 and q > 0, less
 * the order's scale, by Euler and Maclaurin's formula. Powers, and what `q + k` loses, are kept in
 * two parts, and so is the sum, so that no error grows with the order.
 */
function zetaOfPositive(v: VectorCode, order: Order, q: Value): Value {
  const { fn } = v;
  const { n, whole, unit, less, full, inverse, enough } = order;
  const one = k(v, 1);
  const zero = k(v, 0);
  const [count, sum, rest, ended, active] = Array.from(
    { length: 5 },
    () => fn.local(V128),
  ) as [Value, Value, Value, Value, Value];
  for (const each of [count, sum, rest, ended]) fn.get(zero).set(each);
  const start = variable(v, mul(v, q, unit));
  fn.block().loop();
  const a = add(v, start, count);
  const part = sub(v, a, start);
  const lost = sub(v, start, sub(v, a, part));
  const low = add(v, lost, sub(v, count, part));
  const base = { high: a, low };
  const power = wholePower(v, base, whole);
  const short = v.op("f64x2.lt", a, enough);
  fn.get(v.op("v128.andnot", short, ended)).set(active);
  fn.get(active).simd("v128.any_true").op("i32.eqz").brIf(1);
  const next = product(v, power, base);
  const term = div(v, full, next.high);
  const counted = v.op("v128.and", active, term);
  const total = add(v, sum, counted);
  const error = mul(v, mul(v, mul(v, term, inverse), next.low), counted);
  const rounding = sub(v, counted, sub(v, total, sum));
  fn.get(add(v, rest, sub(v, rounding, error))).set(rest);
  fn.get(total).set(sum);
  const small = v.op("f64x2.le", term, mul(v, sum, k(v, 1e-17)));
  const ends = v.op("v128.and", active, small);
  fn.get(v.op("v128.or", ended, ends)).set(ended);
  fn.get(add(v, count, v.op("v128.and", active, unit))).set(count);
  fn.br(0).end().end();
  // The last power was that of the last a, or counts no more.
  const r = div(v, one, a);
  const series = sumOfPowers(v, mul(v, r, r), order.series);
  const correction = v.madd(D, r, series, k(v, 0.5));
  const second = mul(v, mul(v, full, r), correction);
  const top = add(v, less, second);
  const topLow = sub(v, second, sub(v, top, less));
  const tail = div(v, top, power.high);
  const off = sub(v, topLow, mul(v, tail, power.low));
  const tailLow = unlessNaN(v, div(v, off, power.high));
  const corrections = add(
    v,
    unlessNaN(v, rest),
    v.op("v128.andnot", tailLow, ended),
  );
  const others = add(v, v.op("v128.andnot", tail, ended), corrections);
  const result = variable(v, corrected(v, sum, others));

  // Where one term is all, its power may be no double, but its product is.
  const isNear = v.op("f64x2.lt", q, k(v, 2 ** -20));
  const isFar = v.op("f64x2.gt", q, k(v, 2 ** 60));
  const isEdge = v.op("v128.or", isNear, isFar);
  fn.get(isEdge).simd("v128.any_true").if();
  const bits = v.op("f64x2.floor", div(v, k(v, 200), n));
  const up = v.choose(isNear, bits, v.op("f64x2.neg", bits));
  const shifted = { high: mul(v, q, powerOfTwo(v, up)), low: zero };
  const nth = wholePower(v, shifted, whole);
  const above = product(v, nth, shifted);
  const bottom = v.choose(isNear, above.high, nth.high);
  const bottomLow = v.choose(isNear, above.low, nth.low);
  const quotient = div(v, v.choose(isNear, full, less), bottom);
  const excess = div(v, mul(v, quotient, bottomLow), bottom);
  const sure = corrected(v, quotient, v.op("f64x2.neg", excess));
  const times = v.choose(isNear, add(v, n, one), n);
  const exact = mul(v, sub(v, up, order.bits), times);
  // More only where the quotient is infinite.
  const turns = v.op("f64x2.min", exact, k(v, 1000));
  const value = mul(v, sure, powerOfTwo(v, turns));
  fn.get(v.choose(isEdge, value, result)).set(result).end();
  return result;
}

/** 2 to a whole power within those of normal numbers. */
function powerOfTwo(v: VectorCode, n: Value): Value {
  const bits = v.shift("i64x2.shl", add(v, n, k(v, MAGIC)), 52);
  return v.op("i64x2.add", bits, k(v, 1));
}

/** n! times Hurwitz's zeta function of n + 1 for an order above 1. */
function zeta(v: VectorCode, order: Order, q: Value): Value {
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
  const flip = v.op("v128.and", isEven(v, order.n), v.i64x2(1n << 63n));

  const [argument, result] = [fn.local(V128), fn.local(V128)];
  const pass = fn.local(I32);
  fn.get(v.choose(isLeft, above, q)).set(argument);
  fn.get(zero).set(result).i32(0).set(pass).loop();
  const value = zetaOfPositive(v, order, argument);
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
  const scaled = mul(v, result, order.scale);
  const real = v.choose(isPole, infinity, scaled);
  const known = v.op("f64x2.lt", q, infinity);
  return v.choose(known, real, k(v, NaN));
}

/** Whether an integer is even. */
function isEven(v: VectorCode, n: Value): Value {
  const half = mul(v, n, k(v, 0.5));
  return v.op("f64x2.eq", v.op("f64x2.floor", half), half);
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
  const value = zeta(v, orderOf(v, n), x);
  const flip = v.op("v128.and", isEven(v, n), v.i64x2(1n << 63n));
  fn.get(v.op("v128.xor", value, flip)).set(result).end().end();
  return result;
}
