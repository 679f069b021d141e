// Pooling: means and norms of windows.

import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  lpPool1d,
  lpPool2d,
  lpPool3d,
} from "../tensor/ops/pooling_average.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { perDimension } from "./convolution.ts";
import { Module } from "./module.ts";
import { py } from "./module_repr.ts";

/** Options of {@linkcode AvgPool1d}. */
export interface AvgPool1dLayerOptions {
  /** Steps between windows; their size where not given. */
  readonly stride?: Size | null;
  /** Added at each edge; 0 where not given. */
  readonly padding?: Size;
  /** Whether a window may stand over the edge; false where not given. */
  readonly ceilMode?: boolean;
  /** Whether what was added at the edges counts; true where not given. */
  readonly countIncludePad?: boolean;
}

/** Options of {@linkcode AvgPool2d} and {@linkcode AvgPool3d}. */
export interface AvgPoolLayerOptions extends AvgPool1dLayerOptions {
  /** What to divide by in place of the number of elements. */
  readonly divisorOverride?: number | null;
}

/** Pooling that takes the mean of each window. */
export abstract class AvgPool extends Module {
  /** Size of the windows. */
  readonly kernelSize: Size;
  /** Steps between windows. */
  readonly stride: Size;
  /** Added at each edge. */
  readonly padding: Size;
  /** Whether a window may stand over the edge. */
  readonly ceilMode: boolean;
  /** Whether what was added at the edges counts. */
  readonly countIncludePad: boolean;
  /** What to divide by in place of the number of elements. */
  readonly divisorOverride: number | null;

  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: AvgPoolLayerOptions = {}) {
    super();
    checkOptions(options, AVG_KEYS, new.target.name);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.ceilMode = options.ceilMode ?? false;
    this.countIncludePad = options.countIncludePad ?? true;
    this.divisorOverride = options.divisorOverride ?? null;
  }

  /** The settings that the functions of two and three dimensions take. */
  protected settings(): {
    stride: Size;
    padding: Size;
    ceilMode: boolean;
    countIncludePad: boolean;
    divisorOverride: number | null;
  } {
    const { stride, padding, ceilMode, countIncludePad } = this;
    const { divisorOverride } = this;
    return { stride, padding, ceilMode, countIncludePad, divisorOverride };
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, stride=${
      py(this.stride)
    }, padding=${py(this.padding)}`;
  }
}

const AVG_KEYS = [
  "stride",
  "padding",
  "ceilMode",
  "countIncludePad",
  "divisorOverride",
];

/**
 * The mean of each window of `[n, c, w]`. See `torch.nn.AvgPool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AvgPool1d(2);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 4]);
 * ```
 */
export class AvgPool1d extends AvgPool {
  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: AvgPool1dLayerOptions = {}) {
    // PyTorch turns these into tuples here, and only here.
    super(perDimension(kernelSize, 1), {
      ...options,
      stride: perDimension(options.stride ?? kernelSize, 1),
      padding: perDimension(options.padding ?? 0, 1),
    });
  }

  /** Takes the mean of each window. */
  forward(input: Tensor): Tensor {
    const { stride, padding, ceilMode, countIncludePad } = this;
    const options = { stride, padding, ceilMode, countIncludePad };
    return avgPool1d(input, this.kernelSize, options);
  }
}

/**
 * The mean of each window of `[n, c, h, w]`. See `torch.nn.AvgPool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AvgPool2d(2);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 4, 4]);
 * ```
 */
export class AvgPool2d extends AvgPool {
  /** Takes the mean of each window. */
  forward(input: Tensor): Tensor {
    return avgPool2d(input, this.kernelSize, this.settings());
  }
}

/**
 * The mean of each window of `[n, c, d, h, w]`. See `torch.nn.AvgPool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AvgPool3d(2);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 4, 4, 4]);
 * ```
 */
export class AvgPool3d extends AvgPool {
  /** Takes the mean of each window. */
  forward(input: Tensor): Tensor {
    return avgPool3d(input, this.kernelSize, this.settings());
  }
}

/** Options of {@linkcode LPPool1d}, {@linkcode LPPool2d} and {@linkcode LPPool3d}. */
export interface LPPoolLayerOptions {
  /** Steps between windows; their size where not given. */
  readonly stride?: Size | null;
  /** Whether a window may stand over the edge; false where not given. */
  readonly ceilMode?: boolean;
}

/** Pooling that takes a norm of each window. */
export abstract class LPPool extends Module {
  /** Order of the norm. */
  readonly normType: number;
  /** Size of the windows. */
  readonly kernelSize: Size;
  /** Steps between windows; null is their size. */
  readonly stride: Size | null;
  /** Whether a window may stand over the edge. */
  readonly ceilMode: boolean;

  /** Takes the order of the norm, the size of the windows, and options. */
  constructor(
    normType: number,
    kernelSize: Size,
    options: LPPoolLayerOptions = {},
  ) {
    super();
    checkOptions(options, ["stride", "ceilMode"], new.target.name);
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? null;
    this.ceilMode = options.ceilMode ?? false;
  }

  /** The settings that the function takes. */
  protected settings(): { stride: Size; ceilMode: boolean } {
    const { ceilMode } = this;
    return { stride: this.stride ?? this.kernelSize, ceilMode };
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `norm_type=${py(this.normType)}, kernel_size=${
      py(this.kernelSize)
    }, stride=${py(this.stride)}, ceil_mode=${py(this.ceilMode)}`;
  }
}

/**
 * The norm of each window of `[n, c, w]`. See `torch.nn.LPPool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LPPool1d(2, 2);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 4]);
 * ```
 */
export class LPPool1d extends LPPool {
  /** Takes the norm of each window. */
  forward(input: Tensor): Tensor {
    return lpPool1d(input, this.normType, this.kernelSize, this.settings());
  }
}

/**
 * The norm of each window of `[n, c, h, w]`. See `torch.nn.LPPool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LPPool2d(2, 2);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 4, 4]);
 * ```
 */
export class LPPool2d extends LPPool {
  /** Takes the norm of each window. */
  forward(input: Tensor): Tensor {
    return lpPool2d(input, this.normType, this.kernelSize, this.settings());
  }
}

/**
 * The norm of each window of `[n, c, d, h, w]`. See `torch.nn.LPPool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LPPool3d(2, 2);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 4, 4, 4]);
 * ```
 */
export class LPPool3d extends LPPool {
  /** Takes the norm of each window. */
  forward(input: Tensor): Tensor {
    return lpPool3d(input, this.normType, this.kernelSize, this.settings());
  }
}
