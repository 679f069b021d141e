// Trigonometric functions and their inverses, of float64 vectors for float32
// results; see vector_double.ts.

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
export function isOdd(v: VectorCode, quadrant: Value): Value {
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
