// Trigonometric functions in WGSL: arguments of any size are reduced exactly,
// by parts of pi/2 where that is enough and by the digits of 2/pi beyond.
// The polynomials for float32 are S. L. Moshier's (Cephes).

import { addFunctions } from "./library.ts";

addFunctions(`
// Bits of 2/pi, after 32 zeros.
fn twoOverPi(k: u32) -> u32 {
  switch k {
    case 0u: { return 0u; }
    case 1u: { return 0xa2f9836eu; }
    case 2u: { return 0x4e441529u; }
    case 3u: { return 0xfc2757d1u; }
    case 4u: { return 0xf534ddc0u; }
    case 5u: { return 0xdb629599u; }
    case 6u: { return 0x3c439041u; }
    case 7u: { return 0xfe5163abu; }
    default: { return 0u; }
  }
}
fn mulHigh(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let low = a0 * b0;
  let m1 = a1 * b0 + (low >> 16u);
  let m2 = a0 * b1 + (m1 & 0xffffu);
  return a1 * b1 + (m1 >> 16u) + (m2 >> 16u);
}
// The angle left of a multiple of pi/2 (x), and that multiple modulo 4 (y).
fn reduceAngle(x: f32) -> vec2<f32> {
  let a = abs(x);
  if (a < 2000.0) {
    let n = round(x * 0.6366197724);
    // Parts of pi/2 with 12 bits, whose products with n are exact.
    var r = exactly(x - n * 1.5703125);
    r = exactly(r - n * 0.0004837512969970703);
    r = exactly(r - n * 7.549533620476723e-08);
    r = r - n * 2.563344152e-12;
    return vec2<f32>(r, f32(i32(n) & 3));
  }
  let bits = bitcast<u32>(a);
  let e = i32(bits >> 23u) - 150;
  let m = (bits & 0x7fffffu) | 0x800000u;
  // Digits of a weight of 4 or more make whole turns: begin behind them.
  let begin = u32(e - 2 + 32);
  let k = begin >> 5u;
  let s = begin & 31u;
  var h = twoOverPi(k);
  var i = twoOverPi(k + 1u);
  var l = twoOverPi(k + 2u);
  if (s > 0u) {
    let t = 32u - s;
    h = (h << s) | (i >> t);
    i = (i << s) | (l >> t);
    l = (l << s) | (twoOverPi(k + 3u) >> t);
  }
  // The low 96 bits of the product: a fraction of four quarter turns.
  let low1 = mulHigh(l, m);
  let mid = i * m;
  let p1 = low1 + mid;
  let carry = select(0u, 1u, p1 < mid);
  var p2 = h * m + mulHigh(i, m) + carry;
  var quarter = p2 >> 30u;
  // Bits below the quarters, as a signed fraction of one quarter turn.
  var top = (p2 << 2u) | (p1 >> 30u);
  var rest = p1 << 2u;
  var negative = false;
  if ((top >> 31u) != 0u) {
    quarter += 1u;
    negative = true;
    top = ~top;
    rest = ~rest;
  }
  // As many leading digits as a float holds.
  let zeros = countLeadingZeros(top);
  var fraction = f32(top) * 2.3283064365e-10 + f32(rest) * 5.4210108624e-20;
  if (zeros > 6u && zeros < 32u) {
    let joined = (top << zeros) | (rest >> (32u - zeros));
    fraction = scaleByPower(f32(joined), -32 - i32(zeros));
  }
  var r = fraction * 1.5707963268;
  if (negative) { r = -r; }
  if (x < 0.0) { return vec2<f32>(-r, f32((4u - (quarter & 3u)) & 3u)); }
  return vec2<f32>(r, f32(quarter & 3u));
}
fn sinRest(r: f32) -> f32 {
  let z = r * r;
  var p = -1.9515295891e-4;
  p = fma(p, z, 8.3321608736e-3);
  p = fma(p, z, -1.6666654611e-1);
  return fma(p * z, r, r);
}
fn cosRest(r: f32) -> f32 {
  let z = r * r;
  var p = 2.443315711809948e-5;
  p = fma(p, z, -1.388731625493765e-3);
  p = fma(p, z, 4.166664568298827e-2);
  return fma(p, z * z, fma(-0.5, z, 1.0));
}
fn sinFloat(x: f32) -> f32 {
  if (isNaN(x) || isInfinite(x)) { return nanValue(); }
  if (x == 0.0) { return x; }
  let a = reduceAngle(x);
  let q = i32(a.y);
  let v = select(sinRest(a.x), cosRest(a.x), (q & 1) != 0);
  return select(v, -v, (q & 2) != 0);
}
fn cosFloat(x: f32) -> f32 {
  if (isNaN(x) || isInfinite(x)) { return nanValue(); }
  let a = reduceAngle(x);
  let q = i32(a.y);
  let v = select(cosRest(a.x), sinRest(a.x), (q & 1) != 0);
  return select(v, -v, ((q + 1) & 2) != 0);
}
fn tanFloat(x: f32) -> f32 {
  if (isNaN(x) || isInfinite(x)) { return nanValue(); }
  if (x == 0.0) { return x; }
  let a = reduceAngle(x);
  let s = sinRest(a.x);
  let c = cosRest(a.x);
  if ((i32(a.y) & 1) != 0) { return -c / s; }
  return s / c;
}
fn asinFloat(x: f32) -> f32 {
  let a = abs(x);
  if (isNaN(x) || a > 1.0) { return nanValue(); }
  let folded = a > 0.5;
  let z = select(a * a, 0.5 * (1.0 - a), folded);
  let t = select(a, sqrt(z), folded);
  var p = 4.2163199048e-2;
  p = fma(p, z, 2.4181311049e-2);
  p = fma(p, z, 4.5470025998e-2);
  p = fma(p, z, 7.4953002686e-2);
  p = fma(p, z, 1.6666752422e-1);
  let y = fma(p * z, t, t);
  return copysignFloat(select(y, fma(-2.0, y, 1.5707963268), folded), x);
}
fn acosFloat(x: f32) -> f32 {
  if (isNaN(x) || abs(x) > 1.0) { return nanValue(); }
  if (x > 0.5) { return 2.0 * asinFloat(sqrt(0.5 * (1.0 - x))); }
  if (x < -0.5) { return 3.1415926536 - 2.0 * asinFloat(sqrt(0.5 * (1.0 + x))); }
  return 1.5707963268 - asinFloat(x);
}
fn atanFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let a = abs(x);
  var t = a;
  var y = 0.0;
  if (a > 2.414213562) { y = 1.5707963268; t = select(-1.0 / a, 0.0, isInfinite(a)); }
  else if (a > 0.4142135624) { y = 0.7853981634; t = (a - 1.0) / (a + 1.0); }
  let z = t * t;
  var p = 8.05374449538e-2;
  p = fma(p, z, -1.38776856032e-1);
  p = fma(p, z, 1.99777106478e-1);
  p = fma(p, z, -3.33329491539e-1);
  return copysignFloat(y + fma(p * z, t, t), x);
}
fn atan2Float(y: f32, x: f32) -> f32 {
  if (isNaN(x) || isNaN(y)) { return nanValue(); }
  let behind = signBit(x);
  var angle: f32;
  if (y == 0.0) { angle = 0.0; }
  else if (isInfinite(x) && isInfinite(y)) { angle = 0.7853981634; }
  else if (isInfinite(y) || x == 0.0) { return copysignFloat(1.5707963268, y); }
  else if (isInfinite(x)) { angle = 0.0; }
  else { angle = atanFloat(divFloat(abs(y), abs(x))); }
  return copysignFloat(select(angle, 3.1415926536 - angle, behind), y);
}
`);
