// The gamma function's logarithm, its derivatives and Hurwitz's zeta function
// as plain number -> number functions in float64.
// The loops of the CPU device call them; they know neither tensors nor dtypes.
// A&S is Abramowitz and Stegun, Handbook of Mathematical Functions, chapter 6.
// The coefficients are those of gamma_series.ts.

import {
  DIGAMMA_FAR,
  DIGAMMA_NEAR_ROOT,
  DIGAMMA_NEAR_TWO,
  EULER_MACLAURIN,
  LGAMMA_NEAR,
  ROOT,
  ROOT_REST,
  STIRLING,
  STIRLING_CONSTANT,
  TRIGAMMA_FAR,
} from "./gamma_series.ts";
import { polynomial } from "./polynomial.ts";

/**
 * lgamma(2 + z) for -1 <= z <= 1/2, given 1 + z as well: a fit with the factors
 * of both zeros outside, see LGAMMA_NEAR.
 */
function lgammaNear(onePlus: number, z: number): number {
  // A zero is never negative.
  return onePlus * z * polynomial(LGAMMA_NEAR, z + 0.25) + 0;
}

/** digamma(2 + z) for |z| <= 1/2: A&S 6.3.14, refitted. */
function digammaNearTwo(z: number): number {
  return polynomial(DIGAMMA_NEAR_TWO, z);
}

/**
 * digamma(x) for |x - ROOT| <= 0.3: its Taylor series there, refitted, with
 * the factor x - ROOT kept outside for relative accuracy.
 */
function digammaNearRoot(x: number): number {
  const z = x - ROOT - ROOT_REST;
  return z * polynomial(DIGAMMA_NEAR_ROOT, z);
}

/**
 * The logarithm of |gamma(x)|; +inf at zero, at the negative integers and at
 * both infinities. Near the zeros left of -2 the error is about 1e-15
 * absolute; right of zero it is below 3 ulp. See torch.lgamma.
 */
export function lgamma(x: number): number {
  if (x >= 1) {
    if (x <= 2.5) return lgammaNear(x - 1, x - 2);
    if (x < 8) {
      let y = x;
      let product = 1;
      while (y > 2.5) product *= --y;
      return lgammaNear(y - 1, y - 2) + Math.log(product);
    }
    if (x === Infinity) return Infinity;
    // Stirling's series, A&S 6.1.41.
    const r = 1 / x;
    const w = r * r;
    const p = polynomial(STIRLING, w);
    // log(x) - 1 first: it cancels less than (x - 1/2) log(x) - x would. The
    // constant is log(2 pi) / 2 - 1/2.
    return (x - 0.5) * (Math.log(x) - 1) + (STIRLING_CONSTANT + p * r);
  }
  // gamma(x) = gamma(1 + x) / x, also right for tiny x.
  if (x >= 0) return lgammaNear(x, x - 1) - Math.log(x);
  if (x > -0.5) {
    return lgammaNear(1 + x, x) - Math.log1p(x) - Math.log(-x);
  }
  if (x !== x) return NaN;
  if (x === -Infinity) return Infinity;
  const fraction = x - Math.round(x);
  if (fraction === 0) return Infinity;
  // Reflection, A&S 6.1.17.
  const sine = Math.abs(x * Math.sin(Math.PI * fraction));
  return Math.log(Math.PI / sine) - lgamma(-x);
}

/**
 * The derivative of lgamma. -inf at 0, +inf at -0, NaN at the negative
 * integers and at -inf. Relatively accurate near the positive root 1.4616;
 * near the negative ones to about 1e-15 absolute. See torch.digamma.
 */
export function digamma(x: number): number {
  if (x >= 10) {
    // A&S 6.3.18.
    const w = 1 / (x * x);
    return Math.log(x) + (polynomial(DIGAMMA_FAR, w) * w - 0.5 / x);
  }
  if (x > 2.5) {
    let y = x;
    let sum = 0;
    while (y > 2.5) sum += 1 / --y;
    return digammaNearTwo(y - 2) + sum;
  }
  if (x > 1.75) return digammaNearTwo(x - 2);
  if (x > 1.2) return digammaNearRoot(x);
  if (x >= 0.5) return digammaNearTwo(x - 1) - 1 / x;
  if (x > -0.5) {
    // At ±0 this is PyTorch's ∓inf.
    return digammaNearTwo(x) - 1 / (1 + x) - 1 / x;
  }
  const fraction = x - Math.round(x);
  // Also where x is NaN or -inf, whose fraction is NaN.
  if (!(fraction !== 0 && fraction === fraction)) return NaN;
  // Reflection, A&S 6.3.7.
  return digamma(1 - x) - Math.PI / Math.tan(Math.PI * fraction);
}

/**
 * The second derivative of lgamma. +inf at zero and at the negative integers
 * (PyTorch gives about 1e32 at the latter), NaN at -inf. See torch.polygamma.
 */
export function trigamma(x: number): number {
  if (x < 0) {
    const fraction = x - Math.round(x);
    // Reflection, A&S 6.4.7.
    const ratio = Math.PI / Math.sin(Math.PI * fraction);
    return ratio * ratio - trigamma(1 - x);
  }
  let y = x;
  let first = 0;
  let sum = 0;
  if (y < 10) {
    // The largest term is added last.
    first = 1 / (y * y);
    y += 1;
  }
  while (y < 10) {
    sum += 1 / (y * y);
    y += 1;
  }
  // A&S 6.4.12.
  const r = 1 / y;
  const w = r * r;
  return first + (sum + (r + w * (0.5 + r * polynomial(TRIGAMMA_FAR, w))));
}

const FACTORIALS: number[] = [];

/** n!, correctly rounded; Infinity above 170. */
function factorial(n: number): number {
  if (n > 170) return Infinity;
  if (FACTORIALS.length === 0) {
    let product = 1n;
    for (let k = 0n; k <= 170n; k++) {
      FACTORIALS.push(Number(product));
      product *= k + 1n;
    }
  }
  return FACTORIALS[n]!;
}

/**
 * The n-th derivative of digamma for an integer n >= 0; n = 0 and n = 1 are
 * digamma and trigamma, above it is (-1)**(n + 1) n! zeta(n + 1, x), A&S
 * 6.4.10, with that function's poles. See torch.polygamma.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (n === 1) return trigamma(x);
  const value = x > 0 && x < Infinity && n <= 170
    ? factorialTimesZeta(n, x)
    : factorial(n) * zeta(n + 1, x);
  return n % 2 === 0 ? -value : value;
}

/** n! zeta(n + 1, x) for 2 <= n <= 170 and x > 0. */
function factorialTimesZeta(n: number, x: number): number {
  const less = factorial(n - 1);
  const bits = Math.floor(200 / n) + 1;
  // Where one term is all, its power may be no double, but its product is.
  if (x > FAR) {
    return less * Math.pow(x * 2 ** -bits, -n) * 2 ** (-bits * n);
  }
  const s = n + 1;
  if (x < NEAR) {
    return factorial(n) * Math.pow(x * 2 ** bits, -s) * 2 ** (bits * s);
  }
  const full = factorial(n) * 2 ** (-5 * s);
  return zetaPositive(s, x * 2 ** -5, 2 ** -5, full, less * 2 ** (-5 * n));
}

/** Past that (n - 1)! x**-n, the first term of the asymptotic series, is all. */
const FAR = 2 ** 60;
/** Below that n! x**-(n + 1), the first term of the sum, is all. */
const NEAR = 2 ** -20;

/**
 * `scale` times the sum over k >= 0 of (q + k unit)**-s for s > 1 and q > 0, by
 * Euler and Maclaurin's formula (see F. Johansson, "Rigorous high-precision
 * computation of the Hurwitz zeta function", Numerical Algorithms 69 (2015),
 * equation 1). `lead` is scale / (s - 1) / unit. A unit below 1 keeps powers
 * from becoming subnormal where their products with the scale do not.
 */
function zetaPositive(
  s: number,
  q: number,
  unit: number,
  scale: number,
  lead: number,
): number {
  let a = q;
  let low = 0; // what a lost of q + k
  let sum = 0;
  let rest = 0; // what the sum lost, and its terms by that of a
  // From there on the correction terms below fall fast enough.
  const enough = Math.max(10, s + 6) * unit;
  for (let step = unit; a < enough; step += unit) {
    const term = Math.pow(a, -s);
    const next = sum + term;
    if (next === Infinity) return Infinity;
    rest += term - (next - sum) - s * low / a * term;
    sum = next;
    if (term <= 1e-17 * sum) return scale * (sum + rest);
    a = q + step;
    const part = a - q;
    low = (q - (a - part)) + (step - part);
  }
  const whole = scale * sum;
  const power = Math.pow(a, 1 - s);
  // Before s * s can overflow.
  if (power === 0 || whole === Infinity) return whole;
  const r = unit / a;
  const w = r * r;
  // B(2j) / (2j)! times s (s + 1) ... (s + 2j - 2) / a**(2j), nested.
  let p = 0;
  for (let j = EULER_MACLAURIN.length - 1; j >= 0; j--) {
    p = p * (s + 2 * j + 1) * (s + 2 * j + 2) * w + EULER_MACLAURIN[j]!;
  }
  const second = scale / a * (0.5 - low / unit + s * r * p);
  return whole + (power * (lead + second) + scale * rest);
}

/**
 * Hurwitz's zeta function, the sum over k >= 0 of (q + k)**-s. inf at s = 1
 * and where q is zero or a negative integer; NaN for s < 1 and for other
 * negative q unless s is an integer. NaN at q = inf, too, as in PyTorch. See
 * torch.special.zeta.
 */
export function zeta(s: number, q: number): number {
  if (s === 1) return Infinity;
  if (s < 1) return NaN;
  if (q <= 0) {
    const floor = Math.floor(q);
    if (q === floor || s === Infinity) return Infinity;
    if (s !== Math.floor(s)) return NaN;
    // The terms below zero are a finite piece of another such sum, so this
    // takes three sums where adding them up would take |q| steps. The distance
    // to the nearest integer is exact; the other one is not, but is not small.
    const near = q - Math.round(q);
    const above = near > 0 ? near : 1 + near;
    const below = near > 0 ? 1 - near : -near;
    // In this order: the first two may be equal.
    return s % 2 === 0
      ? zeta(s, above) + zeta(s, below) - zeta(s, 1 - q)
      : zeta(s, above) - zeta(s, below) + zeta(s, 1 - q);
  }
  if (s === Infinity) return q < 1 ? Infinity : q === 1 ? 1 : NaN;
  if (s !== s || !(q < Infinity)) return NaN;
  return zetaPositive(s, q, 1, 1, 1 / (s - 1));
}
