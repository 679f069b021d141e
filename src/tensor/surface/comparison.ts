// The methods of tensors: comparison. One line each; the functions are the ops.

import { isnan } from "../ops/comparison.ts";
import type { Tensor } from "../tensor.ts";
import { Rounding } from "./rounding.ts";

/** Methods for comparison. */
export class Comparison extends Rounding {
  /** See {@linkcode isnan}. */
  isnan(this: Tensor): Tensor {
    return isnan(this);
  }
}
