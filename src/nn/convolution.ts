// Convolutions: one base class for 1, 2 and 3 dimensions.

import { checkIntegers } from "../tensor/arguments.ts";
import { ValueError } from "../tensor/errors.ts";
import { conv1d, conv2d, conv3d } from "../tensor/ops/convolution.ts";
import { pad, type PadMode } from "../tensor/ops/padding.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  emptyParameter,
  FACTORY_KEYS,
  type FactoryOptions,
  spread,
} from "./factory.ts";
import { fans, kaimingUniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { py } from "./module_repr.ts";
import type { Parameter } from "./parameter.ts";

/** How an image continues beyond its edges. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** Options of all convolutions. */
export interface ConvolutionLayerOptions extends FactoryOptions {
  /** Steps between windows; 1 where not given. */
  readonly stride?: Size;
  /** Steps between the elements of a window; 1 where not given. */
  readonly dilation?: Size;
  /** Groups of channels that do not see each other; 1 where not given. */
  readonly groups?: number;
  /** Whether something is added to each channel; true where not given. */
  readonly bias?: boolean;
  /** How the image continues beyond its edges; `"zeros"` where not given. */
  readonly paddingMode?: PaddingMode;
}

/** Options of {@linkcode Conv1d}, {@linkcode Conv2d} and {@linkcode Conv3d}. */
export interface ConvOptions extends ConvolutionLayerOptions {
  /** Added at each edge; 0 where not given. `"same"` keeps the size, `"valid"` adds nothing. */
  readonly padding?: Size | "same" | "valid";
}

/** The known options of {@linkcode ConvOptions}, for error messages. */
export const CONV_KEYS: readonly string[] = [
  "stride",
  "padding",
  "dilation",
  "groups",
  "bias",
  "paddingMode",
  ...FACTORY_KEYS,
];

/** One number for each dimension. */
export function perDimension(
  size: Size,
  dimensions: number,
): readonly number[] {
  if (typeof size !== "number") return size;
  return new Array<number>(dimensions).fill(size);
}

/** What all convolutions share: settings, parameters and their first values. */
export abstract class Convolution extends Module {
  /** The kernels. */
  weight: Parameter;
  /** What is added to each channel, `[outChannels]`, or null. */
  bias: Parameter | null;
  /** Channels that come in. */
  readonly inChannels: number;
  /** Channels that come out. */
  readonly outChannels: number;
  /** Lengths of the kernels. */
  readonly kernelSize: readonly number[];
  /** Steps between windows. */
  readonly stride: readonly number[];
  /** Added at each edge. */
  readonly padding: readonly number[] | "same" | "valid";
  /** Steps between the elements of a window. */
  readonly dilation: readonly number[];
  /** Groups of channels that do not see each other. */
  readonly groups: number;
  /** How the image continues beyond its edges. */
  readonly paddingMode: PaddingMode;

  /** Takes the settings; `transposed` tells how the kernels lie. */
  constructor(
    dimensions: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions,
    transposed: boolean,
  ) {
    super();
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    checkIntegers(kernelSize, new.target.name, "kernelSize");
    this.kernelSize = perDimension(kernelSize, dimensions);
    this.stride = perDimension(options.stride ?? 1, dimensions);
    const { padding = 0 } = options;
    this.padding = typeof padding === "string"
      ? padding
      : perDimension(padding, dimensions);
    this.dilation = perDimension(options.dilation ?? 1, dimensions);
    this.groups = options.groups ?? 1;
    this.paddingMode = options.paddingMode ?? "zeros";
    this._check();
    const { groups } = this;
    const channels = transposed
      ? [inChannels, outChannels / groups]
      : [outChannels, inChannels / groups];
    this.weight = emptyParameter([...channels, ...this.kernelSize], options);
    this.bias = options.bias === false
      ? null
      : emptyParameter(outChannels, options);
    this.resetParameters();
  }

  /** Draws the parameters anew. See `Conv2d.reset_parameters`. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const { fanIn } = fans(this.weight);
    if (fanIn !== 0) spread(this.bias, 1 / Math.sqrt(fanIn));
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const { padding, dilation, groups, bias, paddingMode } = this;
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${py(this.kernelSize)}`,
      `stride=${py(this.stride)}`,
    ];
    if (typeof padding === "string") parts.push(`padding=${padding}`);
    else if (padding.some((n) => n !== 0)) parts.push(`padding=${py(padding)}`);
    if (dilation.some((n) => n !== 1)) parts.push(`dilation=${py(dilation)}`);
    parts.push(...this.moreRepr());
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (bias === null) parts.push("bias=False");
    if (paddingMode !== "zeros") parts.push(`padding_mode=${paddingMode}`);
    return parts.join(", ");
  }

  /** What transposed convolutions show besides. */
  protected moreRepr(): string[] {
    return [];
  }

  /** Fails for settings that are impossible. */
  private _check(): void {
    const { groups, padding, paddingMode, stride } = this;
    if (!(groups > 0)) {
      throw new ValueError("groups must be a positive integer");
    }
    if (this.inChannels % groups !== 0) {
      throw new ValueError("in_channels must be divisible by groups");
    }
    if (this.outChannels % groups !== 0) {
      throw new ValueError("out_channels must be divisible by groups");
    }
    if (typeof padding === "string") {
      if (padding !== "same" && padding !== "valid") {
        throw new ValueError(
          `Invalid padding string '${padding}', should be one of {'valid', 'same'}`,
        );
      }
      if (padding === "same" && stride.some((n) => n !== 1)) {
        throw new ValueError(
          "padding='same' is not supported for strided convolutions",
        );
      }
    }
    if (!["zeros", "reflect", "replicate", "circular"].includes(paddingMode)) {
      throw new ValueError(
        `padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got padding_mode='${paddingMode}'`,
      );
    }
  }
}

/** Convolutions that are not transposed. */
export abstract class PlainConvolution extends Convolution {
  private readonly _convolve: typeof conv2d;

  /** Takes the settings and the function for their number of dimensions. */
  constructor(
    dimensions: number,
    convolve: typeof conv2d,
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions,
  ) {
    checkOptions(options, CONV_KEYS, new.target.name);
    super(dimensions, inChannels, outChannels, kernelSize, options, false);
    this._convolve = convolve;
  }

  /** Computes the convolution. */
  forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    const options = { bias, stride, dilation, groups };
    if (this.paddingMode === "zeros") {
      return this._convolve(input, weight, { ...options, padding });
    }
    const mode: PadMode = this.paddingMode;
    const padded = pad(input, this._paddings(), { mode });
    return this._convolve(padded, weight, options);
  }

  /** What `pad` adds: both ends of the last dimension first. */
  private _paddings(): number[] {
    const { padding, dilation, kernelSize } = this;
    return kernelSize.flatMap((length, d) => {
      if (typeof padding !== "string") return [[padding[d]!, padding[d]!]];
      const total = padding === "same" ? dilation[d]! * (length - 1) : 0;
      const before = Math.floor(total / 2);
      return [[before, total - before]];
    }).reverse().flat();
  }
}

/**
 * A convolution of `[n, c, w]`, or of one such without `n`. See
 * `torch.nn.Conv1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Conv1d(2, 3, 3, { padding: 1 });
 * assertEquals(layer.call(dg.ones([1, 2, 5])).shape, [1, 3, 5]);
 * ```
 */
export class Conv1d extends PlainConvolution {
  /** Takes the channels that come in and out, the kernels' size, and options. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions = {},
  ) {
    super(1, conv1d, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * A convolution of `[n, c, h, w]`, or of one such without `n`. See
 * `torch.nn.Conv2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Conv2d(2, 3, 3, { padding: 1 });
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5])).shape, [1, 3, 5, 5]);
 * ```
 */
export class Conv2d extends PlainConvolution {
  /** Takes the channels that come in and out, the kernels' size, and options. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions = {},
  ) {
    super(2, conv2d, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * A convolution of `[n, c, d, h, w]`, or of one such without `n`. See
 * `torch.nn.Conv3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Conv3d(2, 3, 3, { padding: 1 });
 * assertEquals(layer.call(dg.ones([1, 2, 5, 5, 5])).shape, [1, 3, 5, 5, 5]);
 * ```
 */
export class Conv3d extends PlainConvolution {
  /** Takes the channels that come in and out, the kernels' size, and options. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: ConvOptions = {},
  ) {
    super(3, conv3d, inChannels, outChannels, kernelSize, options);
  }
}
