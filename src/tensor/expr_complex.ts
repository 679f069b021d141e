// What an expression means for complex numbers: the two expressions of real
// numbers that give the real and the imaginary part of its value. Pure. What
// has no such meaning, because complex numbers have no order, is refused by
// null.

import { call, constant, type Expr, isCondition } from "./expr.ts";
import { COMPLEX_FUNCTIONS } from "./expr_complex_functions.ts";

/** A complex value: its parts; the imaginary one is null where the value is real. */
export interface Parts {
  readonly re: Expr;
  readonly im: Expr | null;
}

/** Thrown and caught in this file only. */
class Meaningless extends Error {}

/**
 * Translates an expression. Input `k` stands for the pair of inputs
 * `first + 2 * k` and the next one. Null where it has no complex meaning; for a
 * condition, `re` is that condition and `im` null.
 */
export function complexParts(expr: Expr, first: number): Parts | null {
  const known = new Map<Expr, Parts>();
  const visit = (e: Expr): Parts => {
    let found = known.get(e);
    if (found === undefined) known.set(e, found = translate(e));
    return found;
  };
  const pair = (index: number): Parts => ({
    re: { kind: "input", index: first + 2 * index },
    im: { kind: "input", index: first + 2 * index + 1 },
  });
  const translate = (e: Expr): Parts => {
    if (e.kind === "input") return pair(e.index);
    if (e.kind === "param" || e.kind === "const") return { re: e, im: null };
    const args = e.args.map(visit);
    const rule = COMPLEX_FUNCTIONS[e.fn];
    if (rule !== undefined) return rule(...args);
    // Any function of real numbers stays what it is.
    if (args.some(({ im }) => im !== null)) throw new Meaningless();
    return { re: call(e.fn, ...args.map(({ re }) => re)), im: null };
  };
  try {
    return visit(expr);
  } catch (error) {
    if (error instanceof Meaningless) return null;
    throw error;
  }
}

/** Whether an expression can be applied to both parts alike: a sum of inputs with real factors. */
export function isLinear(expr: Expr): boolean {
  if (expr.kind === "input") return true;
  if (expr.kind !== "call") return false;
  const [x, y] = expr.args;
  switch (expr.fn) {
    case "neg":
      return isLinear(x!);
    case "add":
    case "sub":
      return isLinear(x!) && isLinear(y!);
    case "mul":
      return isFactor(x!) ? isLinear(y!) : isLinear(x!) && isFactor(y!);
    case "div":
      return isLinear(x!) && isFactor(y!);
    default:
      return false;
  }
}

function isFactor(expr: Expr): boolean {
  return expr.kind === "const" || expr.kind === "param";
}

/** Whether an expression is the product of inputs 0 and 1. */
export function isProduct(expr: Expr): boolean {
  return expr.kind === "call" && expr.fn === "mul" &&
    expr.args[0]!.kind === "input" && expr.args[1]!.kind === "input";
}

/** A condition as the number 1 or 0. */
export function asNumber(expr: Expr): Expr {
  return isCondition(expr) ? call("select", expr, 1, 0) : expr;
}

/** The imaginary part, written out. */
export function imaginary({ im }: Parts): Expr {
  return im ?? constant(0);
}
