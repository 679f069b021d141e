// Affine layers, and the layer that does nothing.

import { bilinear } from "../tensor/ops/bilinear.ts";
import { linear } from "../tensor/ops/linear.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  emptyParameter,
  FACTORY_KEYS,
  type FactoryOptions,
  spread,
} from "./factory.ts";
import { fans, kaimingUniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { py } from "./module_repr.ts";
import type { Parameter } from "./parameter.ts";

/** Options of {@linkcode Linear} and {@linkcode Bilinear}. */
export interface LinearLayerOptions extends FactoryOptions {
  /** Whether something is added; true where not given. */
  readonly bias?: boolean;
}

const LINEAR_KEYS = ["bias", ...FACTORY_KEYS];

/**
 * An affine map of the last dimension: `x @ weight.T + bias`, for
 * `[..., inFeatures]` to `[..., outFeatures]`. See `torch.nn.Linear`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const layer = new dg.nn.Linear(1, 2);
 * assertEquals(String(layer), "Linear(in_features=1, out_features=2, bias=True)");
 * assertEquals(layer.call(dg.ones([5, 1])).shape, [5, 2]);
 * assertEquals(
 *   String(layer.bias),
 *   "Parameter containing:\ntensor([-0.8230, -0.7359], requires_grad=True)",
 * );
 * ```
 */
export class Linear extends Module {
  /** The matrix, `[outFeatures, inFeatures]`. */
  weight: Parameter;
  /** What is added, `[outFeatures]`, or null. */
  bias: Parameter | null;
  /** Length of the last dimension of what comes in. */
  readonly inFeatures: number;
  /** Length of the last dimension of what comes out. */
  readonly outFeatures: number;

  /** Takes both lengths, and whether there is a bias. */
  constructor(
    inFeatures: number,
    outFeatures: number,
    options: LinearLayerOptions = {},
  ) {
    super();
    checkOptions(options, LINEAR_KEYS, "Linear");
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = emptyParameter([outFeatures, inFeatures], options);
    this.bias = options.bias === false
      ? null
      : emptyParameter(outFeatures, options);
    this.resetParameters();
  }

  /** Draws the parameters anew. See `Linear.reset_parameters`. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const { fanIn } = fans(this.weight);
    spread(this.bias, fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0);
  }

  /** Computes the map. */
  forward(input: Tensor): Tensor {
    return linear(input, this.weight, { bias: this.bias });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${
      py(this.bias !== null)
    }`;
  }
}

/**
 * A form that is linear in two inputs: `x1 @ weight[k] @ x2 + bias[k]`, for
 * `[..., in1Features]` and `[..., in2Features]` to `[..., outFeatures]`. See
 * `torch.nn.Bilinear`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.Bilinear(2, 3, 4);
 * const y = layer.call(dg.ones([5, 2]), dg.ones([5, 3]));
 * assertEquals(y.shape, [5, 4]);
 * ```
 */
export class Bilinear extends Module {
  /** The forms, `[outFeatures, in1Features, in2Features]`. */
  weight: Parameter;
  /** What is added, `[outFeatures]`, or null. */
  bias: Parameter | null;
  /** Length of the last dimension of the first input. */
  readonly in1Features: number;
  /** Length of the last dimension of the second input. */
  readonly in2Features: number;
  /** Length of the last dimension of what comes out. */
  readonly outFeatures: number;

  /** Takes the lengths, and whether there is a bias. */
  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: LinearLayerOptions = {},
  ) {
    super();
    checkOptions(options, LINEAR_KEYS, "Bilinear");
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    const size = [outFeatures, in1Features, in2Features];
    this.weight = emptyParameter(size, options);
    this.bias = options.bias === false
      ? null
      : emptyParameter(outFeatures, options);
    this.resetParameters();
  }

  /** Draws the parameters anew. See `Bilinear.reset_parameters`. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    spread(this.weight, bound);
    if (this.bias !== null) spread(this.bias, bound);
  }

  /** Computes the forms. */
  forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, { bias: this.bias });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return `in1_features=${in1Features}, in2_features=${in2Features}, out_features=${outFeatures}, bias=${
      py(bias !== null)
    }`;
  }
}

/**
 * Gives back what it gets; it takes any arguments and forgets them. See
 * `torch.nn.Identity`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(2);
 * assertEquals(new dg.nn.Identity(54).call(x), x);
 * ```
 */
export class Identity extends Module {
  /** Takes anything. */
  constructor(..._arguments: unknown[]) {
    super();
  }

  /** Gives back what it gets. */
  forward(input: Tensor): Tensor {
    return input;
  }
}
