// How expressions, loads, stores and conversions are spelled in JavaScript, by
// the kind of arithmetic: f32 rounds every step, i64 computes with bigints.

import type { DTypeInfo } from "../tensor/dtype.ts";
import type { Fn, Spelling } from "../tensor/expr.ts";
import * as integer from "./integer.ts";
import * as basic from "./math_basic.ts";
import * as bessel from "./math_bessel.ts";
import * as erf from "./math_erf.ts";
import * as gamma from "./math_gamma.ts";
import * as incomplete from "./math_incomplete.ts";
import * as normal from "./math_normal.ts";
import * as parts from "./math_parts.ts";

/** Kinds of arithmetic. */
export type Kind = "f32" | "f64" | "i32" | "i64";

/** The functions that printed code may call, by the names that it uses. */
const SCOPE = {
  ...integer,
  ...basic,
  ...bessel,
  ...erf,
  ...gamma,
  ...incomplete,
  ...normal,
  ...parts,
};

const NAMES = Object.keys(SCOPE);
const VALUES = Object.values(SCOPE);

/** Compiles the source of a function; it sees the scalar functions by name. */
export function compileSource<T>(source: string): T {
  return new Function(...NAMES, `"use strict";return ${source}`)(
    ...VALUES,
  ) as T;
}

/** The kind of arithmetic that an element type is computed with. */
export function kindOf(info: DTypeInfo): Kind {
  if (info.category === 2) return info.bytes === 8 ? "f64" : "f32";
  return info.bytes === 8 ? "i64" : "i32";
}

/** Spells the value of a stored element of type `info` in arithmetic of `kind`. */
export function load(info: DTypeInfo, kind: Kind, element: string): string {
  const own = kindOf(info);
  const value = info.name === "bfloat16"
    ? `bfloat16BitsToFloat(${element})`
    : element;
  return convert(own, kind, value);
}

/** Spells the conversion of a value between kinds. */
export function convert(from: Kind, to: Kind, value: string): string {
  if (from === to || (from === "f32" && to === "f64")) return value;
  if (to === "i64") {
    return from === "i32" ? `BigInt(${value})` : `floatToBig(${value})`;
  }
  if (from === "i64") {
    if (to === "i32") return `Number(BigInt.asIntN(32,${value}))`;
    return to === "f32" ? `Math.fround(Number(${value}))` : `Number(${value})`;
  }
  if (to === "i32") return `(${value}|0)`;
  return to === "f32" ? `Math.fround(${value})` : value;
}

/** Spells what is stored for a value in arithmetic of `kind`; the typed array wraps or rounds the rest. */
export function store(info: DTypeInfo, kind: Kind, value: string): string {
  if (info.category === 0) {
    return kind === "i64" ? `(${value}!==0n?1:0)` : `(${value}!==0?1:0)`;
  }
  if (info.name === "bfloat16") {
    return `floatToBfloat16Bits(${convert(kind, "f64", value)})`;
  }
  const own = kindOf(info);
  if (own === "i32" && (kind === "f32" || kind === "f64")) {
    // C casts a float to a narrow integer through a wider one.
    return `Number(BigInt.asIntN(32,floatToBig(${value})))`;
  }
  if (own === "f32" && kind === "i64") return `Number(${value})`;
  return convert(kind, own === "f32" ? "f64" : own, value);
}

type Calls = Readonly<Record<Fn, (...args: string[]) => string>>;

const COMPARISONS = {
  lt: (a: string, b: string) => `(${a}<${b})`,
  le: (a: string, b: string) => `(${a}<=${b})`,
  gt: (a: string, b: string) => `(${a}>${b})`,
  ge: (a: string, b: string) => `(${a}>=${b})`,
  eq: (a: string, b: string) => `(${a}===${b})`,
  ne: (a: string, b: string) => `(${a}!==${b})`,
  and: (a: string, b: string) => `(${a}&&${b})`,
  or: (a: string, b: string) => `(${a}||${b})`,
  not: (a: string) => `(!${a})`,
  select: (c: string, a: string, b: string) => `(${c}?${a}:${b})`,
};

/** A function of floats spelled as a call that is rounded where the arithmetic is float32. */
function floats(round: (value: string) => string, bits: 32 | 64): Calls {
  const f = (name: string) => (...args: string[]) =>
    round(`${name}(${args.join(",")})`);
  const op = (sign: string) => (a: string, b: string) =>
    round(`(${a}${sign}${b})`);
  const none = (name: string) => () => {
    throw new TypeError(`${name} is not defined for floating-point types`);
  };
  return {
    ...COMPARISONS,
    add: op("+"),
    sub: op("-"),
    mul: op("*"),
    div: op("/"),
    neg: (a) => `(-${a})`,
    abs: (a) => `Math.abs(${a})`,
    sqrt: f("Math.sqrt"),
    floor: (a) => `Math.floor(${a})`,
    ceil: (a) => `Math.ceil(${a})`,
    trunc: (a) => `Math.trunc(${a})`,
    round: (a) => `roundHalfEven(${a})`,
    min: (a, b) => `Math.min(${a},${b})`,
    max: (a, b) => `Math.max(${a},${b})`,
    fmod: f("fmod"),
    remainder: f("remainder"),
    floorDiv: f("floorDiv"),
    truncDiv: (a, b) => `Math.trunc(${round(`(${a}/${b})`)})`,
    pow: f("pow"),
    exp: f("Math.exp"),
    exp2: f("exp2"),
    expm1: f("Math.expm1"),
    log: f("Math.log"),
    log2: f("Math.log2"),
    log10: f("Math.log10"),
    log1p: f("Math.log1p"),
    sin: f("Math.sin"),
    cos: f("Math.cos"),
    tan: f("Math.tan"),
    asin: f("Math.asin"),
    acos: f("Math.acos"),
    atan: f("Math.atan"),
    sinh: f("Math.sinh"),
    cosh: f("Math.cosh"),
    tanh: f("Math.tanh"),
    asinh: f("Math.asinh"),
    acosh: f("Math.acosh"),
    atanh: f("Math.atanh"),
    atan2: f("atan2"),
    hypot: f("hypot"),
    erf: f("erf"),
    erfc: f("erfc"),
    erfinv: f("erfinv"),
    lgamma: f("lgamma"),
    digamma: f("digamma"),
    polygamma: f("polygamma"),
    zeta: f("zeta"),
    i0: f("i0"),
    i0e: f("i0e"),
    i1: f("i1"),
    i1e: f("i1e"),
    j0: f("j0"),
    j1: f("j1"),
    y0: f("y0"),
    y1: f("y1"),
    k0: f("k0"),
    k0e: f("k0e"),
    k1: f("k1"),
    k1e: f("k1e"),
    sphericalJ0: f("sphericalJ0"),
    erfcx: f("erfcx"),
    ndtr: f("ndtr"),
    logNdtr: f("logNdtr"),
    ndtri: f("ndtri"),
    gammainc: f("gammainc"),
    gammaincc: f("gammaincc"),
    copysign: f("copysign"),
    nextafter: (a, b) => `nextafter${bits}(${a},${b})`,
    mantissa: (a) => `mantissa(${a})`,
    exponent: (a) => `exponent(${a})`,
    signbit: (a) => `signbit(${a})`,
    bitAnd: none("bitAnd"),
    bitOr: none("bitOr"),
    bitXor: none("bitXor"),
    bitNot: none("bitNot"),
    shiftLeft: none("shiftLeft"),
    shiftRight: none("shiftRight"),
    gcd: none("gcd"),
  };
}

/** Integers: what is defined for floats only is refused where it is printed. */
function integers(
  wrap: (value: string) => string,
  suffix: "Int" | "Big",
  zero: string,
): Calls {
  const only = floats((value) => value, 64);
  const f = (name: string) => (...args: string[]) =>
    wrap(`${name}${suffix}(${args.join(",")})`);
  const op = (sign: string) => (a: string, b: string) =>
    wrap(`(${a}${sign}${b})`);
  const same = (a: string) => a;
  const refused = Object.fromEntries(
    Object.keys(only).map((name) => [name, () => {
      throw new TypeError(`${name} is not defined for integer types`);
    }]),
  ) as unknown as Calls;
  return {
    ...refused,
    ...COMPARISONS,
    add: op("+"),
    sub: op("-"),
    mul: suffix === "Int" ? (a, b) => `Math.imul(${a},${b})` : op("*"),
    neg: (a) => wrap(`(-${a})`),
    abs: (a) => wrap(`(${a}<${zero}?-${a}:${a})`),
    floor: same,
    ceil: same,
    trunc: same,
    round: same,
    min: (a, b) => `(${a}<${b}?${a}:${b})`,
    max: (a, b) => `(${a}>${b}?${a}:${b})`,
    fmod: f("fmod"),
    remainder: f("remainder"),
    floorDiv: f("floorDiv"),
    truncDiv: f("truncDiv"),
    pow: f("pow"),
    copysign: (a, b) => wrap(`((${a}<${zero})===(${b}<${zero})?${a}:-${a})`),
    signbit: (a) => `(${a}<${zero})`,
    bitAnd: op("&"),
    bitOr: op("|"),
    bitXor: op("^"),
    bitNot: (a) => `(~${a})`,
    shiftLeft: f("shiftLeft"),
    shiftRight: f("shiftRight"),
    gcd: f("gcd"),
  };
}

function makeCalls(kind: Kind): Calls {
  switch (kind) {
    case "f32":
      return floats((value) => `Math.fround(${value})`, 32);
    case "f64":
      return floats((value) => value, 64);
    case "i32":
      return integers((value) => `(${value}|0)`, "Int", "0");
    case "i64":
      return integers((value) => `BigInt.asIntN(64,${value})`, "Big", "0n");
  }
}

const made: Partial<Record<Kind, Calls>> = {};

/** How calls are spelled in arithmetic of `kind`; few programs use all kinds. */
export function callsOf(kind: Kind): Calls {
  return made[kind] ??= makeCalls(kind);
}

/** Spells a number known when the code is printed. */
export function literal(kind: Kind, value: number): string {
  const text = literalText(kind, value);
  return text.startsWith("-") ? `(${text})` : text;
}

function literalText(kind: Kind, value: number): string {
  if (kind === "i64") return `${BigInt(Math.trunc(value))}n`;
  if (kind === "i32") return String(value | 0);
  const rounded = kind === "f32" ? Math.fround(value) : value;
  return Object.is(rounded, -0) ? "-0" : String(rounded);
}

/** Spells a number given at the call, `p[index]`, in arithmetic of `kind`. */
export function parameter(kind: Kind, index: number): string {
  return convert("f64", kind, `p[${index}]`);
}

/** A spelling of expressions over inputs that the caller names. */
export function spelling(
  kind: Kind,
  inputs: readonly string[],
): Spelling {
  return {
    input: (index) => inputs[index]!,
    param: (index) => `P${index}`,
    constant: (value) => literal(kind, value),
    calls: callsOf(kind),
    define: (name, value) => `const ${name}=${value};`,
  };
}

/** Numbers given at the call that an expression's code uses, read once before the loop. */
export function hoistParams(kind: Kind, body: string): string {
  const indices = new Set(
    [...body.matchAll(/\bP(\d+)\b/g)].map((match) => Number(match[1])),
  );
  return [...indices].map((k) => `const P${k}=${parameter(kind, k)};`).join("");
}
