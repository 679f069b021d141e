// The schedule that goes with averages of weights.
import { ValueError } from "../../tensor/errors.ts";
import { checkOptions } from "../../tensor/shape.ts";
import {
  type AnyGroups,
  LRScheduler,
  perGroup,
  type SchedulerOptions,
} from "../lr_scheduler/lr_scheduler.ts";

/** Options of {@linkcode SWALR}. */
export interface SWALROptions extends SchedulerOptions {
  /** Steps to the constant learning rate; 10 where not given. */
  readonly annealEpochs?: number;
  /** Along a cosine or a straight line; `"cos"` where not given. */
  readonly annealStrategy?: "cos" | "linear";
}

/**
 * Goes from the present learning rates to a constant one, at which weights are
 * averaged. See `torch.optim.swa_utils.SWALR`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new dg.optim.SGD([dg.ones(1)], { lr: 1 });
 * const scheduler = new dg.optim.swaUtils.SWALR(optimizer, 0.5, {
 *   annealEpochs: 2,
 *   annealStrategy: "linear",
 * });
 * for (let k = 0; k < 5; k++) scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.5]);
 * ```
 */
export class SWALR extends LRScheduler {
  /** Along a cosine or a straight line. */
  protected annealStrategy: "cos" | "linear";
  /** Steps to the constant learning rate. */
  annealEpochs: number;

  /** Takes the optimizer and the constant learning rate, which may differ by group. */
  constructor(
    optimizer: AnyGroups,
    swaLr: number | readonly number[],
    options: SWALROptions = {},
  ) {
    super(optimizer);
    const keys = ["annealEpochs", "annealStrategy", "lastEpoch"];
    checkOptions(options, keys, "SWALR");
    const { annealEpochs = 10, annealStrategy = "cos" } = options;
    const lrs = perGroup("swaLr", optimizer, swaLr);
    optimizer.paramGroups.forEach((group, i) => group.swaLr = lrs[i]!);
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw new ValueError(
        `annealStrategy must be one of 'cos' or 'linear', instead got ${annealStrategy}`,
      );
    }
    if (!(annealEpochs >= 0 && Number.isInteger(annealEpochs))) {
      throw new ValueError(
        `annealEpochs must be equal or greater than 0, got ${annealEpochs}`,
      );
    }
    this.annealStrategy = annealStrategy;
    this.annealEpochs = annealEpochs;
    this.begin(options.lastEpoch);
  }

  #share(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this.annealStrategy === "linear"
      ? t
      : (1 - Math.cos(Math.PI * t)) / 2;
  }

  /** Computes the learning rates of the current step. */
  override getLr(): number[] {
    const step = this.annealEpochs === 0
      ? Math.max(1, this.stepCount - 1)
      : this.stepCount - 1;
    const before = this.#share(step - 1);
    const now = this.#share(step);
    return this.optimizer.paramGroups.map((group) => {
      const end = group.swaLr!;
      const start = before === 1
        ? end
        : (group.lr - before * end) / (1 - before);
      return end * now + start * (1 - now);
    });
  }

  /** Fields of this kind that are saved, by PyTorch's names. */
  protected override get saved(): Readonly<Record<string, string>> {
    return {
      "_anneal_strategy": "annealStrategy",
      "anneal_epochs": "annealEpochs",
    };
  }
}
