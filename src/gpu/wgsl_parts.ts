// Neighbours, mantissas and exponents of float32 numbers in WGSL, by their bits:
// arithmetic may take subnormal numbers for 0.

import { addFunctions } from "./library.ts";

addFunctions(`
fn nextafterFloat(x: f32, y: f32) -> f32 {
  if (isNaN(x) || isNaN(y)) { return nanValue(); }
  let a = bitcast<i32>(x);
  let b = bitcast<i32>(y);
  // As integers of one order; both zeros are 0.
  let p = select(a, -(a & 0x7fffffff), a < 0);
  let q = select(b, -(b & 0x7fffffff), b < 0);
  if (p == q) { return y; }
  let n = select(p - 1, p + 1, q > p);
  if (n < 0) { return bitcast<f32>(bitcast<u32>(-n) | 0x80000000u); }
  // From below, the zero on the way is negative.
  if (n == 0 && p < 0) { return -zeroValue(); }
  return bitcast<f32>(n);
}
// Places by which the bits of a subnormal number move to become a normal one.
fn missingBits(bits: u32) -> u32 {
  if ((bits & 0x7f800000u) != 0u || (bits & 0x7fffffffu) == 0u) { return 0u; }
  return countLeadingZeros(bits & 0x7fffffu) - 8u;
}
fn exponentFloat(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  if (size == 0u || size >= 0x7f800000u) { return 0.0; }
  let missing = missingBits(bits);
  if (missing > 0u) { return f32(-125 - i32(missing)); }
  return f32(i32(size >> 23u) - 126);
}
fn mantissaFloat(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  if (size == 0u || size >= 0x7f800000u) { return x; }
  let fraction = (bits << missingBits(bits)) & 0x7fffffu;
  return bitcast<f32>((bits & 0x80000000u) | 0x3f000000u | fraction);
}
`);
