// A second model whose weights are averages of those of the first one.

import { noGrad } from "../../grad/mode.ts";
import { Module } from "../../nn/module.ts";
import { tensor } from "../../tensor/create.ts";
import { type DeviceLike, deviceOf } from "../../tensor/device.ts";
import { ValueError } from "../../tensor/errors.ts";
import { defaultGenerator } from "../../tensor/generator.ts";
import { checkOptions, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type AvgFn, getSwaMultiAvgFn, type MultiAvgFn } from "./averages.ts";

/** Options of {@linkcode AveragedModel}. */
export interface AveragedModelOptions {
  /** Where the averages are kept; where the model is, if not given. */
  readonly device?: DeviceLike;
  /** How the average of one tensor follows; the mean of all where neither is given. */
  readonly avgFn?: AvgFn;
  /** How averages follow in place; instead of `avgFn`. */
  readonly multiAvgFn?: MultiAvgFn;
  /** Whether buffers are averaged as well; else they are those of the model. */
  readonly useBuffers?: boolean;
}

const KEYS = ["device", "avgFn", "multiAvgFn", "useBuffers"];

/**
 * A model whose weights are averages of those of another, for SWA and EMA. It
 * is one of its own, `module`, which begins as a copy of the model;
 * `updateParameters` comes after the steps to be averaged. A model with
 * `#private` fields cannot be copied: `make` makes its like. See
 * `torch.optim.swa_utils.AveragedModel`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new dg.nn.Linear(1, 1, { bias: false });
 * const average = new dg.optim.swaUtils.AveragedModel(model);
 * for (const value of [1, 2, 6]) {
 *   dg.noGrad(() => model.weight.fill_(value));
 *   average.updateParameters(model);
 * }
 * assertEquals(average.call(dg.ones([1, 1])).item(), 3);
 * ```
 */
export class AveragedModel<M extends Module> extends Module {
  /** How many updates were averaged. */
  nAveraged: Tensor;
  /** The model with the averages. */
  readonly module: M;
  readonly #avgFn: AvgFn | null;
  readonly #multiAvgFn: MultiAvgFn;
  readonly #useBuffers: boolean;

  /** Takes the model, and options. */
  constructor(model: M, options?: AveragedModelOptions);
  /** Takes the model, a function that makes another of the same architecture, and options. */
  constructor(model: M, make: () => M, options?: AveragedModelOptions);
  constructor(
    model: M,
    given: (() => M) | AveragedModelOptions = {},
    last: AveragedModelOptions = {},
  ) {
    super();
    const isMaker = typeof given === "function";
    const options = isMaker ? last : given;
    checkOptions(options, KEYS, "AveragedModel");
    const { avgFn = null, multiAvgFn, useBuffers = false } = options;
    if (avgFn !== null && multiAvgFn !== undefined) {
      throw new ValueError(
        "Only one of avgFn and multiAvgFn should be provided",
      );
    }
    const [first] = model.parameters();
    const device = options.device !== undefined
      ? deviceOf(options.device)
      : first?.device;
    this.nAveraged = this.registerBuffer(
      "nAveraged",
      tensor(0n),
    );
    // The numbers that it is filled with are overwritten: nobody missed them.
    const state = defaultGenerator.getState();
    this.module = isMaker ? given() : model.deepCopy();
    defaultGenerator.setState(state);
    if (first !== undefined) this.module.to(first.dtype);
    if (device !== undefined) this.module.to(device);
    this.module.train(model.training);
    noGrad(() => this.#copy(model));
    this.#avgFn = avgFn;
    this.#multiAvgFn = multiAvgFn ?? getSwaMultiAvgFn();
    this.#useBuffers = useBuffers;
  }

  /** Runs the model with the averages. */
  override forward(...inputs: Parameters<M["forward"]>): ReturnType<
    M["forward"]
  > {
    const module: Module = this.module;
    return module.call(...inputs as never[]) as ReturnType<M["forward"]>;
  }

  /** Pairs of an average and what it averages. */
  #pairs(model: Module): { parameters: Pair[]; buffers: Pair[] } {
    return {
      parameters: pairs(this.module.parameters(), model.parameters()),
      buffers: pairs(this.module.buffers(), model.buffers()),
    };
  }

  #copy(model: Module): void {
    const { parameters, buffers } = this.#pairs(model);
    for (const [mine, its] of parameters) mine.copy_(its);
    for (const [mine, its] of buffers) mine.copy_(its);
  }

  /** Takes the present weights of the model into the averages. See `AveragedModel.update_parameters`. */
  updateParameters(model: Module): void {
    noGrad(() => {
      const { parameters, buffers } = this.#pairs(model);
      const count = Number(this.nAveraged.item());
      const used = this.#useBuffers ? [...parameters, ...buffers] : parameters;
      if (count === 0) { for (const [mine, its] of used) mine.copy_(its); }
      else if (this.#avgFn === null) this.#follow(used, count);
      else {
        for (const [mine, its] of used) {
          mine.copy_(this.#avgFn(mine, its.to(mine.device), count));
        }
      }
      if (!this.#useBuffers) {
        for (const [mine, its] of buffers) mine.copy_(its);
      }
      this.nAveraged.add_(1);
    });
  }

  /** In place, all tensors of one type and device at once. */
  #follow(used: readonly Pair[], count: number): void {
    const groups = Object.groupBy(
      used,
      ([mine]) => `${mine.device} ${mine.dtype}`,
    );
    for (const group of Object.values(groups)) {
      this.#multiAvgFn(
        group!.map(([mine]) => mine),
        group!.map(([mine, its]) => its.to(mine.device)),
        count,
      );
    }
  }
}

/** An average and what it averages, both without history. */
type Pair = readonly [Tensor, Tensor];

function pairs(mine: Iterable<Tensor>, its: Iterable<Tensor>): Pair[] {
  const a = [...mine];
  const b = [...its];
  const fits = a.length === b.length &&
    a.every((x, i) => sameShape(x.shape, b[i]!.shape));
  if (!fits) {
    throw new ValueError(
      "the averaged model and the model have different parameters or buffers",
      "make must give a model of the same architecture",
    );
  }
  return a.map((x, i) => [x.detach(), b[i]!.detach()]);
}
