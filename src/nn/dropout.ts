// Dropout.

import { inplace } from "../tensor/inplace.ts";
import {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
} from "../tensor/ops/dropout.ts";
import { ValueError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { py } from "./module_repr.ts";

/** Options of {@linkcode Dropout} and its relatives. */
export interface DropoutLayerOptions {
  /** Probability of an element to become zero; 0.5 where not given. */
  readonly p?: number;
  /** Whether the input is overwritten. */
  readonly inplace?: boolean;
}

/** Layers that drop elements by chance. */
export abstract class DropoutLayer extends Module {
  /** Probability of an element to become zero. */
  readonly p: number;
  /** Whether the input is overwritten. */
  readonly inplace: boolean;
  private readonly _drop: typeof dropout;

  /** Takes the function and its options. */
  constructor(drop: typeof dropout, options: number | DropoutLayerOptions) {
    super();
    const given = typeof options === "number" ? { p: options } : options;
    checkOptions(given, ["p", "inplace"], new.target.name);
    this.p = given.p ?? 0.5;
    this.inplace = given.inplace ?? false;
    if (!(this.p >= 0 && this.p <= 1)) {
      throw new ValueError(
        `dropout probability has to be between 0 and 1, but got ${this.p}`,
      );
    }
    this._drop = drop;
  }

  /** Drops elements in training mode, and nothing in evaluation mode. */
  forward(input: Tensor): Tensor {
    if (!this.training) return input;
    const options = { p: this.p, training: true };
    return this.inplace
      ? inplace(input, [], (x) => this._drop(x, options))
      : this._drop(input, options);
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `p=${py(this.p)}, inplace=${py(this.inplace)}`;
  }
}

/**
 * Sets elements to zero with probability `p` and divides the others by `1 - p`;
 * in evaluation mode it does nothing. The probability, nearly always given, may
 * stand alone: `new Dropout(0.2)`. See `torch.nn.Dropout`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const layer = new dg.nn.Dropout(0.5);
 * assertEquals(layer.call(dg.ones(4)).tolist(), [0, 0, 2, 0]);
 * assertEquals(layer.eval().call(dg.ones(4)).tolist(), [1, 1, 1, 1]);
 * ```
 */
export class Dropout extends DropoutLayer {
  /** Takes the probability, alone or with `inplace`. */
  constructor(options: number | DropoutLayerOptions = {}) {
    super(dropout, options);
  }
}

/**
 * Sets whole channels of `[n, c, w]` to zero, as {@linkcode Dropout} does
 * elements. See `torch.nn.Dropout1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Dropout1d({ p: 1 });
 * assertEquals(layer.call(dg.ones([1, 1, 2])).tolist(), [[[0, 0]]]);
 * ```
 */
export class Dropout1d extends DropoutLayer {
  /** Takes the probability, alone or with `inplace`. */
  constructor(options: number | DropoutLayerOptions = {}) {
    super(dropout1d, options);
  }
}

/**
 * Sets whole channels of `[n, c, h, w]` to zero, as {@linkcode Dropout} does
 * elements. See `torch.nn.Dropout2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Dropout2d({ p: 1 });
 * assertEquals(layer.call(dg.ones([1, 1, 2, 2])).sum().item(), 0);
 * ```
 */
export class Dropout2d extends DropoutLayer {
  /** Takes the probability, alone or with `inplace`. */
  constructor(options: number | DropoutLayerOptions = {}) {
    super(dropout2d, options);
  }
}

/**
 * Sets whole channels of `[n, c, d, h, w]` to zero, as {@linkcode Dropout} does
 * elements. See `torch.nn.Dropout3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Dropout3d({ p: 1 });
 * assertEquals(layer.call(dg.ones([1, 1, 2, 2, 2])).sum().item(), 0);
 * ```
 */
export class Dropout3d extends DropoutLayer {
  /** Takes the probability, alone or with `inplace`. */
  constructor(options: number | DropoutLayerOptions = {}) {
    super(dropout3d, options);
  }
}

/**
 * Dropout that keeps mean and variance of what SELU gives. See
 * `torch.nn.AlphaDropout`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AlphaDropout({ p: 0.2 });
 * assertEquals(layer.call(dg.ones([2, 3])).shape, [2, 3]);
 * ```
 */
export class AlphaDropout extends DropoutLayer {
  /** Takes the probability, alone or with `inplace`. */
  constructor(options: number | DropoutLayerOptions = {}) {
    super(alphaDropout, options);
  }
}

/**
 * Dropout of whole channels that keeps mean and variance of what SELU gives.
 * See `torch.nn.FeatureAlphaDropout`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.FeatureAlphaDropout({ p: 0.2 });
 * assertEquals(layer.call(dg.ones([2, 3, 4])).shape, [2, 3, 4]);
 * ```
 */
export class FeatureAlphaDropout extends DropoutLayer {
  /** Takes the probability, alone or with `inplace`. */
  constructor(options: number | DropoutLayerOptions = {}) {
    super(featureAlphaDropout, options);
  }
}
