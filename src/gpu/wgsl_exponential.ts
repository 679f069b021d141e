// Exponentials, logarithms, powers and hyperbolic functions in WGSL. The
// polynomials for float32 are S. L. Moshier's (Cephes); WGSL's own functions
// may be wrong by more than the tests allow.

import { addFunctions } from "./library.ts";

addFunctions(`
fn expRest(r: f32) -> f32 {
  // exp(r) - 1 for |r| <= ln(2) / 2
  var p = 1.9875691500e-4;
  p = fma(p, r, 1.3981999507e-3);
  p = fma(p, r, 8.3334519073e-3);
  p = fma(p, r, 4.1665795894e-2);
  p = fma(p, r, 1.6666665459e-1);
  p = fma(p, r, 5.0000001201e-1);
  return fma(p, r * r, r);
}
fn expFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (x > 88.73) { return infinity(); }
  if (x < -104.0) { return 0.0; }
  let n = round(x * 1.44269504);
  let r = fma(n, 2.12194440e-4, exactly(x - n * 0.693359375));
  return scaleByPower(1.0 + expRest(r), i32(n));
}
fn expm1Float(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (x > 88.0) { return expFloat(x); }
  if (x < -18.0) { return -1.0; }
  let n = round(x * 1.44269504);
  let r = fma(n, 2.12194440e-4, exactly(x - n * 0.693359375));
  if (n == 0.0) { return copysignFloat(expRest(r), x); }
  let s = powerOfTwo(i32(n));
  return fma(s, expRest(r), s - 1.0);
}
fn exp2Float(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (x >= 128.0) { return infinity(); }
  if (x < -150.0) { return 0.0; }
  let n = round(x);
  let f = x - n;
  let r = f * 0.6931471806;
  return scaleByPower(1.0 + expRest(r), i32(n));
}
// Mantissa between sqrt(1/2) and sqrt(2), and exponent.
fn splitFloat(x: f32) -> vec2<f32> {
  var b = bitcast<u32>(x);
  var e = -127;
  if (b < 0x800000u) { b = bitcast<u32>(x * 8388608.0); e = -150; }
  e += i32(b >> 23u);
  var m = bitcast<f32>((b & 0x7fffffu) | 0x3f800000u);
  if (m > 1.41421356) { m = m * 0.5; e += 1; }
  return vec2<f32>(m, f32(e));
}
// log(1 + f) - f for f between sqrt(1/2) - 1 and sqrt(2) - 1
fn logRest(f: f32) -> f32 {
  let z = f * f;
  var p = 7.0376836292e-2;
  p = fma(p, f, -1.1514610310e-1);
  p = fma(p, f, 1.1676998740e-1);
  p = fma(p, f, -1.2420140846e-1);
  p = fma(p, f, 1.4249322787e-1);
  p = fma(p, f, -1.6668057665e-1);
  p = fma(p, f, 2.0000714765e-1);
  p = fma(p, f, -2.4999993993e-1);
  p = fma(p, f, 3.3333331174e-1);
  return fma(f * z, p, -0.5 * z);
}
fn logSpecial(x: f32) -> f32 {
  if (isNaN(x) || x < 0.0) { return nanValue(); }
  if (x == 0.0) { return -infinity(); }
  return x;
}
fn isOrdinaryLog(x: f32) -> bool { return !isNaN(x) && !isInfinite(x) && x > 0.0; }
fn logFloat(x: f32) -> f32 {
  if (!isOrdinaryLog(x)) { return logSpecial(x); }
  let s = splitFloat(x);
  let f = s.x - 1.0;
  return s.y * 0.693359375 + exactly(f + fma(s.y, -2.12194440e-4, logRest(f)));
}
fn log2Float(x: f32) -> f32 {
  if (!isOrdinaryLog(x)) { return logSpecial(x); }
  let s = splitFloat(x);
  let f = s.x - 1.0;
  let y = logRest(f);
  // log2(e) - 1 apart, so that the product with f loses nothing.
  return s.y + exactly(f + fma(f, 0.44269504, fma(y, 0.44269504, y)));
}
fn log10Float(x: f32) -> f32 {
  if (!isOrdinaryLog(x)) { return logSpecial(x); }
  let s = splitFloat(x);
  let f = s.x - 1.0;
  let natural = exactly(fma(s.y, -2.12194440e-4, logRest(f)));
  let high = exactly(s.y * 0.693359375 + f);
  let lost = exactly(s.y * 0.693359375 - high) + f;
  return fma(high, 0.4342944819, (natural + lost) * 0.4342944819);
}
fn log1pFloat(x: f32) -> f32 {
  if (isNaN(x) || x < -1.0) { return nanValue(); }
  if (x > 1e10) { return logFloat(x); }
  if (x == -1.0) { return -infinity(); }
  if (x > -0.29 && x < 0.41) { return x + logRest(x); }
  let u = exactly(1.0 + x);
  // What the sum lost, by its derivative.
  let lost = select(1.0 - exactly(u - x), x - exactly(u - 1.0), abs(x) < 1.0);
  return logFloat(u) + lost / u;
}
fn isInteger(y: f32) -> bool { return floor(y) == y; }
fn isOddInteger(y: f32) -> bool { return isInteger(y) && abs(y) < 16777216.0 && (i32(y) & 1) != 0; }
fn powFloat(x: f32, y: f32) -> f32 {
  if (y == 0.0 || x == 1.0) { return 1.0; }
  if (isNaN(x) || isNaN(y)) { return nanValue(); }
  if (y == 1.0) { return x; }
  if (y == 2.0) { return x * x; }
  if (y == 3.0) { return x * x * x; }
  if (y == -1.0) { return divFloat(1.0, x); }
  if (y == 0.5 && x != 0.0 && !isInfinite(x)) { return sqrtFloat(x); }
  let size = abs(x);
  if (isInfinite(y)) {
    if (size == 1.0) { return 1.0; }
    return select(0.0, infinity(), (size > 1.0) == (y > 0.0));
  }
  let odd = isOddInteger(y);
  if (size == 0.0 || isInfinite(size)) {
    let large = (size == 0.0) == (y < 0.0);
    let value = select(0.0, infinity(), large);
    return select(value, copysignFloat(value, x), odd);
  }
  if (x < 0.0 && !isInteger(y)) { return nanValue(); }
  let value = powPositive(size, y);
  return select(value, -value, x < 0.0 && odd);
}
// The logarithm in two floats, so that a large exponent does not magnify its error.
fn powPositive(x: f32, y: f32) -> f32 {
  let s = splitFloat(x);
  // log(m) by 2 atanh(t), t = (m - 1) / (m + 1), in two parts.
  let a = s.x - 1.0;
  let b = exactly(s.x + 1.0);
  let bLost = s.x - exactly(b - 1.0);
  let t = exactly(a / b);
  let back = exactly(t * b);
  let tLost = (exactly(a - back) - lostByProduct(t, b, back) - t * bLost) / b;
  let z = t * t;
  var p = 0.2222222222;
  p = fma(p, z, 0.2857142857);
  p = fma(p, z, 0.4);
  let cube = t * z * fma(z, p, 0.6666666667);
  // log2(e) = 1.4426950216 + 1.9259630e-8
  let high = 2.0 * t;
  let low = fma(2.0, tLost, cube);
  let lh = exactly(high * 1.4426950216);
  let ll = lostByProduct(high, 1.4426950216, lh) + (high * 1.9259630e-8 + low * 1.4426950216);
  let sum = exactly(s.y + lh);
  let rest = select(exactly(lh - sum) + s.y, exactly(s.y - sum) + lh, abs(s.y) >= abs(lh)) + ll;
  // y times that, in two parts again.
  let e = exactly(y * sum);
  let eLost = lostByProduct(y, sum, e) + y * rest;
  if (e > 130.0) { return infinity(); }
  if (e < -152.0) { return 0.0; }
  let n = round(e);
  let f = exactly(e - n) + eLost;
  return scaleByPower(1.0 + expRest(f * 0.6931471806), i32(n));
}
fn sinhFloat(x: f32) -> f32 {
  let a = abs(x);
  if (a < 1.0) {
    let z = x * x;
    var p = 2.03721912945e-4;
    p = fma(p, z, 8.33028376239e-3);
    p = fma(p, z, 1.66667160211e-1);
    return fma(p * z, x, x);
  }
  if (isNaN(x)) { return x; }
  if (a > 80.0) {
    let w = expFloat(0.5 * a);
    return copysignFloat(0.5 * w * w, x);
  }
  let e = expFloat(a);
  return copysignFloat(0.5 * e - 0.5 / e, x);
}
fn coshFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let a = abs(x);
  if (a > 80.0) {
    let w = expFloat(0.5 * a);
    return 0.5 * w * w;
  }
  let e = expFloat(a);
  return 0.5 * e + 0.5 / e;
}
fn tanhFloat(x: f32) -> f32 {
  let a = abs(x);
  if (isNaN(x) || x == 0.0) { return x; }
  if (a < 0.625) {
    let z = x * x;
    var p = -5.70498872745e-3;
    p = fma(p, z, 2.06390887954e-2);
    p = fma(p, z, -5.37397155531e-2);
    p = fma(p, z, 1.33314422036e-1);
    p = fma(p, z, -3.33332819422e-1);
    return fma(p * z, x, x);
  }
  if (a > 9.1) { return copysignFloat(1.0, x); }
  return copysignFloat(1.0 - 2.0 / (expFloat(2.0 * a) + 1.0), x);
}
fn asinhFloat(x: f32) -> f32 {
  if (isNaN(x) || isInfinite(x) || x == 0.0) { return x; }
  let a = abs(x);
  if (a > 1e9) { return copysignFloat(logFloat(a) + 0.6931471806, x); }
  return copysignFloat(log1pFloat(a + a * a / (1.0 + sqrt(fma(a, a, 1.0)))), x);
}
fn acoshFloat(x: f32) -> f32 {
  if (isNaN(x) || x < 1.0) { return nanValue(); }
  if (x > 1e9) { return logFloat(x) + select(0.6931471806, 0.0, isInfinite(x)); }
  let t = x - 1.0;
  return log1pFloat(t + sqrt(fma(t, t, 2.0 * t)));
}
fn atanhFloat(x: f32) -> f32 {
  if (isNaN(x) || x == 0.0) { return x; }
  let a = abs(x);
  if (a > 1.0) { return nanValue(); }
  if (a == 1.0) { return copysignFloat(infinity(), x); }
  return copysignFloat(0.5 * log1pFloat(2.0 * a / (1.0 - a)), x);
}
`);
