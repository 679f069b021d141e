// The methods of tensors: rounding, clamping and extrema. One line each; the functions are the ops.

import { fmax, fmin, maximum, minimum, relu, relu_ } from "../ops/extrema.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { Arithmetic } from "./arithmetic.ts";

/** Methods for rounding, clamping and extrema. */
export class Rounding extends Arithmetic {
  /** See {@linkcode maximum}. */
  maximum(this: Tensor, other: Operand): Tensor {
    return maximum(this, other);
  }

  /** See {@linkcode minimum}. */
  minimum(this: Tensor, other: Operand): Tensor {
    return minimum(this, other);
  }

  /** See {@linkcode fmax}. */
  fmax(this: Tensor, other: Operand): Tensor {
    return fmax(this, other);
  }

  /** See {@linkcode fmin}. */
  fmin(this: Tensor, other: Operand): Tensor {
    return fmin(this, other);
  }

  /** See {@linkcode relu}. */
  relu(this: Tensor): Tensor {
    return relu(this);
  }

  /** See {@linkcode relu}. */
  relu_(this: Tensor): Tensor {
    return relu_(this);
  }
}
