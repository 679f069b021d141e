// Numbers of float64 vectors in two parts, whose products keep what a rounded
// product loses, so that powers are exact to the last place.

import { I32, V128 } from "./emitter.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import { add, D, mul, sub } from "./vector_double.ts";

/** A number as a sum of two; the second is what the first lost by rounding, or a little more. */
export interface Parts {
  readonly high: Value;
  readonly low: Value;
}

/** The upper half of the digits. */
function cut(v: VectorCode, x: Value): Value {
  return v.op("v128.and", x, v.i64x2(-1n << 32n));
}

/** The product of numbers in two parts, by Dekker's formula; that of low parts is left out. */
export function product(v: VectorCode, x: Parts, y: Parts): Parts {
  const high = mul(v, x.high, y.high);
  const [xTop, yTop] = [cut(v, x.high), cut(v, y.high)];
  const [xRest, yRest] = [sub(v, x.high, xTop), sub(v, y.high, yTop)];
  const first = sub(v, mul(v, xTop, yTop), high);
  const second = v.madd(D, xRest, yTop, v.madd(D, xTop, yRest, first));
  const lost = v.madd(D, xRest, yRest, second);
  const more = v.madd(D, x.low, y.high, lost);
  return { high, low: v.madd(D, x.high, y.low, more) };
}

/** The square likewise. */
export function square(v: VectorCode, x: Parts): Parts {
  const high = mul(v, x.high, x.high);
  const top = cut(v, x.high);
  const rest = sub(v, x.high, top);
  const first = sub(v, mul(v, top, top), high);
  const second = v.madd(D, add(v, top, top), rest, first);
  const lost = v.madd(D, rest, rest, second);
  return { high, low: v.madd(D, add(v, x.high, x.high), x.low, lost) };
}

/** Writes a number into the variables of another. */
export function store(v: VectorCode, to: Parts, from: Parts): void {
  v.fn.get(from.high).get(from.low).set(to.low).set(to.high);
}

/** x to a whole power of 1 or more, in a variable of type i32, by squaring. */
export function wholePower(v: VectorCode, x: Parts, exponent: number): Parts {
  const { fn } = v;
  const power: Parts = { high: fn.local(V128), low: fn.local(V128) };
  const bit = fn.local(I32);
  store(v, power, x);
  fn.i32(31).get(exponent).op("i32.clz").op("i32.sub").set(bit);
  fn.block().loop();
  fn.get(bit).op("i32.eqz").brIf(1);
  fn.get(bit).i32(1).op("i32.sub").set(bit);
  store(v, power, square(v, power));
  fn.get(exponent).get(bit).op("i32.shr_u").i32(1).op("i32.and").if();
  store(v, power, product(v, power, x));
  fn.end().br(0).end().end();
  return power;
}
