// The methods of tensors: new tensors of the same type and device.

import { allocateLike, type CreateOptions, finish } from "../create.ts";
import { type Size, toShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Sampling } from "./sampling.ts";

/** Methods for new tensors of the same type and device. */
export class Creation extends Sampling {
  /** A tensor of the same type and device filled with one value. See `Tensor.new_full`. */
  newFull(
    this: Tensor,
    size: Size,
    value: number | boolean,
    options: CreateOptions = {},
  ): Tensor {
    const out = allocateLike(toShape(size), this.info, {
      device: this.storage.device,
      ...options,
    });
    out.storage.device.fill(out, Number(value));
    return finish(out, options);
  }

  /** A tensor of zeros of the same type and device. See `Tensor.new_zeros`. */
  newZeros(this: Tensor, size: Size, options?: CreateOptions): Tensor {
    return this.newFull(size, 0, options);
  }

  /** A tensor of ones of the same type and device. See `Tensor.new_ones`. */
  newOnes(this: Tensor, size: Size, options?: CreateOptions): Tensor {
    return this.newFull(size, 1, options);
  }
}
