// ASGD: gradient descent that averages the parameters on its way.

import { averagedStep } from "../tensor/ops/descent.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkLr, checkNotNegative } from "./option_checks.ts";
import {
  type Implementation,
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { keptZeros, nextStep, singleTensor } from "./single.ts";

/** Options of {@linkcode ASGD}. */
export interface ASGDOptions {
  /** Learning rate; 1e-2 where not given. */
  readonly lr?: number;
  /** How fast parameters shrink and steps fall; 1e-4 where not given. */
  readonly lambd?: number;
  /** Power with which steps fall; 0.75 where not given. */
  readonly alpha?: number;
  /** Step from which on the parameters are averaged; 1e6 where not given. */
  readonly t0?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type ASGDGroup = ParamGroup & Settings<ASGDOptions> & Implementation;

/** What {@linkcode ASGD} keeps for a parameter, by PyTorch's names. */
export interface ASGDState {
  /** Number of steps. */
  "step": Tensor;
  /** Length of the step. */
  "eta": Tensor;
  /** Share by which the mean moves. */
  "mu": Tensor;
  /** Mean of the parameters. */
  "ax": Tensor;
}

const KEYS = ["lr", "lambd", "alpha", "t0", "weightDecay", "maximize"];

/**
 * Averaged stochastic gradient descent; the means are in `state`, under `ax`. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.ASGD`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.ASGD([x], { lr: 0.25, lambd: 0 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [2]);
 * ```
 */
export class ASGD extends Optimizer<ASGDGroup, ASGDState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<ASGDOptions>,
    options: ASGDOptions = {},
  ) {
    checkOptions(options, KEYS, "ASGD");
    const defaults: Omit<ASGDGroup, "params"> = {
      lr: options.lr ?? 1e-2,
      lambd: options.lambd ?? 1e-4,
      alpha: options.alpha ?? 0.75,
      t0: options.t0 ?? 1e6,
      weightDecay: options.weightDecay ?? 0,
      foreach: null,
      maximize: options.maximize ?? false,
      differentiable: false,
      capturable: false,
    };
    checkLr(defaults.lr);
    checkNotNegative("weightDecay", defaults.weightDecay);
    super(params, defaults);
  }

  /** What is kept as single numbers. */
  protected override get singles(): readonly string[] {
    return ["step", "eta", "mu"];
  }

  /** Options that PyTorch has as floats. */
  protected override get floatOptions(): readonly string[] {
    return ["t0"];
  }

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: ASGDGroup): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "eta": singleTensor(group.lr),
        "mu": singleTensor(1),
        "ax": keptZeros(x),
      };
      this.state.set(x, kept);
    }
    const { lr, lambd, alpha, t0 } = group;
    const step = nextStep(kept.step);
    const eta = kept.eta.item() as number;
    averagedStep(x, grad, kept.ax, group, eta, kept.mu.item() as number);
    kept.eta.fill_(lr / (1 + lambd * lr * step) ** alpha);
    kept.mu.fill_(1 / Math.max(1, step - t0));
  }
}
