// The incomplete gamma functions as plain number -> number functions in float64.
// The loops of the CPU device call them; they know neither tensors nor dtypes.
// A&S is Abramowitz and Stegun, Handbook of Mathematical Functions, chapter 6.

import { LGAMMA_NEAR, STIRLING } from "./gamma_series.ts";
import { TEMME } from "./incomplete_series.ts";
import { erfc } from "./math_erf.ts";
import { polynomial } from "./polynomial.ts";

/** From here on Temme's uniform expansion serves: the others would take long. */
const LARGE = 1e4;
/** From here on the logarithm of the power of a is that of Stirling's series. */
const STIRLING_FROM = 20;
/** Most terms of a series or a fraction; fewer are needed. */
const MOST_TERMS = 4000;

/** gamma(a + 1) for 0 <= a < STIRLING_FROM: a product of few factors. */
function factorial(a: number): number {
  let y = a + 1;
  let product = 1;
  while (y > 2.5) product *= --y;
  const log = (y - 1) * (y - 2) * polynomial(LGAMMA_NEAR, y - 1.75);
  return product * Math.exp(log);
}

/** x / a - 1 - log(x / a), without the cancellation of that difference. */
function beyondLog(a: number, x: number): number {
  const mu = (x - a) / a;
  if (!(Math.abs(mu) < 0.5)) return mu - Math.log(x / a);
  const s = mu / (2 + mu);
  const square = s * s;
  let sum = 0;
  for (let k = 39; k >= 3; k -= 2) sum = sum * square + 1 / k;
  return mu * mu / (2 + mu) - 2 * s * square * sum;
}

/** What Stirling's formula for gamma(a) is multiplied by, for a >= 20: A&S 6.1.40. */
function stirlingFactor(a: number): number {
  const r = 1 / a;
  return Math.exp(r * polynomial(STIRLING, r * r));
}

/** x**a exp(-x) / gamma(a + 1) */
function power(a: number, x: number): number {
  if (a < STIRLING_FROM) {
    if (x > 700 && x < 1e4) {
      // In halves, where exp(-x) alone would be too small.
      const half = Math.exp(-x / 2);
      return half * Math.pow(x, a) / factorial(a) * half;
    }
    return x >= 1e4 ? 0 : Math.pow(x, a) * Math.exp(-x) / factorial(a);
  }
  const phi = beyondLog(a, x);
  return Math.exp(-a * phi) / (Math.sqrt(2 * Math.PI * a) * stirlingFactor(a));
}

/** The lower function by its power series: A&S 6.5.29. */
function lowerSeries(a: number, x: number): number {
  const factor = power(a, x);
  if (factor === 0) return 0;
  let term = 1;
  let sum = 1;
  for (let n = 1; n < MOST_TERMS; n++) {
    term *= x / (a + n);
    sum += term;
    if (term <= 1e-17 * sum) break;
  }
  return factor * sum;
}

/** The upper function for small a and x, where it is a small difference from 1. */
function upperSeries(a: number, x: number): number {
  let term = 1;
  let sum = 0;
  for (let n = 1; n < MOST_TERMS; n++) {
    term *= -x / n;
    const part = term / (a + n);
    sum += part;
    if (Math.abs(part) <= 1e-17 * Math.abs(sum)) break;
  }
  // log(gamma(1 + a)) keeps its factor a.
  const lgamma = a * (a - 1) * polynomial(LGAMMA_NEAR, a - 0.75);
  const log = a * Math.log(x) - lgamma;
  return -Math.expm1(log) - a * Math.exp(log) * sum;
}

/** The upper function by Lentz's evaluation of its continued fraction: A&S 6.5.31. */
function upperFraction(a: number, x: number): number {
  const factor = power(a, x);
  if (factor === 0) return 0;
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const an = n * (a - n);
    b += 2;
    d = an * d + b;
    if (d === 0) d = 1e-300;
    c = b + an / c;
    if (c === 0) c = 1e-300;
    d = 1 / d;
    const step = c * d;
    value *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return factor * a * value;
}

/** The upper (`sign` 1) or lower (-1) function for large a: N. M. Temme, SIAM J. Math. Anal. 10 (1979). */
function uniform(a: number, x: number, sign: 1 | -1): number {
  const mu = (x - a) / a;
  if (mu > 0.5) return sign > 0 ? 0 : 1;
  if (mu < -0.5) return sign > 0 ? 1 : 0;
  const phi = beyondLog(a, x);
  const eta = Math.sign(mu) * Math.sqrt(2 * phi);
  let sum = 0;
  for (let k = TEMME.length - 1; k >= 0; k--) {
    sum = sum / a + polynomial(TEMME[k]!, eta);
  }
  const rest = Math.exp(-a * phi) / Math.sqrt(2 * Math.PI * a) * sum;
  const half = erfc(sign * Math.sign(mu) * Math.sqrt(a * phi)) / 2;
  return half + sign * rest;
}

/**
 * The regularized lower incomplete gamma function: the integral of
 * t**(a - 1) exp(-t) from 0 to x over that to infinity. NaN where an argument is
 * negative or both are 0 or infinite. See torch.special.gammainc.
 */
export function gammainc(a: number, x: number): number {
  if (!(a >= 0 && x >= 0)) return NaN;
  if (a === 0) return x > 0 ? 1 : NaN;
  if (x === 0) return 0;
  if (a === Infinity) return x === Infinity ? NaN : 0;
  if (x === Infinity) return 1;
  if (a >= LARGE) return uniform(a, x, -1);
  return x > 1 && x > a ? 1 - gammaincc(a, x) : lowerSeries(a, x);
}

/** The regularized upper incomplete gamma function: what the lower one lacks of 1. See torch.special.gammaincc. */
export function gammaincc(a: number, x: number): number {
  if (!(a >= 0 && x >= 0)) return NaN;
  if (a === 0) return x > 0 ? 0 : NaN;
  if (x === 0) return 1;
  if (a === Infinity) return x === Infinity ? NaN : 1;
  if (x === Infinity) return 0;
  if (a >= LARGE) return uniform(a, x, 1);
  if (x > 1.1) return x < a ? 1 - lowerSeries(a, x) : upperFraction(a, x);
  const mostBelow = x <= 0.5 ? -0.4 / Math.log(x) < a : 1.1 * x < a;
  return mostBelow ? 1 - lowerSeries(a, x) : upperSeries(a, x);
}
