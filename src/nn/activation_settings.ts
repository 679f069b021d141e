// Activations with settings that can overwrite their input.

import { rrelu, type RreluOptions } from "../tensor/ops/rrelu.ts";
import {
  type AlphaActivationOptions,
  celu,
  elu,
} from "../tensor/ops/activation_curves.ts";
import {
  hardtanh,
  type HardtanhOptions,
  leakyRelu,
  type LeakyReluOptions,
  threshold,
} from "../tensor/ops/activation_pieces.ts";
import { ValueError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { InplaceActivation, type InplaceOptions } from "./activation_simple.ts";
import { py, pyFloat } from "./module_repr.ts";

/** Options of {@linkcode ELU}. */
export interface ELUOptions extends AlphaActivationOptions, InplaceOptions {}

/**
 * `x` where positive, else `alpha * (exp(x) - 1)`. See `torch.nn.ELU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ELU({ alpha: 2 });
 * assertEquals(layer.call(dg.tensor([-1000, 3])).tolist(), [-2, 3]);
 * ```
 */
export class ELU extends InplaceActivation {
  /** What is tended to on the left, negated. */
  readonly alpha: number;

  /** Takes `alpha`, 1 where not given, and `inplace`. */
  constructor(options: ELUOptions = {}) {
    super(options, ["alpha"]);
    this.alpha = options.alpha ?? 1;
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `alpha=${pyFloat(this.alpha)}${this.inplaceNote()}`;
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return elu(input, { alpha: this.alpha });
  }
}

/** Options of {@linkcode CELU}. */
export interface CELUOptions extends AlphaActivationOptions, InplaceOptions {}

/**
 * `x` where positive, else `alpha * (exp(x / alpha) - 1)`. See `torch.nn.CELU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.CELU({ alpha: 2 });
 * assertEquals(layer.call(dg.tensor([-1000, 3])).tolist(), [-2, 3]);
 * ```
 */
export class CELU extends InplaceActivation {
  /** What is tended to on the left, negated. */
  readonly alpha: number;

  /** Takes `alpha`, 1 where not given, and `inplace`. */
  constructor(options: CELUOptions = {}) {
    super(options, ["alpha"]);
    this.alpha = options.alpha ?? 1;
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `alpha=${pyFloat(this.alpha)}${this.inplaceNote()}`;
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return celu(input, { alpha: this.alpha });
  }
}

/** Options of {@linkcode LeakyReLU}. */
export interface LeakyReLUOptions extends LeakyReluOptions, InplaceOptions {}

/**
 * `x` where positive, else `x * negativeSlope`. The slope, nearly always given,
 * may stand alone: `new LeakyReLU(0.2)`. See `torch.nn.LeakyReLU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LeakyReLU(0.5);
 * assertEquals(layer.call(dg.tensor([-2, 2])).tolist(), [-1, 2]);
 * ```
 */
export class LeakyReLU extends InplaceActivation {
  /** Slope below zero. */
  readonly negativeSlope: number;

  /** Takes the slope, 0.01 where not given, alone or with `inplace`. */
  constructor(options: number | LeakyReLUOptions = {}) {
    const given = typeof options === "number"
      ? { negativeSlope: options }
      : options;
    super(given, ["negativeSlope"]);
    this.negativeSlope = given.negativeSlope ?? 0.01;
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const slope = pyFloat(this.negativeSlope);
    return `negative_slope=${slope}${this.inplaceNote()}`;
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return leakyRelu(input, { negativeSlope: this.negativeSlope });
  }
}

/** Options of {@linkcode Hardtanh}. */
export interface HardtanhLayerOptions extends HardtanhOptions, InplaceOptions {}

/**
 * Cuts off at `minVal` and `maxVal`. See `torch.nn.Hardtanh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Hardtanh({ maxVal: 2 });
 * assertEquals(layer.call(dg.tensor([-5, 0.5, 5])).tolist(), [-1, 0.5, 2]);
 * ```
 */
export class Hardtanh extends InplaceActivation {
  /** Smallest value. */
  readonly minVal: number;
  /** Largest value. */
  readonly maxVal: number;

  /** Takes `minVal` and `maxVal`, -1 and 1 where not given, and `inplace`. */
  constructor(options: HardtanhLayerOptions = {}) {
    super(options, ["minVal", "maxVal"]);
    this.minVal = options.minVal ?? -1;
    this.maxVal = options.maxVal ?? 1;
    if (!(this.maxVal > this.minVal)) {
      throw new ValueError("max_val must be larger than min_val");
    }
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const { minVal, maxVal } = this;
    return `min_val=${pyFloat(minVal)}, max_val=${
      pyFloat(maxVal)
    }${this.inplaceNote()}`;
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return hardtanh(input, { minVal: this.minVal, maxVal: this.maxVal });
  }
}

/**
 * `x` where above the threshold, else `value`. See `torch.nn.Threshold`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Threshold(1, 20);
 * assertEquals(layer.call(dg.tensor([1, 2])).tolist(), [20, 2]);
 * ```
 */
export class Threshold extends InplaceActivation {
  /** What elements must be above to stay. */
  readonly threshold: number;
  /** What takes the place of the others. */
  readonly value: number;

  /** Takes threshold and value, and `inplace`. */
  constructor(threshold: number, value: number, options: InplaceOptions = {}) {
    super(options);
    this.threshold = threshold;
    this.value = value;
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `threshold=${py(this.threshold)}, value=${
      py(this.value)
    }${this.inplaceNote()}`;
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return threshold(input, this.threshold, this.value);
  }
}

/** Options of {@linkcode RReLU}. */
export interface RReLUOptions extends InplaceOptions {
  /** Smallest slope; 1/8 where not given. */
  readonly lower?: number;
  /** Largest slope; 1/3 where not given. */
  readonly upper?: number;
}

/**
 * `x` where positive, else `x` times a random slope, which is the mean of
 * `lower` and `upper` in evaluation mode. See `torch.nn.RReLU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.RReLU({ lower: 0.25, upper: 0.75 });
 * assertEquals(layer.eval().call(dg.tensor([-2, 2])).tolist(), [-1, 2]);
 * ```
 */
export class RReLU extends InplaceActivation {
  /** Smallest slope. */
  readonly lower: number;
  /** Largest slope. */
  readonly upper: number;

  /** Takes the slopes and `inplace`. */
  constructor(options: RReLUOptions = {}) {
    super(options, ["lower", "upper"]);
    this.lower = options.lower ?? 1 / 8;
    this.upper = options.upper ?? 1 / 3;
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `lower=${pyFloat(this.lower)}, upper=${
      pyFloat(this.upper)
    }${this.inplaceNote()}`;
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    const { lower, upper, training } = this;
    const options: RreluOptions = { lower, upper, training };
    return rrelu(input, options);
  }
}
