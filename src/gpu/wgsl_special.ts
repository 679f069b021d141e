// The error function, the gamma function and their relatives in WGSL, with as
// many terms as float32 needs: the gamma function as in the CPU's math_gamma.ts,
// whose notes say where the formulas come from; erf and erfc by W. J. Cody's
// CALERF (Math. Comp. 23, 1969), erfinv by M. J. Wichura's AS 241 (Applied
// Statistics 37, 1988).

import { addFunctions } from "./library.ts";

addFunctions(`
// exp(y * y) erfc(y) past 0.46875
fn erfcRatio(y: f32) -> f32 {
  if (y <= 4.0) {
    var p = 2.15311535e-8;
    p = fma(p, y, 5.64188497e-1);
    p = fma(p, y, 8.88314979);
    p = fma(p, y, 6.61191906e1);
    p = fma(p, y, 2.98635138e2);
    p = fma(p, y, 8.81952221e2);
    p = fma(p, y, 1.71204761e3);
    p = fma(p, y, 2.05107838e3);
    p = fma(p, y, 1.23033935e3);
    var q = y + 1.57449261e1;
    q = fma(q, y, 1.17693951e2);
    q = fma(q, y, 5.37181102e2);
    q = fma(q, y, 1.62138957e3);
    q = fma(q, y, 3.29079924e3);
    q = fma(q, y, 4.36261909e3);
    q = fma(q, y, 3.43936767e3);
    q = fma(q, y, 1.23033935e3);
    return p / q;
  }
  let w = 1.0 / (y * y);
  var p = 1.63153874e-2;
  p = fma(p, w, 3.05326635e-1);
  p = fma(p, w, 3.60344900e-1);
  p = fma(p, w, 1.25781726e-1);
  p = fma(p, w, 1.60837851e-2);
  p = fma(p, w, 6.58749162e-4);
  var q = w + 2.56852019;
  q = fma(q, w, 1.87295285);
  q = fma(q, w, 5.27905103e-1);
  q = fma(q, w, 6.05183413e-2);
  q = fma(q, w, 2.33520498e-3);
  return (5.64189584e-1 - w * p / q) / y;
}
fn erfcTail(y: f32) -> f32 {
  let ratio = erfcRatio(y);
  // The square of y cut to 8 bits after the point is exact.
  let head = trunc(y * 256.0) / 256.0;
  let d = (y - head) * (y + head);
  let half = expFloat(-0.5 * head * head);
  return half * (ratio * expFloat(-d)) * half;
}
fn erfCentre(x: f32) -> f32 {
  let t = x * x;
  var p = 1.85777706e-1;
  p = fma(p, t, 3.16112374);
  p = fma(p, t, 1.13864154e2);
  p = fma(p, t, 3.77485238e2);
  p = fma(p, t, 3.20937759e3);
  var q = t + 2.36012910e1;
  q = fma(q, t, 2.44024638e2);
  q = fma(q, t, 1.28261653e3);
  q = fma(q, t, 2.84423683e3);
  return x * (p / q);
}
fn erfFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let y = abs(x);
  if (y <= 0.46875) { return erfCentre(x); }
  if (y > 4.2) { return copysignFloat(1.0, x); }
  return copysignFloat(1.0 - erfcTail(y), x);
}
fn erfcFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let y = abs(x);
  if (y <= 0.46875) { return 1.0 - erfCentre(x); }
  if (x > 10.2) { return 0.0; }
  if (x < -4.2) { return 2.0; }
  let tail = erfcTail(y);
  return select(tail, 2.0 - tail, x < 0.0);
}
fn erfinvFloat(x: f32) -> f32 {
  let y = abs(x);
  if (isNaN(x) || y > 1.0) { return nanValue(); }
  if (y == 1.0) { return copysignFloat(infinity(), x); }
  if (y <= 0.85) {
    let r = fma(-0.25 * x, x, 0.180625);
    var p = 2.50908093e3;
    p = fma(p, r, 3.34305756e4);
    p = fma(p, r, 6.72657709e4);
    p = fma(p, r, 4.59219539e4);
    p = fma(p, r, 1.37316938e4);
    p = fma(p, r, 1.97159095e3);
    p = fma(p, r, 1.33141668e2);
    p = fma(p, r, 3.38713287);
    var q = 5.22649528e3;
    q = fma(q, r, 2.87290857e4);
    q = fma(q, r, 3.93078958e4);
    q = fma(q, r, 2.12137943e4);
    q = fma(q, r, 5.39419602e3);
    q = fma(q, r, 6.87187007e2);
    q = fma(q, r, 4.23133307e1);
    q = fma(q, r, 1.0);
    return x * (p / q * 0.3535533906);
  }
  let r = sqrt(-logFloat(0.5 * (1.0 - y))) - 1.6;
  var p = 7.74545014e-4;
  p = fma(p, r, 2.27238450e-2);
  p = fma(p, r, 2.41780725e-1);
  p = fma(p, r, 1.27045825);
  p = fma(p, r, 3.64784832);
  p = fma(p, r, 5.76949722);
  p = fma(p, r, 4.63033785);
  p = fma(p, r, 1.42343711);
  var q = 1.05075007e-9;
  q = fma(q, r, 5.47593808e-4);
  q = fma(q, r, 1.51986666e-2);
  q = fma(q, r, 1.48103976e-1);
  q = fma(q, r, 6.89767335e-1);
  q = fma(q, r, 1.67638483);
  q = fma(q, r, 2.05319163);
  q = fma(q, r, 1.0);
  var value = p / q * 0.7071067812;
  let slope = 1.1283791671 * expFloat(-value * value);
  value += (erfcTail(value) - (1.0 - y)) / slope;
  return copysignFloat(value, x);
}
fn lgammaNearTwo(z: f32) -> f32 {
  var p = 4.38285454e-6;
  p = fma(p, z, -9.45628852e-6);
  p = fma(p, z, 2.05060197e-5);
  p = fma(p, z, -4.49237276e-5);
  p = fma(p, z, 9.94576169e-5);
  p = fma(p, z, -2.23154977e-4);
  p = fma(p, z, 5.09669520e-4);
  p = fma(p, z, -1.19275390e-3);
  p = fma(p, z, 2.89051033e-3);
  p = fma(p, z, -7.38555103e-3);
  p = fma(p, z, 2.05808084e-2);
  p = fma(p, z, -6.73523011e-2);
  p = fma(p, z, 3.22467033e-1);
  p = fma(p, z, 4.22784335e-1);
  return z * p;
}
fn lgammaPositive(x: f32) -> f32 {
  if (x < 1.5) {
    let z = x - 1.0;
    return lgammaNearTwo(z) - log1pFloat(z);
  }
  if (x <= 2.5) { return lgammaNearTwo(x - 2.0); }
  if (x < 8.0) {
    var y = x;
    var product = 1.0;
    while (y > 2.5) {
      y -= 1.0;
      product *= y;
    }
    return lgammaNearTwo(y - 2.0) + logFloat(product);
  }
  if (isInfinite(x)) { return infinity(); }
  let r = 1.0 / x;
  let w = r * r;
  var p = -5.95238095e-4;
  p = fma(p, w, 7.93650794e-4);
  p = fma(p, w, -2.77777778e-3);
  p = fma(p, w, 8.33333333e-2);
  return (x - 0.5) * (logFloat(x) - 1.0) + fma(p, r, 0.4189385332);
}
fn lgammaFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (isInfinite(x)) { return infinity(); }
  if (x >= 0.5) { return lgammaPositive(x); }
  if (x > -0.5) {
    if (x == 0.0) { return infinity(); }
    return lgammaNearTwo(x) - log1pFloat(x) - logFloat(abs(x));
  }
  let fraction = x - round(x);
  if (fraction == 0.0) { return infinity(); }
  let sine = abs(x * sinFloat(3.1415926536 * fraction));
  return logFloat(3.1415926536 / sine) - lgammaPositive(-x);
}
fn digammaNearTwo(z: f32) -> f32 {
  var p = -7.67416025e-6;
  p = fma(p, z, 1.53561875e-5);
  p = fma(p, z, -3.05809754e-5);
  p = fma(p, z, 6.12336126e-5);
  p = fma(p, z, -1.22714243e-4);
  p = fma(p, z, 2.46088343e-4);
  p = fma(p, z, -4.94188535e-4);
  p = fma(p, z, 9.94574990e-4);
  p = fma(p, z, -2.00839283e-3);
  p = fma(p, z, 4.07735620e-3);
  p = fma(p, z, -8.34927738e-3);
  p = fma(p, z, 1.73430620e-2);
  p = fma(p, z, -3.69277551e-2);
  p = fma(p, z, 8.23232337e-2);
  p = fma(p, z, -2.02056903e-1);
  p = fma(p, z, 6.44934067e-1);
  return fma(p, z, 4.22784335e-1);
}
fn digammaNearRoot(x: f32) -> f32 {
  let z = (x - 1.4616321325) - 1.24381498e-8;
  var p = -7.20439823e-3;
  p = fma(p, z, 1.05385926e-2);
  p = fma(p, z, -1.54247702e-2);
  p = fma(p, z, 2.25976545e-2);
  p = fma(p, z, -3.31611264e-2);
  p = fma(p, z, 4.88042881e-2);
  p = fma(p, z, -7.21995613e-2);
  p = fma(p, z, 1.07824051e-1);
  p = fma(p, z, -1.63942705e-1);
  p = fma(p, z, 2.58499761e-1);
  p = fma(p, z, -4.42763169e-1);
  p = fma(p, z, 9.67672245e-1);
  return z * p;
}
fn digammaPositive(x: f32) -> f32 {
  if (x >= 10.0) {
    if (isInfinite(x)) { return x; }
    let w = 1.0 / (x * x);
    var p = 3.96825397e-3;
    p = fma(p, w, -8.33333333e-3);
    p = fma(p, w, 8.33333333e-2);
    return logFloat(x) - fma(p, w, 0.5 / x);
  }
  if (x > 2.5) {
    var y = x;
    var sum = 0.0;
    while (y > 2.5) {
      y -= 1.0;
      sum += 1.0 / y;
    }
    return digammaNearTwo(y - 2.0) + sum;
  }
  if (x > 1.75) { return digammaNearTwo(x - 2.0); }
  if (x > 1.2) { return digammaNearRoot(x); }
  return digammaNearTwo(x - 1.0) - 1.0 / x;
}
fn digammaFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (x >= 0.5) { return digammaPositive(x); }
  if (x == 0.0) { return copysignFloat(infinity(), -x); }
  if (x > -0.5) { return digammaNearTwo(x) - 1.0 / (1.0 + x) - 1.0 / x; }
  if (isInfinite(x)) { return nanValue(); }
  let fraction = x - round(x);
  if (fraction == 0.0) { return nanValue(); }
  return digammaPositive(1.0 - x) - 3.1415926536 / tanFloat(3.1415926536 * fraction);
}
fn factorialFloat(n: f32) -> f32 {
  if (n > 34.0) { return infinity(); }
  var product = 1.0;
  for (var k = 2.0; k <= n; k += 1.0) { product *= k; }
  return product;
}
// The sum over k of (q + k)^-s for q > 0.
fn zetaPositive(s: f32, q: f32) -> f32 {
  var a = q;
  var sum = 0.0;
  while (a < 10.0 || a < s + 6.0) {
    let term = powFloat(a, -s);
    sum += term;
    if (term <= 1e-9 * sum) { return sum; }
    a += 1.0;
  }
  let power = powFloat(a, 1.0 - s);
  if (power == 0.0) { return sum; }
  let r = 1.0 / a;
  let w = r * r;
  var p = 2.08767570e-8;
  p = fma(p * (s + 7.0) * (s + 8.0), w, -8.26719577e-7);
  p = fma(p * (s + 5.0) * (s + 6.0), w, 3.30687831e-5);
  p = fma(p * (s + 3.0) * (s + 4.0), w, -1.38888889e-3);
  p = fma(p * (s + 1.0) * (s + 2.0), w, 8.33333333e-2);
  return sum + power * (1.0 / (s - 1.0) + r * fma(s * r, p, 0.5));
}
fn polygammaFloat(n: f32, x: f32) -> f32 {
  if (n == 0.0) { return digammaFloat(x); }
  if (isNaN(x)) { return x; }
  let s = n + 1.0;
  let odd = isOddInteger(n);
  if (x > 0.0) {
    // PyTorch has 0 for the trigamma of infinity and NaN beyond.
    if (isInfinite(x)) { return select(nanValue(), 0.0, n == 1.0); }
    let value = factorialFloat(n) * zetaPositive(s, x);
    return select(-value, value, odd);
  }
  if (isInfinite(x) && n == 1.0) { return nanValue(); }
  // Infinity counts as a pole.
  let fraction = x - round(x);
  if (isInfinite(x) || fraction == 0.0) { return select(-infinity(), infinity(), odd); }
  if (n == 1.0) {
    let ratio = 3.1415926536 / sinFloat(3.1415926536 * fraction);
    return ratio * ratio - zetaPositive(2.0, 1.0 - x);
  }
  // The terms below zero are a finite piece of another such sum.
  let above = select(1.0 + fraction, fraction, fraction > 0.0);
  let below = select(-fraction, 1.0 - fraction, fraction > 0.0);
  let left = zetaPositive(s, below) - zetaPositive(s, 1.0 - x);
  let whole = zetaPositive(s, above) + select(left, -left, isOddInteger(s));
  let value = factorialFloat(n) * whole;
  return select(-value, value, odd);
}
`);
