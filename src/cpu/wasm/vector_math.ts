// Functions of float32 vectors. The hottest are computed in float32; the
// others in float64, two lanes at a time, and rounded once: short polynomials
// then give results that are nearly always the correctly rounded ones.
// ACCURACY.md says how far each is off. Signs of zero and special values are
// those of PyTorch.

import type { Fn } from "../../tensor/expr.ts";
import { LGAMMA_NEAR_SHORT } from "../gamma_series.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import * as double from "./vector_exponential.ts";
import {
  erf,
  exp,
  F,
  integerOf,
  log,
  MAGIC,
  magnitude,
  tanh,
  unlessAll,
} from "./vector_single.ts";
import * as division from "./vector_division.ts";
import * as angles from "./vector_trigonometry.ts";
import type { Builds } from "./vector_print.ts";
import * as wide from "./vector_wide.ts";
import * as wideAngles from "./vector_wide_angles.ts";
import { polygamma } from "./vector_wide_zeta.ts";
import * as wideErf from "./vector_wide_erf.ts";
import { digamma, lgamma } from "./vector_wide_gamma.ts";
import { pow as widePow } from "./vector_wide_pow.ts";
import * as wideSine from "./vector_wide_sine.ts";

/** A function of float64 vectors. */
type Core = (v: VectorCode, ...args: Value[]) => Value;

/** Applies a function of float64 vectors to both halves of float32 vectors. */
function halves(core: Core): Core {
  return (v, ...args) => {
    const low = core(
      v,
      ...args.map((x) => v.op("f64x2.promote_low_f32x4", x)),
    );
    const high = core(
      v,
      ...args.map((x) =>
        v.op("f64x2.promote_low_f32x4", v.shuffle(x, x, UPPER))
      ),
    );
    return v.shuffle(
      v.op("f32x4.demote_f64x2_zero", low),
      v.op("f32x4.demote_f64x2_zero", high),
      JOINED,
    );
  };
}

const UPPER = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const JOINED = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** x to the power y; what is not plain is computed apart. */
function pow(v: VectorCode, x: Value, y: Value): Value {
  const infinity = v.splat(F, Infinity);
  const usual = v.op(
    "v128.and",
    v.op("f32x4.gt", x, v.splat(F, 0)),
    v.op(
      "v128.and",
      v.op("f32x4.lt", x, infinity),
      v.op("f32x4.lt", v.op("f32x4.abs", y), infinity),
    ),
  );
  const result = halves(double.powOfPositive)(v, x, y);
  unlessAll(v, usual, () => {
    const other = halves(double.pow)(v, x, y);
    v.fn.get(v.choose(usual, result, other)).set(result);
  });
  return result;
}

/** Sine, cosine or tangent: past some size the angle is reduced with more digits. */
function angle(core: angles.AngleCore): Core {
  return (v, x) => {
    const size = v.op("f32x4.abs", x);
    const large = v.op("f32x4.gt", size, v.splat(F, angles.LARGE_ANGLE));
    const low = v.op("f64x2.promote_low_f32x4", x);
    const high = v.op("f64x2.promote_low_f32x4", v.shuffle(x, x, UPPER));
    const parts = [low, high].map((half) => angles.reduceAngle(v, half));
    v.fn.get(large).simd("v128.any_true").if();
    [low, high].forEach((half, k) => {
      const exact = angles.reduceLargeAngle(v, half);
      const { quadrant, rest } = parts[k]!;
      v.fn.get(v.choose(exact.large, exact.quadrant, quadrant)).set(quadrant);
      v.fn.get(v.choose(exact.large, exact.rest, rest)).set(rest);
    });
    v.fn.end();
    const [first, second] = parts.map((part) =>
      v.op("f32x4.demote_f64x2_zero", core(v, part))
    );
    return v.shuffle(first!, second!, JOINED);
  };
}

/**
 * Sine, or cosine half a turn of π later. Where products are added without
 * rounding in between, float32 is exact enough up to {@linkcode SHORT_ANGLE}:
 * the angle loses whole multiples of π, or odd ones of π/2, and one polynomial
 * gives the sine of the rest.
 */
function sine(core: angles.AngleCore, isCosine: boolean): Core {
  const long = angle(core);
  return (v, x) => {
    if (!v.fuses) return long(v, x);
    const perHalf = v.splat(F, 1 / Math.PI);
    let bits: Value;
    let n: Value;
    if (isCosine) {
      const turns = v.madd(F, x, perHalf, v.splat(F, -0.5));
      // One more, so that the first one is not negated.
      bits = v.op("f32x4.add", turns, v.splat(F, MAGIC + TURNS_BIAS + 1));
      const next = v.op("f32x4.sub", bits, v.splat(F, MAGIC + TURNS_BIAS));
      n = v.op("f32x4.sub", next, v.splat(F, 0.5));
    } else {
      const magic = v.splat(F, MAGIC + TURNS_BIAS);
      bits = v.madd(F, x, perHalf, magic);
      n = v.op("f32x4.sub", bits, magic);
    }
    // π in three parts; none is negative, so that -0 keeps its sign.
    const high = v.madd(F, n, v.splat(F, -3.141592502593994), x);
    const middle = v.madd(F, n, v.splat(F, -1.5099578831723193e-07), high);
    const rest = v.madd(F, n, v.splat(F, -1.0780605906948477e-14), middle);
    const square = v.op("f32x4.mul", rest, rest);
    // No result is above 1, and that of π/2 is 1.
    const p = v.polynomial(F, square, [
      -0.16666659712791443,
      0.00833306647837162,
      -0.000198094014194794,
      2.604853079901659e-6,
    ]);
    // Added to 0, the cube of -0 is 0 and leaves the sign to the last sum.
    const cube = v.madd(F, rest, square, v.splat(F, 0));
    const value = v.madd(F, p, cube, rest);
    const sign = v.shift("i32x4.shl", bits, 31);
    const result = v.op("v128.xor", value, sign);
    if (v.assumed !== null) {
      v.assume(integerOf(v, bits), 2 * TURNS_BIAS - 1);
      return result;
    }
    const size = magnitude(v, x);
    const isShort = v.op("f32x4.le", size, v.splat(F, SHORT_ANGLE));
    unlessAll(v, isShort, () => {
      v.fn.get(v.choose(isShort, result, long(v, x))).set(result);
    });
    return result;
  };
}

/** Up to this angle float32 suffices for its reduction. */
const SHORT_ANGLE = 48000;
/** Added to the number of half turns, so that none of a usual angle is below 0; it is even. */
const TURNS_BIAS = 8192;

/** Functions that may assume something about their arguments. */
export const ASSUMING: ReadonlySet<Fn> = new Set<Fn>([
  "exp",
  "tanh",
  "sin",
  "cos",
  "log",
]);

/** The functions, by name. */
export const FLOAT32_MATH: Builds = {
  exp,
  tanh,
  exp2: halves(double.exp2),
  expm1: halves(double.expm1),
  log,
  log2: halves((v, x) => double.log(v, x, 1, Math.LOG2E)),
  log10: halves((v, x) =>
    double.log(v, x, Math.LN2 / Math.LN10, 1 / Math.LN10)
  ),
  log1p: halves(double.log1p),
  sin: sine(angles.sin, false),
  cos: sine(angles.cos, true),
  tan: angle(angles.tan),
  asin: halves(angles.asin),
  acos: halves(angles.acos),
  atan: halves(angles.atan),
  sinh: halves(double.sinh),
  cosh: halves(double.cosh),
  asinh: halves(double.asinh),
  acosh: halves(double.acosh),
  atanh: halves(double.atanh),
  erf,
  erfc: halves(double.erfc),
  pow,
  hypot: halves(double.hypot),
  atan2: halves(wideAngles.atan2),
  erfinv: halves(double.erfinv),
  fmod: halves(division.fmod),
  remainder: halves(division.remainder),
  floorDiv: halves(division.floorDiv),
  lgamma: halves((v, x) => lgamma(v, x, LGAMMA_NEAR_SHORT)),
  digamma: halves(digamma),
  polygamma: halves(polygamma),
};

/** The functions of float64 vectors, by name. */
export const FLOAT64_MATH: Builds = {
  exp: wide.exp,
  exp2: wide.exp2,
  expm1: wide.expm1,
  log: wide.log,
  log2: wide.log2,
  log10: wide.log10,
  log1p: wide.log1p,
  sin: wideSine.sin,
  cos: wideSine.cos,
  tan: wideSine.tan,
  sinh: wide.sinh,
  cosh: wide.cosh,
  tanh: wide.tanh,
  asinh: wide.asinh,
  acosh: wide.acosh,
  atanh: wide.atanh,
  asin: wideAngles.asin,
  acos: wideAngles.acos,
  atan: wideAngles.atan,
  atan2: wideAngles.atan2,
  hypot: wide.hypot,
  erf: wideErf.erf,
  erfc: wideErf.erfc,
  erfinv: wideErf.erfinv,
  fmod: division.fmod,
  remainder: division.remainder,
  floorDiv: division.floorDiv,
  lgamma: (v, x) => lgamma(v, x),
  digamma,
  polygamma,
  pow: widePow,
};
