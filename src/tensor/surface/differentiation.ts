// The methods of tensors: autograd. One line each; the functions are the ops.

import { backward, type BackwardOptions } from "../../grad/backward.ts";
import { Creation } from "./creation.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for autograd. */
export class Differentiation extends Creation {
  /**
   * Computes the gradients of this tensor with respect to the leaves of its
   * graph and adds them to their `grad`. See `Tensor.backward`.
   */
  backward(
    this: Tensor,
    gradient?: Tensor | null,
    options?: BackwardOptions,
  ): void {
    backward([this], [gradient ?? null], options);
  }
}
