// RMSprop: steps scaled by the recent size of gradients.

import { rmspropStep } from "../tensor/ops/descent_scaled.ts";
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
import { keptZeros, nextStep, singleTensor } from "./single.ts";

/** Options of {@linkcode RMSprop}. */
export interface RMSpropOptions {
  /** Learning rate; 1e-2 where not given. */
  readonly lr?: number;
  /** Share of the mean of squares that is kept; 0.99 where not given. */
  readonly alpha?: number;
  /** Keeps divisors away from zero; 1e-8 where not given. */
  readonly eps?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Share of the former step that is kept; 0 where not given. */
  readonly momentum?: number;
  /** Divides by the standard deviation of gradients instead of their size. */
  readonly centered?: boolean;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type RMSpropGroup =
  & ParamGroup
  & Settings<RMSpropOptions>
  & Implementation;

/** What {@linkcode RMSprop} keeps for a parameter, by PyTorch's names. */
export interface RMSpropState {
  /** Number of steps. */
  "step": Tensor;
  /** Mean of the squared gradients. */
  "square_avg": Tensor;
  /** The momentum, where there is one. */
  "momentum_buffer"?: Tensor;
  /** Mean of the gradients, where steps are centered. */
  "grad_avg"?: Tensor;
}

const KEYS = [
  "lr",
  "alpha",
  "eps",
  "weightDecay",
  "momentum",
  "centered",
  "maximize",
];

/**
 * Scales steps by the root of a running mean of squared gradients. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.RMSprop`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.RMSprop([x], { lr: 0.5, alpha: 0.75 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [3]);
 * ```
 */
export class RMSprop extends Optimizer<RMSpropGroup, RMSpropState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<RMSpropOptions>,
    options: RMSpropOptions = {},
  ) {
    checkOptions(options, KEYS, "RMSprop");
    const defaults: Omit<RMSpropGroup, "params"> = {
      lr: options.lr ?? 1e-2,
      momentum: options.momentum ?? 0,
      alpha: options.alpha ?? 0.99,
      eps: options.eps ?? 1e-8,
      centered: options.centered ?? false,
      weightDecay: options.weightDecay ?? 0,
      capturable: false,
      foreach: null,
      maximize: options.maximize ?? false,
      differentiable: false,
    };
    checkLr(defaults.lr);
    checkEps(defaults.eps);
    checkNotNegative("momentum", defaults.momentum);
    checkNotNegative("weightDecay", defaults.weightDecay);
    checkNotNegative("alpha", defaults.alpha);
    super(params, defaults);
  }

  /** Makes the step of one parameter. */
  protected override update(
    x: Tensor,
    grad: Tensor,
    group: RMSpropGroup,
  ): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "square_avg": keptZeros(x),
      };
      if (group.momentum > 0) kept["momentum_buffer"] = keptZeros(x);
      if (group.centered) kept["grad_avg"] = keptZeros(x);
      this.state.set(x, kept);
    }
    nextStep(kept.step);
    rmspropStep(
      x,
      grad,
      kept["square_avg"],
      group.centered ? kept["grad_avg"]! : null,
      group.momentum > 0 ? kept["momentum_buffer"]! : null,
      group,
    );
  }
}
