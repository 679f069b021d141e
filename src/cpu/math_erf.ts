// The error function and its relatives as plain number -> number functions.
// The loops of the CPU device call them; they know neither tensors nor dtypes.
// Everything is float64; a float32 result is this one, rounded once.
// The coefficients are those of erf_series.ts.

import {
  ERF_BOTTOM,
  ERF_TOP,
  ERFC_LEAD,
  ERFC_TAIL,
  ERFINV_END,
  ERFINV_NEAR,
  ERFINV_TAIL,
} from "./erf_series.ts";
import { polynomial } from "./polynomial.ts";

/** What the last {@linkcode tailRatio} lost in its sums, in parts of it. */
let lostOfRatio = 0;

/**
 * exp(y * y) erfc(y) for y > 0.46875, to about 28: 1 / (1 + 2 y) times a fit in
 * `(y - 4) / (y + 4)`, whose first term leads, so that little is lost in its
 * sum.
 */
function tailRatio(y: number): number {
  const t = (y - 4) / (y + 4);
  const more = t * polynomial(ERFC_TAIL, t);
  const top = ERFC_LEAD + more;
  const bottom = 2 * y + 1;
  const ratio = top / bottom;
  const lost = more - (top - ERFC_LEAD) - ratio * (1 - (bottom - 2 * y));
  // 0.82 is near enough to 1 / top.
  lostOfRatio = 0.82 * lost;
  return ratio;
}

/** erfc(y) for y > 0.46875. */
function erfcTail(y: number): number {
  const ratio = tailRatio(y);
  // exp(-y*y) would magnify the rounding of y*y by y*y. The square of head, y
  // cut to 20 bits after the point, is exact; exp(-d) is left, d below 6e-5,
  // for which four terms of the series do.
  const head = Math.trunc(y * 1048576) / 1048576;
  const d = (y - head) * (y + head);
  const rest = ratio - ratio * (d * (1 - d * (0.5 - d / 6)) - lostOfRatio);
  if (y < 26) return Math.exp(-head * head) * rest;
  // Two halves, so that only the last product can become subnormal.
  const half = Math.exp(-0.5 * head * head);
  return half * rest * half;
}

/** erf(x) for |x| <= 0.46875. */
function erfCentre(x: number): number {
  const t = x * x;
  return x * (polynomial(ERF_TOP, t) / polynomial(ERF_BOTTOM, t));
}

/**
 * The error function, 2/sqrt(pi) times the integral of exp(-t*t) from 0 to x.
 * erf(±inf) is ±1, and a zero keeps its sign. See torch.erf.
 */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return erfCentre(x);
  if (y > 6) return x > 0 ? 1 : -1;
  const value = 0.5 - erfcTail(y) + 0.5;
  return x < 0 ? -value : value;
}

/**
 * The complementary error function 1 - erf(x), with full relative accuracy in
 * the tail down to the subnormal numbers. See torch.erfc.
 */
export function erfc(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return 1 - erfCentre(x);
  if (x > 27.5) return 0;
  if (x < -6) return 2;
  const tail = erfcTail(y);
  return x < 0 ? 2 - tail : tail;
}

/**
 * The inverse of erf on [-1, 1]: ±1 gives ±inf, outside gives NaN. The argument
 * times a fit in `w = -log(1 - x * x)`, or in its root near ±1, as in M. Giles,
 * "Approximating the erfinv function", GPU Computing Gems, Jade Edition (2011).
 * See torch.erfinv.
 */
export function erfinv(x: number): number {
  const y = Math.abs(x);
  if (!(y < 1)) return y === 1 ? x * Infinity : NaN;
  const w = -Math.log((1 - y) * (1 + y));
  if (w < 6.25) return x * polynomial(ERFINV_NEAR, w - 3.125);
  const root = Math.sqrt(w);
  return x *
    (root < 4
      ? polynomial(ERFINV_TAIL, root - 3.25)
      : polynomial(ERFINV_END, root - 5));
}

/** Past this a few terms of the asymptotic series do for {@linkcode erfcx}. */
const ERFCX_FAR = 28;

/**
 * erfc(x) without the factor that makes it vanish: exp(x * x) erfc(x). Infinite
 * below -26.7. See torch.special.erfcx.
 */
export function erfcx(x: number): number {
  if (!(x >= -26.63)) return x < 0 ? Infinity : NaN;
  if (x > ERFCX_FAR) {
    // A&S 7.1.23.
    const r = 0.5 / (x * x);
    const tail = 1 - 5 * r * (1 - 7 * r * (1 - 9 * r * (1 - 11 * r)));
    const sum = 1 - r * (1 - 3 * r * tail);
    return sum / Math.sqrt(Math.PI) / x;
  }
  if (x > 0.46875) {
    const ratio = tailRatio(x);
    return ratio + ratio * lostOfRatio;
  }
  if (x >= -0.46875) return Math.exp(x * x) * (1 - erfCentre(x));
  // As above, the square in two parts.
  const head = Math.trunc(x * 1048576) / 1048576;
  const d = (x - head) * (x + head);
  const power = Math.exp(head * head);
  const more = 2 * d * (1 + d / 2 * (1 + d / 3));
  return 2 * power + (power * more - erfcx(-x));
}
