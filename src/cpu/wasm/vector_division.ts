// Remainders of float64 vectors and what is made of them, exact to the last
// bit; float32 ones are these, which float32 holds. A quotient below 2**25 times
// one half of the divisor's digits is a double, so that no step rounds.

import { V128 } from "./emitter.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import { abs, add, div, k, mul, signOf, sub } from "./vector_double.ts";
import { unlessAll } from "./vector_single.ts";

/** Quotients up to here are taken in one step. */
const MOST = 2 ** 25;
/** Magnitudes up to here are taken as they are. */
const LARGEST = 2 ** 1000;

/** `a - round(a / c) * c`, brought between 0 and c; the quotient is at most {@linkcode MOST}. */
function rest(v: VectorCode, a: Value, c: Value, quotient: Value): Value {
  const q = v.op("f64x2.nearest", quotient);
  const high = v.op("v128.and", c, v.i64x2(-1n << 26n));
  const low = sub(v, c, high);
  const near = sub(v, sub(v, a, mul(v, q, high)), mul(v, q, low));
  const below = v.op("f64x2.lt", near, k(v, 0));
  return add(v, near, v.op("v128.and", below, c));
}

/** What is left of a magnitude where quotients may be large or no numbers. */
function restOfAny(v: VectorCode, x: Value, b: Value): Value {
  const { fn } = v;
  const infinity = k(v, Infinity);
  const a = fn.local(V128);
  const valid = v.op(
    "v128.and",
    v.op("f64x2.lt", x, infinity),
    v.op("f64x2.gt", b, k(v, 0)),
  );
  fn.get(v.op("v128.and", x, valid)).set(a);
  fn.loop();
  // A multiple of the divisor by a power of two, near enough.
  const far = k(v, 2 ** 1000);
  const farther = v.op("f64x2.ge", div(v, a, b), far);
  const once = v.choose(farther, mul(v, b, far), b);
  const still = v.op("f64x2.ge", div(v, a, once), far);
  const twice = v.choose(still, mul(v, once, k(v, 2 ** 90)), once);
  const quotient = div(v, a, twice);
  const large = v.op("f64x2.ge", quotient, k(v, MOST));
  const exponent = v.op("v128.and", quotient, v.i64x2(0x7ffn << 52n));
  const power = v.op("i64x2.sub", exponent, v.i64x2(24n << 52n));
  const c = v.choose(large, mul(v, twice, power), twice);
  // Near the largest numbers the product in it would be infinite.
  const huge = v.op("f64x2.ge", a, k(v, LARGEST));
  const scale = v.choose(huge, k(v, 2 ** -60), k(v, 1));
  const scaled = rest(v, mul(v, a, scale), mul(v, c, scale), div(v, a, c));
  const next = div(v, scaled, scale);
  const active = v.op("v128.and", valid, v.op("f64x2.ge", a, b));
  fn.get(v.choose(active, next, a)).set(a);
  const more = v.op("v128.and", valid, v.op("f64x2.ge", a, b));
  fn.get(more).simd("v128.any_true").brIf(0).end();
  const numbers = v.op("v128.and", valid, v.op("f64x2.eq", b, b));
  return v.choose(numbers, a, k(v, NaN));
}

/** C's fmod: the remainder has the sign of x. */
export function fmod(v: VectorCode, x: Value, y: Value): Value {
  const [a, b] = [abs(v, x), abs(v, y)];
  const quotient = div(v, a, b);
  const result = rest(v, a, b, quotient);
  const usual = v.op(
    "v128.and",
    v.op("f64x2.lt", quotient, k(v, MOST)),
    v.op("f64x2.lt", v.op("f64x2.max", a, b), k(v, LARGEST)),
  );
  unlessAll(v, usual, () => {
    v.fn.get(v.choose(usual, result, restOfAny(v, a, b))).set(result);
  });
  return v.op("v128.or", result, signOf(v, x));
}

/** Where a remainder is on the other side of zero than the divisor. */
function isAcross(v: VectorCode, mod: Value, y: Value): Value {
  const zero = k(v, 0);
  const differ = v.op(
    "v128.xor",
    v.op("f64x2.lt", y, zero),
    v.op("f64x2.lt", mod, zero),
  );
  return v.op("v128.and", differ, v.op("f64x2.ne", mod, zero));
}

/** Python's modulo: the remainder has the sign of y. */
export function remainder(v: VectorCode, x: Value, y: Value): Value {
  const mod = fmod(v, x, y);
  return v.choose(isAcross(v, mod, y), add(v, mod, y), mod);
}

/** Python's floor division, as math_basic.ts has it. */
export function floorDiv(v: VectorCode, x: Value, y: Value): Value {
  const zero = k(v, 0);
  const one = k(v, 1);
  const plain = div(v, x, y);
  const mod = fmod(v, x, y);
  const exact = div(v, sub(v, x, mod), y);
  const down = v.op("v128.and", isAcross(v, mod, y), one);
  const quotient = sub(v, exact, down);
  const floor = v.op("f64x2.floor", quotient);
  const above = v.op("f64x2.gt", sub(v, quotient, floor), k(v, 0.5));
  const whole = add(v, floor, v.op("v128.and", above, one));
  const none = v.op("f64x2.eq", quotient, zero);
  const value = v.choose(none, signOf(v, plain), whole);
  return v.choose(v.op("f64x2.eq", y, zero), plain, value);
}
