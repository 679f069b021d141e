// The incomplete gamma functions and Hurwitz's zeta function in WGSL, by the
// formulas of the CPU's math_incomplete.ts and math_gamma.ts.

import { addFunctions } from "./library.ts";
import "./wgsl_special_series.ts";

addFunctions(`
// x / a - 1 - log(x / a)
fn beyondLog(a: f32, x: f32) -> f32 {
  let mu = (x - a) / a;
  if (abs(mu) >= 0.5) { return mu - logFloat(x / a); }
  let s = mu / (2.0 + mu);
  let square = s * s;
  var sum = 0.0666666667;
  sum = fma(sum, square, 0.0769230769);
  sum = fma(sum, square, 0.0909090909);
  sum = fma(sum, square, 0.1111111111);
  sum = fma(sum, square, 0.1428571429);
  sum = fma(sum, square, 0.2);
  sum = fma(sum, square, 0.3333333333);
  return mu * mu / (2.0 + mu) - 2.0 * s * square * sum;
}
// x^a exp(-x) / gamma(a + 1)
fn gammaPower(a: f32, x: f32) -> f32 {
  if (a < 4.0) {
    var y = a + 1.0;
    var product = 1.0;
    while (y > 2.5) {
      y -= 1.0;
      product *= y;
    }
    let gamma = product * expFloat(lgammaNearOne(y));
    let half = expFloat(-0.5 * x);
    return half * powFloat(x, a) / gamma * half;
  }
  let phi = beyondLog(a, x);
  let r = 1.0 / a;
  let w = r * r;
  let series = 0.0833333333 - w * (0.00277777778 - w * (7.93650794e-4 - w * 5.95238095e-4));
  let stirling = expFloat(r * series);
  return expFloat(-a * phi) / (2.5066282746 * sqrt(a) * stirling);
}
// lgamma(y) for 1 <= y <= 2.5
fn lgammaNearOne(y: f32) -> f32 {
  if (y < 1.5) { return lgamma1p(y - 1.0); }
  return lgammaNearTwo(y - 2.0);
}
// lgamma(1 + z) for 0 <= z <= 1/2, of relative accuracy
fn lgamma1p(z: f32) -> f32 { return z * lgammaOne(z); }
fn gammaLowerSeries(a: f32, x: f32) -> f32 {
  let factor = gammaPower(a, x);
  if (factor == 0.0) { return 0.0; }
  var term = 1.0;
  var sum = 1.0;
  for (var n = 1.0; n < 2000.0; n += 1.0) {
    term *= x / (a + n);
    sum += term;
    if (term <= 1e-8 * sum) { break; }
  }
  return factor * sum;
}
fn gammaUpperSeries(a: f32, x: f32) -> f32 {
  var term = 1.0;
  var sum = 0.0;
  for (var n = 1.0; n < 60.0; n += 1.0) {
    term *= -x / n;
    let part = term / (a + n);
    sum += part;
    if (abs(part) <= 1e-8 * abs(sum)) { break; }
  }
  let l = a * logFloat(x) - select(lgammaNearTwo(a - 1.0), lgamma1p(a), a < 0.5);
  return -expm1Float(l) - a * expFloat(l) * sum;
}
fn gammaUpperFraction(a: f32, x: f32) -> f32 {
  let factor = gammaPower(a, x);
  if (factor == 0.0) { return 0.0; }
  var b = x + 1.0 - a;
  var c = 1e30;
  var d = 1.0 / b;
  var value = d;
  for (var n = 1.0; n < 2000.0; n += 1.0) {
    let an = n * (a - n);
    b += 2.0;
    d = an * d + b;
    if (d == 0.0) { d = 1e-30; }
    c = b + an / c;
    if (c == 0.0) { c = 1e-30; }
    d = 1.0 / d;
    let step = c * d;
    value *= step;
    if (abs(step - 1.0) < 6e-8) { break; }
  }
  return factor * a * value;
}
// The upper function for large a where sign is 1, the lower one where it is -1.
fn gammaUniform(a: f32, x: f32, sign: f32) -> f32 {
  let mu = (x - a) / a;
  if (mu > 1.5) { return select(1.0, 0.0, sign > 0.0); }
  if (mu < -0.7) { return select(0.0, 1.0, sign > 0.0); }
  let phi = beyondLog(a, x);
  let side = select(-1.0, 1.0, mu > 0.0);
  let eta = side * sqrt(2.0 * phi);
  let r = 1.0 / a;
  let sum = temme0(eta) + r * (temme1(eta) + r * temme2(eta));
  let rest = expFloat(-a * phi) * 0.3989422804 / sqrt(a) * sum;
  return 0.5 * erfcFloat(sign * side * sqrt(a * phi)) + sign * rest;
}
fn gammaEdge(a: f32, x: f32) -> f32 {
  // The lower function where an argument is 0, infinite or not allowed; 2 elsewhere.
  if (isNaN(a) || isNaN(x) || a < 0.0 || x < 0.0) { return nanValue(); }
  if (a == 0.0) {
    if (x > 0.0) { return 1.0; }
    return nanValue();
  }
  if (x == 0.0) { return 0.0; }
  if (isInfinite(a)) {
    if (isInfinite(x)) { return nanValue(); }
    return 0.0;
  }
  if (isInfinite(x)) { return 1.0; }
  return 2.0;
}
fn gammainccInside(a: f32, x: f32) -> f32 {
  if (a >= 200.0) { return gammaUniform(a, x, 1.0); }
  if (x > 1.1) {
    if (x < a) { return 1.0 - gammaLowerSeries(a, x); }
    return gammaUpperFraction(a, x);
  }
  var lower = 1.1 * x < a;
  if (x <= 0.5) { lower = -0.4 / logFloat(x) < a; }
  if (lower) { return 1.0 - gammaLowerSeries(a, x); }
  return gammaUpperSeries(a, x);
}
fn gammaincFloat(a: f32, x: f32) -> f32 {
  let edge = gammaEdge(a, x);
  if (isNaN(edge) || edge < 2.0) { return edge; }
  if (a >= 200.0) { return gammaUniform(a, x, -1.0); }
  if (x > 1.0 && x > a) { return 1.0 - gammainccInside(a, x); }
  return gammaLowerSeries(a, x);
}
fn gammainccFloat(a: f32, x: f32) -> f32 {
  let edge = gammaEdge(a, x);
  if (isNaN(edge) || edge < 2.0) { return 1.0 - edge; }
  return gammainccInside(a, x);
}
fn zetaFloat(s: f32, q: f32) -> f32 {
  if (s == 1.0) { return infinity(); }
  if (isNaN(q) || (!isNaN(s) && s < 1.0)) { return nanValue(); }
  if (q <= 0.0) {
    if (isInfinite(q) || floor(q) == q || isInfinite(s)) { return infinity(); }
    if (isNaN(s)) { return s; }
    if (floor(s) != s) { return nanValue(); }
    let near = q - round(q);
    let above = select(1.0 + near, near, near > 0.0);
    let below = select(-near, 1.0 - near, near > 0.0);
    let left = zetaPositive(s, below) - zetaPositive(s, 1.0 - q);
    return zetaPositive(s, above) + select(left, -left, isOddInteger(s));
  }
  if (isNaN(s)) { return s; }
  if (isInfinite(s)) {
    if (q < 1.0) { return infinity(); }
    return select(nanValue(), 1.0, q == 1.0);
  }
  if (isInfinite(q)) { return nanValue(); }
  return zetaPositive(s, q);
}
`);
