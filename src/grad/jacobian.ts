// Jacobians of a function of tensors, by differences and by backward passes:
// what gradcheck compares. Plain numbers, a row per element of the input.

import { dataAlias } from "../tensor/inplace.ts";
import { flatValues } from "../tensor/core_reading.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grad } from "./gradient.ts";

/** A matrix: a row for each element of the input, a column for each of the output. */
export type Jacobian = number[][];

/** Jacobians of all outputs by one input, by central differences; `outputs` computes them anew. */
export function numericalJacobians(
  outputs: () => readonly Tensor[],
  input: Tensor,
  eps: number,
): Jacobian[] {
  const data = dataAlias(input);
  const jacobians: Jacobian[] = [];
  forEachPosition(input, (offset) => {
    const element = data.asStrided([], [], offset);
    const value = element.item();
    const at = (x: number) => {
      element.fill_(x);
      return outputs().map((y) => flatValues(y).map(Number));
    };
    const above = at(value + eps);
    const below = at(value - eps);
    element.fill_(value);
    above.forEach((row, k) => {
      const column = row.map((y, j) => (y - below[k]![j]!) / (2 * eps));
      (jacobians[k] ??= []).push(column);
    });
  });
  return jacobians;
}

/** Jacobians of one output by all inputs, one backward pass per element of the output. */
export function analyticalJacobians(
  output: Tensor,
  inputs: readonly Tensor[],
): Jacobian[] {
  const jacobians = inputs.map((x): Jacobian =>
    Array.from({ length: x.numel() }, () => [])
  );
  for (let j = 0; j < output.numel(); j++) {
    const seed = output.newZeros(output.numel());
    seed.asStrided([], [], j).fill_(1);
    const found = grad(output, inputs, {
      gradOutputs: seed.reshape(output.shape),
      retainGraph: true,
      allowUnused: true,
    });
    found.forEach((g, k) => {
      const rows = jacobians[k]!;
      const values = g === null ? null : flatValues(g).map(Number);
      rows.forEach((row, i) => row.push(values === null ? 0 : values[i]!));
    });
  }
  return jacobians;
}

/** Visits the memory positions of all elements, row-major. */
function forEachPosition(x: Tensor, visit: (offset: number) => void): void {
  const walk = (dim: number, offset: number): void => {
    if (dim === x.shape.length) return visit(offset);
    for (let i = 0; i < x.shape[dim]!; i++) {
      walk(dim + 1, offset + i * x.strides[dim]!);
    }
  };
  walk(0, x.offset);
}
