// Sine, cosine and tangent of float64 vectors, of angles of any size, within a
// few units of the last place; ACCURACY.md says how many.

import { CONSTANTS, MEMORY } from "../memory.ts";
import { I32, V128 } from "./emitter.ts";
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
} from "./vector_double.ts";
import { unlessAll } from "./vector_single.ts";
import { type Angle, isOdd } from "./vector_trigonometry.ts";

/** Up to this size quarter turns times the first part of π/2 are exact. */
const LARGE_ANGLE = 1e6;
/** π/2 in three parts; the first two have 33 bits. */
const QUARTER = [
  1.5707963267341256,
  6.077100506303966e-11,
  2.0222662487959506e-21,
] as const;

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
  16666979,
  11263675,
  12935607,
  2387514,
  4345298,
  14681673,
  3074569,
  13734428,
  16653803,
  1880361,
  10960616,
  8533493,
  3062596,
  8710556,
  7349940,
  6258241,
  3772886,
  3769171,
  3798172,
  8675211,
  12450088,
  3874808,
  9961438,
  366607,
  15675153,
  9132554,
  7151469,
  3571407,
  2607881,
  12013382,
  4155038,
  6285869,
  7677882,
  13102053,
  15825725,
  473591,
  9065106,
  15363067,
  6271263,
  9264392,
];

/** Angles are made smaller by so many bits and the pieces larger, because the last ones would be subnormal. */
const SCALE_BITS = 512;
/** Where the pieces lie, each as the number it stands for. */
const TABLE = CONSTANTS;
if (MEMORY !== null) {
  new Float64Array(MEMORY.buffer, TABLE, TURNS.length)
    .set(TURNS.map((piece, j) => piece * 2 ** (SCALE_BITS - 24 * (j + 1))));
}

/** Puts a value into a variable. */
function assign(v: VectorCode, variable: Value, value: Value): void {
  v.fn.get(value).set(variable);
}

/**
 * Reduces angles of any size. Half of a double times a piece of 2/π is exact,
 * and so is its remainder by a whole turn; the remainders' sum is kept in two
 * parts, so that it is exact enough where it is nearly 0.
 */
function reduceLarge(v: VectorCode, x: Value): Angle {
  const { fn } = v;
  const small = mul(v, x, k(v, 2 ** -SCALE_BITS));
  const high = v.op("v128.and", small, v.i64x2(-1n << 27n));
  const low = sub(v, small, high);
  const [turns, lost, whole] = [0, 0, 0].map((zero) => {
    const variable = v.fn.local(V128);
    assign(v, variable, k(v, zero));
    return variable;
  }) as [Value, Value, Value];
  const at = fn.local(I32);
  fn.i32(TABLE).set(at).loop();
  fn.get(at).memory("v128.load64_splat");
  const piece = v.keep();
  for (const part of [high, low]) {
    const product = mul(v, part, piece);
    const full = v.op("f64x2.nearest", mul(v, product, k(v, 0.25)));
    const left = sub(v, product, mul(v, full, k(v, 4)));
    // The sum, and what rounding takes from it.
    const sum = add(v, turns, left);
    const back = sub(v, sum, turns);
    const error = add(
      v,
      sub(v, turns, sub(v, sum, back)),
      sub(v, left, back),
    );
    const n = v.op("f64x2.nearest", sum);
    assign(v, lost, add(v, lost, error));
    assign(v, turns, sub(v, sum, n));
    assign(v, whole, add(v, whole, n));
  }
  fn.get(at).i32(8).op("i32.add").tee(at);
  fn.i32(TABLE + 8 * TURNS.length).op("i32.lt_u").brIf(0).end();
  const rest = add(v, turns, lost);
  return {
    quadrant: add(v, whole, k(v, MAGIC)),
    rest: mul(v, rest, k(v, Math.PI / 2)),
  };
}

/** Reduces angles; `quadrant` and `rest` are variables. */
function reduce(v: VectorCode, x: Value): Angle {
  const quadrant = v.madd(D, x, k(v, 2 / Math.PI), k(v, MAGIC));
  const n = sub(v, quadrant, k(v, MAGIC));
  let rest = x;
  for (const part of QUARTER) rest = v.madd(D, n, k(v, -part), rest);
  const usual = v.op("f64x2.le", abs(v, x), k(v, LARGE_ANGLE));
  unlessAll(v, usual, () => {
    const exact = reduceLarge(v, x);
    assign(v, quadrant, v.choose(usual, quadrant, exact.quadrant));
    assign(v, rest, v.choose(usual, rest, exact.rest));
  });
  return { quadrant, rest };
}

function sinOfRest(v: VectorCode, rest: Value, square: Value): Value {
  const p = v.polynomial(D, square, [
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
  ]);
  // Added to 0, the cube of -0 is 0 and leaves the sign to the last sum.
  const cube = v.madd(D, rest, square, k(v, 0));
  return v.madd(D, p, cube, rest);
}

function cosOfRest(v: VectorCode, square: Value): Value {
  const p = v.polynomial(D, square, [
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
  ]);
  const half = mul(v, square, k(v, 0.5));
  const most = sub(v, k(v, 1), half);
  const lost = sub(v, sub(v, k(v, 1), most), half);
  return add(v, most, v.madd(D, mul(v, square, square), p, lost));
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
export function sin(v: VectorCode, x: Value): Value {
  const { rest, quadrant } = reduce(v, x);
  return sinFrom(v, rest, quadrant);
}

/** Cosine: the sine a quarter turn later. */
export function cos(v: VectorCode, x: Value): Value {
  const { rest, quadrant } = reduce(v, x);
  return sinFrom(v, rest, v.op("i64x2.add", quadrant, v.i64x2(1n)));
}

/** Tangent. */
export function tan(v: VectorCode, x: Value): Value {
  const { rest, quadrant } = reduce(v, x);
  const square = mul(v, rest, rest);
  const s = sinOfRest(v, rest, square);
  const c = cosOfRest(v, square);
  const odd = isOdd(v, quadrant);
  const ratio = div(v, v.choose(odd, c, s), v.choose(odd, s, c));
  return v.op("v128.xor", ratio, signOf(v, odd));
}
