// The methods of tensors: reductions. One line each; the functions are the ops.

import {
  any,
  mean,
  type ReduceDimOptions,
  sum,
  sumToSize,
} from "../ops/reduction.ts";
import type { Dims, Shape } from "../shape.ts";
import { Activation } from "./activation.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for reductions. */
export class Reduction extends Activation {
  /** See {@linkcode sum}. */
  sum(this: Tensor, dim?: Dims | null, options?: ReduceDimOptions): Tensor {
    return sum(this, dim, options);
  }

  /** See {@linkcode mean}. */
  mean(this: Tensor, dim?: Dims | null, options?: ReduceDimOptions): Tensor {
    return mean(this, dim, options);
  }

  /** See {@linkcode sumToSize}. */
  sumToSize(this: Tensor, size: Shape): Tensor {
    return sumToSize(this, size);
  }

  /** See {@linkcode any}. */
  any(
    this: Tensor,
    dim?: Dims | null,
    options?: { readonly keepdim?: boolean },
  ): Tensor {
    return any(this, dim, options);
  }
}
