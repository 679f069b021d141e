// Pooling: the largest element of each window, and its way back.

import type { Named } from "../tensor/results.ts";
import {
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type MaxPoolOptions,
} from "../tensor/ops/pooling_max.ts";
import {
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
} from "../tensor/ops/pooling_unpool.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { perDimension } from "./convolution.ts";
import { Module } from "./module.ts";
import { py } from "./module_repr.ts";

/** Options of {@linkcode MaxPool1d}, {@linkcode MaxPool2d} and {@linkcode MaxPool3d}. */
export interface MaxPoolLayerOptions {
  /** Steps between windows; their size where not given. */
  readonly stride?: Size | null;
  /** Added at each edge; 0 where not given. */
  readonly padding?: Size;
  /** Steps between the elements of a window; 1 where not given. */
  readonly dilation?: Size;
  /** Whether a window may stand over the edge; false where not given. */
  readonly ceilMode?: boolean;
}

const MAX_KEYS = ["stride", "padding", "dilation", "ceilMode"];

/** Says where PyTorch's `return_indices` is: an option would change the type of what a layer gives. */
export function refuseIndices(layer: string): never {
  throw new TypeError(
    `${layer}() has no option returnIndices; its method withIndices(input) gives { values, indices }`,
  );
}

/** Pooling that keeps the largest element of each window. */
export abstract class MaxPool extends Module {
  /** Size of the windows. */
  readonly kernelSize: Size;
  /** Steps between windows. */
  readonly stride: Size;
  /** Added at each edge. */
  readonly padding: Size;
  /** Steps between the elements of a window. */
  readonly dilation: Size;
  /** Whether a window may stand over the edge. */
  readonly ceilMode: boolean;
  private readonly _pool: typeof maxPool2d;

  /** Takes the function for the number of dimensions, the size of the windows, and options. */
  constructor(
    pool: typeof maxPool2d,
    kernelSize: Size,
    options: MaxPoolLayerOptions,
  ) {
    super();
    if ("returnIndices" in options) refuseIndices(new.target.name);
    checkOptions(options, MAX_KEYS, new.target.name);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.dilation = options.dilation ?? 1;
    this.ceilMode = options.ceilMode ?? false;
    this._pool = pool;
  }

  /** Keeps the largest element of each window. */
  forward(input: Tensor): Tensor {
    return this._pool(input, this.kernelSize, this._settings());
  }

  /** Computes the largest elements and where they were, for {@linkcode MaxUnpool}. See `return_indices`. */
  withIndices(input: Tensor): Named<"values" | "indices"> {
    const options = { ...this._settings(), returnIndices: true } as const;
    return this._pool(input, this.kernelSize, options);
  }

  /** The settings that the function takes. */
  private _settings(): MaxPoolOptions {
    const { stride, padding, dilation, ceilMode } = this;
    return { stride, padding, dilation, ceilMode };
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, stride=${
      py(this.stride)
    }, padding=${py(this.padding)}, dilation=${py(this.dilation)}, ceil_mode=${
      py(this.ceilMode)
    }`;
  }
}

/**
 * The largest element of each window of `[n, c, w]`. PyTorch's `return_indices`
 * is the method `withIndices`. See `torch.nn.MaxPool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.MaxPool1d(2);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 4]);
 * ```
 */
export class MaxPool1d extends MaxPool {
  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: MaxPoolLayerOptions = {}) {
    super(maxPool1d, kernelSize, options);
  }
}

/**
 * The largest element of each window of `[n, c, h, w]`. PyTorch's
 * `return_indices` is the method `withIndices`. See `torch.nn.MaxPool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.MaxPool2d(2);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 4, 4]);
 * ```
 */
export class MaxPool2d extends MaxPool {
  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: MaxPoolLayerOptions = {}) {
    super(maxPool2d, kernelSize, options);
  }
}

/**
 * The largest element of each window of `[n, c, d, h, w]`. PyTorch's
 * `return_indices` is the method `withIndices`. See `torch.nn.MaxPool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.MaxPool3d(2);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 4, 4, 4]);
 * ```
 */
export class MaxPool3d extends MaxPool {
  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: MaxPoolLayerOptions = {}) {
    super(maxPool3d, kernelSize, options);
  }
}

/** Options of {@linkcode MaxUnpool1d}, {@linkcode MaxUnpool2d} and {@linkcode MaxUnpool3d}. */
export interface MaxUnpoolLayerOptions {
  /** Steps between windows; their size where not given. */
  readonly stride?: Size | null;
  /** What was added at each edge; 0 where not given. */
  readonly padding?: Size;
}

/** The way back of a {@linkcode MaxPool}: elements where they were, zeros elsewhere. */
export abstract class MaxUnpool extends Module {
  /** Size of the windows. */
  readonly kernelSize: readonly number[];
  /** Steps between windows. */
  readonly stride: readonly number[];
  /** What was added at each edge. */
  readonly padding: readonly number[];
  private readonly _unpool: typeof maxUnpool2d;

  /** Takes the number of dimensions, the function for it, the size of the windows, and options. */
  constructor(
    dimensions: number,
    unpool: typeof maxUnpool2d,
    kernelSize: Size,
    options: MaxUnpoolLayerOptions,
  ) {
    super();
    checkOptions(options, ["stride", "padding"], new.target.name);
    this.kernelSize = perDimension(kernelSize, dimensions);
    this.stride = perDimension(options.stride ?? kernelSize, dimensions);
    this.padding = perDimension(options.padding ?? 0, dimensions);
    this._unpool = unpool;
  }

  /** Puts the elements back to where they were; `outputSize` chooses among the sizes that are possible. */
  forward(
    input: Tensor,
    indices: Tensor,
    options: { readonly outputSize?: readonly number[] } = {},
  ): Tensor {
    const { kernelSize, stride, padding } = this;
    const { outputSize = null } = options;
    return this._unpool(input, indices, kernelSize, {
      stride,
      padding,
      outputSize,
    });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, stride=${
      py(this.stride)
    }, padding=${py(this.padding)}`;
  }
}

/**
 * The way back of `MaxPool1d`. See `torch.nn.MaxUnpool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new dg.nn.MaxPool1d(2);
 * const { values, indices } = pool.withIndices(dg.ones([1, 2, 8]));
 * const layer = new dg.nn.MaxUnpool1d(2);
 * assertEquals(layer.call(values, indices).shape, [1, 2, 8]);
 * ```
 */
export class MaxUnpool1d extends MaxUnpool {
  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: MaxUnpoolLayerOptions = {}) {
    super(1, maxUnpool1d, kernelSize, options);
  }
}

/**
 * The way back of `MaxPool2d`. See `torch.nn.MaxUnpool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new dg.nn.MaxPool2d(2);
 * const { values, indices } = pool.withIndices(dg.ones([1, 2, 8, 8]));
 * const layer = new dg.nn.MaxUnpool2d(2);
 * assertEquals(layer.call(values, indices).shape, [1, 2, 8, 8]);
 * ```
 */
export class MaxUnpool2d extends MaxUnpool {
  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: MaxUnpoolLayerOptions = {}) {
    super(2, maxUnpool2d, kernelSize, options);
  }
}

/**
 * The way back of `MaxPool3d`. See `torch.nn.MaxUnpool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new dg.nn.MaxPool3d(2);
 * const { values, indices } = pool.withIndices(dg.ones([1, 2, 8, 8, 8]));
 * const layer = new dg.nn.MaxUnpool3d(2);
 * assertEquals(layer.call(values, indices).shape, [1, 2, 8, 8, 8]);
 * ```
 */
export class MaxUnpool3d extends MaxUnpool {
  /** Takes the size of the windows, and options. */
  constructor(kernelSize: Size, options: MaxUnpoolLayerOptions = {}) {
    super(3, maxUnpool3d, kernelSize, options);
  }
}
