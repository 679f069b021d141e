// The methods of tensors: activations. One line each; the functions are the ops.

import {
  logit,
  logit_,
  type LogitOptions,
  logSoftmax,
  sigmoid,
  sigmoid_,
  softmax,
  type SoftmaxOptions,
} from "../ops/activation.ts";
import {
  hardshrink,
  prelu,
  type ShrinkOptions,
} from "../ops/activation_pieces.ts";
import { Special } from "./special.ts";
import type { Tensor } from "../tensor.ts";

/** Methods for activations. */
export class Activation extends Special {
  /** See {@linkcode hardshrink}. */
  hardshrink(this: Tensor, options?: ShrinkOptions): Tensor {
    return hardshrink(this, options);
  }

  /** See {@linkcode prelu}. */
  prelu(this: Tensor, weight: Tensor): Tensor {
    return prelu(this, weight);
  }

  /** See {@linkcode sigmoid}. */
  sigmoid(this: Tensor): Tensor {
    return sigmoid(this);
  }

  /** See {@linkcode sigmoid_}. */
  sigmoid_(this: Tensor): Tensor {
    return sigmoid_(this);
  }

  /** See {@linkcode logit}. */
  logit(this: Tensor, options?: LogitOptions): Tensor {
    return logit(this, options);
  }

  /** See {@linkcode logit_}. */
  logit_(this: Tensor, options?: LogitOptions): Tensor {
    return logit_(this, options);
  }

  /** See {@linkcode softmax}. */
  softmax(this: Tensor, dim: number, options?: SoftmaxOptions): Tensor {
    return softmax(this, dim, options);
  }

  /** See {@linkcode logSoftmax}. */
  logSoftmax(this: Tensor, dim: number, options?: SoftmaxOptions): Tensor {
    return logSoftmax(this, dim, options);
  }
}
