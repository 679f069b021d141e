// A schedule that looks at the results: it lowers learning rates when a metric
// stops getting better.

import { RuntimeError, ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type AnyGroups, LRScheduler } from "./lr_scheduler.ts";

/** Options of {@linkcode ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** Whether the metric should get smaller or larger; `"min"` where not given. */
  readonly mode?: "min" | "max";
  /** Factor of the learning rates, below 1; 0.1 where not given. */
  readonly factor?: number;
  /** Steps without getting better that are tolerated; 10 where not given. */
  readonly patience?: number;
  /** How much better counts; 1e-4 where not given. */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best or a difference; `"rel"` where not given. */
  readonly thresholdMode?: "rel" | "abs";
  /** Steps after a change in which nothing counts; 0 where not given. */
  readonly cooldown?: number;
  /** Smallest learning rate, which may differ by group; 0 where not given. */
  readonly minLr?: number | readonly number[];
  /** Smallest change that is made; 1e-8 where not given. */
  readonly eps?: number;
}

const KEYS = [
  "mode",
  "factor",
  "patience",
  "threshold",
  "thresholdMode",
  "cooldown",
  "minLr",
  "eps",
];

/**
 * Lowers the learning rates when a metric has not got better for a while;
 * `step` takes the metric. See `torch.optim.lr_scheduler.ReduceLROnPlateau`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.ReduceLROnPlateau(optimizer, {
 *   patience: 1,
 *   factor: 0.5,
 * });
 * for (const loss of [3, 2, 2, 2]) scheduler.step(loss);
 * assertEquals(scheduler.getLastLr(), [0.5]);
 * ```
 */
export class ReduceLROnPlateau extends LRScheduler {
  /** Factor of the learning rates. */
  factor: number;
  /** Smallest learning rate where groups do not differ; else null. */
  protected defaultMinLr: number | null;
  /** Smallest learning rates. */
  minLrs: number[];
  /** Steps without getting better that are tolerated. */
  patience: number;
  /** Steps after a change in which nothing counts. */
  cooldown: number;
  /** Smallest change that is made. */
  eps: number;
  /** The worst metric there is. */
  protected modeWorse: number;
  /** Whether the metric should get smaller or larger. */
  mode: "min" | "max";
  /** How much better counts. */
  threshold: number;
  /** Whether the threshold is a share of the best or a difference. */
  thresholdMode: "rel" | "abs";
  /** The best metric so far. */
  best: number;
  /** Steps that are left in which nothing counts. */
  cooldownCounter = 0;
  /** Steps without getting better. */
  numBadEpochs = 0;

  /** Takes the optimizer; throws a ValueError where an option is out of range. */
  constructor(optimizer: AnyGroups, options: ReduceLROnPlateauOptions = {}) {
    super(optimizer);
    checkOptions(options, KEYS, "ReduceLROnPlateau");
    const { factor = 0.1, minLr = 0, mode = "min" } = options;
    const { thresholdMode = "rel" } = options;
    const count = optimizer.paramGroups.length;
    if (!(factor < 1)) throw new ValueError("Factor should be < 1.0.");
    if (typeof minLr !== "number" && minLr.length !== count) {
      throw new ValueError(`expected ${count} minLrs, got ${minLr.length}`);
    }
    if (mode !== "min" && mode !== "max") {
      throw new ValueError(`mode ${mode} is unknown!`);
    }
    if (thresholdMode !== "rel" && thresholdMode !== "abs") {
      throw new ValueError(`threshold mode ${thresholdMode} is unknown!`);
    }
    this.factor = factor;
    this.defaultMinLr = typeof minLr === "number" ? minLr : null;
    this.minLrs = typeof minLr === "number"
      ? new Array<number>(count).fill(minLr)
      : [...minLr];
    this.patience = options.patience ?? 10;
    this.cooldown = options.cooldown ?? 0;
    this.eps = options.eps ?? 1e-8;
    this.lastEpoch = 0;
    this.lastLr = this.currentLr();
    this.modeWorse = mode === "min" ? Infinity : -Infinity;
    this.mode = mode;
    this.threshold = options.threshold ?? 1e-4;
    this.thresholdMode = thresholdMode;
    this.best = this.modeWorse;
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    return this.currentLr();
  }

  /** Takes the metric of this step, and lowers the learning rates where it is time. See `ReduceLROnPlateau.step`. */
  override step(metrics?: number | Tensor): void {
    if (metrics === undefined) {
      throw new TypeError(
        "ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'",
      );
    }
    const current = Number(metrics);
    this.lastEpoch++;
    if (this.#isBetter(current)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.currentLr();
  }

  #isBetter(metric: number): boolean {
    const { best, threshold } = this;
    const isShare = this.thresholdMode === "rel";
    if (this.mode === "min") {
      return metric < (isShare ? best * (1 - threshold) : best - threshold);
    }
    return metric > (isShare ? best * (1 + threshold) : best + threshold);
  }

  #reduce(): void {
    const groups = this.optimizer.paramGroups;
    if (groups.length !== this.minLrs.length) {
      if (this.defaultMinLr === null) {
        throw new RuntimeError(
          `The number of param groups in the \`optimizer\` (${groups.length}) differs from when \`ReduceLROnPlateau\` was initialized (${this.minLrs.length}), usually due to a new param group being added to the optimizer. Please modify the \`minLrs\` field to match the length of the \`optimizer\` param groups.`,
        );
      }
      this.minLrs = groups.map(() => this.defaultMinLr!);
    }
    groups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i]!);
      if (group.lr - lr > this.eps) group.lr = lr;
    });
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return {
      factor: "factor",
      "default_min_lr": "defaultMinLr",
      "min_lrs": "minLrs",
      patience: "patience",
      cooldown: "cooldown",
      eps: "eps",
      "mode_worse": "modeWorse",
      mode: "mode",
      threshold: "threshold",
      "threshold_mode": "thresholdMode",
      best: "best",
      "cooldown_counter": "cooldownCounter",
      "num_bad_epochs": "numBadEpochs",
    };
  }

  /** Fields of every kind that are saved here. */
  protected override get common(): Readonly<Record<string, string>> {
    return { "last_epoch": "lastEpoch", "_last_lr": "lastLr" };
  }
}
