// Pooling to a size: windows as large as it takes.

import type { Named } from "../tensor/results.ts";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type AdaptiveSize,
} from "../tensor/ops/pooling_adaptive.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { refuseIndices } from "./pooling_max.ts";
import { py } from "./module_repr.ts";

/** Pooling to a size. */
export abstract class AdaptivePool extends Module {
  /** The size; null keeps that of the input. */
  readonly outputSize: AdaptiveSize;

  /** Takes the size: one number for all dimensions, or one for each, null to keep it. */
  constructor(outputSize: AdaptiveSize) {
    super();
    // Without the check of types, an option would be passed over in silence.
    if (arguments.length > 1 && "withIndices" in this) {
      refuseIndices(new.target.name);
    }
    this.outputSize = outputSize;
  }

  /** Shows the size. */
  override extraRepr(): string {
    return `output_size=${py(this.outputSize)}`;
  }
}

/**
 * Means of `[n, c, w]` over as many windows as wanted. See
 * `torch.nn.AdaptiveAvgPool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AdaptiveAvgPool1d(3);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 3]);
 * ```
 */
export class AdaptiveAvgPool1d extends AdaptivePool {
  /** Takes the mean of each window. */
  forward(input: Tensor): Tensor {
    return adaptiveAvgPool1d(input, this.outputSize);
  }
}

/**
 * Means of `[n, c, h, w]` over as many windows as wanted. See
 * `torch.nn.AdaptiveAvgPool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AdaptiveAvgPool2d(3);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 3, 3]);
 * ```
 */
export class AdaptiveAvgPool2d extends AdaptivePool {
  /** Takes the mean of each window. */
  forward(input: Tensor): Tensor {
    return adaptiveAvgPool2d(input, this.outputSize);
  }
}

/**
 * Means of `[n, c, d, h, w]` over as many windows as wanted. See
 * `torch.nn.AdaptiveAvgPool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AdaptiveAvgPool3d(3);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 3, 3, 3]);
 * ```
 */
export class AdaptiveAvgPool3d extends AdaptivePool {
  /** Takes the mean of each window. */
  forward(input: Tensor): Tensor {
    return adaptiveAvgPool3d(input, this.outputSize);
  }
}

/**
 * The largest elements of `[n, c, w]` in as many windows as wanted. PyTorch's
 * `return_indices` is the method `withIndices`. See
 * `torch.nn.AdaptiveMaxPool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AdaptiveMaxPool1d(3);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 3]);
 * ```
 */
export class AdaptiveMaxPool1d extends AdaptivePool {
  /** Keeps the largest element of each window. */
  forward(input: Tensor): Tensor {
    return adaptiveMaxPool1d(input, this.outputSize);
  }

  /** Computes the largest elements and where they were. */
  withIndices(input: Tensor): Named<"values" | "indices"> {
    const options = { returnIndices: true } as const;
    return adaptiveMaxPool1d(input, this.outputSize, options);
  }
}

/**
 * The largest elements of `[n, c, h, w]` in as many windows as wanted.
 * PyTorch's `return_indices` is the method `withIndices`. See
 * `torch.nn.AdaptiveMaxPool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AdaptiveMaxPool2d(3);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 3, 3]);
 * ```
 */
export class AdaptiveMaxPool2d extends AdaptivePool {
  /** Keeps the largest element of each window. */
  forward(input: Tensor): Tensor {
    return adaptiveMaxPool2d(input, this.outputSize);
  }

  /** Computes the largest elements and where they were. */
  withIndices(input: Tensor): Named<"values" | "indices"> {
    const options = { returnIndices: true } as const;
    return adaptiveMaxPool2d(input, this.outputSize, options);
  }
}

/**
 * The largest elements of `[n, c, d, h, w]` in as many windows as wanted.
 * PyTorch's `return_indices` is the method `withIndices`. See
 * `torch.nn.AdaptiveMaxPool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AdaptiveMaxPool3d(3);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 3, 3, 3]);
 * ```
 */
export class AdaptiveMaxPool3d extends AdaptivePool {
  /** Keeps the largest element of each window. */
  forward(input: Tensor): Tensor {
    return adaptiveMaxPool3d(input, this.outputSize);
  }

  /** Computes the largest elements and where they were. */
  withIndices(input: Tensor): Named<"values" | "indices"> {
    const options = { returnIndices: true } as const;
    return adaptiveMaxPool3d(input, this.outputSize, options);
  }
}
