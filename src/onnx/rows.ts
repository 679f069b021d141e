// Fused computations on rows as reductions and elementwise nodes.

import type { RowKernel } from "../tensor/device.ts";
import { broadcastShape, emitExpression } from "./expression.ts";
import type { Graph, Value } from "./graph.ts";
import { refuse } from "./refusal.ts";

/** What a kernel on rows gives. */
export interface RowValues {
  /** The result for each element; null where there is none. */
  readonly result: Value | null;
  /** The results for each row, with the last dimension of length one. */
  readonly totals: readonly Value[];
}

/** See `Device.rows`; inputs have one shape. Ops have other ways where a device does not say that rows are best. */
export function emitRows(
  graph: Graph,
  kernel: RowKernel,
  inputs: readonly Value[],
  params: readonly number[],
  rank: number,
): RowValues {
  if (rank > 1 || kernel.changes.length > 0) refuse("a row of this kind");
  const { type, shape } = inputs[0]!;
  const values: Value[] = [];
  const evaluate = (
    expr: Parameters<typeof emitExpression>[1],
    leaves: readonly Value[],
  ) => emitExpression(graph, expr, { type, inputs: leaves, params });
  const axes = graph.integers([Math.max(shape.length - 1, 0)]);
  const rowShape = [...shape.slice(0, -1), 1];
  const filler = graph.scalar(type, 0);
  let kept: Value | null = null;
  for (const step of kernel.steps) {
    const element = graph.expand(
      evaluate(step.of, [...inputs, ...values]),
      shape,
    );
    if (step.kept) kept = element;
    const op = step.fold === "sum" ? "ReduceSum" : "ReduceMax";
    const folded = shape.length === 0
      ? element
      : graph.emit(op, [element, axes], type, rowShape, { keepdims: 1 });
    if (step.finish === null) {
      values.push(folded);
      continue;
    }
    // What came out is the input after the values of all steps.
    const padded = [
      ...values,
      ...new Array<Value>(kernel.steps.length - values.length).fill(filler),
    ];
    values.push(evaluate(step.finish, [...inputs, ...padded, folded]));
  }
  const all = kept === null
    ? [...inputs, ...values]
    : [...inputs, ...values, kept];
  const result = kernel.result === null
    ? null
    : graph.expand(evaluate(kernel.result, all), shape);
  const totals = kernel.totals.map((expr) => {
    const value = evaluate(expr, [...inputs, ...values]);
    return graph.expand(value, broadcastShape([value.shape, rowShape]));
  });
  return { result, totals };
}
