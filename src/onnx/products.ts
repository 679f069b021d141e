// What follows a matrix product.

import type { Epilogue } from "../tensor/device.ts";
import type { Graph, Value } from "./graph.ts";
import type { Memories } from "./memory.ts";

/** What becomes of the sums of a product. */
export function emitEpilogue(
  graph: Graph,
  memories: Memories,
  sums: Value,
  { alpha, addend, beta, relu }: Epilogue,
): Value {
  const { type } = sums;
  const emit = (op: string, args: readonly Value[]) =>
    graph.emit(op, args, type, sums.shape);
  const scaled = (x: Value, factor: number) =>
    factor === 1
      ? x
      : graph.emit("Mul", [x, graph.scalar(type, factor)], type, x.shape);
  let out = scaled(sums, alpha);
  if (addend !== null) {
    const loaded = memories.load(addend, true);
    const rank = sums.shape.length;
    const added = graph.reshape(loaded, loaded.shape.slice(-rank));
    out = emit("Add", [out, scaled(added, beta)]);
  }
  return relu ? emit("Relu", [out]) : out;
}
