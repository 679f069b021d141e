// The normal distribution and its quantiles as plain number -> number functions
// in float64. The loops of the CPU device call them; they know neither tensors
// nor dtypes.

import { ERFINV_END, ERFINV_NEAR, ERFINV_TAIL } from "./erf_series.ts";
import { erfc, erfcx } from "./math_erf.ts";
import { NDTRI_END, NDTRI_TAIL } from "./normal_series.ts";
import { polynomial } from "./polynomial.ts";

/** The high half of a number: products of halves are exact. */
function upper(x: number): number {
  const scaled = 134217729 * x;
  return scaled - (scaled - x);
}

const ROOT_HALF = Math.SQRT1_2;
/** What the double for the root of 1/2 lacks. */
const ROOT_HALF_REST = -4.833646656726457e-17;
const ROOT_HALF_HIGH = upper(ROOT_HALF);
const ROOT_HALF_LOW = ROOT_HALF - ROOT_HALF_HIGH;

/**
 * The probability that a standard normal variable is below x, with full relative
 * accuracy down to the subnormal numbers. See torch.special.ndtr.
 */
export function ndtr(x: number): number {
  if (x < -39) return 0;
  const t = -x * ROOT_HALF;
  const value = erfc(t) / 2;
  if (!(t > 1)) return value;
  // erfc magnifies what the argument lost by its square: it is put back.
  const high = upper(-x);
  const low = -x - high;
  const lost = high * ROOT_HALF_HIGH - t + high * ROOT_HALF_LOW +
    low * ROOT_HALF_HIGH + low * ROOT_HALF_LOW - x * ROOT_HALF_REST;
  return value - value * (lost * (2 / Math.sqrt(Math.PI)) / erfcx(t));
}

/** The logarithm of {@linkcode ndtr}, also where that is 0. See torch.special.log_ndtr. */
export function logNdtr(x: number): number {
  if (x > 0) return Math.log1p(-ndtr(-x));
  if (x > -5) return Math.log(ndtr(x));
  return Math.log(erfcx(-x * ROOT_HALF) / 2) - x * x / 2;
}

/**
 * The inverse of {@linkcode ndtr} on [0, 1]: 0 and 1 give infinities, outside
 * gives NaN. As erfinv of math_erf.ts, with probabilities down to the subnormal
 * numbers. See torch.special.ndtri.
 */
export function ndtri(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const y = 2 * Math.min(p, 1 - p);
  const x = 1 - y;
  const w = -Math.log(y * (2 - y));
  const size = Math.SQRT2 * x * factorOf(w);
  return p < 0.5 ? -size : size;
}

/** erfinv(x) / x of w = -log(1 - x * x). */
function factorOf(w: number): number {
  if (w < 6.25) return polynomial(ERFINV_NEAR, w - 3.125);
  const root = Math.sqrt(w);
  if (root < 4) return polynomial(ERFINV_TAIL, root - 3.25);
  if (root < 5.95) return polynomial(ERFINV_END, root - 5);
  return root < 10
    ? polynomial(NDTRI_TAIL, root - 8)
    : polynomial(NDTRI_END, root - 19);
}
