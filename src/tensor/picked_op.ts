// Gradients of ops that pick elements: back to where those were, zeros elsewhere.

import { MODE } from "../grad/mode.ts";
import type { Node } from "../grad/node.ts";
import type { AlongOptions } from "./along_op.ts";
import { INT32 } from "./dtype.ts";
import { call } from "./expr.ts";
import { fitsRow, rowKernel, runRows } from "./row_op.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** The gradient of a tensor of `shape`, elements of which were picked by `index`; into zeros themselves where nobody records that. */
export function broughtBack(
  g: Tensor,
  shape: Shape,
  dim: number,
  index: Tensor,
  way: "scatter" | "scatterAdd" | "indexAdd",
): Tensor {
  const inPlace = `${way}_` as const;
  return g.newZeros(shape)[MODE.grad ? way : inPlace](dim, index, g);
}

/** Rows of zeros, with a value at one position each. */
const AT_POSITION = rowKernel({
  name: "picked",
  arity: 2,
  single: [0, 1],
  steps: [],
  result: ([g, at], _, __, position) =>
    call("select", call("eq", at!, position), g!, 0),
});

/** Takes the gradient of one element of each row back to where it was, as the second result says. */
export function pickedBackward(
  g: Tensor,
  n: Node,
  { dim, keepdim, shape }: AlongOptions,
): Tensor {
  const indices = n.output(1).detach();
  const kept = keepdim || shape.length === 0;
  const [own, at] = kept
    ? [g, indices]
    : [g.unsqueeze(dim), indices.unsqueeze(dim)];
  if (!MODE.grad && shape.length > 0 && fitsRow(g, shape[dim]!)) {
    if (at.info === INT32) {
      return runRows(AT_POSITION, shape, dim, [own, at]).out!;
    }
  }
  return broughtBack(own, shape, dim, at, "scatter");
}
