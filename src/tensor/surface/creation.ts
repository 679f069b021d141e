// The methods of tensors: new tensors of the same type and device.

import {
  allocateLike,
  CREATE_KEYS,
  type CreateOptions,
  finish,
  tensor,
} from "../create.ts";
import { filled, type FullValue } from "../create_filled.ts";
import type { TensorData } from "../host_data.ts";
import { checkOptions, type Size, toShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Sampling } from "./sampling.ts";

const NOTHING: CreateOptions = {};

/** Methods for new tensors of the same type and device. */
export class Creation extends Sampling {
  /** A tensor of the same type and device made from values. See `Tensor.new_tensor`. */
  newTensor(
    this: Tensor,
    data: TensorData,
    options: CreateOptions = NOTHING,
  ): Tensor {
    checkOptions(options, CREATE_KEYS, "newTensor");
    const { dtype, device } = this;
    return tensor(data, { dtype, device, ...options });
  }

  /** A tensor of the same type and device whose elements are undefined. See `Tensor.new_empty`. */
  newEmpty(
    this: Tensor,
    size: Size,
    options: CreateOptions = NOTHING,
  ): Tensor {
    checkOptions(options, CREATE_KEYS, "newEmpty");
    const { device } = this;
    const place = options === NOTHING ? { device } : { device, ...options };
    return finish(allocateLike(toShape(size), this.info, place), options);
  }

  /** A tensor of the same type and device filled with one value. See `Tensor.new_full`. */
  newFull(
    this: Tensor,
    size: Size,
    value: FullValue,
    options: CreateOptions = NOTHING,
  ): Tensor {
    checkOptions(options, CREATE_KEYS, "newFull");
    const { device } = this;
    const place = options === NOTHING ? { device } : { device, ...options };
    const out = allocateLike(toShape(size), this.info, place);
    return finish(filled(out, value), options);
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
