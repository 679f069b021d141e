// Recognises the reductions that have vector kernels by their expressions:
// sums, products, extremes and counts, of elements or of simple functions of
// them. What is not recognised stays with the loops in JavaScript.

import type { ReduceKernel } from "../../tensor/device.ts";
import type { DTypeInfo } from "../../tensor/dtype.ts";
import type { Expr } from "../../tensor/expr.ts";

/** How elements are combined. A count is of the elements that are not zero. */
export type FoldOp = "sum" | "prod" | "max" | "min" | "count";

/** What is done to each element first; `numbers` turns NaN into zero. */
export type FoldMap = "none" | "abs" | "square" | "numbers";

/** What is done to the result. */
export type FoldFinish = "none" | "mean" | "sqrt" | "any" | "all";

/** A reduction that has a vector kernel. */
export interface FoldPattern {
  /** How elements are combined. */
  readonly op: FoldOp;
  /** What is done to each element first. */
  readonly map: FoldMap;
  /** What is done to the result. */
  readonly finish: FoldFinish;
}

function isInput(e: Expr, index: number): boolean {
  return e.kind === "input" && e.index === index;
}

function isConstant(e: Expr, value: number): boolean {
  return e.kind === "const" && e.value === value;
}

/** Whether an expression is `input(index) != 0`. */
function isNonzero(e: Expr, index: number): boolean {
  return e.kind === "call" && e.fn === "ne" && isInput(e.args[0]!, index) &&
    isConstant(e.args[1]!, 0);
}

/** Whether an expression is `select(x != x, 0, x)` of input 0. */
function dropsNan(e: Expr): boolean {
  if (e.kind !== "call" || e.fn !== "select") return false;
  const [test, zero, other] = e.args as [Expr, Expr, Expr];
  return test.kind === "call" && test.fn === "ne" &&
    isInput(test.args[0]!, 0) && isInput(test.args[1]!, 0) &&
    isConstant(zero, 0) && isInput(other, 0);
}

/** The function of input 1 that a step combines, or null. */
function mapOf(e: Expr): FoldMap | "nonzero" | null {
  if (isInput(e, 1)) return "none";
  if (e.kind !== "call") return null;
  const [a, b, c] = e.args as [Expr, Expr, Expr];
  if (e.fn === "abs" && isInput(a, 1)) return "abs";
  if (e.fn === "mul" && isInput(a, 1) && isInput(b, 1)) return "square";
  const one = e.fn === "select" && isNonzero(a, 1) && isConstant(b, 1);
  return one && isConstant(c, 0) ? "nonzero" : null;
}

function finishOf(e: Expr | null): FoldFinish | null {
  if (e === null) return "none";
  if (e.kind !== "call" || !isInput(e.args[0]!, 0)) return null;
  if (e.fn === "sqrt") return "sqrt";
  const by = e.args[1];
  return e.fn === "div" && by?.kind === "param" && by.index === 0
    ? "mean"
    : null;
}

/** The value from which a pattern starts; it is neutral, so kernels start from their own. */
function startFits(kernel: ReduceKernel, op: FoldOp, map: FoldMap): boolean {
  const { start } = kernel;
  switch (op) {
    case "sum":
      return start === 0;
    case "prod":
      return start === 1;
    case "max":
      return start === "lowest" || (map === "abs" && start === 0);
    case "min":
      return start === "highest";
    case "count":
      return start === 0;
  }
}

function recognise(kernel: ReduceKernel): FoldPattern | null {
  const { step, prologue } = kernel;
  if (step.kind !== "call" || !isInput(step.args[0]!, 0)) return null;
  const finish = finishOf(kernel.finish);
  const map = mapOf(step.args[1]!);
  if (finish === null || map === null) return null;
  if (prologue !== null && map !== "none") return null;
  if (prologue !== null && isNonzero(prologue, 0)) {
    if (finish !== "none") return null;
    const { start } = kernel;
    if (step.fn === "add" && start === 0) {
      return { op: "count", map: "none", finish };
    }
    if (step.fn === "max" && start === 0) {
      return { op: "count", map: "none", finish: "any" };
    }
    return step.fn === "min" && start === 1
      ? { op: "count", map: "none", finish: "all" }
      : null;
  }
  if (prologue !== null && !dropsNan(prologue)) return null;
  const plain = prologue === null ? map : "numbers";
  if (plain === "nonzero") {
    return step.fn === "add" && kernel.start === 0
      ? { op: "count", map: "none", finish }
      : null;
  }
  const op = { add: "sum", mul: "prod", max: "max", min: "min" }[
    step.fn as "add"
  ] as FoldOp | undefined;
  return op !== undefined && startFits(kernel, op, plain)
    ? { op, map: plain, finish }
    : null;
}

const PATTERNS: (FoldPattern | null | undefined)[] = [];

/** The pattern that a kernel follows, or null. */
export function patternOf(kernel: ReduceKernel): FoldPattern | null {
  const known = PATTERNS[kernel.id];
  return known !== undefined
    ? known
    : (PATTERNS[kernel.id] = recognise(kernel));
}

/** Element types as vectors see them. */
export type LaneType = "f32" | "f64" | "i32" | "i64" | "u8";

/** By the code of the element type. */
const LANE_TYPES: readonly (LaneType | null)[] = [
  "u8", // bool
  "u8",
  null,
  null,
  "i32",
  "i64",
  null,
  null,
  "f32",
  "f64",
];

/** How vectors see an element type; null where no kernel takes it. */
export function laneType(info: DTypeInfo): LaneType | null {
  return LANE_TYPES[info.code]!;
}

/** A kernel's whole signature. */
export interface FoldSignature extends FoldPattern {
  /** Type of the elements. */
  readonly from: LaneType;
  /** Type of the results. */
  readonly to: LaneType;
  /** Whether float32 may be added in float32 before it reaches an accumulator. */
  readonly narrow: boolean;
}

/** The signature for element types, or null where no kernel computes that. */
export function signatureOf(
  pattern: FoldPattern,
  compute: DTypeInfo,
  out: DTypeInfo,
  x: DTypeInfo,
): FoldSignature | null {
  const from = laneType(x);
  const to = laneType(out);
  if (from === null || to === null) return null;
  const { op, map, finish } = pattern;
  const narrow = from === "f32" && to === "f32";
  const signature: FoldSignature = { ...pattern, from, to, narrow };
  const float = from === "f32" || from === "f64";
  if (op === "count") {
    // Floats are counted in floats only by a norm, which has no finish.
    if (finish !== "none" && finish !== "any" && finish !== "all") return null;
    return signature;
  }
  if (finish !== "none" && !float) return null;
  if (from === "u8") {
    if (map !== "none" || finish !== "none") return null;
    if ((op === "max" || op === "min") && x === out) return signature;
    // A sum of bools counts them.
    return x.category === 0 && op === "sum" && to === "i64"
      ? { ...signature, op: "count" }
      : null;
  }
  if (!float && map !== "none") return null;
  if (op === "max" || op === "min") {
    return x === out && x === compute ? signature : null;
  }
  // Sums and products may widen.
  if (compute !== out) return null;
  if (float) {
    return to === from || to === "f64" ? signature : null;
  }
  return to === "i64" || to === from ? signature : null;
}
