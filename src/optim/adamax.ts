// Adamax: Adam scaled by the largest gradient instead of the mean of squares.

import { adamaxStep } from "../tensor/ops/descent_adam.ts";
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

/** Options of {@linkcode Adamax}. */
export interface AdamaxOptions {
  /** Learning rate; 2e-3 where not given. */
  readonly lr?: number;
  /** Shares of the means of gradients and of their squares that are kept; [0.9, 0.999] where not given. */
  readonly betas?: readonly [number, number];
  /** Keeps divisors away from zero; 1e-8 where not given. */
  readonly eps?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type AdamaxGroup = ParamGroup & Settings<AdamaxOptions> & Implementation;

/** What {@linkcode Adamax} keeps for a parameter, by PyTorch's names. */
export interface AdamaxState {
  /** Number of steps. */
  "step": Tensor;
  /** Mean of the gradients. */
  "exp_avg": Tensor;
  /** Decaying maximum of the gradients. */
  "exp_inf": Tensor;
}

const KEYS = ["lr", "betas", "eps", "weightDecay", "maximize"];

/**
 * Adam scaled by a decaying maximum of the gradients. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.Adamax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.Adamax([x], { lr: 0.5 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [3.5]);
 * ```
 */
export class Adamax extends Optimizer<AdamaxGroup, AdamaxState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<AdamaxOptions>,
    options: AdamaxOptions = {},
  ) {
    checkOptions(options, KEYS, "Adamax");
    const defaults: Omit<AdamaxGroup, "params"> = {
      lr: options.lr ?? 2e-3,
      betas: options.betas ?? [0.9, 0.999],
      eps: options.eps ?? 1e-8,
      weightDecay: options.weightDecay ?? 0,
      foreach: null,
      maximize: options.maximize ?? false,
      differentiable: false,
      capturable: false,
    };
    checkAdamLike(defaults);
    super(params, defaults);
  }

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: AdamaxGroup): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "exp_avg": keptZeros(x),
        "exp_inf": keptZeros(x),
      };
      this.state.set(x, kept);
    }
    adamaxStep(
      x,
      grad,
      kept["exp_avg"],
      kept["exp_inf"],
      group,
      nextStep(kept.step),
    );
  }
}
