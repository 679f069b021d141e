// Integer arithmetic that JavaScript spells differently from C or Python.
// int64 is computed with bigints; the callers wrap results to 64 bits.

import { RuntimeError } from "../tensor/errors.ts";

/** Integer division by zero, as PyTorch reports it. */
function divisionByZero(): never {
  throw new RuntimeError(
    "ZeroDivisionError",
    "an integer was divided by zero; floating-point tensors give inf or nan instead",
  );
}

/** Quotient rounded to zero, as in C. */
export function truncDivInt(a: number, b: number): number {
  if (b === 0) divisionByZero();
  return Math.trunc(a / b);
}

/** Quotient rounded down, as in Python. */
export function floorDivInt(a: number, b: number): number {
  if (b === 0) divisionByZero();
  return Math.floor(a / b);
}

/** Remainder with the sign of the dividend, as in C. */
export function fmodInt(a: number, b: number): number {
  if (b === 0) divisionByZero();
  return a % b;
}

/** Remainder with the sign of the divisor, as in Python. */
export function remainderInt(a: number, b: number): number {
  if (b === 0) divisionByZero();
  const r = a % b;
  return r !== 0 && (r < 0) !== (b < 0) ? r + b : r;
}

/** Integer power modulo 2³²; negative exponents give 0 unless the base is 1 or −1. */
export function powInt(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let out = 1;
  let base = a | 0;
  for (let n = b; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) out = Math.imul(out, base);
    base = Math.imul(base, base);
  }
  return out;
}

/** Left shift that, as in PyTorch, gives 0 for a count outside the type's bits. */
export function shiftLeftInt(a: number, b: number): number {
  return b < 0 || b > 31 ? 0 : a << b;
}

/** Arithmetic right shift; a count outside the type's bits shifts everything out. */
export function shiftRightInt(a: number, b: number): number {
  return a >> (b < 0 || b > 31 ? 31 : b);
}

/** Quotient rounded to zero. */
export function truncDivBig(a: bigint, b: bigint): bigint {
  if (b === 0n) divisionByZero();
  return a / b;
}

/** Quotient rounded down. */
export function floorDivBig(a: bigint, b: bigint): bigint {
  if (b === 0n) divisionByZero();
  const q = a / b;
  return a % b !== 0n && (a < 0n) !== (b < 0n) ? q - 1n : q;
}

/** Remainder with the sign of the dividend. */
export function fmodBig(a: bigint, b: bigint): bigint {
  if (b === 0n) divisionByZero();
  return a % b;
}

/** Remainder with the sign of the divisor. */
export function remainderBig(a: bigint, b: bigint): bigint {
  if (b === 0n) divisionByZero();
  const r = a % b;
  return r !== 0n && (r < 0n) !== (b < 0n) ? r + b : r;
}

/** Integer power modulo 2⁶⁴. */
export function powBig(a: bigint, b: bigint): bigint {
  if (b < 0n) {
    return a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n;
  }
  let out = 1n;
  let base = a;
  for (let n = b; n > 0n; n >>= 1n) {
    if (n & 1n) out = BigInt.asIntN(64, out * base);
    base = BigInt.asIntN(64, base * base);
  }
  return out;
}

/** Left shift modulo 2⁶⁴. */
export function shiftLeftBig(a: bigint, b: bigint): bigint {
  return b < 0n || b > 63n ? 0n : a << b;
}

/** Arithmetic right shift. */
export function shiftRightBig(a: bigint, b: bigint): bigint {
  return a >> (b < 0n || b > 63n ? 63n : b);
}

/** Converts a float to int64 as a C cast does on x86: what does not fit becomes the smallest. */
export function floatToBig(x: number): bigint {
  if (!(Math.abs(x) < 9223372036854775808)) return -9223372036854775808n;
  return BigInt(Math.trunc(x));
}

/** Greatest common divisor; 0 of zeros. */
export function gcdInt(a: number, b: number): number {
  let x = Math.abs(a);
  let y = Math.abs(b);
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Greatest common divisor; 0 of zeros. */
export function gcdBig(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
