// The methods of tensors: splitting, joining and repeating. One line each; the functions are the ops.

import { narrow, select, unfold } from "../ops/slicing.ts";
import { flip, fliplr, flipud, roll, rot90 } from "../ops/flipping.ts";
import type { Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Movement } from "./movement.ts";

/** Methods for splitting, joining and repeating. */
export class Splitting extends Movement {
  /** See {@linkcode narrow}. */
  narrow(this: Tensor, dim: number, start: number, length: number): Tensor {
    return narrow(this, dim, start, length);
  }

  /** See {@linkcode select}. */
  select(this: Tensor, dim: number, index: number): Tensor {
    return select(this, dim, index);
  }

  /** See {@linkcode unfold}. */
  unfold(this: Tensor, dim: number, size: number, step: number): Tensor {
    return unfold(this, dim, size, step);
  }

  /** See {@linkcode flip}. */
  flip(this: Tensor, dims: Dims): Tensor {
    return flip(this, dims);
  }

  /** See {@linkcode fliplr}. */
  fliplr(this: Tensor): Tensor {
    return fliplr(this);
  }

  /** See {@linkcode flipud}. */
  flipud(this: Tensor): Tensor {
    return flipud(this);
  }

  /** See {@linkcode roll}. */
  roll(this: Tensor, shifts: Dims, dims?: Dims): Tensor {
    return roll(this, shifts, dims);
  }

  /** See {@linkcode rot90}. */
  rot90(this: Tensor, k?: number, dims?: readonly number[]): Tensor {
    return rot90(this, k, dims);
  }
}
