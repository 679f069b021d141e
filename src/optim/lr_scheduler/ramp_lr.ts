// Schedules over a given number of steps: constant, straight and along a power.

import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import {
  type AnyGroups,
  LRScheduler,
  type SchedulerOptions,
} from "./lr_scheduler.ts";

/** Options of {@linkcode ConstantLR}. */
export interface ConstantLROptions extends SchedulerOptions {
  /** Factor of the learning rates, between 0 and 1; a third where not given. */
  readonly factor?: number;
  /** Steps until it ends; 5 where not given. */
  readonly totalIters?: number;
}

/**
 * Multiplies the learning rates by a factor for the first `totalIters` steps.
 * See `torch.optim.lr_scheduler.ConstantLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.ConstantLR(optimizer, {
 *   factor: 0.5,
 *   totalIters: 2,
 * });
 * assertEquals(scheduler.getLastLr(), [0.5]);
 * for (let k = 0; k < 2; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [1]);
 * ```
 */
export class ConstantLR extends LRScheduler {
  /** Factor of the learning rates. */
  factor: number;
  /** Steps until it ends. */
  totalIters: number;

  /** Takes the optimizer; throws a ValueError where the factor is out of range. */
  constructor(optimizer: AnyGroups, options: ConstantLROptions = {}) {
    super(optimizer);
    checkOptions(options, ["factor", "totalIters", "lastEpoch"], "ConstantLR");
    const { factor = 1 / 3, totalIters = 5 } = options;
    if (!(factor >= 0 && factor <= 1)) {
      throw new ValueError(
        "Constant multiplicative factor expected to be between 0 and 1.",
      );
    }
    this.factor = factor;
    this.totalIters = totalIters;
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { lastEpoch, factor } = this;
    const now = this.currentLr();
    if (lastEpoch === 0) return now.map((lr) => lr * factor);
    return lastEpoch === this.totalIters
      ? now.map((lr) => lr * (1 / factor))
      : now;
  }

  /** The same by a formula of the step alone. */
  protected override closedForm(): number[] {
    const { lastEpoch, totalIters, factor } = this;
    const share = lastEpoch >= totalIters ? factor + (1 - factor) : factor;
    return this.baseLrs.map((lr) => lr * share);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return { factor: "factor", "total_iters": "totalIters" };
  }
}

/** Options of {@linkcode LinearLR}. */
export interface LinearLROptions extends SchedulerOptions {
  /** Factor at the start, above 0 and at most 1; a third where not given. */
  readonly startFactor?: number;
  /** Factor at the end, between 0 and 1; 1 where not given. */
  readonly endFactor?: number;
  /** Steps from one to the other; 5 where not given. */
  readonly totalIters?: number;
}

/**
 * Goes from one factor of the learning rates to another in a straight line:
 * the usual warm-up. See `torch.optim.lr_scheduler.LinearLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.LinearLR(optimizer, {
 *   startFactor: 0.5,
 *   totalIters: 4,
 * });
 * for (let k = 0; k < 2; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.75]);
 * ```
 */
export class LinearLR extends LRScheduler {
  /** Factor at the start. */
  startFactor: number;
  /** Factor at the end. */
  endFactor: number;
  /** Steps from one to the other. */
  totalIters: number;

  /** Takes the optimizer; throws a ValueError where a factor is out of range. */
  constructor(optimizer: AnyGroups, options: LinearLROptions = {}) {
    super(optimizer);
    const keys = ["startFactor", "endFactor", "totalIters", "lastEpoch"];
    checkOptions(options, keys, "LinearLR");
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new ValueError(
        "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
      );
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new ValueError(
        "Ending multiplicative factor expected to be between 0 and 1.",
      );
    }
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { lastEpoch, startFactor, endFactor, totalIters } = this;
    const now = this.currentLr();
    if (lastEpoch === 0) return now.map((lr) => lr * startFactor);
    if (this.isInitial || lastEpoch > totalIters) return now;
    const way = endFactor - startFactor;
    const factor = 1 +
      way / (totalIters * startFactor + (lastEpoch - 1) * way);
    return now.map((lr) => lr * factor);
  }

  /** The same by a formula of the step alone. */
  protected override closedForm(): number[] {
    const { lastEpoch, startFactor, endFactor, totalIters } = this;
    const way = endFactor - startFactor;
    const factor = startFactor +
      way * Math.min(totalIters, lastEpoch) / totalIters;
    return this.baseLrs.map((lr) => lr * factor);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return {
      "start_factor": "startFactor",
      "end_factor": "endFactor",
      "total_iters": "totalIters",
    };
  }
}

/** Options of {@linkcode PolynomialLR}. */
export interface PolynomialLROptions extends SchedulerOptions {
  /** Steps until the learning rates are zero; 5 where not given. */
  readonly totalIters?: number;
  /** The power; 1 where not given. */
  readonly power?: number;
}

/**
 * Lowers the learning rates to zero along a power of what is left of the steps.
 * See `torch.optim.lr_scheduler.PolynomialLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.PolynomialLR(optimizer, {
 *   totalIters: 4,
 * });
 * for (let k = 0; k < 2; k++) scheduler.step();
 * assertEquals(Math.abs(scheduler.getLastLr()[0]! - 0.5) < 1e-12, true);
 * ```
 */
export class PolynomialLR extends LRScheduler {
  /** Steps until the learning rates are zero. */
  totalIters: number;
  /** The power. */
  power: number;

  /** Takes the optimizer. */
  constructor(optimizer: AnyGroups, options: PolynomialLROptions = {}) {
    super(optimizer);
    checkOptions(options, ["totalIters", "power", "lastEpoch"], "PolynomialLR");
    this.totalIters = options.totalIters ?? 5;
    this.power = options.power ?? 1;
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { lastEpoch, totalIters, power } = this;
    const now = this.currentLr();
    if (this.isInitial || lastEpoch > totalIters) return now;
    const left = 1 - lastEpoch / totalIters;
    const factor = (left / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return now.map((lr) => lr * factor);
  }

  /** The same by a formula of the step alone. */
  protected override closedForm(): number[] {
    const { lastEpoch, totalIters, power } = this;
    const left = 1 - Math.min(totalIters, lastEpoch) / totalIters;
    return this.baseLrs.map((lr) => lr * left ** power);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return { "total_iters": "totalIters", power: "power" };
  }
}
