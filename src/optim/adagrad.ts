// Adagrad: steps scaled by all gradients so far.

import { adagradStep } from "../tensor/ops/descent_scaled.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkEps, checkLr, checkNotNegative } from "./option_checks.ts";
import {
  type Implementation,
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { keptFull, nextStep, singleTensor } from "./single.ts";

/** Options of {@linkcode Adagrad}. */
export interface AdagradOptions {
  /** Learning rate; 1e-2 where not given. */
  readonly lr?: number;
  /** How fast the learning rate falls; 0 where not given. */
  readonly lrDecay?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** What the sum of squares begins with; 0 where not given. */
  readonly initialAccumulatorValue?: number;
  /** Keeps divisors away from zero; 1e-10 where not given. */
  readonly eps?: number;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type AdagradGroup =
  & ParamGroup
  & Settings<AdagradOptions>
  & Implementation;

/** What {@linkcode Adagrad} keeps for a parameter, by PyTorch's names. */
export interface AdagradState {
  /** Number of steps. */
  "step": Tensor;
  /** Sum of the squared gradients. */
  "sum": Tensor;
}

const KEYS = [
  "lr",
  "lrDecay",
  "weightDecay",
  "initialAccumulatorValue",
  "eps",
  "maximize",
];

/**
 * Scales steps by the root of the sum of all squared gradients. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.Adagrad`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.Adagrad([x], { lr: 0.5 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [3.5]);
 * ```
 */
export class Adagrad extends Optimizer<AdagradGroup, AdagradState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<AdagradOptions>,
    options: AdagradOptions = {},
  ) {
    checkOptions(options, KEYS, "Adagrad");
    const defaults: Omit<AdagradGroup, "params"> = {
      lr: options.lr ?? 1e-2,
      lrDecay: options.lrDecay ?? 0,
      eps: options.eps ?? 1e-10,
      weightDecay: options.weightDecay ?? 0,
      initialAccumulatorValue: options.initialAccumulatorValue ?? 0,
      foreach: null,
      maximize: options.maximize ?? false,
      differentiable: false,
      fused: null,
    };
    checkLr(defaults.lr);
    checkNotNegative("lrDecay", defaults.lrDecay);
    checkNotNegative("weightDecay", defaults.weightDecay);
    checkNotNegative(
      "initialAccumulatorValue",
      defaults.initialAccumulatorValue,
    );
    checkEps(defaults.eps);
    super(params, defaults);
    for (const group of this.paramGroups) {
      for (const x of group.params) this.#begin(x);
    }
  }

  #begin(x: Tensor): AdagradState {
    const kept = {
      "step": singleTensor(0),
      "sum": keptFull(x, this.defaults.initialAccumulatorValue),
    };
    this.state.set(x, kept);
    return kept;
  }

  /** Makes the step of one parameter. */
  protected override update(
    x: Tensor,
    grad: Tensor,
    group: AdagradGroup,
  ): void {
    const kept = this.state.get(x) ?? this.#begin(x);
    const step = nextStep(kept.step);
    const lr = group.lr / (1 + (step - 1) * group.lrDecay);
    adagradStep(x, grad, kept.sum, group, lr);
  }
}
