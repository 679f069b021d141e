// Gradients of complex numbers by rules that were written for real ones.
// Tensors are known as types only.

import type { Tensor } from "../tensor/tensor.ts";
import type { Node, Vjp } from "./node.ts";

/**
 * Runs a rule for one input with conjugates on both sides. A rule multiplies by
 * the derivative; PyTorch's gradient, that by the real part plus i times that by
 * the imaginary part, is multiplied by the conjugate of the derivative.
 */
export function conjugately(rule: Vjp, g: Tensor, node: Node): Tensor | null {
  const { grads } = node;
  if (grads !== null) node.grads = grads.map((x) => x && x.conj());
  try {
    return rule(g.conj(), node, node.options as never)?.conj() ?? null;
  } finally {
    node.grads = grads;
  }
}
