// Schedules that a function of the step gives.

import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import {
  type AnyGroups,
  LRScheduler,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./lr_scheduler.ts";

/** A factor of learning rates, of the step. */
export type LrLambda = (epoch: number) => number;

function lambdasOf(
  optimizer: AnyGroups,
  given: LrLambda | readonly LrLambda[],
): LrLambda[] {
  const count = optimizer.paramGroups.length;
  const list = typeof given === "function"
    ? new Array<LrLambda>(count).fill(given)
    : [...given];
  if (list.length !== count) {
    throw new ValueError(
      `Expected ${count} lrLambdas, but got ${list.length}`,
    );
  }
  for (const lambda of list) {
    if (typeof lambda !== "function") {
      throw new TypeError(
        `lrLambda should be a function, but got ${typeof lambda}`,
      );
    }
  }
  return list;
}

/**
 * Multiplies the first learning rates by a function of the step, or by one for
 * each group. See `torch.optim.lr_scheduler.LambdaLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.LambdaLR(
 *   optimizer,
 *   (epoch) => 1 / (1 + epoch),
 * );
 * for (let k = 0; k < 3; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.25]);
 * ```
 */
export class LambdaLR extends LRScheduler {
  /** The functions, one for each group. */
  readonly lrLambdas: readonly LrLambda[];

  /** Takes the optimizer and a function, or one for each group. */
  constructor(
    optimizer: AnyGroups,
    lrLambda: LrLambda | readonly LrLambda[],
    options: SchedulerOptions = {},
  ) {
    super(optimizer);
    checkOptions(options, ["lastEpoch"], "LambdaLR");
    this.lrLambdas = lambdasOf(optimizer, lrLambda);
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.lrLambdas[i]!(this.lastEpoch));
  }

  /** Functions are not saved: there is null in their place. See `LambdaLR.state_dict`. */
  override stateDict(): SchedulerStateDict {
    const lambdas = this.lrLambdas.map(() => null);
    return { ...super.stateDict(), "lr_lambdas": lambdas };
  }
}

/**
 * Multiplies the learning rates at each step by a function of it, or by one for
 * each group. See `torch.optim.lr_scheduler.MultiplicativeLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.MultiplicativeLR(
 *   optimizer,
 *   () => 0.5,
 * );
 * for (let k = 0; k < 3; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.125]);
 * ```
 */
export class MultiplicativeLR extends LambdaLR {
  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const now = this.currentLr();
    if (this.isInitial) return now;
    return now.map((lr, i) => lr * this.lrLambdas[i]!(this.lastEpoch));
  }
}
