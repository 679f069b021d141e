// Bessel functions of order 0 and 1 in WGSL, by the formulas of the CPU's
// math_bessel.ts with the shorter fits of wgsl_special_series.ts.

import { addFunctions } from "./library.ts";
import "./wgsl_special_series.ts";

addFunctions(`
fn timesExp(y: f32, rest: f32) -> f32 {
  if (y < 88.0) { return expFloat(y) * rest; }
  let root = expFloat(0.5 * y);
  return root * rest * root;
}
fn besselI0Part(y: f32) -> f32 { let h = 0.5 * y; return i0Near(h * h); }
fn besselI1Part(y: f32) -> f32 { let h = 0.5 * y; return y * i1Near(h * h); }
fn besselI0Float(x: f32) -> f32 {
  if (isNaN(x) || isInfinite(x)) { return abs(x); }
  let y = abs(x);
  if (y <= 8.0) { return besselI0Part(y); }
  return timesExp(y, i0Far(1.0 / y) / sqrt(y));
}
fn besselI0eFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let y = abs(x);
  if (isInfinite(x)) { return 0.0; }
  if (y <= 8.0) { return expFloat(-y) * besselI0Part(y); }
  return i0Far(1.0 / y) / sqrt(y);
}
fn besselI1Float(x: f32) -> f32 {
  if (isNaN(x) || isInfinite(x)) { return x; }
  let y = abs(x);
  if (y <= 8.0) { return copysignFloat(besselI1Part(y), x); }
  return copysignFloat(timesExp(y, i1Far(1.0 / y) / sqrt(y)), x);
}
fn besselI1eFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let y = abs(x);
  if (isInfinite(x)) { return copysignFloat(0.0, x); }
  if (y <= 8.0) { return copysignFloat(expFloat(-y) * besselI1Part(y), x); }
  return copysignFloat(i1Far(1.0 / y) / sqrt(y), x);
}
fn besselK0Part(x: f32) -> f32 {
  return k0Near(x * x) - logFloat(0.5 * x) * besselI0Part(x);
}
fn besselK1Part(x: f32) -> f32 {
  return 1.0 / x + (logFloat(0.5 * x) * besselI1Part(x) + x * k1Near(x * x));
}
fn besselK0Scaled(x: f32) -> f32 {
  if (x < 8.0) { return k0Middle(1.0 / x) / sqrt(x); }
  return k0Far(1.0 / x) / sqrt(x);
}
fn besselK1Scaled(x: f32) -> f32 {
  if (x < 8.0) { return k1Middle(1.0 / x) / sqrt(x); }
  return k1Far(1.0 / x) / sqrt(x);
}
fn poleAtZero(x: f32, there: f32) -> f32 {
  if (x == 0.0) { return there; }
  return nanValue();
}
fn besselK0Float(x: f32) -> f32 {
  if (isNaN(x) || x <= 0.0) { return poleAtZero(x, infinity()); }
  if (x <= 1.5) { return besselK0Part(x); }
  if (isInfinite(x)) { return 0.0; }
  return expFloat(-x) * besselK0Scaled(x);
}
fn besselK0eFloat(x: f32) -> f32 {
  if (isNaN(x) || x <= 0.0) { return poleAtZero(x, infinity()); }
  if (x <= 1.5) { return expFloat(x) * besselK0Part(x); }
  if (isInfinite(x)) { return 0.0; }
  return besselK0Scaled(x);
}
fn besselK1Float(x: f32) -> f32 {
  if (isNaN(x) || x <= 0.0) { return poleAtZero(x, infinity()); }
  if (x <= 1.5) { return besselK1Part(x); }
  if (isInfinite(x)) { return 0.0; }
  return expFloat(-x) * besselK1Scaled(x);
}
fn besselK1eFloat(x: f32) -> f32 {
  if (isNaN(x) || x <= 0.0) { return poleAtZero(x, infinity()); }
  if (x <= 1.5) { return expFloat(x) * besselK1Part(x); }
  if (isInfinite(x)) { return 0.0; }
  return besselK1Scaled(x);
}
fn besselWave(x: f32, p: f32, q: f32) -> f32 {
  if (isInfinite(x)) { return nanValue(); }
  let s = sinFloat(x);
  let c = cosFloat(x);
  return (p * (c + s) - q * (s - c)) * (0.5641895835 / sqrt(x));
}
fn inverseSquare(x: f32) -> f32 { let r = 1.0 / x; return r * r; }
fn besselJ0Float(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let y = abs(x);
  if (y < 1.0) {
    let a = 0.25 * y * y;
    return 1.0 - a * (1.0 - a * (0.25 - a * (0.0277777778 - a * (1.73611111e-3 - a * 6.94444444e-5))));
  }
  if (y < 4.0) { return fromJ0Zero0(y) * (y + 2.40482556) * j0First(y * y); }
  if (y < 8.0) { return fromJ0Zero1(y) * (y + 5.52007811) * j0Second(y * y); }
  let w = inverseSquare(y);
  return besselWave(y, p0(w), q0(w) / y);
}
fn besselJ1Float(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  let y = abs(x);
  if (y < 5.4) { return x * (fromJ1Zero0(y) * (y + 3.83170597)) * j1First(y * y); }
  if (y < 8.0) { return x * (fromJ1Zero1(y) * (y + 7.01558667)) * j1Second(y * y); }
  let w = inverseSquare(y);
  let value = besselWave(y, q1(w) / y, -p1(w));
  return select(value, -value, x < 0.0);
}
fn besselY0Float(x: f32) -> f32 {
  if (isNaN(x) || x <= 0.0) { return poleAtZero(x, -infinity()); }
  if (x < 2.2) {
    let away = fromY0Zero0(x);
    var l: f32;
    if (abs(away) < 0.3) { l = log1pFloat(away * 1.11909778); } else { l = logFloat(x * 1.11909778); }
    return 0.6366197724 * l * besselJ0Float(x) + away * (x + 0.893576966) * y0First(x * x);
  }
  if (x < 5.4) { return fromY0Zero1(x) * y0Second(x); }
  if (x < 8.0) { return fromY0Zero2(x) * y0Third(x); }
  let w = inverseSquare(x);
  return besselWave(x, q0(w) / x, -p0(w));
}
fn besselY1Float(x: f32) -> f32 {
  if (isNaN(x) || x <= 0.0) { return poleAtZero(x, -infinity()); }
  if (x < 1.5) {
    return 0.6366197724 * (logFloat(x) * besselJ1Float(x) - 1.0 / x) + x * y1First(x * x);
  }
  if (x < 4.0) { return fromY1Zero0(x) * y1Second(x); }
  if (x < 8.0) { return fromY1Zero1(x) * y1Third(x); }
  let w = inverseSquare(x);
  return besselWave(x, -p1(w), -(q1(w) / x));
}
fn sphericalJ0Float(x: f32) -> f32 {
  if (isInfinite(x)) { return 0.0; }
  if (x == 0.0) { return 1.0; }
  return sinFloat(x) / x;
}
`);
