// Adam and AdamW: steps along the mean of gradients, scaled by the mean of their
// squares.

import { adamStep } from "../tensor/ops/descent_adam.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkAdamLike } from "./option_checks.ts";
import {
  type Implementation,
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { keptZeros, nextStep, singleTensor } from "./single.ts";

/** Options of {@linkcode Adam}. */
export interface AdamOptions {
  /** Learning rate; 1e-3 where not given. */
  readonly lr?: number;
  /** Shares of the means of gradients and of their squares that are kept; [0.9, 0.999] where not given. */
  readonly betas?: readonly [number, number];
  /** Keeps divisors away from zero; 1e-8 where not given. */
  readonly eps?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Divides by the largest mean of squares so far. */
  readonly amsgrad?: boolean;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
  /** Shrinks the parameters themselves instead of pulling through the gradient, as AdamW does. */
  readonly decoupledWeightDecay?: boolean;
}

/** Parameters and the options they are updated with. */
export type AdamGroup = ParamGroup & Settings<AdamOptions> & Implementation;

/** What {@linkcode Adam} keeps for a parameter, by PyTorch's names. */
export interface AdamState {
  /** Number of steps. */
  "step": Tensor;
  /** Mean of the gradients. */
  "exp_avg": Tensor;
  /** Mean of their squares. */
  "exp_avg_sq": Tensor;
  /** The largest mean of squares so far. */
  "max_exp_avg_sq"?: Tensor;
}

const KEYS = [
  "lr",
  "betas",
  "eps",
  "weightDecay",
  "amsgrad",
  "maximize",
  "decoupledWeightDecay",
];

/**
 * Steps along a running mean of the gradients, scaled by the root of the mean of
 * their squares. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.Adam`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.Adam([x], { lr: 0.5 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [3.5]);
 * ```
 */
export class Adam extends Optimizer<AdamGroup, AdamState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<AdamOptions>,
    options: AdamOptions = {},
  ) {
    checkOptions(options, KEYS, "Adam");
    const defaults: Omit<AdamGroup, "params"> = {
      lr: options.lr ?? 1e-3,
      betas: options.betas ?? [0.9, 0.999],
      eps: options.eps ?? 1e-8,
      weightDecay: options.weightDecay ?? 0,
      amsgrad: options.amsgrad ?? false,
      maximize: options.maximize ?? false,
      foreach: null,
      capturable: false,
      differentiable: false,
      fused: null,
      decoupledWeightDecay: options.decoupledWeightDecay ?? false,
    };
    checkAdamLike(defaults);
    super(params, defaults);
  }

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: AdamGroup): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "exp_avg": keptZeros(x),
        "exp_avg_sq": keptZeros(x),
      };
      if (group.amsgrad) kept["max_exp_avg_sq"] = keptZeros(x);
      this.state.set(x, kept);
    }
    adamStep(
      x,
      grad,
      kept["exp_avg"],
      kept["exp_avg_sq"],
      group.amsgrad ? kept["max_exp_avg_sq"]! : null,
      group,
      group.decoupledWeightDecay,
      nextStep(kept.step),
    );
  }
}

/** Options of {@linkcode AdamW}. */
export type AdamWOptions = Omit<AdamOptions, "decoupledWeightDecay">;

const ADAMW_KEYS = KEYS.filter((key) => key !== "decoupledWeightDecay");

/**
 * Adam whose weight decay, 0.01 where not given, shrinks the parameters
 * themselves. `params` are leaves that require a gradient; those whose `grad`
 * is null are left alone. See `torch.optim.AdamW`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.AdamW([x], { lr: 0.5, weightDecay: 0.25 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [3]);
 * ```
 */
export class AdamW extends Adam {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(params: ParamsLike<AdamWOptions>, options: AdamWOptions = {}) {
    checkOptions(options, ADAMW_KEYS, "AdamW");
    const { weightDecay = 0.01 } = options;
    super(params, { ...options, weightDecay, decoupledWeightDecay: true });
  }
}
