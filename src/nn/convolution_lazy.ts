// Convolutions that learn from their first input how many channels come in.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { checkTensor } from "../tensor/is_tensor.ts";
import { showShape, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  Conv1d,
  Conv2d,
  Conv3d,
  type Convolution,
  type ConvolutionLayerOptions,
  type ConvOptions,
} from "./convolution.ts";
import {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
  TransposedConvolution,
} from "./convolution_transposed.ts";
import {
  assignSettings,
  hasUninitializedParams,
  initializeAtFirstCall,
  laterParameter,
} from "./lazy.ts";
import { materialize } from "./uninitialized_parameter.ts";

/** Takes the place of what the constructor of the plain layer made for no channels. */
function prepare(
  layer: Convolution,
  outChannels: number,
  options: ConvolutionLayerOptions,
): void {
  assignSettings(layer, { outChannels });
  layer.weight = laterParameter(options);
  if (options.bias !== false) layer.bias = laterParameter(options);
}

function initialize(layer: Convolution, input: Tensor): void {
  checkTensor(input, layer.constructor.name, "input");
  if (!hasUninitializedParams(layer)) return;
  const inChannels = channelsOf(layer, input);
  assignSettings(layer, { inChannels });
  const { weight, bias, outChannels, groups, kernelSize } = layer;
  if (inChannels % groups !== 0) {
    throw new ValueError("in_channels must be divisible by groups");
  }
  const channels = layer instanceof TransposedConvolution
    ? [inChannels, Math.floor(outChannels / groups)]
    : [outChannels, inChannels / groups];
  materialize(weight, [...channels, ...kernelSize]);
  if (bias !== null) materialize(bias, outChannels);
  layer.resetParameters();
}

function channelsOf(layer: Convolution, input: Tensor): number {
  const single = layer.kernelSize.length + 1;
  if (input.ndim === single || input.ndim === single + 1) {
    return input.shape[input.ndim - single]!;
  }
  throw new RuntimeError(
    `Expected ${single}D (unbatched) or ${
      single + 1
    }D (batched) input to ${layer.constructor.name}, but got input of size: ${
      showShape(input.shape)
    }`,
  );
}

/**
 * A {@linkcode Conv1d} that learns `inChannels` from its first input, and is an
 * ordinary one from then on. See `torch.nn.LazyConv1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyConv1d(4, 3);
 * assertEquals(layer.call(dg.ones([1, 2, 5])).shape, [1, 4, 3]);
 * assertEquals(layer.weight.shape, [4, 2, 3]);
 * ```
 */
export class LazyConv1d extends Conv1d {
  /** Takes the channels that come out, the kernels' size, and options. */
  constructor(
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions = {},
  ) {
    super(0, 0, kernelSize, { ...options, bias: false });
    prepare(this, outChannels, options);
  }

  static {
    initializeAtFirstCall<Convolution>(this, Conv1d, initialize);
  }
}

/**
 * A {@linkcode Conv2d} that learns `inChannels` from its first input, and is an
 * ordinary one from then on. See `torch.nn.LazyConv2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyConv2d(4, 3);
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5])).shape, [1, 4, 3, 3]);
 * assertEquals(layer.weight.shape, [4, 2, 3, 3]);
 * ```
 */
export class LazyConv2d extends Conv2d {
  /** Takes the channels that come out, the kernels' size, and options. */
  constructor(
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions = {},
  ) {
    super(0, 0, kernelSize, { ...options, bias: false });
    prepare(this, outChannels, options);
  }

  static {
    initializeAtFirstCall<Convolution>(this, Conv2d, initialize);
  }
}

/**
 * A {@linkcode Conv3d} that learns `inChannels` from its first input, and is an
 * ordinary one from then on. See `torch.nn.LazyConv3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyConv3d(4, 3);
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5, 5])).shape, [1, 4, 3, 3, 3]);
 * assertEquals(layer.weight.shape, [4, 2, 3, 3, 3]);
 * ```
 */
export class LazyConv3d extends Conv3d {
  /** Takes the channels that come out, the kernels' size, and options. */
  constructor(
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions = {},
  ) {
    super(0, 0, kernelSize, { ...options, bias: false });
    prepare(this, outChannels, options);
  }

  static {
    initializeAtFirstCall<Convolution>(this, Conv3d, initialize);
  }
}

/**
 * A {@linkcode ConvTranspose1d} that learns `inChannels` from its first input, and is an
 * ordinary one from then on. See `torch.nn.LazyConvTranspose1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyConvTranspose1d(4, 3);
 * assertEquals(layer.call(dg.ones([1, 2, 5])).shape, [1, 4, 7]);
 * assertEquals(layer.weight.shape, [2, 4, 3]);
 * ```
 */
export class LazyConvTranspose1d extends ConvTranspose1d {
  /** Takes the channels that come out, the kernels' size, and options. */
  constructor(
    outChannels: number,
    kernelSize: Size,
    options: ConvTransposeOptions = {},
  ) {
    super(0, 0, kernelSize, { ...options, bias: false });
    prepare(this, outChannels, options);
  }

  static {
    initializeAtFirstCall<Convolution>(this, ConvTranspose1d, initialize);
  }
}

/**
 * A {@linkcode ConvTranspose2d} that learns `inChannels` from its first input, and is an
 * ordinary one from then on. See `torch.nn.LazyConvTranspose2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyConvTranspose2d(4, 3);
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5])).shape, [1, 4, 7, 7]);
 * assertEquals(layer.weight.shape, [2, 4, 3, 3]);
 * ```
 */
export class LazyConvTranspose2d extends ConvTranspose2d {
  /** Takes the channels that come out, the kernels' size, and options. */
  constructor(
    outChannels: number,
    kernelSize: Size,
    options: ConvTransposeOptions = {},
  ) {
    super(0, 0, kernelSize, { ...options, bias: false });
    prepare(this, outChannels, options);
  }

  static {
    initializeAtFirstCall<Convolution>(this, ConvTranspose2d, initialize);
  }
}

/**
 * A {@linkcode ConvTranspose3d} that learns `inChannels` from its first input, and is an
 * ordinary one from then on. See `torch.nn.LazyConvTranspose3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyConvTranspose3d(4, 3);
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5, 5])).shape, [1, 4, 7, 7, 7]);
 * assertEquals(layer.weight.shape, [2, 4, 3, 3, 3]);
 * ```
 */
export class LazyConvTranspose3d extends ConvTranspose3d {
  /** Takes the channels that come out, the kernels' size, and options. */
  constructor(
    outChannels: number,
    kernelSize: Size,
    options: ConvTransposeOptions = {},
  ) {
    super(0, 0, kernelSize, { ...options, bias: false });
    prepare(this, outChannels, options);
  }

  static {
    initializeAtFirstCall<Convolution>(this, ConvTranspose3d, initialize);
  }
}
