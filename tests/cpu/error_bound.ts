// How far apart two correct computations of one expression may be, where its
// functions are a little inexact: errors of the arguments are carried along by
// computing each step at the corners of what they may be.

import { evaluate } from "../conformance/expr_oracle.ts";
import {
  call,
  type Expr,
  type Fn,
  isCondition,
} from "../../src/tensor/expr.ts";

/** A value and how far off it may be; Infinity where it may be anything. */
export interface Bounded {
  readonly value: number;
  readonly error: number;
}

/** Arithmetic, which rounds each step the same way everywhere. */
const EXACT: ReadonlySet<Fn> = new Set<Fn>([
  ...["add", "sub", "mul", "div", "neg", "abs", "sqrt"] as const,
  ...["floor", "ceil", "trunc", "round", "min", "max", "truncDiv"] as const,
  ...["copysign", "select", "signbit", "and", "or", "not"] as const,
  ...["lt", "le", "gt", "ge", "eq", "ne"] as const,
]);

/** Functions that may take any value between close arguments. */
const RESTLESS: ReadonlySet<Fn> = new Set<Fn>([
  ...["sin", "cos", "tan", "fmod", "remainder", "floorDiv"] as const,
  ...["lgamma", "digamma", "polygamma"] as const,
]);

/** How exact the functions of an element type are. */
export interface Precision {
  readonly round: (value: number) => number;
  /** Distance of neighbours, relative to the value. */
  readonly relative: number;
  /** Distance of neighbours at zero. */
  readonly least: number;
  /** Units of the last place by which a function may differ. */
  readonly units: number;
}

const INPUTS: readonly Expr[] = [0, 1, 2].map((index) => ({
  kind: "input",
  index,
}));

/** Computes a single call. */
function step(fn: Fn, args: readonly number[], { round }: Precision): number {
  return evaluate(call(fn, ...INPUTS.slice(0, args.length)), args, [], round);
}

/** Places around an argument. */
function around({ value, error }: Bounded): number[] {
  if (error === 0) return [value];
  return [-1, -0.5, 0, 0.5, 1].map((part) => value + part * error);
}

function combinations(lists: readonly number[][]): number[][] {
  return lists.reduce<number[][]>(
    (rows, list) => rows.flatMap((row) => list.map((x) => [...row, x])),
    [[]],
  );
}

const WAVES: ReadonlySet<Fn> = new Set<Fn>(["j0", "j1", "y0", "y1"]);

/**
 * Left of zero some are differences of larger numbers, whose errors stay; waves
 * are exact beside their height; powers of e are no more exact than their
 * exponents.
 */
function sizeOfTerms(
  fn: Fn,
  args: readonly Bounded[],
  value: number,
): number {
  if (WAVES.has(fn)) {
    const x = Math.abs(args[0]!.value);
    return x < 8 ? 0 : Math.sqrt(2 / (Math.PI * x));
  }
  if (fn === "gammainc" || fn === "gammaincc") {
    return value > 0 ? value * Math.max(1, -Math.log(value)) : 0;
  }
  if (fn === "zeta" && args[1]!.value < 0) {
    const [s, q] = [args[0]!.value, args[1]!.value];
    return Math.abs(q - Math.round(q)) ** -s;
  }
  const isReflected = fn === "lgamma" || fn === "digamma" || fn === "polygamma";
  return isReflected && args.at(-1)!.value < 0 ? 128 : 0;
}

function boundCall(
  fn: Fn,
  args: readonly Bounded[],
  precision: Precision,
): Bounded {
  if (fn === "select") {
    const [mask, yes, no] = args as [Bounded, Bounded, Bounded];
    const taken = mask.value !== 0 ? yes : no;
    return mask.error === 0 ? taken : { value: taken.value, error: Infinity };
  }
  const value = step(fn, args.map((x) => x.value), precision);
  const worst = Math.max(...args.map((x) => x.error));
  const size = Math.max(Math.abs(value), sizeOfTerms(fn, args, value));
  const unit = Math.max(size * precision.relative, precision.least);
  if (worst === 0) {
    const settled = EXACT.has(fn) || !Number.isFinite(value);
    return { value, error: settled ? 0 : unit * precision.units };
  }
  if (worst === Infinity || (RESTLESS.has(fn) && worst > 0.1)) {
    return { value, error: Infinity };
  }
  const condition = isCondition(call(fn, ...INPUTS.slice(0, args.length)));
  let error = 0;
  for (const corner of combinations(args.map(around))) {
    const other = step(fn, corner, precision);
    if (Object.is(other, value)) continue;
    const far = Math.abs(other - value);
    error = condition || !(far < Infinity)
      ? Infinity
      : Math.max(error, 2 * far);
  }
  // Where the value is NaN there is no unit.
  if (error === Infinity) return { value, error };
  return { value, error: error + unit * precision.units };
}

/** The value of an expression and how far off it may be. */
export function bound(
  expr: Expr,
  inputs: readonly number[],
  params: readonly number[],
  precision: Precision,
): Bounded {
  if (expr.kind !== "call") {
    return { value: evaluate(expr, inputs, params, precision.round), error: 0 };
  }
  const args = expr.args.map((x) => bound(x, inputs, params, precision));
  return boundCall(expr.fn, args, precision);
}
