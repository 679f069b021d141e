// The op behind indexing by tensors. Its transpose is indexPut.

import { indexed, type Indices, indicesBeside } from "./index_plan.ts";
import { defineKernel, run } from "./kernel_op.ts";
import type { Tensor } from "./tensor.ts";

/** Which of an index op's inputs are tensors of indices; null where a dimension is taken whole. */
export type Slots = readonly (number | null)[];

/** Bits of all inputs but the first. */
const ALL_BUT_FIRST = 0xfffe;

/** The tensors of indices among the inputs of an op, at their places. */
export function indicesOf(inputs: readonly Tensor[], slots: Slots): Indices {
  return slots.map((k) => k === null ? null : inputs[k]!);
}

const INDEX = defineKernel<Slots>({
  name: "index",
  forward: (inputs, slots) => indexed(inputs[0]!, indicesOf(inputs, slots)),
  vjps: [(g, n, slots) => {
    const indices = slots.map((k) => k === null ? null : n.input(k));
    const zeros = g.newZeros(n.inputShape(0));
    return zeros.indexPut(indices, g, { accumulate: true });
  }],
  saves: [ALL_BUT_FIRST],
});

/** Splits indices into tensors and the places where they stand. */
export function slotsOf(indices: Indices, first: number): [Tensor[], Slots] {
  const tensors = indices.filter((index) => index !== null);
  let k = first;
  return [tensors, indices.map((index) => index === null ? null : k++)];
}

/** Reads by tensors of indices, one per dimension. */
export function readIndexed(x: Tensor, indices: Indices): Tensor {
  const [tensors, slots] = slotsOf(indicesBeside(x, indices), 1);
  return run(INDEX, [x, ...tensors], slots);
}
