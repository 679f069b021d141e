// The methods of tensors: linear algebra. One line each; the functions are the ops.

import {
  choleskyInverse,
  type CholeskyOptions,
  choleskySolve,
} from "../ops/linalg_cholesky.ts";
import { det, logdet, slogdet } from "../ops/linalg_determinant.ts";
import { inverse } from "../ops/linalg_inverse.ts";
import { pinverse, type PinverseOptions } from "../ops/linalg_pinv.ts";
import { matrixExp, matrixPower } from "../ops/linalg_powers.ts";
import type { Named } from "../results.ts";
import type { Tensor } from "../tensor.ts";
import { Products } from "./products.ts";

/** Methods for linear algebra. */
export class LinearAlgebra extends Products {
  /** See {@linkcode det}. */
  det(this: Tensor): Tensor {
    return det(this);
  }

  /** See {@linkcode slogdet}. */
  slogdet(this: Tensor): Named<"sign" | "logabsdet"> {
    return slogdet(this);
  }

  /** See {@linkcode logdet}. */
  logdet(this: Tensor): Tensor {
    return logdet(this);
  }

  /** See {@linkcode inverse}. */
  inverse(this: Tensor): Tensor {
    return inverse(this);
  }

  /** See {@linkcode choleskySolve}. */
  choleskySolve(
    this: Tensor,
    l: Tensor,
    options?: CholeskyOptions,
  ): Tensor {
    return choleskySolve(this, l, options);
  }

  /** See {@linkcode choleskyInverse}. */
  choleskyInverse(this: Tensor, options?: CholeskyOptions): Tensor {
    return choleskyInverse(this, options);
  }

  /** See {@linkcode pinverse}. */
  pinverse(this: Tensor, options?: PinverseOptions): Tensor {
    return pinverse(this, options);
  }

  /** See {@linkcode matrixPower}. */
  matrixPower(this: Tensor, n: number): Tensor {
    return matrixPower(this, n);
  }

  /** See {@linkcode matrixExp}. */
  matrixExp(this: Tensor): Tensor {
    return matrixExp(this);
  }
}
