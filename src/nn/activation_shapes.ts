// Activations with settings that never overwrite their input.

import {
  gelu,
  type GeluOptions,
  softplus,
  type SoftplusOptions,
} from "../tensor/ops/activation_curves.ts";
import {
  hardshrink,
  type ShrinkOptions,
  softshrink,
} from "../tensor/ops/activation_pieces.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { py, pyFloat } from "./module_repr.ts";

/**
 * `x`, and zero where `|x|` is at most `lambd`. See `torch.nn.Hardshrink`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Hardshrink();
 * assertEquals(layer.call(dg.tensor([0.5, 2])).tolist(), [0, 2]);
 * ```
 */
export class Hardshrink extends Module {
  /** Where it begins. */
  readonly lambd: number;

  /** Takes `lambd`, 0.5 where not given. */
  constructor(options: ShrinkOptions = {}) {
    super();
    checkOptions(options, ["lambd"], "Hardshrink");
    this.lambd = options.lambd ?? 0.5;
  }

  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return hardshrink(input, { lambd: this.lambd });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return pyFloat(this.lambd);
  }
}

/**
 * `x` moved towards zero by `lambd`, and zero where `|x|` is at most that. See
 * `torch.nn.Softshrink`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Softshrink();
 * assertEquals(layer.call(dg.tensor([0.5, 2])).tolist(), [0, 1.5]);
 * ```
 */
export class Softshrink extends Module {
  /** Where it begins. */
  readonly lambd: number;

  /** Takes `lambd`, 0.5 where not given. */
  constructor(options: ShrinkOptions = {}) {
    super();
    checkOptions(options, ["lambd"], "Softshrink");
    this.lambd = options.lambd ?? 0.5;
  }

  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return softshrink(input, { lambd: this.lambd });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return pyFloat(this.lambd);
  }
}

/**
 * A smooth positive part, `log(1 + exp(beta * x)) / beta`, and `x` itself where
 * `beta * x` is above the threshold. See `torch.nn.Softplus`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Softplus();
 * assertEquals(layer.call(dg.tensor([100])).tolist(), [100]);
 * ```
 */
export class Softplus extends Module {
  /** How sharp the bend is. */
  readonly beta: number;
  /** From where on it is straight. */
  readonly threshold: number;

  /** Takes `beta` and `threshold`, 1 and 20 where not given. */
  constructor(options: SoftplusOptions = {}) {
    super();
    checkOptions(options, ["beta", "threshold"], "Softplus");
    this.beta = options.beta ?? 1;
    this.threshold = options.threshold ?? 20;
  }

  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return softplus(input, { beta: this.beta, threshold: this.threshold });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `beta=${pyFloat(this.beta)}, threshold=${pyFloat(this.threshold)}`;
  }
}

/**
 * `x` times the standard normal distribution's probability of less than `x`.
 * See `torch.nn.GELU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.GELU();
 * assertEquals(layer.call(dg.tensor([0, 100])).tolist(), [0, 100]);
 * ```
 */
export class GELU extends Module {
  /** Whether tanh approximates the distribution. */
  readonly approximate: "none" | "tanh";

  /** Takes `approximate`, `"none"` where not given. */
  constructor(options: GeluOptions = {}) {
    super();
    checkOptions(options, ["approximate"], "GELU");
    this.approximate = options.approximate ?? "none";
  }

  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return gelu(input, { approximate: this.approximate });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `approximate=${py(this.approximate)}`;
  }
}
