// The gamma function's logarithm, its derivatives and Hurwitz's zeta function
// as plain number -> number functions in float64.
// The loops of the CPU device call them; they know neither tensors nor dtypes.
// A&S is Abramowitz and Stegun, Handbook of Mathematical Functions, chapter 6.
// tests/goldens/make_math_goldens.py --coefficients prints the three fitted
// polynomials.

/**
 * lgamma(2 + z) for |z| <= 1/2: A&S 6.1.33 refitted on Chebyshev nodes, with
 * the factor z kept outside, so that the zero at 2 is relatively exact.
 */
function lgammaNearTwo(z: number): number {
  let p = 2.7475390051909663e-07;
  p = p * z - 5.811277768921246e-07;
  p = p * z + 9.242852225162277e-07;
  p = p * z - 1.9743106888421067e-06;
  p = p * z + 4.3828545383846665e-06;
  p = p * z - 9.45628851510172e-06;
  p = p * z + 2.050601970174762e-05;
  p = p * z - 4.4923727564247656e-05;
  p = p * z + 9.945761692157133e-05;
  p = p * z - 0.00022315497746292723;
  p = p * z + 0.0005096695196526673;
  p = p * z - 0.0011927539009983087;
  p = p * z + 0.002890510330865901;
  p = p * z - 0.007385551028935545;
  p = p * z + 0.02058080842778338;
  p = p * z - 0.06735230105319563;
  p = p * z + 0.3224670334241132;
  p = p * z + 0.42278433509846713;
  return z * p;
}

/** digamma(2 + z) for |z| <= 1/2: A&S 6.3.14, refitted likewise. */
function digammaNearTwo(z: number): number {
  let p = -6.674305497396081e-07;
  p = p * z + 1.3349723794099688e-06;
  p = p * z - 1.7942765098136759e-06;
  p = p * z + 3.5894120527625994e-06;
  p = p * z - 7.674160254961053e-06;
  p = p * z + 1.5356187450230485e-05;
  p = p * z - 3.05809753599574e-05;
  p = p * z + 6.123361261842341e-05;
  p = p * z - 0.00012271424255306068;
  p = p * z + 0.00024608834332408985;
  p = p * z - 0.000494188535232711;
  p = p * z + 0.0009945749900394508;
  p = p * z - 0.002008392829261749;
  p = p * z + 0.004077356204303644;
  p = p * z - 0.0083492773818423;
  p = p * z + 0.017343061984288078;
  p = p * z - 0.03692775514337086;
  p = p * z + 0.08232323371114006;
  p = p * z - 0.2020569031595943;
  p = p * z + 0.6449340668482264;
  p = p * z + 0.42278433509846713;
  return p;
}

// The positive root of digamma and what float64 cuts off from it.
const ROOT = 1.4616321449683622;
const ROOT_REST = 9.549995429965697e-17;

/**
 * digamma(x) for |x - ROOT| <= 0.3: its Taylor series there, refitted, with
 * the factor x - ROOT kept outside for relative accuracy.
 */
function digammaNearRoot(x: number): number {
  const z = x - ROOT - ROOT_REST;
  let p = -0.0008948669306500375;
  p = p * z + 0.001308005831219245;
  p = p * z - 0.0015494997640094039;
  p = p * z + 0.002265023075842018;
  p = p * z - 0.003372342935560877;
  p = p * z + 0.004930495852633737;
  p = p * z - 0.007204398225837358;
  p = p * z + 0.010538592597880845;
  p = p * z - 0.0154247701740136;
  p = p * z + 0.022597654472087007;
  p = p * z - 0.03316112639983284;
  p = p * z + 0.0488042880544983;
  p = p * z - 0.07219956125711396;
  p = p * z + 0.10782405069222596;
  p = p * z - 0.1639427054424043;
  p = p * z + 0.25849976095564775;
  p = p * z - 0.4427631689835921;
  p = p * z + 0.9676722454476212;
  return z * p;
}

/**
 * The logarithm of |gamma(x)|; +inf at zero, at the negative integers and at
 * both infinities. Near the zeros left of -2 the error is about 1e-15
 * absolute; elsewhere it is a few ulp. See torch.lgamma.
 */
export function lgamma(x: number): number {
  if (x >= 0.5) {
    if (x < 1.5) {
      // gamma(x) = gamma(1 + x) / x; both terms vanish at 1 like x - 1.
      const z = x - 1;
      return lgammaNearTwo(z) - Math.log1p(z);
    }
    if (x <= 2.5) return lgammaNearTwo(x - 2);
    if (x < 8) {
      let y = x;
      let product = 1;
      while (y > 2.5) product *= --y;
      return lgammaNearTwo(y - 2) + Math.log(product);
    }
    if (x === Infinity) return Infinity;
    // Stirling's series, A&S 6.1.41.
    const r = 1 / x;
    const w = r * r;
    let p = -3617 / 122400;
    p = p * w + 1 / 156;
    p = p * w - 691 / 360360;
    p = p * w + 1 / 1188;
    p = p * w - 1 / 1680;
    p = p * w + 1 / 1260;
    p = p * w - 1 / 360;
    p = p * w + 1 / 12;
    // log(x) - 1 first: it cancels less than (x - 1/2) log(x) - x would. The
    // constant is log(2 pi) / 2 - 1/2.
    return (x - 0.5) * (Math.log(x) - 1) + (0.4189385332046727 + p * r);
  }
  if (x > -0.5) {
    // Twice the recurrence, which is also right for tiny x of either sign.
    return lgammaNearTwo(x) - Math.log1p(x) - Math.log(Math.abs(x));
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
    let p = -1 / 12;
    p = p * w + 691 / 32760;
    p = p * w - 1 / 132;
    p = p * w + 1 / 240;
    p = p * w - 1 / 252;
    p = p * w + 1 / 120;
    p = p * w - 1 / 12;
    return Math.log(x) + (p * w - 0.5 / x);
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
  let sum = 0;
  while (y < 10) {
    sum += 1 / (y * y);
    y += 1;
  }
  // A&S 6.4.12.
  const r = 1 / y;
  const w = r * r;
  let p = -3617 / 510;
  p = p * w + 7 / 6;
  p = p * w - 691 / 2730;
  p = p * w + 5 / 66;
  p = p * w - 1 / 30;
  p = p * w + 1 / 42;
  p = p * w - 1 / 30;
  p = p * w + 1 / 6;
  return sum + (r + w * (0.5 + r * p));
}

/** n!, which is Infinity above 170. */
function factorial(n: number): number {
  if (n > 170) return Infinity;
  let product = 1;
  for (let k = 2; k <= n; k++) product *= k;
  return product;
}

/**
 * The n-th derivative of digamma for an integer n >= 0; n = 0 and n = 1 are
 * digamma and trigamma, above it is (-1)**(n + 1) n! zeta(n + 1, x), A&S
 * 6.4.10, with that function's poles. See torch.polygamma.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (n === 1) return trigamma(x);
  const value = factorial(n) * zeta(n + 1, x);
  return n % 2 === 0 ? -value : value;
}

/**
 * zeta(s, q) for s > 1 and q > 0, by Euler and Maclaurin's formula (see
 * F. Johansson, "Rigorous high-precision computation of the Hurwitz zeta
 * function", Numerical Algorithms 69 (2015), equation 1).
 */
function zetaPositive(s: number, q: number): number {
  let a = q;
  let sum = 0;
  // Beyond both bounds the correction terms below fall fast enough.
  while (a < 10 || a < s + 6) {
    const term = Math.pow(a, -s);
    sum += term;
    if (term <= 1e-17 * sum) return sum;
    a += 1;
  }
  const power = Math.pow(a, 1 - s);
  if (power === 0) return sum; // before s * s can overflow
  const r = 1 / a;
  const w = r * r;
  // B(2j) / (2j)! times s (s + 1) ... (s + 2j - 2) / a**(2j), nested.
  let p = -1.3954464685812523e-19;
  p = p * (s + 21) * (s + 22) * w + 5.50900282836022952e-18;
  p = p * (s + 19) * (s + 20) * w - 2.17486869855806187e-16;
  p = p * (s + 17) * (s + 18) * w + 8.58606205627784456e-15;
  p = p * (s + 15) * (s + 16) * w - 3.38968029632258287e-13;
  p = p * (s + 13) * (s + 14) * w + 1.33825365306846788e-11;
  p = p * (s + 11) * (s + 12) * w - 5.28419013868749318e-10;
  p = p * (s + 9) * (s + 10) * w + 2.08767569878680990e-8;
  p = p * (s + 7) * (s + 8) * w - 8.26719576719576720e-7;
  p = p * (s + 5) * (s + 6) * w + 3.30687830687830688e-5;
  p = p * (s + 3) * (s + 4) * w - 1.38888888888888889e-3;
  p = p * (s + 1) * (s + 2) * w + 1 / 12;
  return sum + power * (1 / (s - 1) + r * (0.5 + s * r * p));
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
    const left = zeta(s, below) - zeta(s, 1 - q);
    return zeta(s, above) + (s % 2 === 0 ? left : -left);
  }
  if (s === Infinity) return q < 1 ? Infinity : q === 1 ? 1 : NaN;
  if (s !== s || !(q < Infinity)) return NaN;
  return zetaPositive(s, q);
}
