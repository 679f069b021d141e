// Integers divided by a plain zero. A kernel cannot report a divisor that is
// zero, and gives 0; where the divisor is a number that the host knows, the
// failure is told before the kernel runs.

import { RuntimeError } from "../tensor/errors.ts";
import type { Expr } from "../tensor/expr.ts";

const DIVISIONS: ReadonlySet<string> = new Set([
  "truncDiv",
  "floorDiv",
  "fmod",
  "remainder",
]);

/** Whether an expression divides by its input `index` as it is. */
function dividesBy(expr: Expr, index: number): boolean {
  if (expr.kind !== "call") return false;
  const divisor = expr.args[1];
  return DIVISIONS.has(expr.fn) && divisor?.kind === "input" &&
      divisor.index === index ||
    expr.args.some((arg) => dividesBy(arg, index));
}

/** Fails if the expression divides integers by its input `index`, which is zero. */
export function refuseZeroDivisor(body: Expr, index: number): void {
  if (!dividesBy(body, index)) return;
  throw new RuntimeError(
    "ZeroDivisionError",
    "an integer was divided by zero; floating-point tensors give inf or nan instead",
  );
}
