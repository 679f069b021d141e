// Norms over each instance of a batch.

import { ValueError } from "../tensor/errors.ts";
import { instanceNorm } from "../tensor/ops/normalization_channels.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  ChannelNorm,
  type ChannelNormOptions,
  checkDimensions,
  present,
} from "./norm_batch.ts";

/** Norms over each instance of a batch. */
export abstract class InstanceNorm extends ChannelNorm {
  private readonly _dimensions: number;

  /** Takes the number of dimensions of an image, that of channels, and options. */
  constructor(
    dimensions: number,
    numFeatures: number,
    options: ChannelNormOptions,
  ) {
    super(numFeatures, options, false, false);
    this._dimensions = dimensions;
  }

  /** Normalizes each channel of each instance; an input without a batch is one instance. */
  forward(input: Tensor): Tensor {
    const single = this._dimensions + 1;
    checkDimensions(input, single, single + 1);
    const at = input.ndim - single;
    if (input.shape[at] !== this.numFeatures && this.affine) {
      throw new ValueError(
        `expected input's size at dim=${at} to match num_features (${this.numFeatures}), but got: ${
          input.shape[at]
        }.`,
      );
    }
    return at === 0
      ? this._normalize(input.unsqueeze(0)).squeeze(0)
      : this._normalize(input);
  }

  /** Normalizes a batch. */
  private _normalize(input: Tensor): Tensor {
    const { runningMean, runningVar, weight, bias, eps, momentum } = this;
    return instanceNorm(input, {
      ...present<{
        runningMean: Tensor;
        runningVar: Tensor;
        weight: Tensor;
        bias: Tensor;
      }>({ runningMean, runningVar, weight, bias }),
      useInputStats: this.training || !this.trackRunningStats,
      momentum: momentum ?? 0,
      eps,
    });
  }
}

/**
 * Gives each channel of each instance of `[n, c, w]` mean 0 and variance 1.
 * Factors and running statistics are there only where `affine` and
 * `trackRunningStats` ask for them. See `torch.nn.InstanceNorm1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.InstanceNorm1d(3);
 * assertEquals(layer.call(dg.ones([2, 3, 4])).sum().item(), 0);
 * ```
 */
export class InstanceNorm1d extends InstanceNorm {
  /** Takes the number of channels, and options. */
  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(1, numFeatures, options);
  }
}

/**
 * Gives each channel of each instance of `[n, c, h, w]` mean 0 and variance 1.
 * Factors and running statistics are there only where `affine` and
 * `trackRunningStats` ask for them. See `torch.nn.InstanceNorm2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.InstanceNorm2d(3);
 * assertEquals(layer.call(dg.ones([2, 3, 4, 4])).sum().item(), 0);
 * ```
 */
export class InstanceNorm2d extends InstanceNorm {
  /** Takes the number of channels, and options. */
  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(2, numFeatures, options);
  }
}

/**
 * Gives each channel of each instance of `[n, c, d, h, w]` mean 0 and variance
 * 1. Factors and running statistics are there only where `affine` and
 * `trackRunningStats` ask for them. See `torch.nn.InstanceNorm3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.InstanceNorm3d(3);
 * assertEquals(layer.call(dg.ones([2, 3, 4, 4, 4])).sum().item(), 0);
 * ```
 */
export class InstanceNorm3d extends InstanceNorm {
  /** Takes the number of channels, and options. */
  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(3, numFeatures, options);
  }
}
