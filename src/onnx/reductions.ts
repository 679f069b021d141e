// Reductions as nodes: a prologue, the operator that the step means, an epilogue.

import type { ReduceKernel } from "../tensor/device.ts";
import { type Expr, input, isCondition } from "../tensor/expr.ts";
import { emitExpression } from "./expression.ts";
import type { Graph, Value } from "./graph.ts";
import { refuse } from "./refusal.ts";

/** Operators of reductions, by the function of the step. */
const REDUCTIONS: Readonly<Record<string, string>> = {
  add: "ReduceSum",
  mul: "ReduceProd",
  max: "ReduceMax",
  min: "ReduceMin",
};

/** The operator of a reduction, and what its step does to an element (input 1) first. */
function stepOf({ step }: ReduceKernel): { op: string; element: Expr } {
  if (step.kind === "call") {
    const [acc, element] = step.args as [Expr, Expr];
    const op = REDUCTIONS[step.fn];
    if (op !== undefined && acc.kind === "input" && acc.index === 0) {
      return { op, element };
    }
    // log(exp(acc) + exp(x)), which takes care of infinities by a choice.
    if (step.fn === "select" && element.kind === "call") {
      const [first] = element.args;
      if (first?.kind === "call" && first.fn === "log1p") {
        return { op: "ReduceLogSumExp", element: input(1) };
      }
    }
  }
  return refuse(
    "a reduction that is none of sum, product, largest, smallest and logsumexp",
  );
}

/** See `Device.reduce`: reduces the last `rank` dimensions of a value. */
export function emitReduction(
  graph: Graph,
  kernel: ReduceKernel,
  x: Value,
  rank: number,
): Value {
  const { type } = x;
  const outer = x.shape.length - rank;
  const kept = x.shape.slice(0, outer);
  const count = x.shape.slice(outer).reduce((n, m) => n * m, 1);
  // Conditions become 0 or 1.
  const applied = (expr: Expr | null, value: Value) => {
    if (expr === null) return value;
    const inputs = [value, value];
    const out = emitExpression(graph, expr, { type, inputs, params: [count] });
    return isCondition(expr) ? graph.cast(out, type) : out;
  };
  const { op, element } = stepOf(kernel);
  // The step may change the element first, as norms do.
  let value = applied(element, applied(kernel.prologue, x));
  if (rank > 0) {
    const axes = graph.integers(
      Array.from({ length: rank }, (_, k) => outer + k),
    );
    value = graph.emit(op, [value, axes], type, kept, { keepdims: 0 });
  }
  return applied(kernel.finish, value);
}
