// NAdam: Adam that looks ahead along its momentum.

import { scaleBy } from "../tensor/ops/descent_whole.ts";
import { nadamStep } from "../tensor/ops/descent_adam.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkAdamLike, checkNotNegative } from "./option_checks.ts";
import {
  type Implementation,
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { keptZeros, nextStep, singleTensor } from "./single.ts";

/** Options of {@linkcode NAdam}. */
export interface NAdamOptions {
  /** Learning rate; 2e-3 where not given. */
  readonly lr?: number;
  /** Shares of the means of gradients and of their squares that are kept; [0.9, 0.999] where not given. */
  readonly betas?: readonly [number, number];
  /** Keeps divisors away from zero; 1e-8 where not given. */
  readonly eps?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** How fast the momentum grows to its full share; 4e-3 where not given. */
  readonly momentumDecay?: number;
  /** Shrinks the parameters themselves instead of pulling through the gradient, as AdamW does. */
  readonly decoupledWeightDecay?: boolean;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type NAdamGroup = ParamGroup & Settings<NAdamOptions> & Implementation;

/** What {@linkcode NAdam} keeps for a parameter, by PyTorch's names. */
export interface NAdamState {
  /** Number of steps. */
  "step": Tensor;
  /** Product of the shares of all steps. */
  "mu_product": Tensor;
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
  "momentumDecay",
  "decoupledWeightDecay",
  "maximize",
];

/**
 * Adam with the momentum of Nesterov. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.NAdam`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.NAdam([x], { lr: 0.5 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.item() < 3.6, true);
 * ```
 */
export class NAdam extends Optimizer<NAdamGroup, NAdamState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<NAdamOptions>,
    options: NAdamOptions = {},
  ) {
    checkOptions(options, KEYS, "NAdam");
    const defaults: Omit<NAdamGroup, "params"> = {
      lr: options.lr ?? 2e-3,
      betas: options.betas ?? [0.9, 0.999],
      eps: options.eps ?? 1e-8,
      weightDecay: options.weightDecay ?? 0,
      momentumDecay: options.momentumDecay ?? 4e-3,
      decoupledWeightDecay: options.decoupledWeightDecay ?? false,
      maximize: options.maximize ?? false,
      foreach: null,
      capturable: false,
      differentiable: false,
    };
    checkAdamLike(defaults);
    checkNotNegative("momentumDecay", defaults.momentumDecay);
    super(params, defaults);
  }

  /** What is kept as single numbers. */
  protected override get singles(): readonly string[] {
    return ["step", "mu_product"];
  }

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: NAdamGroup): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "mu_product": singleTensor(1),
        "exp_avg": keptZeros(x),
        "exp_avg_sq": keptZeros(x),
      };
      this.state.set(x, kept);
    }
    const { lr, betas, momentumDecay, decoupledWeightDecay } = group;
    const step = nextStep(kept.step);
    const share = (k: number) =>
      betas[0] * (1 - 0.5 * 0.96 ** (k * momentumDecay));
    const mu = share(step);
    const next = share(step + 1);
    scaleBy(kept["mu_product"], mu);
    const product = kept["mu_product"].item() as number;
    nadamStep(
      x,
      grad,
      kept["exp_avg"],
      kept["exp_avg_sq"],
      group,
      decoupledWeightDecay,
      step,
      [-lr * (1 - mu) / (1 - product), -lr * next / (1 - product * next)],
    );
  }
}
