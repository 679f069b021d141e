// Many threads reduce together: they combine elements, then what they have
// combined. A step that does something to its element as well, such as adding
// its square, would do that again to what was combined; it is taken apart here.

import type { ReduceKernel } from "../tensor/device.ts";
import { type Expr, input } from "../tensor/expr.ts";

const SEPARATED = new WeakMap<ReduceKernel, ReduceKernel>();

/** The same reduction, whose step combines two values and nothing else. */
export function separated(kernel: ReduceKernel): ReduceKernel {
  let out = SEPARATED.get(kernel);
  if (out === undefined) SEPARATED.set(kernel, out = separate(kernel));
  return out;
}

const COMBINING: ReadonlySet<string> = new Set(["add", "mul", "max", "min"]);

function separate(kernel: ReduceKernel): ReduceKernel {
  const { step, prologue } = kernel;
  if (step.kind === "call" && COMBINING.has(step.fn)) {
    const [acc, of] = step.args as [Expr, Expr];
    if (isInput(acc, 0) && !isInput(of, 1) && !uses(of, 0)) {
      return {
        ...kernel,
        prologue: replace(of, prologue ?? input(0)),
        step: { ...step, args: [acc, input(1)] },
      };
    }
  }
  // It combines as it stands, as sums do and logarithms of sums of exponentials.
  return kernel;
}

function isInput(expr: Expr, index: number): boolean {
  return expr.kind === "input" && expr.index === index;
}

function uses(expr: Expr, index: number): boolean {
  return isInput(expr, index) ||
    (expr.kind === "call" && expr.args.some((each) => uses(each, index)));
}

/** Puts an expression in place of input 1. */
function replace(expr: Expr, by: Expr): Expr {
  if (isInput(expr, 1)) return by;
  if (expr.kind !== "call") return expr;
  return { ...expr, args: expr.args.map((each) => replace(each, by)) };
}
