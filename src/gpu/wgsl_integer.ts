// Integer arithmetic in WGSL that differs from its own operators. A division by
// zero cannot be reported from a kernel: it gives 0, see zero_divisor.ts.

import { addFunctions } from "./library.ts";

addFunctions(`
fn truncDivInteger(a: i32, b: i32) -> i32 { if (b == 0) { return 0; } return a / b; }
fn floorDivInteger(a: i32, b: i32) -> i32 {
  if (b == 0) { return 0; }
  let q = a / b;
  return select(q, q - 1, a % b != 0 && (a < 0) != (b < 0));
}
fn fmodInteger(a: i32, b: i32) -> i32 { if (b == 0) { return 0; } return a % b; }
fn remainderInteger(a: i32, b: i32) -> i32 {
  if (b == 0) { return 0; }
  let r = a % b;
  return select(r, r + b, r != 0 && (r < 0) != (b < 0));
}
fn powInteger(a: i32, b: i32) -> i32 {
  if (b < 0) {
    if (a == 1) { return 1; }
    if (a == -1) { return select(-1, 1, (b & 1) == 0); }
    return 0;
  }
  var result = 1;
  var base = a;
  for (var n = b; n > 0; n = n >> 1u) {
    if ((n & 1) == 1) { result = result * base; }
    base = base * base;
  }
  return result;
}
fn copysignInteger(a: i32, b: i32) -> i32 { return select(-a, a, (a < 0) == (b < 0)); }
fn shiftLeftInteger(a: i32, b: i32) -> i32 { if (b < 0 || b > 31) { return 0; } return a << u32(b); }
fn shiftRightInteger(a: i32, b: i32) -> i32 { return a >> u32(select(b, 31, b < 0 || b > 31)); }
fn gcdInteger(a: i32, b: i32) -> i32 {
  var x = abs(a);
  var y = abs(b);
  while (y != 0) {
    let rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
`);
