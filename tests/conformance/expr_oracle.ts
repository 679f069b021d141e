// What an expression means, said a second time and as plainly as possible: a
// tree walk over numbers. The conformance test compares the loops that devices
// print from the same expressions with it, bit for bit. The special functions
// are the library's own; cpu_math_test.ts checks those against PyTorch.

import {
  atan2,
  exp2,
  floorDiv,
  fmod,
  hypot,
  remainder,
  roundHalfEven,
} from "../../src/cpu/math_basic.ts";
import { erf, erfc, erfcx, erfinv } from "../../src/cpu/math_erf.ts";
import * as bessel from "../../src/cpu/math_bessel.ts";
import { digamma, lgamma, polygamma, zeta } from "../../src/cpu/math_gamma.ts";
import { gammainc, gammaincc } from "../../src/cpu/math_incomplete.ts";
import { logNdtr, ndtr, ndtri } from "../../src/cpu/math_normal.ts";
import {
  exponent,
  mantissa,
  nextafter32,
  nextafter64,
} from "../../src/cpu/math_parts.ts";
import type { DTypeInfo } from "../../src/tensor/dtype.ts";
import type { ConditionFn, Expr, NumberFn } from "../../src/tensor/expr.ts";

type Fn = (...args: number[]) => number;

const CONDITIONS: Readonly<
  Record<ConditionFn, (...args: number[]) => boolean>
> = {
  lt: (a, b) => a! < b!,
  le: (a, b) => a! <= b!,
  gt: (a, b) => a! > b!,
  ge: (a, b) => a! >= b!,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  and: (a, b) => a !== 0 && b !== 0,
  or: (a, b) => a !== 0 || b !== 0,
  not: (a) => a === 0,
  signbit: (a) => a! < 0 || Object.is(a, -0),
};

function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return x ** y;
}

function divisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : divisor(b, a % b);
}

function bits(fn: (a: bigint, b: bigint) => bigint): Fn {
  return (a, b = 0) => Number(fn(BigInt(a!), BigInt(b)));
}

const NUMBERS: Readonly<Record<NumberFn, Fn>> = {
  add: (a, b) => a! + b!,
  sub: (a, b) => a! - b!,
  mul: (a, b) => a! * b!,
  div: (a, b) => a! / b!,
  neg: (a) => -a!,
  abs: Math.abs,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: (a) => roundHalfEven(a!),
  min: Math.min,
  max: Math.max,
  fmod: (a, b) => fmod(a!, b!),
  remainder: (a, b) => remainder(a!, b!),
  floorDiv: (a, b) => floorDiv(a!, b!),
  truncDiv: (a, b) => Math.trunc(a! / b!),
  pow: (a, b) => power(a!, b!),
  exp: Math.exp,
  exp2: (a) => exp2(a!),
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  atan2: (a, b) => atan2(a!, b!),
  hypot: (a, b) => hypot(a!, b!),
  erf: (a) => erf(a!),
  erfc: (a) => erfc(a!),
  erfinv: (a) => erfinv(a!),
  lgamma: (a) => lgamma(a!),
  digamma: (a) => digamma(a!),
  polygamma: (n, a) => polygamma(n!, a!),
  zeta: (s, q) => zeta(s!, q!),
  ...bessel,
  erfcx: (a) => erfcx(a!),
  ndtr: (a) => ndtr(a!),
  logNdtr: (a) => logNdtr(a!),
  ndtri: (a) => ndtri(a!),
  gammainc: (a, x) => gammainc(a!, x!),
  gammaincc: (a, x) => gammaincc(a!, x!),
  copysign: (a, b) => CONDITIONS.signbit(b!) ? -Math.abs(a!) : Math.abs(a!),
  nextafter: (a, b) => nextafter64(a!, b!),
  mantissa: (a) => mantissa(a!),
  exponent: (a) => exponent(a!),
  bitAnd: bits((a, b) => a & b),
  bitOr: bits((a, b) => a | b),
  bitXor: bits((a, b) => a ^ b),
  bitNot: bits((a) => ~a),
  shiftLeft: bits((a, b) => a << b),
  shiftRight: bits((a, b) => a >> b),
  gcd: (a, b) => divisor(a!, b!),
  select: (c, a, b) => c !== 0 ? a! : b!,
};

/** How arithmetic in an element type rounds each step. */
export function rounding(compute: DTypeInfo): (value: number) => number {
  if (compute.category === 2) {
    return compute.bytes === 8 ? (value) => value : Math.fround;
  }
  // Integers have no -0; samples are too small to leave any type but bool's.
  return (value) => Math.trunc(value) + 0;
}

/** Evaluates an expression; a condition gives 0 or 1. */
export function evaluate(
  expr: Expr,
  inputs: readonly number[],
  params: readonly number[],
  round: (value: number) => number,
): number {
  switch (expr.kind) {
    case "input":
      return inputs[expr.index]!;
    case "param":
      return round(params[expr.index]!);
    case "const":
      return round(expr.value);
    case "call": {
      const args = expr.args.map((e) => evaluate(e, inputs, params, round));
      const condition = CONDITIONS[expr.fn as ConditionFn];
      if (condition !== undefined) return Number(condition(...args));
      if (expr.fn === "nextafter" && round === Math.fround) {
        return nextafter32(args[0]!, args[1]!);
      }
      return round(NUMBERS[expr.fn as NumberFn](...args));
    }
  }
}
