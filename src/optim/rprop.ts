// Rprop: steps by the signs of gradients alone.

import { ValueError } from "../tensor/errors.ts";
import { rpropStep } from "../tensor/ops/descent_scaled.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkLr } from "./option_checks.ts";
import {
  type Implementation,
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { keptFull, keptZeros, nextStep, singleTensor } from "./single.ts";

/** Options of {@linkcode Rprop}. */
export interface RpropOptions {
  /** Learning rate; 1e-2 where not given. */
  readonly lr?: number;
  /** Factors of a step after a change of sign and after none; [0.5, 1.2] where not given. */
  readonly etas?: readonly [number, number];
  /** Smallest and largest step; [1e-6, 50] where not given. */
  readonly stepSizes?: readonly [number, number];
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type RpropGroup = ParamGroup & Settings<RpropOptions> & Implementation;

/** What {@linkcode Rprop} keeps for a parameter, by PyTorch's names. */
export interface RpropState {
  /** Number of steps. */
  "step": Tensor;
  /** The former gradient. */
  "prev": Tensor;
  /** Length of the step. */
  "step_size": Tensor;
}

const KEYS = ["lr", "etas", "stepSizes", "maximize"];

/**
 * Grows a step while its gradient keeps its sign, and shrinks it after a change;
 * for full batches. `params` are leaves that require a gradient; those whose `grad` is
 * null are left alone. See `torch.optim.Rprop`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.Rprop([x], { lr: 0.5 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [3.5]);
 * ```
 */
export class Rprop extends Optimizer<RpropGroup, RpropState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<RpropOptions>,
    options: RpropOptions = {},
  ) {
    checkOptions(options, KEYS, "Rprop");
    const defaults: Omit<RpropGroup, "params"> = {
      lr: options.lr ?? 1e-2,
      etas: options.etas ?? [0.5, 1.2],
      stepSizes: options.stepSizes ?? [1e-6, 50],
      foreach: null,
      maximize: options.maximize ?? false,
      differentiable: false,
      capturable: false,
    };
    checkLr(defaults.lr);
    const [less, more] = defaults.etas;
    if (!(less > 0 && less < 1 && more > 1)) {
      throw new ValueError(`Invalid eta values: ${less}, ${more}`);
    }
    super(params, defaults);
  }

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: RpropGroup): void {
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = {
        "step": singleTensor(0),
        "prev": keptZeros(x),
        "step_size": keptFull(x, group.lr),
      };
      this.state.set(x, kept);
    }
    nextStep(kept.step);
    rpropStep(x, grad, kept.prev, kept["step_size"], group);
  }
}
