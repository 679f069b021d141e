// Activations that have no settings, or none but `inplace`.

import { inplace } from "../tensor/inplace.ts";
import { sigmoid } from "../tensor/ops/activation.ts";
import { softsign, tanhshrink } from "../tensor/ops/activation_composites.ts";
import {
  logsigmoid,
  mish,
  selu,
  silu,
} from "../tensor/ops/activation_curves.ts";
import {
  hardsigmoid,
  hardswish,
  relu6,
} from "../tensor/ops/activation_pieces.ts";
import { relu } from "../tensor/ops/extrema.ts";
import { tanh } from "../tensor/ops/hyperbolic.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/** Options of activations that can overwrite their input. */
export interface InplaceOptions {
  /** Whether the input is overwritten. */
  readonly inplace?: boolean;
}

/** An activation that can overwrite its input. */
export abstract class InplaceActivation extends Module {
  /** Whether the input is overwritten. */
  readonly inplace: boolean;

  /** Takes the options, of which a subclass may know more. */
  constructor(options: InplaceOptions = {}, keys: readonly string[] = []) {
    super();
    checkOptions(options, [...keys, "inplace"], new.target.name);
    this.inplace = options.inplace ?? false;
  }

  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return this.inplace
      ? inplace(input, [], (x) => this.activate(x))
      : this.activate(input);
  }

  /** Shows `inplace=True`. */
  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  /** The function, in a fresh tensor. */
  protected abstract activate(input: Tensor): Tensor;

  /** The end of the repr where there is something before it. */
  protected inplaceNote(): string {
    return this.inplace ? ", inplace=True" : "";
  }
}

/**
 * The positive part: `max(x, 0)`. See `torch.nn.ReLU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReLU();
 * assertEquals(layer.call(dg.tensor([-1, 2])).tolist(), [0, 2]);
 * ```
 */
export class ReLU extends InplaceActivation {
  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return relu(input);
  }
}

/**
 * `min(max(x, 0), 6)`. See `torch.nn.ReLU6`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReLU6();
 * assertEquals(layer.call(dg.tensor([-1, 2, 9])).tolist(), [0, 2, 6]);
 * ```
 */
export class ReLU6 extends InplaceActivation {
  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return relu6(input);
  }
}

/**
 * A scaled exponential unit that keeps mean and variance. See `torch.nn.SELU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.SELU();
 * assertEquals(layer.call(dg.tensor([0, 2])).tolist(), [0, 2.1014020442962646]);
 * ```
 */
export class SELU extends InplaceActivation {
  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return selu(input);
  }
}

/**
 * `x * sigmoid(x)`, also called swish. See `torch.nn.SiLU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.SiLU();
 * assertEquals(layer.call(dg.tensor([0])).tolist(), [0]);
 * ```
 */
export class SiLU extends InplaceActivation {
  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return silu(input);
  }
}

/**
 * `x * tanh(softplus(x))`. See `torch.nn.Mish`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Mish();
 * assertEquals(layer.call(dg.tensor([0])).tolist(), [0]);
 * ```
 */
export class Mish extends InplaceActivation {
  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return mish(input);
  }
}

/**
 * A sigmoid of straight pieces: `relu6(x + 3) / 6`. See `torch.nn.Hardsigmoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Hardsigmoid();
 * assertEquals(layer.call(dg.tensor([-4, 0, 4])).tolist(), [0, 0.5, 1]);
 * ```
 */
export class Hardsigmoid extends InplaceActivation {
  /** Shows nothing, as PyTorch does. */
  override extraRepr(): string {
    return "";
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return hardsigmoid(input);
  }
}

/**
 * `x * relu6(x + 3) / 6`. See `torch.nn.Hardswish`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Hardswish();
 * assertEquals(layer.call(dg.tensor([-4, 0, 4])).tolist(), [0, 0, 4]);
 * ```
 */
export class Hardswish extends InplaceActivation {
  /** Shows nothing, as PyTorch does. */
  override extraRepr(): string {
    return "";
  }

  /** The function. */
  protected override activate(input: Tensor): Tensor {
    return hardswish(input);
  }
}

/**
 * `1 / (1 + exp(-x))`. See `torch.nn.Sigmoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Sigmoid();
 * assertEquals(layer.call(dg.tensor([0])).tolist(), [0.5]);
 * ```
 */
export class Sigmoid extends Module {
  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return sigmoid(input);
  }
}

/**
 * The hyperbolic tangent. See `torch.nn.Tanh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Tanh();
 * assertEquals(layer.call(dg.tensor([0])).tolist(), [0]);
 * ```
 */
export class Tanh extends Module {
  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return tanh(input);
  }
}

/**
 * The logarithm of the sigmoid. See `torch.nn.LogSigmoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LogSigmoid();
 * assertEquals(layer.call(dg.tensor([-200])).tolist(), [-200]);
 * ```
 */
export class LogSigmoid extends Module {
  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return logsigmoid(input);
  }
}

/**
 * `x / (1 + |x|)`. See `torch.nn.Softsign`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Softsign();
 * assertEquals(layer.call(dg.tensor([-1, 3])).tolist(), [-0.5, 0.75]);
 * ```
 */
export class Softsign extends Module {
  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return softsign(input);
  }
}

/**
 * `x - tanh(x)`. See `torch.nn.Tanhshrink`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Tanhshrink();
 * assertEquals(layer.call(dg.tensor([0])).tolist(), [0]);
 * ```
 */
export class Tanhshrink extends Module {
  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return tanhshrink(input);
  }
}
