// Schedules along a cosine, once or again and again.

import { checkNumber, shown } from "../../tensor/arguments.ts";
import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import {
  type AnyGroups,
  LRScheduler,
  type SchedulerOptions,
} from "./lr_scheduler.ts";

/** Options of {@linkcode CosineAnnealingLR}. */
export interface CosineAnnealingLROptions extends SchedulerOptions {
  /** Where the learning rates go; 0 where not given. */
  readonly etaMin?: number;
}

/**
 * Lowers the learning rates along half a cosine of `tMax` steps, and raises
 * them again after that. See `torch.optim.lr_scheduler.CosineAnnealingLR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.CosineAnnealingLR(optimizer, 4);
 * for (let k = 0; k < 4; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0]);
 * ```
 */
export class CosineAnnealingLR extends LRScheduler {
  /** Steps to the lowest learning rate. */
  tMax: number;
  /** The lowest learning rate. */
  etaMin: number;

  /** Takes the optimizer and the number of steps to the lowest learning rate. */
  constructor(
    optimizer: AnyGroups,
    tMax: number,
    options: CosineAnnealingLROptions = {},
  ) {
    super(optimizer);
    checkOptions(options, ["etaMin", "lastEpoch"], "CosineAnnealingLR");
    checkNumber(tMax, "CosineAnnealingLR", "tMax");
    this.tMax = tMax;
    this.etaMin = options.etaMin ?? 0;
    this.begin(options.lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { lastEpoch, tMax, etaMin, baseLrs } = this;
    const now = this.currentLr();
    if (this.isInitial) return now;
    if (this.stepCount === 1 && lastEpoch > 0) return this.closedForm();
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      const share = (1 - Math.cos(Math.PI / tMax)) / 2;
      return now.map((lr, i) => lr + (baseLrs[i]! - etaMin) * share);
    }
    const factor = (1 + Math.cos(Math.PI * lastEpoch / tMax)) /
      (1 + Math.cos(Math.PI * (lastEpoch - 1) / tMax));
    return now.map((lr) => factor * (lr - etaMin) + etaMin);
  }

  /** The same by a formula of the step alone. */
  protected override closedForm(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    const share = (1 + Math.cos(Math.PI * lastEpoch / tMax)) / 2;
    return this.baseLrs.map((lr) => etaMin + (lr - etaMin) * share);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return { "T_max": "tMax", "eta_min": "etaMin" };
  }
}

/** Options of {@linkcode CosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions
  extends CosineAnnealingLROptions {
  /** How many times longer each period is than the one before; 1 where not given. */
  readonly tMult?: number;
}

/**
 * Lowers the learning rates along half a cosine, again and again; the first
 * time in `t0` steps. See
 * `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.lrScheduler.CosineAnnealingWarmRestarts(
 *   optimizer,
 *   3,
 * );
 * for (let k = 0; k < 3; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [1]);
 * ```
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  /** Steps of the first period. */
  t0: number;
  /** Steps of this period. */
  protected tI: number;
  /** How many times longer each period is than the one before. */
  tMult: number;
  /** The lowest learning rate. */
  etaMin: number;
  /** Steps since the last restart. */
  tCur: number;

  /** Takes the optimizer and the number of steps of the first period. */
  constructor(
    optimizer: AnyGroups,
    t0: number,
    options: CosineAnnealingWarmRestartsOptions = {},
  ) {
    super(optimizer);
    const keys = ["tMult", "etaMin", "lastEpoch"];
    checkOptions(options, keys, "CosineAnnealingWarmRestarts");
    const { tMult = 1, etaMin = 0, lastEpoch = -1 } = options;
    if (!(t0 > 0 && Number.isInteger(t0))) {
      throw new ValueError(
        `Expected positive integer t0, but got ${shown(t0)}`,
      );
    }
    if (!(tMult >= 1 && Number.isInteger(tMult))) {
      throw new ValueError(`Expected integer tMult >= 1, but got ${tMult}`);
    }
    this.t0 = t0;
    this.tI = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.tCur = lastEpoch;
    this.begin(lastEpoch);
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const { tCur, tI, etaMin } = this;
    const share = (1 + Math.cos(Math.PI * tCur / tI)) / 2;
    return this.baseLrs.map((lr) => etaMin + (lr - etaMin) * share);
  }

  /** Sets the learning rates of the next step, or of a given one, which may lie between two. See `CosineAnnealingWarmRestarts.step`. */
  override step(epoch?: number): void {
    this.advance(epoch);
  }

  /** Sets learning rates: of the next step, or of a given one. */
  override advance(epoch?: number): void {
    if (epoch === undefined && this.lastEpoch >= 0) {
      this.lastEpoch++;
      this.tCur++;
      if (this.tCur >= this.tI) {
        this.tCur %= this.tI;
        this.tI *= this.tMult;
      }
    } else this.#jump(epoch ?? 0);
    this.setLr(this.getLr());
  }

  #jump(epoch: number): void {
    const { t0, tMult } = this;
    if (!(epoch >= 0)) {
      throw new ValueError(`Expected non-negative epoch, but got ${epoch}`);
    }
    if (epoch < t0) {
      this.tI = t0;
      this.tCur = epoch;
    } else if (tMult === 1) this.tCur = epoch % t0;
    else {
      const n = Math.trunc(
        Math.log(epoch / t0 * (tMult - 1) + 1) / Math.log(tMult),
      );
      this.tCur = epoch - t0 * (tMult ** n - 1) / (tMult - 1);
      this.tI = t0 * tMult ** n;
    }
    this.lastEpoch = Math.floor(epoch);
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return {
      "T_0": "t0",
      "T_i": "tI",
      "T_mult": "tMult",
      "eta_min": "etaMin",
      "T_cur": "tCur",
    };
  }
}
