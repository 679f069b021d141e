// A schedule that goes up and down again and again, the momentum the other way.

import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import {
  type AnyGroups,
  LRScheduler,
  perGroup,
  type SchedulerOptions,
  type SchedulerStateDict,
  setMomentum,
  usesBeta,
} from "./lr_scheduler.ts";

/** How the cycles of {@linkcode CyclicLR} change. */
export type CyclicMode = "triangular" | "triangular2" | "exp_range";

/** What a scale of {@linkcode CyclicLR} is a function of. */
export type ScaleMode = "cycle" | "iterations";

/** Options of {@linkcode CyclicLR}. */
export interface CyclicLROptions extends SchedulerOptions {
  /** Steps up; 2000 where not given. */
  readonly stepSizeUp?: number;
  /** Steps down; as many as up where not given. */
  readonly stepSizeDown?: number;
  /** All cycles alike, half as high each time, or lower by `gamma` with each step; `"triangular"` where not given. */
  readonly mode?: CyclicMode;
  /** Factor of the height with each step, for `"exp_range"`; 1 where not given. */
  readonly gamma?: number;
  /** Factor of the height, in place of `mode`. */
  readonly scaleFn?: (x: number) => number;
  /** What `scaleFn` is a function of: the number of the cycle, from 1, or of the step; `"cycle"` where not given. */
  readonly scaleMode?: ScaleMode;
  /** Whether the momentum, or the first of betas, goes the other way; true where not given. */
  readonly cycleMomentum?: boolean;
  /** Smallest momentum, at the top; 0.8 where not given. */
  readonly baseMomentum?: number | readonly number[];
  /** Largest momentum, at the bottom; 0.9 where not given. */
  readonly maxMomentum?: number | readonly number[];
}

const KEYS = [
  "stepSizeUp",
  "stepSizeDown",
  "mode",
  "gamma",
  "scaleFn",
  "scaleMode",
  "cycleMomentum",
  "baseMomentum",
  "maxMomentum",
  "lastEpoch",
];

const MODES: readonly string[] = ["triangular", "triangular2", "exp_range"];

/**
 * Goes up from `baseLr` to `maxLr` and down again, again and again; `step`
 * comes after every batch. See `torch.optim.lr_scheduler.CyclicLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.CyclicLR(optimizer, 1, 3, {
 *   stepSizeUp: 2,
 *   cycleMomentum: false,
 * });
 * for (let k = 0; k < 2; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [3]);
 * ```
 */
export class CyclicLR extends LRScheduler {
  /** Largest learning rates. */
  maxLrs: number[];
  /** Steps of a cycle. */
  totalSize: number;
  /** Share of them that goes up. */
  stepRatio: number;
  /** How cycles change. */
  mode: CyclicMode;
  /** Factor of the height with each step. */
  gamma: number;
  /** What the scale is a function of. */
  scaleMode: ScaleMode;
  /** Whether the momentum changes. */
  cycleMomentum: boolean;
  /** Whether it is the first of betas. */
  protected usesBeta = false;
  /** Smallest momenta. */
  baseMomentums: number[] = [];
  /** Largest momenta. */
  maxMomentums: number[] = [];
  readonly #custom: ((x: number) => number) | null;

  /** Takes the optimizer and the bounds of the learning rates, which may differ by group. */
  constructor(
    optimizer: AnyGroups,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicLROptions = {},
  ) {
    super(optimizer);
    checkOptions(options, KEYS, "CyclicLR");
    const { stepSizeUp = 2000, lastEpoch = -1, scaleFn = null } = options;
    const { stepSizeDown = stepSizeUp, mode = "triangular" } = options;
    const groups = optimizer.paramGroups;
    const baseLrs = perGroup("baseLr", optimizer, baseLr);
    const isNew = lastEpoch === -1;
    if (isNew) groups.forEach((group, i) => group.lr = baseLrs[i]!);
    this.maxLrs = perGroup("maxLr", optimizer, maxLr);
    this.totalSize = stepSizeUp + stepSizeDown;
    this.stepRatio = stepSizeUp / this.totalSize;
    if (!MODES.includes(mode) && scaleFn === null) {
      throw new ValueError("mode is invalid and scaleFn is null");
    }
    this.mode = mode;
    this.gamma = options.gamma ?? 1;
    this.#custom = scaleFn;
    this.scaleMode = scaleFn !== null
      ? options.scaleMode ?? "cycle"
      : mode === "exp_range"
      ? "iterations"
      : "cycle";
    this.cycleMomentum = options.cycleMomentum ?? true;
    if (this.cycleMomentum) this.#beginMomentum(options, isNew);
    this.begin(lastEpoch);
    this.baseLrs = baseLrs;
  }

  #beginMomentum(options: CyclicLROptions, isNew: boolean): void {
    const { optimizer } = this;
    const { baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    this.usesBeta = usesBeta(optimizer);
    this.baseMomentums = perGroup("baseMomentum", optimizer, baseMomentum);
    this.maxMomentums = perGroup("maxMomentum", optimizer, maxMomentum);
    if (!isNew) return;
    optimizer.paramGroups.forEach((group, i) => {
      setMomentum(group, this.maxMomentums[i]!, this.usesBeta);
      group.maxMomentum = this.maxMomentums[i]!;
      group.baseMomentum = this.baseMomentums[i]!;
    });
  }

  /** Factor of the height, by cycle or by step. */
  scaleFn(x: number): number {
    if (this.#custom !== null) return this.#custom(x);
    if (this.mode === "triangular") return 1;
    return this.mode === "triangular2" ? 1 / 2 ** (x - 1) : this.gamma ** x;
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { lastEpoch, totalSize, stepRatio } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const share = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const scale = this.scaleFn(this.scaleMode === "cycle" ? cycle : lastEpoch);
    if (this.cycleMomentum) {
      this.optimizer.paramGroups.forEach((group, i) => {
        const most = this.maxMomentums[i]!;
        const height = (most - this.baseMomentums[i]!) * share;
        setMomentum(group, most - height * scale, this.usesBeta);
      });
    }
    return this.baseLrs.map((lr, i) =>
      lr + (this.maxLrs[i]! - lr) * share * scale
    );
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return {
      "max_lrs": "maxLrs",
      "total_size": "totalSize",
      "step_ratio": "stepRatio",
      mode: "mode",
      gamma: "gamma",
      "scale_mode": "scaleMode",
      "cycle_momentum": "cycleMomentum",
      ...(this.cycleMomentum
        ? {
          "use_beta1": "usesBeta",
          "base_momentums": "baseMomentums",
          "max_momentums": "maxMomentums",
        }
        : {}),
    };
  }

  /** A `scaleFn` is not saved: there is null in its place. See `CyclicLR.state_dict`. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), "_scale_fn_custom": null };
  }
}
