// Products of Householder's reflections.

import {
  type CompositeContext,
  compositeContext,
  defineComposite,
} from "../composite_op.ts";
import { RuntimeError } from "../errors.ts";
import { run } from "../kernel_op.ts";
import { checkKernel, identityLike } from "../linalg_op.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const HOUSEHOLDER_PRODUCT = defineComposite<CompositeContext>({
  name: "linalgHouseholderProduct",
  node: "LinalgHouseholderProductBackward0",
  differentiable: [true, true],
  compute: ([a, tau]) => {
    const x = a!;
    const count = tau!.size(-1);
    const ones = identityLike(x, x.shape);
    // Each vector begins with a one on the diagonal; what lies above is not read.
    const vectors = x.tril({ diagonal: -1 }).add(ones);
    let out = ones;
    for (let k = count - 1; k >= 0; k--) {
      const v = vectors.narrow(-1, k, 1);
      const along = v.transpose(-2, -1).matmul(out);
      const scaled = v.mul(tau!.narrow(-1, k, 1).unsqueeze(-1));
      out = out.sub(scaled.matmul(along));
    }
    return out;
  },
});

const NAME = "torch.linalg.householderProduct";

/**
 * The first columns of the product of reflections `I - tau * v @ v.T`, whose
 * vectors are the columns of `a`: ones on the diagonal, of which nothing above
 * is read, and what lies below. See `torch.linalg.householder_product`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const q = dg.linalg.householderProduct(dg.zeros([2, 1]), dg.tensor([2]));
 * assertEquals(q.tolist(), [[-1], [0]]);
 * ```
 */
export function householderProduct(a: Tensor, tau: Tensor): Tensor {
  const rank = a.shape.length;
  if (rank < 2) {
    throw new RuntimeError(`${NAME}: input must have at least 2 dimensions.`);
  }
  if (a.size(-2) < a.size(-1)) {
    throw new RuntimeError(
      `${NAME}: input.shape[-2] must be greater than or equal to input.shape[-1]`,
    );
  }
  if (tau.shape.length > 0 && a.size(-1) < tau.size(-1)) {
    throw new RuntimeError(
      `${NAME}: input.shape[-1] must be greater than or equal to tau.shape[-1]`,
    );
  }
  if (rank - tau.shape.length !== 1) {
    throw new RuntimeError(
      `${NAME}: Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.shape.length} and input.ndim is equal to ${rank}`,
    );
  }
  if (!sameShape(a.shape.slice(0, -2), tau.shape.slice(0, -1))) {
    throw new RuntimeError(
      `${NAME}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got [${
        tau.shape.slice(0, -1).join(", ")
      }]`,
    );
  }
  if (a.info !== tau.info) {
    throw new RuntimeError(
      `${NAME}: tau dtype ${tau.info.scalarName} does not match input dtype ${a.info.scalarName}`,
    );
  }
  checkKernel("householder_product_cpu", a);
  if (tau.size(-1) === 0) return identityLike(a, a.shape);
  return run(HOUSEHOLDER_PRODUCT, [a, tau], compositeContext());
}
