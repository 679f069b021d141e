// Max pooling over windows whose places are drawn by chance.

import { ValueError } from "../tensor/errors.ts";
import {
  fractionalMaxPool2d,
  fractionalMaxPool3d,
} from "../tensor/ops/pooling_fractional.ts";
import type { Named } from "../tensor/results.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { perDimension } from "./convolution.ts";
import { Module } from "./module.ts";

/** Options of {@linkcode FractionalMaxPool2d} and {@linkcode FractionalMaxPool3d}; one has to be given. */
export interface FractionalMaxPoolLayerOptions {
  /** Size of the result. */
  readonly outputSize?: Size | null;
  /** Or its share of the input's, between 0 and 1. */
  readonly outputRatio?: number | readonly number[] | null;
}

/** Max pooling over windows whose places are drawn by chance. */
export abstract class FractionalMaxPool extends Module {
  /** Size of the windows. */
  readonly kernelSize: readonly number[];
  /** Size of the result, or null. */
  readonly outputSize: readonly number[] | null;
  /** Or its share of the input's, or null. */
  readonly outputRatio: readonly number[] | null;

  /** Takes the size of the windows, and that of the result. */
  constructor(
    dimensions: number,
    kernelSize: Size,
    options: FractionalMaxPoolLayerOptions,
  ) {
    super();
    const { name } = new.target;
    checkOptions(options, ["outputSize", "outputRatio"], name);
    const { outputSize = null, outputRatio = null } = options;
    if (outputSize === null && outputRatio === null) {
      throw new ValueError(
        `${name} requires specifying either an output size, or a pooling ratio`,
      );
    }
    if (outputSize !== null && outputRatio !== null) {
      throw new ValueError(
        "only one of output_size and output_ratio may be specified",
      );
    }
    this.kernelSize = perDimension(kernelSize, dimensions);
    this.outputSize = outputSize === null
      ? null
      : perDimension(outputSize, dimensions);
    this.outputRatio = outputRatio === null
      ? null
      : perDimension(outputRatio, dimensions);
    if (this.outputRatio?.some((ratio) => !(ratio > 0 && ratio < 1))) {
      throw new ValueError(
        `output_ratio must be between 0 and 1 (got ${outputRatio})`,
      );
    }
  }
}

/**
 * The largest elements of windows of `[n, c, h, w]` whose places are drawn by
 * chance, so that the size shrinks by any ratio. PyTorch's `return_indices` is
 * the method `withIndices`. See `torch.nn.FractionalMaxPool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.FractionalMaxPool2d(2, { outputRatio: 0.5 });
 * assertEquals(layer.call(dg.ones([1, 2, 9, 9])).shape, [1, 2, 4, 4]);
 * ```
 */
export class FractionalMaxPool2d extends FractionalMaxPool {
  /** Takes the size of the windows, and `outputSize` or `outputRatio`. */
  constructor(kernelSize: Size, options: FractionalMaxPoolLayerOptions) {
    super(2, kernelSize, options);
  }

  /** Keeps the largest element of each window. */
  forward(input: Tensor): Tensor {
    const { outputSize, outputRatio } = this;
    const options = { outputSize, outputRatio };
    return fractionalMaxPool2d(input, this.kernelSize, options);
  }

  /** Computes the largest elements and where they were. */
  withIndices(input: Tensor): Named<"values" | "indices"> {
    const { outputSize, outputRatio } = this;
    return fractionalMaxPool2d(input, this.kernelSize, {
      outputSize,
      outputRatio,
      returnIndices: true,
    });
  }
}

/**
 * The largest elements of windows of `[n, c, d, h, w]` whose places are drawn
 * by chance, so that the size shrinks by any ratio. PyTorch's `return_indices`
 * is the method `withIndices`. See `torch.nn.FractionalMaxPool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.FractionalMaxPool3d(2, { outputRatio: 0.5 });
 * assertEquals(layer.call(dg.ones([1, 2, 9, 9, 9])).shape, [1, 2, 4, 4, 4]);
 * ```
 */
export class FractionalMaxPool3d extends FractionalMaxPool {
  /** Takes the size of the windows, and `outputSize` or `outputRatio`. */
  constructor(kernelSize: Size, options: FractionalMaxPoolLayerOptions) {
    super(3, kernelSize, options);
  }

  /** Keeps the largest element of each window. */
  forward(input: Tensor): Tensor {
    const { outputSize, outputRatio } = this;
    const options = { outputSize, outputRatio };
    return fractionalMaxPool3d(input, this.kernelSize, options);
  }

  /** Computes the largest elements and where they were. */
  withIndices(input: Tensor): Named<"values" | "indices"> {
    const { outputSize, outputRatio } = this;
    return fractionalMaxPool3d(input, this.kernelSize, {
      outputSize,
      outputRatio,
      returnIndices: true,
    });
  }
}
