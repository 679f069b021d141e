// Adadelta: steps as long as former steps were.

import { ValueError } from "../tensor/errors.ts";
import { adadeltaStep } from "../tensor/ops/descent_scaled.ts";
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

/** Options of {@linkcode Adadelta}. */
export interface AdadeltaOptions {
  /** Learning rate; 1 where not given. */
  readonly lr?: number;
  /** Share of the means that is kept; 0.9 where not given. */
  readonly rho?: number;
  /** Keeps divisors away from zero; 1e-6 where not given. */
  readonly eps?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type AdadeltaGroup =
  & ParamGroup
  & Settings<AdadeltaOptions>
  & Implementation;

/** What {@linkcode Adadelta} keeps for a parameter, by PyTorch's names. */
export interface AdadeltaState {
  /** Number of steps. */
  "step": Tensor;
  /** Mean of the squared gradients. */
  "square_avg": Tensor;
  /** Mean of the squared steps. */
  "acc_delta": Tensor;
}

const KEYS = ["lr", "rho", "eps", "weightDecay", "maximize"];

/**
 * Scales steps by former steps over former gradients. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.Adadelta`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.Adadelta([x]);
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.item() < 4, true);
 * ```
 */
export class Adadelta extends Optimizer<AdadeltaGroup, AdadeltaState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<AdadeltaOptions>,
    options: AdadeltaOptions = {},
  ) {
    checkOptions(options, KEYS, "Adadelta");
    const defaults: Omit<AdadeltaGroup, "params"> = {
      lr: options.lr ?? 1,
      rho: options.rho ?? 0.9,
      eps: options.eps ?? 1e-6,
      weightDecay: options.weightDecay ?? 0,
      maximize: options.maximize ?? false,
      capturable: false,
      foreach: null,
      differentiable: false,
    };
    checkLr(defaults.lr);
    if (!(defaults.rho >= 0 && defaults.rho <= 1)) {
      throw new ValueError(`Invalid rho value: ${defaults.rho}`);
    }
    checkEps(defaults.eps);
    checkNotNegative("weightDecay", defaults.weightDecay);
    super(params, defaults);
  }

  /** Options that PyTorch has as floats. */
  protected override get floatOptions(): readonly string[] {
    return ["lr"];
  }

  /** Makes the step of one parameter. */
  protected override update(
    x: Tensor,
    grad: Tensor,
    group: AdadeltaGroup,
  ): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "square_avg": keptZeros(x),
        "acc_delta": keptZeros(x),
      };
      this.state.set(x, kept);
    }
    nextStep(kept.step);
    adadeltaStep(x, grad, kept["square_avg"], kept["acc_delta"], group);
  }
}
