// Prints expressions as vector instructions, by the kind of arithmetic. A
// condition is a mask: all bits of a lane set where it holds. It knows neither
// loops nor where elements lie; what it cannot print, JavaScript serves.

import { type Expr, type Fn, isCondition } from "../../tensor/expr.ts";
import type { Kind } from "../spelling.ts";
import type { SIMD } from "./opcodes.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import { integerMath } from "./vector_integer.ts";
import { onePlusExp } from "./vector_single.ts";
import { ASSUMING, FLOAT32_MATH, FLOAT64_MATH } from "./vector_math.ts";

/** Appends the code of one call; its arguments are vectors. */
export type Build = (v: VectorCode, ...args: Value[]) => Value;

/** The functions of one kind of arithmetic. */
export type Builds = Readonly<Partial<Record<Fn, Build>>>;

/** The shape of a vector of each kind. */
export const SHAPES = {
  f32: "f32x4",
  f64: "f64x2",
  i32: "i32x4",
  i64: "i64x2",
} as const;

function simd(name: keyof typeof SIMD): Build {
  return (v, ...args) => v.op(name, ...args);
}

function same(_: VectorCode, x: Value): Value {
  return x;
}

const LOGIC: Builds = {
  and: simd("v128.and"),
  or: simd("v128.or"),
  not: simd("v128.not"),
  select: (v, mask, x, y) => v.choose(mask, x, y),
};

/** Lanes whose sign bit is set. A NaN counts as positive, as in JavaScript. */
function signMask(type: "f32x4" | "f64x2"): Build {
  return (v, x) => {
    const zero = v.splat("i32x4", 0);
    const negative = type === "f32x4"
      ? v.op("i32x4.lt_s", x, zero)
      : v.op("i64x2.lt_s", x, zero);
    return v.op("v128.and", negative, v.op(`${type}.eq`, x, x));
  };
}

function floats(type: "f32x4" | "f64x2"): Builds {
  const signbit = signMask(type);
  return {
    ...LOGIC,
    add: simd(`${type}.add`),
    sub: simd(`${type}.sub`),
    mul: simd(`${type}.mul`),
    div: simd(`${type}.div`),
    neg: simd(`${type}.neg`),
    abs: simd(`${type}.abs`),
    sqrt: simd(`${type}.sqrt`),
    floor: simd(`${type}.floor`),
    ceil: simd(`${type}.ceil`),
    trunc: simd(`${type}.trunc`),
    round: simd(`${type}.nearest`),
    min: simd(`${type}.min`),
    max: simd(`${type}.max`),
    truncDiv: (v, x, y) => v.op(`${type}.trunc`, v.op(`${type}.div`, x, y)),
    lt: simd(`${type}.lt`),
    le: simd(`${type}.le`),
    gt: simd(`${type}.gt`),
    ge: simd(`${type}.ge`),
    eq: simd(`${type}.eq`),
    ne: simd(`${type}.ne`),
    signbit,
    copysign: (v, x, y) => {
      const sign = type === "f32x4"
        ? v.splat("i32x4", -0x80000000)
        : v.i64x2(1n << 63n);
      const chosen = v.op("v128.and", signbit(v, y), sign);
      return v.op("v128.or", v.op(`${type}.abs`, x), chosen);
    },
  };
}

function integers(type: "i32x4" | "i64x2"): Builds {
  const zero = (v: VectorCode): Value => v.splat("i32x4", 0);
  const bits = type === "i32x4" ? 31 : 63;
  return {
    ...LOGIC,
    add: simd(`${type}.add`),
    sub: simd(`${type}.sub`),
    mul: simd(`${type}.mul`),
    neg: simd(`${type}.neg`),
    abs: simd(`${type}.abs`),
    floor: same,
    ceil: same,
    trunc: same,
    round: same,
    min: (v, x, y) => v.choose(v.op(`${type}.lt_s`, x, y), x, y),
    max: (v, x, y) => v.choose(v.op(`${type}.gt_s`, x, y), x, y),
    lt: simd(`${type}.lt_s`),
    le: simd(`${type}.le_s`),
    gt: simd(`${type}.gt_s`),
    ge: simd(`${type}.ge_s`),
    eq: simd(`${type}.eq`),
    ne: simd(`${type}.ne`),
    signbit: (v, x) => v.op(`${type}.lt_s`, x, zero(v)),
    copysign: (v, x, y) => {
      const differ = v.op("v128.xor", x, y);
      const flip = v.shift(`${type}.shr_s`, differ, bits);
      return v.op(`${type}.sub`, v.op("v128.xor", x, flip), flip);
    },
    bitAnd: simd("v128.and"),
    bitOr: simd("v128.or"),
    bitXor: simd("v128.xor"),
    bitNot: simd("v128.not"),
  };
}

/** What can be printed, by kind. */
export const BUILDS: Readonly<Record<Kind, Builds>> = {
  f32: { ...floats("f32x4"), ...FLOAT32_MATH },
  f64: { ...floats("f64x2"), ...FLOAT64_MATH },
  i32: { ...integers("i32x4"), ...integerMath("i32x4") },
  i64: { ...integers("i64x2"), ...integerMath("i64x2") },
};

/** Functions whose every argument is a condition. */
const OF_CONDITIONS: ReadonlySet<Fn> = new Set<Fn>(["and", "or", "not"]);

/** Whether an expression is a number that all elements share. */
function isUniform({ kind }: Expr): boolean {
  return kind === "param" || kind === "const";
}

/** Whether an expression can be printed in arithmetic of `kind`. */
export function prints(expr: Expr, kind: Kind): boolean {
  if (expr.kind !== "call") return true;
  const { fn, args } = expr;
  if (BUILDS[kind][fn] === undefined) return false;
  // Its order must be the same in all lanes.
  if (fn === "polygamma" && !isUniform(args[0]!)) return false;
  return args.every((arg, k) => {
    const condition = OF_CONDITIONS.has(fn) || (fn === "select" && k === 0);
    return isCondition(arg) === condition && prints(arg, kind);
  });
}

/** Whether an expression calls a function that takes a long time, such as exp. */
export function callsMath(expr: Expr): boolean {
  return expr.kind === "call" &&
    (expr.fn in FLOAT32_MATH || expr.args.some(callsMath));
}

/** Most calls of such functions in an expression that is printed for several vectors at once. */
const MOST_ASSUMING = 2;

/**
 * Whether code for several vectors at once pays, because what its functions
 * assume is looked at only once.
 */
export function assumes(expr: Expr, kind: Kind): boolean {
  if (kind !== "f32") return false;
  const seen = new Set<Expr>();
  let calls = 0;
  let others = 0;
  const visit = (e: Expr): void => {
    if (e.kind !== "call" || seen.has(e)) return;
    seen.add(e);
    if (ASSUMING.has(e.fn)) calls++;
    else if (e.fn in FLOAT32_MATH) others++;
    e.args.forEach(visit);
  };
  visit(expr);
  return calls > 0 && calls <= MOST_ASSUMING && others === 0 && seen.size < 24;
}

/** Functions of integers that fail where the second argument is zero. */
const DIVISIONS: ReadonlySet<Fn> = new Set<Fn>([
  "truncDiv",
  "floorDiv",
  "fmod",
  "remainder",
]);

/** Whether an expression divides integers. */
export function divides(expr: Expr, kind: Kind): boolean {
  return kind.startsWith("i") && expr.kind === "call" &&
    (DIVISIONS.has(expr.fn) || expr.args.some((arg) => divides(arg, kind)));
}

/** Indices of the numbers given at the call that an expression reads. */
export function paramsOf(
  expr: Expr,
  found: Set<number> = new Set(),
): Set<number> {
  if (expr.kind === "param") found.add(expr.index);
  if (expr.kind === "call") expr.args.forEach((arg) => paramsOf(arg, found));
  return found;
}

function literal(v: VectorCode, kind: Kind, value: number): Value {
  if (kind === "i64") return v.i64x2(BigInt(Math.trunc(value)));
  return v.splat(SHAPES[kind] as "f32x4", kind === "i32" ? value | 0 : value);
}

/** The x of `1 + exp(x)`, which has a form of its own; null for other calls. */
function powerBesideOne({ fn, args }: Expr & { kind: "call" }): Expr | null {
  const [one, exp] = args;
  if (fn !== "add" || one!.kind !== "const" || one!.value !== 1) return null;
  return exp!.kind === "call" && exp!.fn === "exp" ? exp!.args[0]! : null;
}

/** Prints an expression of vectors; shared values are computed once. */
export function printVector(
  expr: Expr,
  kind: Kind,
  v: VectorCode,
  inputs: readonly Value[],
  params: ReadonlyMap<number, Value>,
): Value {
  return vectorPrinter(kind, v, inputs, params)(expr);
}

/** Prints expressions that may share values, one after the other. */
export function vectorPrinter(
  kind: Kind,
  v: VectorCode,
  inputs: readonly Value[],
  params: ReadonlyMap<number, Value>,
): (expr: Expr) => Value {
  const known = new Map<Expr, Value>();
  const visit = (e: Expr): Value => {
    switch (e.kind) {
      case "input":
        return inputs[e.index]!;
      case "param":
        return params.get(e.index)!;
      case "const":
        return literal(v, kind, e.value);
      case "call": {
        let value = known.get(e);
        if (value === undefined) {
          const power = kind === "f32" ? powerBesideOne(e) : null;
          value = power === null
            ? BUILDS[kind][e.fn]!(v, ...e.args.map(visit))
            : onePlusExp(v, visit(power));
          known.set(e, value);
        }
        return value;
      }
    }
  };
  return visit;
}
