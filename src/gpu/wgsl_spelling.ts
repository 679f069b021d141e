// How expressions are spelled in WGSL, by the kind of arithmetic. What WGSL has
// no exact word for is a function of the library; see wgsl_math.ts.

import type { Fn, Spelling } from "../tensor/expr.ts";
import type { Kind } from "./element.ts";
import "./wgsl_basic.ts";
import "./wgsl_bessel.ts";
import "./wgsl_exponential.ts";
import "./wgsl_incomplete.ts";
import "./wgsl_integer.ts";
import "./wgsl_normal.ts";
import "./wgsl_parts.ts";
import "./wgsl_special.ts";
import "./wgsl_trigonometry.ts";

type Calls = Readonly<Record<Fn, (...args: string[]) => string>>;

const CONDITIONS = {
  lt: (a: string, b: string) => `(${a}<${b})`,
  le: (a: string, b: string) => `(${a}<=${b})`,
  gt: (a: string, b: string) => `(${a}>${b})`,
  ge: (a: string, b: string) => `(${a}>=${b})`,
  eq: (a: string, b: string) => `(${a}==${b})`,
  ne: (a: string, b: string) => `(${a}!=${b})`,
  and: (a: string, b: string) => `(${a}&&${b})`,
  or: (a: string, b: string) => `(${a}||${b})`,
  not: (a: string) => `(!${a})`,
  select: (c: string, a: string, b: string) => `select(${b},${a},${c})`,
};

function library(name: string): (...args: string[]) => string {
  return (...args) => `${name}(${args.join(",")})`;
}

function infix(sign: string): (a: string, b: string) => string {
  return (a, b) => `(${a}${sign}${b})`;
}

function none(name: string, types: string): () => string {
  return () => {
    throw new TypeError(`${name} is not defined for ${types} types`);
  };
}

const FLOAT_CALLS: Calls = {
  ...CONDITIONS,
  // Comparisons with NaN: drivers may assume that there is none.
  ne: library("neFloat"),
  eq: library("eqFloat"),
  add: infix("+"),
  // Drivers take x - x for 0, which is NaN where x is infinite.
  sub: (a, b) => `(exactly(${a})-${b})`,
  mul: infix("*"),
  div: library("divFloat"),
  neg: (a) => `(-${a})`,
  abs: library("abs"),
  sqrt: library("sqrtFloat"),
  floor: library("floor"),
  ceil: library("ceil"),
  trunc: library("trunc"),
  round: library("round"),
  min: library("minFloat"),
  max: library("maxFloat"),
  fmod: library("fmodFloat"),
  remainder: library("remainderFloat"),
  floorDiv: library("floorDivFloat"),
  truncDiv: (a, b) => `trunc(divFloat(${a},${b}))`,
  pow: library("powFloat"),
  exp: library("expFloat"),
  exp2: library("exp2Float"),
  expm1: library("expm1Float"),
  log: library("logFloat"),
  log2: library("log2Float"),
  log10: library("log10Float"),
  log1p: library("log1pFloat"),
  sin: library("sinFloat"),
  cos: library("cosFloat"),
  tan: library("tanFloat"),
  asin: library("asinFloat"),
  acos: library("acosFloat"),
  atan: library("atanFloat"),
  sinh: library("sinhFloat"),
  cosh: library("coshFloat"),
  tanh: library("tanhFloat"),
  asinh: library("asinhFloat"),
  acosh: library("acoshFloat"),
  atanh: library("atanhFloat"),
  atan2: library("atan2Float"),
  hypot: library("hypotFloat"),
  erf: library("erfFloat"),
  erfc: library("erfcFloat"),
  erfinv: library("erfinvFloat"),
  lgamma: library("lgammaFloat"),
  digamma: library("digammaFloat"),
  polygamma: library("polygammaFloat"),
  zeta: library("zetaFloat"),
  i0: library("besselI0Float"),
  i0e: library("besselI0eFloat"),
  i1: library("besselI1Float"),
  i1e: library("besselI1eFloat"),
  j0: library("besselJ0Float"),
  j1: library("besselJ1Float"),
  y0: library("besselY0Float"),
  y1: library("besselY1Float"),
  k0: library("besselK0Float"),
  k0e: library("besselK0eFloat"),
  k1: library("besselK1Float"),
  k1e: library("besselK1eFloat"),
  sphericalJ0: library("sphericalJ0Float"),
  erfcx: library("erfcxFloat"),
  ndtr: library("ndtrFloat"),
  logNdtr: library("logNdtrFloat"),
  ndtri: library("ndtriFloat"),
  gammainc: library("gammaincFloat"),
  gammaincc: library("gammainccFloat"),
  copysign: library("copysignFloat"),
  nextafter: library("nextafterFloat"),
  mantissa: library("mantissaFloat"),
  exponent: library("exponentFloat"),
  signbit: (a) => `((bitcast<u32>(${a})>>31u)!=0u)`,
  bitAnd: none("bitAnd", "floating-point"),
  bitOr: none("bitOr", "floating-point"),
  bitXor: none("bitXor", "floating-point"),
  bitNot: none("bitNot", "floating-point"),
  shiftLeft: none("shiftLeft", "floating-point"),
  shiftRight: none("shiftRight", "floating-point"),
  gcd: none("gcd", "floating-point"),
};

const REFUSED = Object.fromEntries(
  Object.keys(FLOAT_CALLS).map((name) => [name, none(name, "integer")]),
) as unknown as Calls;

const same = (a: string) => a;

const INTEGER_CALLS: Calls = {
  ...REFUSED,
  ...CONDITIONS,
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  neg: (a) => `(-${a})`,
  abs: library("abs"),
  floor: same,
  ceil: same,
  trunc: same,
  round: same,
  min: library("min"),
  max: library("max"),
  fmod: library("fmodInteger"),
  remainder: library("remainderInteger"),
  floorDiv: library("floorDivInteger"),
  truncDiv: library("truncDivInteger"),
  pow: library("powInteger"),
  copysign: library("copysignInteger"),
  signbit: (a) => `(${a}<0)`,
  bitAnd: infix("&"),
  bitOr: infix("|"),
  bitXor: infix("^"),
  bitNot: (a) => `(~${a})`,
  shiftLeft: library("shiftLeftInteger"),
  shiftRight: library("shiftRightInteger"),
  gcd: library("gcdInteger"),
};

/** How calls are spelled, by kind. */
const CALLS: Readonly<Record<Kind, Calls>> = {
  f32: FLOAT_CALLS,
  i32: INTEGER_CALLS,
};

/** Spells a number known when the code is printed. */
export function literal(kind: Kind, value: number): string {
  if (kind === "i32") {
    const n = value | 0;
    // The lowest integer has no literal of its own.
    return n === -(2 ** 31) ? "(-2147483647-1)" : `i32(${n})`;
  }
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return "nanValue()";
  if (rounded === Infinity) return "infinity()";
  if (rounded === -Infinity) return "(-infinity())";
  // Of a choice between -1 and 0 a driver may make -(x < 0), which is -0.
  if (rounded === 0) {
    return Object.is(rounded, 0) ? "zeroValue()" : "(-zeroValue())";
  }
  return `f32(${rounded})`;
}

/** A spelling of expressions over inputs and parameters that the caller names. */
export function spelling(
  kind: Kind,
  inputs: readonly string[],
  param: (index: number) => string,
): Spelling {
  return {
    input: (index) => inputs[index]!,
    param,
    constant: (value) => literal(kind, value),
    calls: CALLS[kind],
    define: (name, value) => `let ${name}=${value};`,
  };
}
