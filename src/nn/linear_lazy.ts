// The affine layer that learns from its first input how long that is.

import { RuntimeError } from "../tensor/errors.ts";
import { checkTensor } from "../tensor/is_tensor.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { FACTORY_KEYS } from "./factory.ts";
import {
  assignSettings,
  hasUninitializedParams,
  initializeAtFirstCall,
  laterParameter,
} from "./lazy.ts";
import { Linear, type LinearLayerOptions } from "./linear.ts";
import { materialize } from "./uninitialized_parameter.ts";

/**
 * A {@linkcode Linear} that learns `inFeatures` from its first input, and is an
 * ordinary one from then on. See `torch.nn.LazyLinear`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyLinear(2);
 * assertEquals(String(layer.weight), "<UninitializedParameter>");
 * assertEquals(layer.call(dg.ones([5, 3])).shape, [5, 2]);
 * assertEquals(String(layer), "Linear(in_features=3, out_features=2, bias=True)");
 * ```
 */
export class LazyLinear extends Linear {
  /** Takes the length of what comes out, and whether there is a bias. */
  constructor(outFeatures: number, options: LinearLayerOptions = {}) {
    checkOptions(options, ["bias", ...FACTORY_KEYS], "LazyLinear");
    super(0, 0, { ...options, bias: false });
    assignSettings<Linear>(this, { outFeatures });
    this.weight = laterParameter(options);
    if (options.bias !== false) this.bias = laterParameter(options);
  }

  /** Draws the parameters anew, once they are there. See `LazyLinear.reset_parameters`. */
  override resetParameters(): void {
    if (this.inFeatures !== 0) super.resetParameters();
  }

  static {
    initializeAtFirstCall<Linear>(this, Linear, initialize);
  }
}

function initialize(layer: Linear, input: Tensor): void {
  checkTensor(input, "linear", "input");
  const inFeatures = input.size(-1);
  if (hasUninitializedParams(layer)) {
    const { weight, bias, outFeatures } = layer;
    assignSettings(layer, { inFeatures });
    materialize(weight, [outFeatures, inFeatures]);
    if (bias !== null) materialize(bias, outFeatures);
    layer.resetParameters();
  }
  // A state dict was loaded before.
  if (layer.inFeatures === 0) {
    const expected = layer.weight.size(-1);
    if (inFeatures !== expected) {
      throw new RuntimeError(
        `The in_features inferred from input: ${inFeatures} is not equal to in_features from self.weight: ${expected}`,
      );
    }
    assignSettings(layer, { inFeatures });
  }
}
