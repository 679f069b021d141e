// RAdam: Adam whose scaling waits until there is enough to go by.

import { radamStep } from "../tensor/ops/descent_adam.ts";
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

/** Options of {@linkcode RAdam}. */
export interface RAdamOptions {
  /** Learning rate; 1e-3 where not given. */
  readonly lr?: number;
  /** Shares of the means of gradients and of their squares that are kept; [0.9, 0.999] where not given. */
  readonly betas?: readonly [number, number];
  /** Keeps divisors away from zero; 1e-8 where not given. */
  readonly eps?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Shrinks the parameters themselves instead of pulling through the gradient, as AdamW does. */
  readonly decoupledWeightDecay?: boolean;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type RAdamGroup = ParamGroup & Settings<RAdamOptions> & Implementation;

/** What {@linkcode RAdam} keeps for a parameter, by PyTorch's names. */
export interface RAdamState {
  /** Number of steps. */
  "step": Tensor;
  /** Mean of the gradients. */
  "exp_avg": Tensor;
  /** Mean of their squares. */
  "exp_avg_sq": Tensor;
}

const KEYS = [
  "lr",
  "betas",
  "eps",
  "weightDecay",
  "decoupledWeightDecay",
  "maximize",
];

/**
 * Adam that scales steps only as far as the mean of squares is reliable. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.RAdam`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.RAdam([x], { lr: 0.25 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [2]);
 * ```
 */
export class RAdam extends Optimizer<RAdamGroup, RAdamState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<RAdamOptions>,
    options: RAdamOptions = {},
  ) {
    checkOptions(options, KEYS, "RAdam");
    const defaults: Omit<RAdamGroup, "params"> = {
      lr: options.lr ?? 1e-3,
      betas: options.betas ?? [0.9, 0.999],
      eps: options.eps ?? 1e-8,
      weightDecay: options.weightDecay ?? 0,
      maximize: options.maximize ?? false,
      foreach: null,
      capturable: false,
      decoupledWeightDecay: options.decoupledWeightDecay ?? false,
      differentiable: false,
    };
    checkAdamLike(defaults);
    super(params, defaults);
  }

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: RAdamGroup): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "exp_avg": keptZeros(x),
        "exp_avg_sq": keptZeros(x),
      };
      this.state.set(x, kept);
    }
    radamStep(
      x,
      grad,
      kept["exp_avg"],
      kept["exp_avg_sq"],
      group,
      group.decoupledWeightDecay,
      nextStep(kept.step),
    );
  }
}
