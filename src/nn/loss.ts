// What losses share.

import type { Reduction } from "../tensor/loss_op.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { ValueError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/** The option that all losses know. */
export interface LossLayerOptions {
  /** What becomes of the elements' losses; `"mean"` where not given. */
  readonly reduction?: Reduction;
}

/** The option of losses with weights. */
export interface WeightedLossLayerOptions extends LossLayerOptions {
  /** Factors of the losses, kept as a buffer. */
  readonly weight?: Tensor | null;
}

/** A loss: what all share is the reduction. */
export abstract class Loss<O extends { readonly reduction?: string }>
  extends Module {
  /** What becomes of the elements' losses. */
  readonly reduction: Exclude<O["reduction"], undefined>;

  /** Takes the options, and the names of those that the subclass knows. */
  constructor(options: O = {} as O, keys: readonly string[] = []) {
    super();
    checkOptions(options, ["reduction", ...keys], new.target.name);
    const reduction: string = options.reduction ?? "mean";
    this.reduction = reduction as Exclude<O["reduction"], undefined>;
  }
}

/** A loss with weights, which are a buffer. */
export abstract class WeightedLoss<
  O extends { readonly reduction?: string; readonly weight?: Tensor | null },
> extends Loss<O> {
  /** Factors of the losses, or null. */
  weight: Tensor | null;

  /** Takes the options, and the names of those that the subclass knows. */
  constructor(options: O = {} as O, keys: readonly string[] = []) {
    super(options, ["weight", ...keys]);
    const { weight = null } = options;
    if (weight !== null && !isTensor(weight)) {
      throw new ValueError(
        `weight has to be a Tensor but got ${typeof weight}`,
      );
    }
    this.weight = this.registerBuffer("weight", weight);
  }
}
