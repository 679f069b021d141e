// Integer functions that vectors lack: division by way of float64 or lane by
// lane, powers by squaring, shifts by a count per lane. A zero divisor is
// remembered as a failure, and its result is zero.

import { V128 } from "./emitter.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import type { Build, Builds } from "./vector_print.ts";

type Shape = "i32x4" | "i64x2";

const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

function zero(v: VectorCode): Value {
  return v.splat("i32x4", 0);
}

function one(v: VectorCode, type: Shape): Value {
  return type === "i32x4" ? v.splat("i32x4", 1) : v.i64x2(1n);
}

/** The same function of each pair of lanes. */
function lanewise(
  v: VectorCode,
  type: Shape,
  x: Value,
  y: Value,
  op:
    | "i64.div_s"
    | "i32.shl"
    | "i64.shl"
    | "i32.shr_s"
    | "i64.shr_s",
): Value {
  const { fn } = v;
  fn.get(x);
  for (let k = 0; k < (type === "i32x4" ? 4 : 2); k++) {
    fn.get(x).lane(type, k).get(y).lane(type, k).op(op).replaceLane(type, k);
  }
  return v.keep();
}

/** Quotients of int32 rounded to zero: float64 holds both sides exactly. */
function quotient32(v: VectorCode, x: Value, y: Value): Value {
  const halves = [[x, y], [high(v, x), high(v, y)]].map(([a, b]) => {
    const p = v.op("f64x2.convert_low_i32x4_s", a!);
    const q = v.op("f64x2.convert_low_i32x4_s", b!);
    return v.op("i32x4.trunc_sat_f64x2_s_zero", v.op("f64x2.div", p, q));
  }) as [Value, Value];
  return v.shuffle(halves[0], halves[1], LOW_HALVES);
}

function high(v: VectorCode, x: Value): Value {
  return v.shuffle(x, x, HIGH_HALF);
}

/** Quotients rounded to zero; zero where the divisor is. */
function quotient(v: VectorCode, type: Shape, x: Value, y: Value): Value {
  const isZero = v.op(`${type}.eq`, y, zero(v));
  v.fail(isZero);
  // The lowest number divided by -1 wraps around.
  const turns = v.op(`${type}.eq`, y, v.splat("i32x4", -1));
  const raw = type === "i32x4" ? quotient32(v, x, y) : lanewise(
    v,
    type,
    x,
    v.choose(v.op("v128.or", isZero, turns), one(v, type), y),
    "i64.div_s",
  );
  const out = v.choose(turns, v.op(`${type}.neg`, x), raw);
  return v.op("v128.andnot", out, isZero);
}

interface Division {
  readonly quotient: Value;
  readonly rest: Value;
  /** Set where quotient and rest must go one down to be rounded down. */
  readonly below: Value;
}

function divide(v: VectorCode, type: Shape, x: Value, y: Value): Division {
  const q = quotient(v, type, x, y);
  const rest = v.op(`${type}.sub`, x, v.op(`${type}.mul`, q, y));
  const differ = v.op(`${type}.lt_s`, v.op("v128.xor", rest, y), zero(v));
  const inexact = v.op(`${type}.ne`, rest, zero(v));
  const below = v.op("v128.and", differ, inexact);
  return { quotient: q, rest, below };
}

/** Powers by squaring; a negative exponent gives 0 unless the base is 1 or -1. */
function power(v: VectorCode, type: Shape, x: Value, n: Value): Value {
  const { fn } = v;
  const [out, base, left] = [fn.local(V128), fn.local(V128), fn.local(V128)];
  const unit = one(v, type);
  const negative = v.op(`${type}.lt_s`, n, zero(v));
  fn.get(unit).set(out).get(x).set(base);
  fn.get(v.op("v128.andnot", n, negative)).set(left);
  fn.block().loop().get(left).simd("v128.any_true").op("i32.eqz").brIf(1);
  const odd = v.op(`${type}.neg`, v.op("v128.and", left, unit));
  const next = v.choose(odd, v.op(`${type}.mul`, out, base), out);
  fn.get(next).set(out);
  fn.get(v.op(`${type}.mul`, base, base)).set(base);
  fn.get(v.shift(`${type}.shr_u`, left, 1)).set(left).br(0).end().end();
  const minus = v.splat("i32x4", -1);
  // 1 where the exponent is even, -1 where it is odd.
  const sign = v.op(
    "v128.or",
    v.op(`${type}.neg`, v.op("v128.and", n, unit)),
    unit,
  );
  const ofMinus = v.op("v128.and", v.op(`${type}.eq`, x, minus), sign);
  const ofOne = v.op("v128.and", v.op(`${type}.eq`, x, unit), unit);
  return v.choose(negative, v.op("v128.or", ofMinus, ofOne), out);
}

/** Where a shift's count is among the type's bits. */
function inRange(v: VectorCode, type: Shape, count: Value): Value {
  const outside = type === "i32x4" ? v.splat("i32x4", ~31) : v.i64x2(~63n);
  return v.op(`${type}.eq`, v.op("v128.and", count, outside), zero(v));
}

function shiftLeft(type: Shape): Build {
  return (v, x, count) => {
    const op = type === "i32x4" ? "i32.shl" : "i64.shl";
    const shifted = lanewise(v, type, x, count, op);
    return v.op("v128.and", shifted, inRange(v, type, count));
  };
}

function shiftRight(type: Shape): Build {
  return (v, x, count) => {
    const most = type === "i32x4" ? v.splat("i32x4", 31) : v.i64x2(63n);
    const clipped = v.choose(inRange(v, type, count), count, most);
    const op = type === "i32x4" ? "i32.shr_s" : "i64.shr_s";
    return lanewise(v, type, x, clipped, op);
  };
}

/** The functions that only integers have, or have in a way of their own. */
export function integerMath(type: Shape): Builds {
  return {
    truncDiv: (v, x, y) => quotient(v, type, x, y),
    floorDiv: (v, x, y) => {
      const { quotient: q, below } = divide(v, type, x, y);
      return v.op(`${type}.add`, q, below);
    },
    fmod: (v, x, y) => divide(v, type, x, y).rest,
    remainder: (v, x, y) => {
      const { rest, below } = divide(v, type, x, y);
      return v.op(`${type}.add`, rest, v.op("v128.and", below, y));
    },
    pow: (v, x, n) => power(v, type, x, n),
    shiftLeft: shiftLeft(type),
    shiftRight: shiftRight(type),
  };
}
