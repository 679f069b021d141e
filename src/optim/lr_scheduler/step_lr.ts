// Schedules that multiply learning rates at certain steps.

import { checkInteger, checkNumber } from "../../tensor/arguments.ts";
import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import {
  type AnyGroups,
  bisectRight,
  LRScheduler,
  type SchedulerOptions,
} from "./lr_scheduler.ts";

/** Options of {@linkcode StepLR} and {@linkcode MultiStepLR}. */
export interface StepLROptions extends SchedulerOptions {
  /** Factor of the learning rates; 0.1 where not given. */
  readonly gamma?: number;
}

const KEYS = ["gamma", "lastEpoch"];

/**
 * Multiplies the learning rates by `gamma` every `stepSize` steps. See
 * `torch.optim.lr_scheduler.StepLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.StepLR(optimizer, 2, {
 *   gamma: 0.5,
 * });
 * for (let k = 0; k < 4; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.25]);
 * ```
 */
export class StepLR extends LRScheduler {
  /** Steps between changes. */
  stepSize: number;
  /** Factor of the learning rates. */
  gamma: number;

  /** Takes the optimizer and the number of steps between changes. */
  constructor(
    optimizer: AnyGroups,
    stepSize: number,
    options: StepLROptions = {},
  ) {
    super(optimizer);
    checkOptions(options, KEYS, "StepLR");
    checkInteger(stepSize, "StepLR", "stepSize");
    if (stepSize === 0) throw new ValueError("integer modulo by zero");
    this.stepSize = stepSize;
    this.gamma = options.gamma ?? 0.1;
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { lastEpoch, stepSize, gamma } = this;
    const now = this.currentLr();
    if (lastEpoch === 0 || lastEpoch % stepSize !== 0) return now;
    return now.map((lr) => lr * gamma);
  }

  /** The same by a formula of the step alone. */
  protected override closedForm(): number[] {
    const factor = this.gamma ** Math.floor(this.lastEpoch / this.stepSize);
    return this.baseLrs.map((lr) => lr * factor);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return { "step_size": "stepSize", gamma: "gamma" };
  }
}

/**
 * Multiplies the learning rates by `gamma` at each of the given steps. See
 * `torch.optim.lr_scheduler.MultiStepLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.MultiStepLR(optimizer, [1, 3], {
 *   gamma: 0.5,
 * });
 * for (let k = 0; k < 4; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.25]);
 * ```
 */
export class MultiStepLR extends LRScheduler {
  /** How often each step is a milestone. */
  milestones: Record<number, number> = {};
  /** Factor of the learning rates. */
  gamma: number;

  /** Takes the optimizer and the steps at which the learning rates change. */
  constructor(
    optimizer: AnyGroups,
    milestones: Iterable<number>,
    options: StepLROptions = {},
  ) {
    super(optimizer);
    checkOptions(options, KEYS, "MultiStepLR");
    for (const step of milestones) {
      this.milestones[step] = (this.milestones[step] ?? 0) + 1;
    }
    this.gamma = options.gamma ?? 0.1;
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const times = this.milestones[this.lastEpoch];
    const now = this.currentLr();
    if (times === undefined) return now;
    return now.map((lr) => lr * this.gamma ** times);
  }

  /** The same by a formula of the step alone. */
  protected override closedForm(): number[] {
    const sorted = Object.entries(this.milestones).flatMap(([step, times]) =>
      new Array<number>(times).fill(Number(step))
    ).sort((a, b) => a - b);
    const factor = this.gamma ** bisectRight(sorted, this.lastEpoch);
    return this.baseLrs.map((lr) => lr * factor);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return { milestones: "milestones", gamma: "gamma" };
  }
}

/**
 * Multiplies the learning rates by `gamma` at every step. See
 * `torch.optim.lr_scheduler.ExponentialLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.ExponentialLR(optimizer, 0.5);
 * for (let k = 0; k < 3; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.125]);
 * ```
 */
export class ExponentialLR extends LRScheduler {
  /** Factor of the learning rates. */
  gamma: number;

  /** Takes the optimizer and the factor of the learning rates. */
  constructor(
    optimizer: AnyGroups,
    gamma: number,
    options: SchedulerOptions = {},
  ) {
    super(optimizer);
    checkOptions(options, ["lastEpoch"], "ExponentialLR");
    checkNumber(gamma, "ExponentialLR", "gamma");
    this.gamma = gamma;
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const now = this.currentLr();
    return this.isInitial ? now : now.map((lr) => lr * this.gamma);
  }

  /** The same by a formula of the step alone. */
  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return { gamma: "gamma" };
  }
}
