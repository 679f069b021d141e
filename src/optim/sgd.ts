// Stochastic gradient descent, with or without momentum.

import { ValueError } from "../tensor/errors.ts";
import { descend, follow } from "../tensor/ops/descent.ts";
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
import { keptEmpty } from "./single.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions {
  /** Learning rate; 1e-3 where not given. */
  readonly lr?: number;
  /** Share of the former step that is kept; 0 where not given. */
  readonly momentum?: number;
  /** Share of the gradient that is kept out of the momentum; 0 where not given. */
  readonly dampening?: number;
  /** Pulls parameters towards zero; 0 where not given. */
  readonly weightDecay?: number;
  /** Looks ahead along the momentum. */
  readonly nesterov?: boolean;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type SGDGroup = ParamGroup & Settings<SGDOptions> & Implementation;

/** What {@linkcode SGD} keeps for a parameter, by PyTorch's names. */
export interface SGDState {
  /** The momentum. */
  "momentum_buffer": Tensor;
}

const KEYS = [
  "lr",
  "momentum",
  "dampening",
  "weightDecay",
  "nesterov",
  "maximize",
];

/**
 * Stochastic gradient descent, with momentum if wanted. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.SGD`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.SGD([x], { lr: 0.25 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [2]);
 * optimizer.zeroGrad();
 * assertEquals(x.grad, null);
 * ```
 */
export class SGD extends Optimizer<SGDGroup, SGDState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<SGDOptions>,
    options: SGDOptions = {},
  ) {
    checkOptions(options, KEYS, "SGD");
    const defaults: Omit<SGDGroup, "params"> = {
      lr: options.lr ?? 1e-3,
      momentum: options.momentum ?? 0,
      dampening: options.dampening ?? 0,
      weightDecay: options.weightDecay ?? 0,
      nesterov: options.nesterov ?? false,
      maximize: options.maximize ?? false,
      foreach: null,
      differentiable: false,
      fused: null,
    };
    checkLr(defaults.lr);
    checkNotNegative("momentum", defaults.momentum);
    checkNotNegative("weightDecay", defaults.weightDecay);
    if (
      defaults.nesterov &&
      (defaults.momentum <= 0 || defaults.dampening !== 0)
    ) {
      throw new ValueError(
        "Nesterov momentum requires a momentum and zero dampening",
      );
    }
    super(params, defaults);
  }

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: SGDGroup): void {
    if (group.momentum === 0) return descend(x, grad, group);
    const kept = this.state.get(x);
    if (kept !== undefined) {
      return follow(x, grad, kept["momentum_buffer"], group, false);
    }
    const buffer = keptEmpty(x);
    this.state.set(x, { "momentum_buffer": buffer });
    follow(x, grad, buffer, group, true);
  }
}
