// Activations along a dimension: the softmax family and gated units; PReLU,
// which is trained.

import { full } from "../tensor/create_filled.ts";
import { ValueError } from "../tensor/errors.ts";
import { logSoftmax, softmax } from "../tensor/ops/activation.ts";
import { glu, softmin } from "../tensor/ops/activation_composites.ts";
import { prelu } from "../tensor/ops/activation_pieces.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** An activation along a dimension. */
export abstract class RowActivation extends Module {
  /** The dimension. */
  readonly dim: number;

  /** Takes the dimension. */
  constructor(dim: number) {
    super();
    if (typeof dim !== "number") {
      throw new TypeError(
        `${new.target.name} takes the dimension along which it works, such as new ${new.target.name}(-1)`,
      );
    }
    this.dim = dim;
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * Exponentials divided by their sum along a dimension, which has to be named.
 * See `torch.nn.Softmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Softmax(-1);
 * assertEquals(layer.call(dg.tensor([[0, 0]])).tolist(), [[0.5, 0.5]]);
 * ```
 */
export class Softmax extends RowActivation {
  /** Computes the rows' activations. */
  forward(input: Tensor): Tensor {
    return softmax(input, this.dim);
  }
}

/**
 * The logarithm of the softmax along a dimension, which has to be named. See
 * `torch.nn.LogSoftmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LogSoftmax(-1);
 * assertEquals(layer.call(dg.tensor([[5]])).tolist(), [[0]]);
 * ```
 */
export class LogSoftmax extends RowActivation {
  /** Computes the rows' activations. */
  forward(input: Tensor): Tensor {
    return logSoftmax(input, this.dim);
  }
}

/**
 * The softmax of the negated input along a dimension, which has to be named.
 * See `torch.nn.Softmin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Softmin(-1);
 * assertEquals(layer.call(dg.tensor([[0, 0]])).tolist(), [[0.5, 0.5]]);
 * ```
 */
export class Softmin extends RowActivation {
  /** Computes the rows' activations. */
  forward(input: Tensor): Tensor {
    return softmin(input, this.dim);
  }
}

/**
 * The softmax over the channels of images `[n, c, h, w]` or `[c, h, w]`. See
 * `torch.nn.Softmax2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Softmax2d();
 * assertEquals(layer.call(dg.ones([2, 1, 1])).tolist(), [[[0.5]], [[0.5]]]);
 * ```
 */
export class Softmax2d extends Module {
  /** Computes the softmax over the channels. */
  forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new ValueError(
        `Softmax2d: expected input to be 3D or 4D, got ${input.ndim}D instead`,
      );
    }
    return softmax(input, -3);
  }
}

/**
 * The first half along a dimension, by default the last, times the sigmoid of
 * the second half. See `torch.nn.GLU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.GLU();
 * assertEquals(layer.call(dg.tensor([3, 0])).tolist(), [1.5]);
 * ```
 */
export class GLU extends RowActivation {
  /** Takes the dimension. */
  constructor(dim = -1) {
    super(dim);
  }

  /** Computes the gated half. */
  forward(input: Tensor): Tensor {
    return glu(input, this.dim);
  }
}

/** Options of {@linkcode PReLU}. */
export interface PReLUOptions extends FactoryOptions {
  /** Number of slopes: 1, which is where not given, or the number of channels. */
  readonly numParameters?: number;
  /** First value of the slopes; 0.25 where not given. */
  readonly init?: number;
}

/**
 * `x` where positive, else `x` times a slope that is trained, one for all or
 * one for each channel. See `torch.nn.PReLU`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.PReLU();
 * assertEquals(layer.call(dg.tensor([-4, 4])).tolist(), [-1, 4]);
 * ```
 */
export class PReLU extends Module {
  /** The slopes. */
  weight: Parameter;
  /** Number of slopes. */
  readonly numParameters: number;
  /** First value of the slopes. */
  readonly init: number;

  /** Takes number and first value of the slopes. */
  constructor(options: PReLUOptions = {}) {
    super();
    checkOptions(options, ["numParameters", "init", ...FACTORY_KEYS], "PReLU");
    this.numParameters = options.numParameters ?? 1;
    this.init = options.init ?? 0.25;
    this.weight = new Parameter(
      full(this.numParameters, this.init, factoryOptions(options)),
    );
  }

  /** Computes each element's activation. */
  forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}
