// Schedules made of schedules: one after the other, or all at once.

import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import {
  type AnyGroups,
  bisectRight,
  LRScheduler,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./lr_scheduler.ts";
import { ReduceLROnPlateau } from "./reduce_lr_on_plateau.ts";

function checkSchedulers(
  name: string,
  optimizer: AnyGroups,
  schedulers: readonly LRScheduler[],
): void {
  schedulers.forEach((scheduler, i) => {
    if (!(scheduler instanceof LRScheduler)) {
      throw new TypeError(
        `${name} at index ${i} should have \`optimizer\` as its attribute.`,
      );
    }
    if (scheduler instanceof ReduceLROnPlateau) {
      throw new ValueError(
        `${name} does not support \`ReduceLROnPlateau\` scheduler as it requires additional kwargs to be specified when calling \`step\`, but got one at index ${i} in the given schedulers sequence.`,
      );
    }
    if (scheduler.optimizer !== optimizer) {
      throw new ValueError(
        `${name} expects all schedulers to belong to the same optimizer, but got scheduler ${scheduler.constructor.name} at index ${i} has ${scheduler.optimizer}, which is different from ${optimizer.constructor.name}.`,
      );
    }
  });
}

/** What both kinds have in common. */
abstract class Composed extends LRScheduler {
  /** The schedulers. */
  protected readonly schedulers: readonly LRScheduler[];

  constructor(optimizer: AnyGroups, schedulers: readonly LRScheduler[]) {
    super(optimizer);
    this.schedulers = [...schedulers];
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    return this.currentLr();
  }

  /** Fields of every kind that are saved here. */
  protected override get common(): Readonly<Record<string, string>> {
    return { "_last_lr": "lastLr" };
  }

  /** All that the schedules need to go on, under PyTorch's names. */
  override stateDict(): SchedulerStateDict {
    const parts = this.schedulers.map((scheduler) => scheduler.stateDict());
    return { ...super.stateDict(), "_schedulers": parts };
  }

  /** Takes over what `stateDict` gave. */
  override loadStateDict(dict: SchedulerStateDict): void {
    super.loadStateDict(dict);
    const parts = dict["_schedulers"] as readonly SchedulerStateDict[];
    parts.forEach((part, i) => this.schedulers[i]!.loadStateDict(part));
  }

  /** Takes back the first steps that the schedulers made by themselves. */
  protected takeBack(): void {
    for (const scheduler of this.schedulers) {
      if (scheduler instanceof Composed) scheduler.takeBack();
      else scheduler.lastEpoch--;
    }
  }
}

/**
 * Schedules one after the other: the next one takes over at each milestone. See
 * `torch.optim.lr_scheduler.SequentialLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const { ConstantLR, ExponentialLR, SequentialLR } = dg.optim.lrScheduler;
 * const warmUp = new ConstantLR(optimizer, { factor: 0.5 });
 * const decay = new ExponentialLR(optimizer, 0.5);
 * const scheduler = new SequentialLR(optimizer, [warmUp, decay], [2]);
 * assertEquals(scheduler.getLastLr(), [0.5]);
 * for (let k = 0; k < 3; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.5]);
 * ```
 */
export class SequentialLR extends Composed {
  /** Steps at which the next scheduler takes over. */
  protected milestones: readonly number[];

  /** Takes the optimizer, its schedulers and the steps at which the next one takes over. */
  constructor(
    optimizer: AnyGroups,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
    options: SchedulerOptions = {},
  ) {
    checkOptions(options, ["lastEpoch"], "SequentialLR");
    if (schedulers.length < 1) {
      throw new ValueError(
        "SequentialLR expects at least one scheduler, but got no scheduler.",
      );
    }
    checkSchedulers("SequentialLR", optimizer, schedulers);
    if (milestones.length !== schedulers.length - 1) {
      throw new ValueError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      );
    }
    super(optimizer, schedulers);
    this.milestones = [...milestones];
    this.lastEpoch = (options.lastEpoch ?? -1) + 1;
    for (const group of optimizer.paramGroups) group.lr = group.initialLr!;
    this.takeBack();
    const first = this.schedulers[bisectRight(this.milestones, 0)]!;
    first.initialStep();
    this.lastLr = first.getLastLr();
  }

  /** Sets the learning rates of the next step. */
  override step(): void {
    this.lastEpoch++;
    const { milestones, lastEpoch } = this;
    const k = bisectRight(milestones, lastEpoch);
    const scheduler = this.schedulers[k]!;
    if (k > 0 && milestones[k - 1] === lastEpoch) scheduler.advance(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return { "_milestones": "milestones", "last_epoch": "lastEpoch" };
  }
}

/** Options of {@linkcode ChainedScheduler}. */
export interface ChainedSchedulerOptions {
  /** The optimizer; that of the first scheduler where not given. */
  readonly optimizer?: AnyGroups;
}

/**
 * Schedules all at once: each step is one of all of them, in order. See
 * `torch.optim.lr_scheduler.ChainedScheduler`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const { ConstantLR, ExponentialLR } = dg.optim.lrScheduler;
 * const scheduler = new dg.optim.lrScheduler.ChainedScheduler([
 *   new ConstantLR(optimizer, { factor: 0.5 }),
 *   new ExponentialLR(optimizer, 0.5),
 * ]);
 * scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.25]);
 * ```
 */
export class ChainedScheduler extends Composed {
  /** Takes the schedulers, all of one optimizer. */
  constructor(
    schedulers: readonly LRScheduler[],
    options: ChainedSchedulerOptions = {},
  ) {
    checkOptions(options, ["optimizer"], "ChainedScheduler");
    const [first] = schedulers;
    if (first === undefined) {
      throw new ValueError(
        "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.",
      );
    }
    const optimizer = options.optimizer ?? first.optimizer;
    checkSchedulers("ChainedScheduler", optimizer, schedulers);
    super(optimizer, schedulers);
    this.lastLr = this.currentLr();
  }

  /** Sets the learning rates of the next step. */
  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = this.currentLr();
  }
}
