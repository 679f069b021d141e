// Constants, comparisons and arithmetic in WGSL that drivers cannot be trusted
// with: NaN is told by its bits. Quotients are in wgsl_rounding.ts as well.

import { addFunctions } from "./library.ts";

// A constant NaN or infinity is an error in WGSL, so these are values of run
// time: the first number of every call is a count, whose sign bit is 0, which
// no compiler knows. Drivers also reorder arithmetic as if numbers were real:
// what passes through exactly() is taken as it is. WGSL's fma may round twice.
addFunctions(`
fn zeroBits() -> u32 { return bitcast<u32>(words[0].x) >> 31u; }
fn exactly(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ zeroBits()); }
// What a product loses when it is rounded.
fn lostByProduct(a: f32, b: f32, product: f32) -> f32 {
  let ah = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let bh = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let al = exactly(a - ah);
  let bl = exactly(b - bh);
  let first = exactly(exactly(ah * bh) - product);
  let second = exactly(first + exactly(ah * bl));
  return exactly(second + exactly(al * bh)) + al * bl;
}
fn zeroValue() -> f32 { return bitcast<f32>(zeroBits()); }
fn infinity() -> f32 { return bitcast<f32>(zeroBits() | 0x7f800000u); }
fn nanValue() -> f32 { return bitcast<f32>(zeroBits() | 0x7fc00000u); }
fn isInfinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }
fn signBit(x: f32) -> bool { return (bitcast<u32>(x) >> 31u) != 0u; }
fn neFloat(a: f32, b: f32) -> bool { return isNaN(a) || isNaN(b) || a != b; }
fn eqFloat(a: f32, b: f32) -> bool { return !isNaN(a) && !isNaN(b) && a == b; }
fn minFloat(a: f32, b: f32) -> f32 {
  if (isNaN(a)) { return a; }
  if (isNaN(b)) { return b; }
  return min(a, b);
}
fn maxFloat(a: f32, b: f32) -> f32 {
  if (isNaN(a)) { return a; }
  if (isNaN(b)) { return b; }
  return max(a, b);
}
fn copysignFloat(a: f32, b: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(a) & 0x7fffffffu) | (bitcast<u32>(b) & 0x80000000u));
}
fn divFloat(a: f32, b: f32) -> f32 { return a / b; }
fn fmodFloat(a: f32, b: f32) -> f32 {
  if (isNaN(a) || isNaN(b) || isInfinite(a) || b == 0.0) { return nanValue(); }
  if (isInfinite(b)) { return a; }
  // Long division in binary: exact, whatever the quotient.
  let divisor = abs(b);
  var rest = abs(a);
  loop {
    if (rest < divisor) { break; }
    let shift = exponentOf(rest) - exponentOf(divisor);
    var piece = divisor;
    // In two steps, of which the first makes it a normal number.
    if (shift > 0) { piece = scaleByPower(scaleByPower(divisor, min(shift, 126)), shift - min(shift, 126)); }
    if (piece > rest) { piece = piece * 0.5; }
    rest = rest - piece;
  }
  return copysignFloat(rest, a);
}
fn exponentOf(x: f32) -> i32 {
  let bits = bitcast<u32>(x);
  if (bits < 0x800000u) { return 9 - i32(countLeadingZeros(bits)); }
  return i32(bits >> 23u);
}
fn remainderFloat(a: f32, b: f32) -> f32 {
  let rest = fmodFloat(a, b);
  if (rest != 0.0 && (b < 0.0) != (rest < 0.0)) { return rest + b; }
  return rest;
}
fn floorDivFloat(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return divFloat(a, b); }
  if (isNaN(a) || isNaN(b) || isInfinite(a)) { return nanValue(); }
  let rest = fmodFloat(a, b);
  var quotient = divFloat(a - rest, b);
  if (rest != 0.0 && (b < 0.0) != (rest < 0.0)) { quotient = quotient - 1.0; }
  if (quotient == 0.0) { return copysignFloat(0.0, divFloat(a, b)); }
  let low = floor(quotient);
  if (quotient - low > 0.5) { return low + 1.0; }
  return low;
}
fn hypotFloat(x: f32, y: f32) -> f32 {
  if (isInfinite(x) || isInfinite(y)) { return infinity(); }
  if (isNaN(x) || isNaN(y)) { return nanValue(); }
  let a = max(abs(x), abs(y));
  let b = min(abs(x), abs(y));
  if (a == 0.0) { return a; }
  // Powers of two change no digit, and keep the squares in range.
  let k = i32(bitcast<u32>(a) >> 23u) - 127;
  let p = scaleByPower(a, -k);
  let q = scaleByPower(b, -k);
  return scaleByPower(sqrt(fma(p, p, q * q)), k);
}
fn powerOfTwo(k: i32) -> f32 { return bitcast<f32>(u32(k + 127) << 23u); }
fn scaleByPower(x: f32, k: i32) -> f32 {
  if (k >= -126 && k <= 127) { return x * powerOfTwo(k); }
  let half = k / 2;
  return x * powerOfTwo(clamp(half, -126, 127)) * powerOfTwo(clamp(k - half, -126, 127));
}
`);
