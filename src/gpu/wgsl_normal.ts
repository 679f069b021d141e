// The normal distribution, its logarithm and its quantiles in WGSL, by the
// formulas of the CPU's math_normal.ts.

import { addFunctions } from "./library.ts";
import "./wgsl_special_series.ts";

addFunctions(`
fn erfcxFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (x < -9.5) { return infinity(); }
  if (x > 0.46875) {
    if (isInfinite(x)) { return 0.0; }
    return erfcRatio(x);
  }
  if (x >= -0.46875) { return expFloat(x * x) * (1.0 - erfCentre(x)); }
  let y = -x;
  // The square of y cut to 8 bits after the point is exact.
  let head = trunc(y * 256.0) / 256.0;
  let d = (y - head) * (y + head);
  return 2.0 * (expFloat(head * head) * expFloat(d)) - erfcRatio(y);
}
fn ndtrFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (x < -14.5) { return 0.0; }
  if (x > 6.0) { return 1.0; }
  let t = -x * 0.7071067691;
  let value = 0.5 * erfcFloat(t);
  if (t <= 1.0) { return value; }
  // erfc magnifies what the argument lost by its square: it is put back.
  let lost = lostByProduct(-x, 0.7071067691, t) - x * 1.21016175e-8;
  return value - value * (lost * 1.1283791671 / erfcRatio(t));
}
fn logNdtrFloat(x: f32) -> f32 {
  if (isNaN(x)) { return x; }
  if (x > 0.0) { return log1pFloat(-ndtrFloat(-x)); }
  if (x > -5.0) { return logFloat(ndtrFloat(x)); }
  if (x < -2.7e19) { return -infinity(); }
  return logFloat(0.5 * erfcRatio(-x * 0.7071067691)) - 0.5 * x * x;
}
fn ndtriFloat(p: f32) -> f32 {
  if (isNaN(p) || p < 0.0 || p > 1.0) { return nanValue(); }
  if (p == 0.0) { return -infinity(); }
  if (p == 1.0) { return infinity(); }
  let y = 2.0 * min(p, 1.0 - p);
  let w = -logFloat(y * (2.0 - y));
  var factor: f32;
  if (w < 3.65) { factor = ndtriCentre(w); } else {
    let root = sqrt(w);
    if (root < 5.95) { factor = ndtriMiddle(root); } else { factor = ndtriTail(root); }
  }
  let size = 1.4142135624 * (1.0 - y) * factor;
  return select(size, -size, p < 0.5);
}
`);
