// The last two dimensions swapped, under the names that matrices have for it.

import { RuntimeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";

/** Swaps the last two dimensions, as a view; a 0-d tensor stays. `name` is what the caller called. */
export function matrixTransposed(x: Tensor, name: string): Tensor {
  const rank = x.shape.length;
  if (rank === 0) return x;
  if (rank < 2) {
    throw new RuntimeError(
      `${name} is only supported on matrices or batches of matrices. Got ${rank}-D tensor.`,
    );
  }
  return x.transpose(-2, -1);
}

/**
 * The conjugate transpose of matrices: of real numbers the transpose, as a
 * view. See `torch.adjoint`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.adjoint(dg.tensor([[1, 2], [3, 4]])).tolist(), [[1, 3], [2, 4]]);
 * ```
 */
export function adjoint(x: Tensor): Tensor {
  return matrixTransposed(x, "tensor.adjoint()").conj();
}
