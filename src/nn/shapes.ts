// Layers that only move elements.

import { channelShuffle } from "../tensor/ops/channel_shuffle.ts";
import { fold, type FoldOptions, unfold } from "../tensor/ops/folding.ts";
import { pixelShuffle, pixelUnshuffle } from "../tensor/ops/pixel_shuffle.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { py } from "./module_repr.ts";

/** Options of {@linkcode Flatten}. */
export interface FlattenLayerOptions {
  /** First dimension; 1 where not given. */
  readonly startDim?: number;
  /** Last dimension; -1 where not given. */
  readonly endDim?: number;
}

/**
 * Makes one dimension of several, by default of all but the first. See
 * `torch.nn.Flatten`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Flatten();
 * assertEquals(layer.call(dg.ones([5, 2, 3])).shape, [5, 6]);
 * ```
 */
export class Flatten extends Module {
  /** First dimension. */
  readonly startDim: number;
  /** Last dimension. */
  readonly endDim: number;

  /** Takes the dimensions. */
  constructor(options: FlattenLayerOptions = {}) {
    super();
    checkOptions(options, ["startDim", "endDim"], "Flatten");
    this.startDim = options.startDim ?? 1;
    this.endDim = options.endDim ?? -1;
  }

  /** Flattens. */
  forward(input: Tensor): Tensor {
    const { startDim, endDim } = this;
    return input.flatten({ startDim, endDim });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/**
 * Makes several dimensions of one. See `torch.nn.Unflatten`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Unflatten(1, [2, 3]);
 * assertEquals(layer.call(dg.ones([5, 6])).shape, [5, 2, 3]);
 * ```
 */
export class Unflatten extends Module {
  /** The dimension. */
  readonly dim: number;
  /** What it becomes. */
  readonly unflattenedSize: readonly number[];

  /** Takes the dimension and what it becomes. */
  constructor(dim: number, unflattenedSize: readonly number[]) {
    super();
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }

  /** Unflattens. */
  forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${py(this.unflattenedSize)}`;
  }
}

/**
 * Makes a larger image of many channels: `[..., c * r * r, h, w]` becomes
 * `[..., c, h * r, w * r]`. See `torch.nn.PixelShuffle`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.PixelShuffle(2);
 * assertEquals(layer.call(dg.ones([1, 4, 3, 3])).shape, [1, 1, 6, 6]);
 * ```
 */
export class PixelShuffle extends Module {
  /** How much larger the image becomes. */
  readonly upscaleFactor: number;

  /** Takes the factor. */
  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }

  /** Moves the elements. */
  forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  /** Shows the factor. */
  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/**
 * Makes many channels of a larger image: `[..., c, h * r, w * r]` becomes
 * `[..., c * r * r, h, w]`. See `torch.nn.PixelUnshuffle`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.PixelUnshuffle(2);
 * assertEquals(layer.call(dg.ones([1, 1, 6, 6])).shape, [1, 4, 3, 3]);
 * ```
 */
export class PixelUnshuffle extends Module {
  /** How much smaller the image becomes. */
  readonly downscaleFactor: number;

  /** Takes the factor. */
  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }

  /** Moves the elements. */
  forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  /** Shows the factor. */
  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

/**
 * Deals out the channels of `[n, c, ...]`: one of each group after the other.
 * See `torch.nn.ChannelShuffle`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ChannelShuffle(2);
 * const x = dg.tensor([0, 1, 2, 3]).reshape([1, 4, 1]);
 * assertEquals(layer.call(x).flatten().tolist(), [0, 2, 1, 3]);
 * ```
 */
export class ChannelShuffle extends Module {
  /** Number of groups. */
  readonly groups: number;

  /** Takes the number of groups. */
  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  /** Moves the channels. */
  forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  /** Shows the number of groups. */
  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}

const FOLD_KEYS = ["dilation", "padding", "stride"];

/**
 * Adds up windows where they belong in an image: `[n, c * k, windows]` becomes
 * `[n, c, ...outputSize]`. See `torch.nn.Fold`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Fold([4, 4], 2, { stride: 2 });
 * assertEquals(layer.call(dg.ones([1, 4, 4])).shape, [1, 1, 4, 4]);
 * ```
 */
export class Fold extends Module {
  /** Size of the image. */
  readonly outputSize: Size;
  /** Size of the windows. */
  readonly kernelSize: Size;
  /** Steps between the elements of a window. */
  readonly dilation: Size;
  /** Added at each edge. */
  readonly padding: Size;
  /** Steps between windows. */
  readonly stride: Size;

  /** Takes the sizes of image and windows, and options. */
  constructor(outputSize: Size, kernelSize: Size, options: FoldOptions = {}) {
    super();
    checkOptions(options, FOLD_KEYS, "Fold");
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.dilation = options.dilation ?? 1;
    this.padding = options.padding ?? 0;
    this.stride = options.stride ?? 1;
  }

  /** Adds up the windows. */
  forward(input: Tensor): Tensor {
    const { dilation, padding, stride } = this;
    const options = { dilation, padding, stride };
    return fold(input, this.outputSize, this.kernelSize, options);
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `output_size=${py(this.outputSize)}, kernel_size=${
      py(this.kernelSize)
    }, dilation=${py(this.dilation)}, padding=${py(this.padding)}, stride=${
      py(this.stride)
    }`;
  }
}

/**
 * Writes out the windows of an image: `[n, c, h, w]` becomes `[n, c * k,
 * windows]`. See `torch.nn.Unfold`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Unfold(2);
 * assertEquals(layer.call(dg.ones([1, 3, 4, 4])).shape, [1, 12, 9]);
 * ```
 */
export class Unfold extends Module {
  /** Size of the windows. */
  readonly kernelSize: Size;
  /** Steps between the elements of a window. */
  readonly dilation: Size;
  /** Added at each edge. */
  readonly padding: Size;
  /** Steps between windows. */
  readonly stride: Size;

  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: FoldOptions = {}) {
    super();
    checkOptions(options, FOLD_KEYS, "Unfold");
    this.kernelSize = kernelSize;
    this.dilation = options.dilation ?? 1;
    this.padding = options.padding ?? 0;
    this.stride = options.stride ?? 1;
  }

  /** Writes out the windows. */
  forward(input: Tensor): Tensor {
    const { dilation, padding, stride } = this;
    return unfold(input, this.kernelSize, { dilation, padding, stride });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, dilation=${
      py(this.dilation)
    }, padding=${py(this.padding)}, stride=${py(this.stride)}`;
  }
}
