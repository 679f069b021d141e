// What all schedulers of learning rates have in common: they change the options
// of an optimizer's groups, step by step, and can be saved.

import { shown } from "../../tensor/arguments.ts";
import { RuntimeError, ValueError } from "../../tensor/errors.ts";
import { Optimizer, type ParamGroup } from "../optimizer.ts";

/** A value of a scheduler's state dict. */
export type SchedulerValue =
  | null
  | boolean
  | number
  | string
  | readonly SchedulerValue[]
  | { readonly [key: string]: SchedulerValue };

/** A state dict of a scheduler, under PyTorch's names. */
export type SchedulerStateDict = { readonly [key: string]: SchedulerValue };

/** An optimizer as schedulers see it. */
export interface AnyGroups {
  /** The groups. */
  readonly paramGroups: readonly ParamGroup[];
  /** The options of groups that give none. */
  readonly defaults: object;
}

/** Options that most schedulers take. */
export interface SchedulerOptions {
  /** The last step of a run that goes on, -1 for a new one; -1 where not given. */
  readonly lastEpoch?: number;
}

/** Fields that all schedulers save, by PyTorch's names. */
const COMMON: Readonly<Record<string, string>> = {
  "base_lrs": "baseLrs",
  "last_epoch": "lastEpoch",
  "_step_count": "stepCount",
  "_is_initial": "isInitial",
  "_get_lr_called_within_step": "isComputing",
  "_last_lr": "lastLr",
};

/**
 * What all schedulers have in common. One of your own extends it: `getLr`
 * gives the learning rates, one for each group, and the constructor ends with
 * `begin()`. See `torch.optim.lr_scheduler.LRScheduler`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Halving extends dg.optim.lrScheduler.LRScheduler {
 *   constructor(optimizer: dg.optim.SGD) {
 *     super(optimizer);
 *     this.begin();
 *   }
 *   override getLr(): number[] {
 *     return this.baseLrs.map((lr) => lr / 2 ** this.lastEpoch);
 *   }
 * }
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new Halving(optimizer);
 * scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.5]);
 * ```
 */
export abstract class LRScheduler {
  /** The optimizer whose groups are changed. */
  readonly optimizer: AnyGroups;
  /** Learning rates that the schedule starts from. */
  baseLrs: number[] = [];
  /** Number of the current step. */
  lastEpoch = -1;
  /** How often `step` was called. */
  protected stepCount = 0;
  /** Whether the first step is being made. */
  protected isInitial = false;
  /** Whether learning rates are being computed; always false in between. */
  protected isComputing = false;
  /** The learning rates that were set last. */
  protected lastLr: number[] = [];

  /** Takes the optimizer; `begin` starts the schedule. */
  constructor(optimizer: AnyGroups) {
    if (!(optimizer instanceof Optimizer)) {
      throw new TypeError(
        `${
          (optimizer as object | null)?.constructor?.name ?? typeof optimizer
        } is not an Optimizer`,
      );
    }
    this.optimizer = optimizer;
  }

  /** Computes the learning rates of the current step, one for each group. */
  abstract getLr(): number[];

  /** The learning rates of the current step by themselves, where a formula gives them; else as they follow from the former. */
  protected closedForm(): number[] {
    return this.getLr();
  }

  /** The learning rates that were set last. See `LRScheduler.get_last_lr`. */
  getLastLr(): number[] {
    return this.lastLr.slice();
  }

  /** Starts the schedule: the last thing that a constructor does. */
  protected begin(lastEpoch = -1): void {
    const groups = this.optimizer.paramGroups;
    groups.forEach((group, i) => {
      if (lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined) {
        throw new RuntimeError(
          `param 'initialLr' is not specified in paramGroups[${i}] when resuming scheduler with lastEpoch >= 0.`,
          "load the optimizer's state dict first, or leave lastEpoch out for a new run",
        );
      }
    });
    this.baseLrs = groups.map((group) => group.initialLr!);
    this.lastEpoch = lastEpoch;
    this.initialStep();
  }

  /** Makes the first step. Of use to schedulers of schedulers only. */
  initialStep(): void {
    this.stepCount = 0;
    this.isInitial = true;
    try {
      this.step();
    } finally {
      this.isInitial = false;
    }
  }

  /** Sets the learning rates of the next step; comes after `optimizer.step()`. See `LRScheduler.step`. */
  step(): void {
    this.stepCount++;
    this.advance();
  }

  /** Sets learning rates: of the next step, or of a given one. Of use to schedulers of schedulers only. */
  advance(epoch?: number): void {
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.setLr(epoch === undefined ? this.getLr() : this.closedForm());
  }

  /** Sets the learning rates of the groups. */
  protected setLr(values: readonly number[]): void {
    this.optimizer.paramGroups.forEach((group, i) => group.lr = values[i]!);
    this.lastLr = this.currentLr();
  }

  /** The learning rates of the groups as they are. */
  protected currentLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** Fields of this kind of scheduler that are saved, by PyTorch's names. */
  protected get saved(): Readonly<Record<string, string>> {
    return {};
  }

  /** Fields that every kind of scheduler saves, by PyTorch's names. */
  protected get common(): Readonly<Record<string, string>> {
    return COMMON;
  }

  /** All that a schedule needs to go on, under PyTorch's names. See `LRScheduler.state_dict`. */
  stateDict(): SchedulerStateDict {
    const fields = Object.entries({ ...this.saved, ...this.common });
    return Object.fromEntries(
      fields.map((
        [key, field],
      ) => [key, copied(Reflect.get(this, field) as SchedulerValue)]),
    );
  }

  /** Takes over what {@linkcode stateDict} gave. The optimizer has a state dict of its own. See `LRScheduler.load_state_dict`. */
  loadStateDict(dict: SchedulerStateDict): void {
    for (
      const [key, field] of Object.entries({ ...this.saved, ...this.common })
    ) {
      if (key in dict) Reflect.set(this, field, copied(dict[key]!));
    }
  }
}

function copied(value: SchedulerValue): SchedulerValue {
  return structuredClone(value);
}

/** An option that may differ by group, as a list. */
export function perGroup(
  name: string,
  optimizer: AnyGroups,
  value: number | readonly number[],
): number[] {
  const count = optimizer.paramGroups.length;
  if (typeof value === "number") return new Array<number>(count).fill(value);
  if (!Array.isArray(value)) {
    throw new TypeError(
      `${name} must be a number or an array of them, not ${shown(value)}`,
    );
  }
  if (value.length !== count) {
    throw new ValueError(
      `${name} must have the same length as optimizer.paramGroups. ${name} has ${value.length} values, paramGroups has ${count}.`,
    );
  }
  return [...value];
}

/** How many sorted numbers are at most `x`. */
export function bisectRight(sorted: readonly number[], x: number): number {
  let n = 0;
  while (n < sorted.length && sorted[n]! <= x) n++;
  return n;
}

/** Sets a momentum, or the first of betas. */
export function setMomentum(
  group: ParamGroup,
  value: number,
  usesBeta: boolean,
): void {
  if (usesBeta) group.betas = [value, group.betas![1]];
  else group.momentum = value;
}

/** Whether the momentum of an optimizer is the first of its betas; fails where it has none. */
export function usesBeta(optimizer: AnyGroups): boolean {
  const { defaults } = optimizer;
  if (!("momentum" in defaults) && !("betas" in defaults)) {
    throw new ValueError(
      "optimizer must support momentum or beta1 with `cycleMomentum` option enabled",
      "give cycleMomentum: false",
    );
  }
  return "betas" in defaults;
}
