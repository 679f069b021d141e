// A schedule that goes up once and then far down, the momentum the other way.

import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import type { ParamGroup } from "../optimizer.ts";
import { camelCase } from "../state_dict.ts";
import {
  type AnyGroups,
  LRScheduler,
  perGroup,
  type SchedulerOptions,
  setMomentum,
  usesBeta,
} from "./lr_scheduler.ts";

/** Options of {@linkcode OneCycleLR}. */
export interface OneCycleLROptions extends SchedulerOptions {
  /** Number of steps; or give `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  /** Number of passes over the data. */
  readonly epochs?: number;
  /** Number of batches of each. */
  readonly stepsPerEpoch?: number;
  /** Share of the steps that goes up; 0.3 where not given. */
  readonly pctStart?: number;
  /** Along cosines or straight lines; `"cos"` where not given. */
  readonly annealStrategy?: "cos" | "linear";
  /** Whether the momentum, or the first of betas, goes the other way; true where not given. */
  readonly cycleMomentum?: boolean;
  /** Smallest momentum, at the top; 0.85 where not given. */
  readonly baseMomentum?: number | readonly number[];
  /** Largest momentum; 0.95 where not given. */
  readonly maxMomentum?: number | readonly number[];
  /** The largest learning rate over the first; 25 where not given. */
  readonly divFactor?: number;
  /** The first learning rate over the last; 1e4 where not given. */
  readonly finalDivFactor?: number;
  /** Whether it goes down as slowly as up first, and far down after that. */
  readonly threePhase?: boolean;
}

const KEYS = [
  "totalSteps",
  "epochs",
  "stepsPerEpoch",
  "pctStart",
  "annealStrategy",
  "cycleMomentum",
  "baseMomentum",
  "maxMomentum",
  "divFactor",
  "finalDivFactor",
  "threePhase",
  "lastEpoch",
];

/** A piece of the schedule: its last step, and the options of a group between which it goes, as PyTorch saves it. */
interface Phase {
  readonly "end_step": number;
  readonly "start_lr": string;
  readonly "end_lr": string;
  readonly "start_momentum": string;
  readonly "end_momentum": string;
}

function phase(
  end: number,
  lrs: readonly [string, string],
  momenta: readonly [string, string],
): Phase {
  return {
    "end_step": end,
    "start_lr": lrs[0],
    "end_lr": lrs[1],
    "start_momentum": momenta[0],
    "end_momentum": momenta[1],
  };
}

function phasesOf(total: number, start: number, three: boolean): Phase[] {
  const up = phase(
    start * total - 1,
    ["initial_lr", "max_lr"],
    ["max_momentum", "base_momentum"],
  );
  const down: readonly [string, string] = ["base_momentum", "max_momentum"];
  if (!three) return [up, phase(total - 1, ["max_lr", "min_lr"], down)];
  return [
    up,
    phase(2 * start * total - 2, ["max_lr", "initial_lr"], down),
    phase(total - 1, ["initial_lr", "min_lr"], [
      "max_momentum",
      "max_momentum",
    ]),
  ];
}

function positive(name: string, value: number): number {
  if (!(value > 0 && Number.isInteger(value))) {
    throw new ValueError(`Expected positive integer ${name}, but got ${value}`);
  }
  return value;
}

function stepsOf(options: OneCycleLROptions): number {
  const { totalSteps, epochs, stepsPerEpoch } = options;
  if (totalSteps !== undefined) return positive("totalSteps", totalSteps);
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new ValueError(
      "You must define either totalSteps OR (epochs AND stepsPerEpoch)",
    );
  }
  return positive("epochs", epochs) * positive("stepsPerEpoch", stepsPerEpoch);
}

/**
 * Goes up to `maxLr` and then far down, in a given number of steps; `step`
 * comes after every batch. See `torch.optim.lr_scheduler.OneCycleLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.OneCycleLR(optimizer, 0.5, {
 *   totalSteps: 21,
 *   pctStart: 0.5,
 *   annealStrategy: "linear",
 *   cycleMomentum: false,
 * });
 * for (let k = 0; k < 20; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr()[0]! < 1e-5, true);
 * ```
 */
export class OneCycleLR extends LRScheduler {
  /** Number of steps. */
  totalSteps: number;
  /** Pieces of the schedule. */
  protected phases: readonly Phase[];
  /** Along cosines or straight lines. */
  protected annealStrategy: "cos" | "linear";
  /** Whether the momentum changes. */
  cycleMomentum: boolean;
  /** Whether it is the first of betas. */
  protected usesBeta = false;

  /** Takes the optimizer and the largest learning rate, which may differ by group. */
  constructor(
    optimizer: AnyGroups,
    maxLr: number | readonly number[],
    options: OneCycleLROptions = {},
  ) {
    super(optimizer);
    checkOptions(options, KEYS, "OneCycleLR");
    const { pctStart = 0.3, annealStrategy = "cos", lastEpoch = -1 } = options;
    this.totalSteps = stepsOf(options);
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ValueError(
        `Expected float between 0 and 1 pctStart, but got ${pctStart}`,
      );
    }
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw new ValueError(
        `annealStrategy must be one of 'cos' or 'linear', instead got ${annealStrategy}`,
      );
    }
    this.phases = phasesOf(
      this.totalSteps,
      pctStart,
      options.threePhase ?? false,
    );
    this.annealStrategy = annealStrategy;
    this.cycleMomentum = options.cycleMomentum ?? true;
    const isNew = lastEpoch === -1;
    const maxLrs = perGroup("maxLr", optimizer, maxLr);
    if (isNew) {
      const { divFactor = 25, finalDivFactor = 1e4 } = options;
      optimizer.paramGroups.forEach((group, i) => {
        group.initialLr = maxLrs[i]! / divFactor;
        group.maxLr = maxLrs[i]!;
        group.minLr = group.initialLr / finalDivFactor;
      });
    }
    if (this.cycleMomentum) this.#beginMomentum(options, isNew);
    this.begin(lastEpoch);
  }

  #beginMomentum(options: OneCycleLROptions, isNew: boolean): void {
    const { optimizer } = this;
    const { baseMomentum = 0.85, maxMomentum = 0.95 } = options;
    this.usesBeta = usesBeta(optimizer);
    const least = perGroup("baseMomentum", optimizer, baseMomentum);
    const most = perGroup("maxMomentum", optimizer, maxMomentum);
    if (!isNew) return;
    optimizer.paramGroups.forEach((group, i) => {
      setMomentum(group, most[i]!, this.usesBeta);
      group.maxMomentum = most[i]!;
      group.baseMomentum = least[i]!;
    });
  }

  #between(start: number, end: number, share: number): number {
    if (this.annealStrategy === "linear") return (end - start) * share + start;
    return end + (start - end) / 2 * (Math.cos(Math.PI * share) + 1);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { lastEpoch, totalSteps, phases } = this;
    if (lastEpoch > totalSteps) {
      throw new ValueError(
        `Tried to step ${lastEpoch} times. The specified number of total steps is ${totalSteps}`,
      );
    }
    let k = 0;
    while (k < phases.length - 1 && lastEpoch > phases[k]!["end_step"]) k++;
    const piece = phases[k]!;
    const start = k === 0 ? 0 : phases[k - 1]!["end_step"];
    const length = piece["end_step"] - start;
    if (length === 0) {
      // PyTorch's ZeroDivisionError.
      throw new ValueError(
        "float division by zero",
        "pctStart times totalSteps is 1, which leaves no step to go up",
      );
    }
    const share = (lastEpoch - start) / length;
    return this.optimizer.paramGroups.map((group) => {
      if (this.cycleMomentum) {
        const momentum = this.#between(
          optionOf(group, piece["start_momentum"]),
          optionOf(group, piece["end_momentum"]),
          share,
        );
        setMomentum(group, momentum, this.usesBeta);
      }
      return this.#between(
        optionOf(group, piece["start_lr"]),
        optionOf(group, piece["end_lr"]),
        share,
      );
    });
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return {
      "total_steps": "totalSteps",
      "_schedule_phases": "phases",
      "_anneal_func_type": "annealStrategy",
      "cycle_momentum": "cycleMomentum",
      ...(this.cycleMomentum ? { "use_beta1": "usesBeta" } : {}),
    };
  }
}

/** An option of a group by PyTorch's name. */
function optionOf(group: ParamGroup, name: string): number {
  return group[camelCase(name) as "initialLr" | "maxLr"]!;
}
