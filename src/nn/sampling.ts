// Layers that resize images.

import {
  interpolate,
  type InterpolateMode,
} from "../tensor/ops/interpolation.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { py, pyFloat } from "./module_repr.ts";

/** Options of {@linkcode UpsamplingNearest2d} and {@linkcode UpsamplingBilinear2d}. */
export interface UpsamplingOptions {
  /** Size of the result. */
  readonly size?: Size | null;
  /** Or how much larger it is. */
  readonly scaleFactor?: number | readonly number[] | null;
}

/** Options of {@linkcode Upsample}. */
export interface UpsampleOptions extends UpsamplingOptions {
  /** What the values between are; `"nearest"` where not given. */
  readonly mode?: InterpolateMode;
  /** Whether the corners stay where they are. */
  readonly alignCorners?: boolean | null;
  /** Whether the factor is computed from the sizes. */
  readonly recomputeScaleFactor?: boolean | null;
}

/**
 * Resizes `[n, c, w]`, `[n, c, h, w]` or `[n, c, d, h, w]` to `size` or by
 * `scaleFactor`. See `torch.nn.Upsample`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Upsample({ scaleFactor: 2 });
 * assertEquals(layer.call(dg.ones([1, 1, 2, 2])).shape, [1, 1, 4, 4]);
 * ```
 */
export class Upsample extends Module {
  /** Size of the result, or null. */
  readonly size: Size | null;
  /** How much larger it is, or null. */
  readonly scaleFactor: number | readonly number[] | null;
  /** What the values between are. */
  readonly mode: InterpolateMode;
  /** Whether the corners stay where they are. */
  readonly alignCorners: boolean | null;
  /** Whether the factor is computed from the sizes. */
  readonly recomputeScaleFactor: boolean | null;

  /** Takes size or factor, and options. */
  constructor(options: UpsampleOptions = {}) {
    super();
    checkOptions(options, UPSAMPLE_KEYS, new.target.name);
    this.size = options.size ?? null;
    this.scaleFactor = options.scaleFactor ?? null;
    this.mode = options.mode ?? "nearest";
    this.alignCorners = options.alignCorners ?? null;
    this.recomputeScaleFactor = options.recomputeScaleFactor ?? null;
  }

  /** Resizes. */
  forward(input: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } =
      this;
    return interpolate(input, {
      size,
      scaleFactor,
      mode,
      alignCorners,
      recomputeScaleFactor,
    });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    const what = scaleFactor === null
      ? `size=${py(size)}`
      : `scale_factor=${
        typeof scaleFactor === "number"
          ? pyFloat(scaleFactor)
          : `(${scaleFactor.map(pyFloat).join(", ")})`
      }`;
    return `${what}, mode=${py(mode)}`;
  }
}

const UPSAMPLE_KEYS = [
  "size",
  "scaleFactor",
  "mode",
  "alignCorners",
  "recomputeScaleFactor",
];

/**
 * Resizes `[n, c, h, w]` by repeating the nearest element. See
 * `torch.nn.UpsamplingNearest2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.UpsamplingNearest2d({ scaleFactor: 2 });
 * assertEquals(layer.call(dg.ones([1, 1, 2, 2])).shape, [1, 1, 4, 4]);
 * ```
 */
export class UpsamplingNearest2d extends Upsample {
  /** Takes size or factor. */
  constructor(options: UpsamplingOptions = {}) {
    super({ ...options, mode: "nearest" });
  }
}

/**
 * Resizes `[n, c, h, w]` by bilinear interpolation that keeps the corners. See
 * `torch.nn.UpsamplingBilinear2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.UpsamplingBilinear2d({ size: 3 });
 * assertEquals(layer.call(dg.ones([1, 1, 2, 2])).shape, [1, 1, 3, 3]);
 * ```
 */
export class UpsamplingBilinear2d extends Upsample {
  /** Takes size or factor. */
  constructor(options: UpsamplingOptions = {}) {
    super({ ...options, mode: "bilinear", alignCorners: true });
  }
}
