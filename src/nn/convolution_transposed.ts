// Transposed convolutions: one base class for 1, 2 and 3 dimensions.

import { ValueError } from "../tensor/errors.ts";
import {
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "../tensor/ops/convolution.ts";
import { checkOptions, showShape, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  CONV_KEYS,
  Convolution,
  type ConvolutionLayerOptions,
  perDimension,
} from "./convolution.ts";
import { py } from "./module_repr.ts";

/** Options of {@linkcode ConvTranspose1d}, {@linkcode ConvTranspose2d} and {@linkcode ConvTranspose3d}. */
export interface ConvTransposeOptions extends ConvolutionLayerOptions {
  /** Taken away at each edge; 0 where not given. */
  readonly padding?: Size;
  /** Added at the far end; 0 where not given. */
  readonly outputPadding?: Size;
}

/** Which of the possible sizes a transposed convolution gives. */
export interface OutputSizeOptions {
  /** The size of the image that comes out. */
  readonly outputSize?: readonly number[];
}

/** Transposed convolutions. */
export abstract class TransposedConvolution extends Convolution {
  /** Added at the far end. */
  readonly outputPadding: readonly number[];
  private readonly _convolve: typeof convTranspose2d;

  /** Takes the settings and the function for their number of dimensions. */
  constructor(
    dimensions: number,
    convolve: typeof convTranspose2d,
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvTransposeOptions,
  ) {
    checkOptions(options, [...CONV_KEYS, "outputPadding"], new.target.name);
    if ((options.paddingMode ?? "zeros") !== "zeros") {
      throw new ValueError(
        `Only "zeros" padding mode is supported for ${new.target.name}`,
      );
    }
    super(dimensions, inChannels, outChannels, kernelSize, options, true);
    this.outputPadding = perDimension(options.outputPadding ?? 0, dimensions);
    this._convolve = convolve;
  }

  /** Computes the transposed convolution; `outputSize` chooses among the sizes that are possible. */
  forward(input: Tensor, options: OutputSizeOptions = {}): Tensor {
    checkOptions(options, ["outputSize"], "forward");
    const { weight, bias, stride, padding, dilation, groups } = this;
    const { outputSize } = options;
    return this._convolve(input, weight, {
      bias,
      stride,
      padding: padding as readonly number[],
      dilation,
      groups,
      outputPadding: outputSize === undefined
        ? this.outputPadding
        : this._missing(input, outputSize),
    });
  }

  /** What is to be added for a size. */
  private _missing(input: Tensor, outputSize: readonly number[]): number[] {
    const { kernelSize, stride, dilation } = this;
    const padding = this.padding as readonly number[];
    const n = kernelSize.length;
    const lead = input.ndim - n;
    const wanted = outputSize.length === input.ndim
      ? outputSize.slice(lead)
      : outputSize;
    if (wanted.length !== n) {
      throw new ValueError(
        `ConvTranspose${n}d: for ${input.ndim}D input, output_size must have ${n} or ${input.ndim} elements (got ${outputSize.length})`,
      );
    }
    const least = kernelSize.map((length, d) =>
      (input.shape[lead + d]! - 1) * stride[d]! - 2 * padding[d]! +
      dilation[d]! * (length - 1) + 1
    );
    const most = least.map((length, d) => length + stride[d]! - 1);
    if (wanted.some((length, d) => length < least[d]! || length > most[d]!)) {
      throw new ValueError(
        `requested an output size of ${
          showShape(wanted)
        }, but valid sizes range from ${showShape(least)} to ${
          showShape(most)
        } (for an input of ${showShape(input.shape.slice(lead))})`,
      );
    }
    return wanted.map((length, d) => length - least[d]!);
  }

  /** Shows what is added at the far end. */
  protected override moreRepr(): string[] {
    const { outputPadding } = this;
    if (outputPadding.every((n) => n === 0)) return [];
    return [`output_padding=${py(outputPadding)}`];
  }
}

/**
 * A transposed convolution of `[n, c, w]`, or of one such without `n`. See
 * `torch.nn.ConvTranspose1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ConvTranspose1d(2, 3, 2, { stride: 2 });
 * assertEquals(layer.call(dg.ones([1, 2, 5])).shape, [1, 3, 10]);
 * ```
 */
export class ConvTranspose1d extends TransposedConvolution {
  /** Takes the channels that come in and out, the kernels' size, and options. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvTransposeOptions = {},
  ) {
    super(1, convTranspose1d, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * A transposed convolution of `[n, c, h, w]`, or of one such without `n`. See
 * `torch.nn.ConvTranspose2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ConvTranspose2d(2, 3, 2, { stride: 2 });
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5])).shape, [1, 3, 10, 10]);
 * ```
 */
export class ConvTranspose2d extends TransposedConvolution {
  /** Takes the channels that come in and out, the kernels' size, and options. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvTransposeOptions = {},
  ) {
    super(2, convTranspose2d, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * A transposed convolution of `[n, c, d, h, w]`, or of one such without `n`.
 * See `torch.nn.ConvTranspose3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ConvTranspose3d(2, 3, 2, { stride: 2 });
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5, 5])).shape, [1, 3, 10, 10, 10]);
 * ```
 */
export class ConvTranspose3d extends TransposedConvolution {
  /** Takes the channels that come in and out, the kernels' size, and options. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvTransposeOptions = {},
  ) {
    super(3, convTranspose3d, inChannels, outChannels, kernelSize, options);
  }
}
