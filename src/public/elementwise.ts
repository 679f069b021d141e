// What the package exports: elementwise ops. In-place forms are methods only,
// as in PyTorch; what ops share among themselves stays inside.

export {
  add,
  type AlphaOptions,
  mul,
  multiply,
  rsub,
  sub,
  subtract,
} from "../tensor/ops/arithmetic.ts";
export {
  div,
  divide,
  type DivOptions,
  floorDivide,
  fmod,
  remainder,
  trueDivide,
} from "../tensor/ops/division.ts";
export { floatPower, pow, square } from "../tensor/ops/power.ts";
export { hypot, ldexp, reciprocal, rsqrt, sqrt } from "../tensor/ops/root.ts";
export {
  abs,
  absolute,
  copysign,
  heaviside,
  neg,
  negative,
  positive,
  sgn,
  sign,
  signbit,
} from "../tensor/ops/sign.ts";
export {
  complex,
  conj,
  conjPhysical,
  imag,
  isComplex,
  polar,
  real,
  resolveConj,
  viewAsComplex,
  viewAsReal,
} from "../tensor/ops/complex.ts";
export { angle } from "../tensor/ops/complex_angle.ts";
export { fmax, fmin, maximum, minimum, relu } from "../tensor/ops/extrema.ts";
export { eq, ge, gt, le, lt, ne } from "../tensor/ops/comparison.ts";
export {
  greater,
  greaterEqual,
  less,
  lessEqual,
  notEqual,
} from "../tensor/ops/comparison_names.ts";
export {
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  isreal,
} from "../tensor/ops/classification.ts";
export {
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
} from "../tensor/ops/logical.ts";
export { gcd, lcm } from "../tensor/ops/divisors.ts";
export { frexp, nextafter } from "../tensor/ops/float_parts.ts";
export { where } from "../tensor/ops/where.ts";
export {
  ceil,
  fix,
  floor,
  frac,
  round,
  type RoundOptions,
  trunc,
} from "../tensor/ops/rounding.ts";
export {
  clamp,
  clampMax,
  clampMin,
  type ClampOptions,
  clip,
} from "../tensor/ops/clamping.ts";
export { nanToNum, type NanToNumOptions } from "../tensor/ops/nan_to_num.ts";
export {
  addcdiv,
  addcmul,
  deg2rad,
  lerp,
  rad2deg,
  type ValueOptions,
} from "../tensor/ops/composite_arithmetic.ts";
export {
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseNot,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from "../tensor/ops/bitwise.ts";
export {
  allclose,
  type CloseOptions,
  equal,
  isclose,
} from "../tensor/ops/closeness.ts";
export { exp, exp2, expm1 } from "../tensor/ops/exponential.ts";
export {
  log,
  log10,
  log1p,
  log2,
  logaddexp,
  logaddexp2,
} from "../tensor/ops/logarithm.ts";
export {
  acos,
  arccos,
  arcsin,
  arctan,
  arctan2,
  asin,
  atan,
  atan2,
  cos,
  sin,
  tan,
} from "../tensor/ops/trigonometric.ts";
export {
  acosh,
  arccosh,
  arcsinh,
  arctanh,
  asinh,
  atanh,
  cosh,
  sinh,
  tanh,
} from "../tensor/ops/hyperbolic.ts";
export {
  erf,
  erfc,
  erfinv,
  sinc,
  xlogy,
} from "../tensor/ops/special_functions.ts";
export { i0 } from "../tensor/ops/bessel_modified.ts";
export { igamma, igammac } from "../tensor/ops/incomplete_gamma.ts";
export { digamma, lgamma, mvlgamma, polygamma } from "../tensor/ops/gamma.ts";
export {
  logit,
  type LogitOptions,
  logSoftmax,
  sigmoid,
  softmax,
  type SoftmaxOptions,
} from "../tensor/ops/activation.ts";
export {
  type AlphaActivationOptions,
  celu,
  selu,
} from "../tensor/ops/activation_curves.ts";
export {
  hardshrink,
  prelu,
  type ShrinkOptions,
  threshold,
} from "../tensor/ops/activation_pieces.ts";
