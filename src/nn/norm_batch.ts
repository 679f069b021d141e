// Norms over a batch or an instance, with running statistics.

import { noGrad } from "../grad/mode.ts";
import { tensor } from "../tensor/create.ts";
import { ones, zeros } from "../tensor/create_filled.ts";
import { ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { batchNorm } from "../tensor/ops/normalization_channels.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { Module } from "./module.ts";
import { py, pyFloat } from "./module_repr.ts";
import { Parameter } from "./parameter.ts";

/** Options of norms over a batch or an instance. */
export interface ChannelNormOptions extends FactoryOptions {
  /** Added to the variance; 1e-5 where not given. */
  readonly eps?: number;
  /** Share of the new statistics in the running ones; 0.1 where not given. For a batch norm, null gives the mean of all. */
  readonly momentum?: number | null;
  /** Whether channels get factors that are trained. */
  readonly affine?: boolean;
  /** Whether affine channels also get something added; true where not given. */
  readonly bias?: boolean;
  /** Whether running statistics are kept for evaluation mode. */
  readonly trackRunningStats?: boolean;
}

const NORM_KEYS = [
  "eps",
  "momentum",
  "affine",
  "bias",
  "trackRunningStats",
  ...FACTORY_KEYS,
];

/** What norms over a batch and over an instance share. */
export abstract class ChannelNorm extends Module {
  /** The channels' factors, or null. */
  weight: Parameter | null;
  /** What is added to the channels, or null. */
  bias: Parameter | null;
  /** Running means of the channels, or null. */
  runningMean: Tensor | null;
  /** Running variances of the channels, or null. */
  runningVar: Tensor | null;
  /** How many batches went into the running statistics, or null. */
  numBatchesTracked: Tensor | null;
  /** Number of channels. */
  readonly numFeatures: number;
  /** Added to the variance. */
  readonly eps: number;
  /** Share of the new statistics in the running ones; null gives the mean of all. */
  readonly momentum: number | null;
  /** Whether channels have factors. */
  readonly affine: boolean;
  /** Whether running statistics are kept. */
  readonly trackRunningStats: boolean;

  /** Takes the number of channels, and options. */
  constructor(
    numFeatures: number,
    options: ChannelNormOptions,
    affine: boolean,
    tracks: boolean,
  ) {
    super();
    checkOptions(options, NORM_KEYS, new.target.name);
    this.numFeatures = numFeatures;
    this.eps = options.eps ?? 1e-5;
    this.momentum = options.momentum === undefined ? 0.1 : options.momentum;
    this.affine = options.affine ?? affine;
    this.trackRunningStats = options.trackRunningStats ?? tracks;
    const made = factoryOptions(options);
    const biased = this.affine && options.bias !== false;
    this.weight = this.affine ? new Parameter(ones(numFeatures, made)) : null;
    this.bias = biased ? new Parameter(zeros(numFeatures, made)) : null;
    const kept = this.trackRunningStats;
    this.runningMean = this.registerBuffer(
      "runningMean",
      kept ? zeros(numFeatures, made) : null,
    );
    this.runningVar = this.registerBuffer(
      "runningVar",
      kept ? ones(numFeatures, made) : null,
    );
    this.numBatchesTracked = this.registerBuffer(
      "numBatchesTracked",
      // A bigint is int64 where that exists.
      kept ? tensor(0n, "device" in made ? { device: made.device } : {}) : null,
    );
  }

  /** Forgets the running statistics. See `BatchNorm2d.reset_running_stats`. */
  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  /** Puts factors and running statistics back to where they began. See `BatchNorm2d.reset_parameters`. */
  resetParameters(): void {
    this.resetRunningStats();
    noGrad(() => {
      this.weight?.fill_(1);
      this.bias?.zero_();
    });
  }

  /** Counts are int64 again when they come back from a GPU, which has no such type. */
  override setMember(field: string, value: Tensor | Module | null): void {
    const count = field === "numBatchesTracked" && isTensor(value) &&
      value.dtype === "int32" && value.device.type === "cpu";
    super.setMember(field, count ? value.to("int64") : value);
  }

  /** State dicts of PyTorch 0.4 do not count batches. */
  override mayLack(name: string): boolean {
    return name === "num_batches_tracked";
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, bias } = this;
    return `${numFeatures}, eps=${pyFloat(eps)}, momentum=${
      pyFloat(momentum)
    }, affine=${py(affine)}, bias=${py(bias !== null)}, track_running_stats=${
      py(this.trackRunningStats)
    }`;
  }
}

/** Settings of a norm that are there. */
export function present<T extends object>(
  values: { readonly [K in keyof T]: T[K] | null },
): Partial<T> {
  const there = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(there) as Partial<T>;
}

/** Norms over a batch. */
export abstract class BatchNorm extends ChannelNorm {
  /** Takes the number of channels, and options. */
  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(numFeatures, options, true, true);
  }

  /** Normalizes each channel; in training mode with the batch's own statistics. */
  forward(input: Tensor): Tensor {
    this.checkInput(input);
    const { training, runningMean, runningVar, weight, bias, eps } = this;
    let momentum = this.momentum ?? 0;
    const tracks = training && this.trackRunningStats;
    if (tracks && this.numBatchesTracked !== null) {
      this.numBatchesTracked.add_(1);
      if (this.momentum === null) momentum = 1 / this.numBatchesTracked.item();
    }
    const own = training || (runningMean === null && runningVar === null);
    const kept = !training || tracks;
    return batchNorm(
      input,
      kept ? runningMean : null,
      kept ? runningVar : null,
      {
        ...present<{ weight: Tensor; bias: Tensor }>({ weight, bias }),
        training: own,
        momentum,
        eps,
      },
    );
  }

  /** Fails for an input of another number of dimensions. */
  protected abstract checkInput(input: Tensor): void;
}

/** Fails unless a tensor has one of the numbers of dimensions. */
export function checkDimensions(
  x: Tensor,
  one: number,
  other: number = one,
): void {
  if (x.ndim === one || x.ndim === other) return;
  const expected = one === other ? `${one}D` : `${one}D or ${other}D`;
  throw new ValueError(`expected ${expected} input (got ${x.ndim}D input)`);
}

/**
 * Gives each channel of `[n, c]` or `[n, c, w]` mean 0 and variance 1 over the
 * batch, then a factor and an offset that are trained; in evaluation mode by
 * running statistics. See `torch.nn.BatchNorm1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.BatchNorm1d(3);
 * assertEquals(layer.call(dg.ones([2, 3, 4])).sum().item(), 0);
 * assertEquals(layer.numBatchesTracked!.item(), 1);
 * ```
 */
export class BatchNorm1d extends BatchNorm {
  /** Fails for an input of another number of dimensions. */
  protected override checkInput(input: Tensor): void {
    checkDimensions(input, 2, 3);
  }
}

/**
 * Gives each channel of `[n, c, h, w]` mean 0 and variance 1 over the batch,
 * then a factor and an offset that are trained; in evaluation mode by running
 * statistics. See `torch.nn.BatchNorm2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.BatchNorm2d(3);
 * assertEquals(layer.call(dg.ones([2, 3, 4, 4])).sum().item(), 0);
 * assertEquals(layer.numBatchesTracked!.item(), 1);
 * ```
 */
export class BatchNorm2d extends BatchNorm {
  /** Fails for an input of another number of dimensions. */
  protected override checkInput(input: Tensor): void {
    checkDimensions(input, 4);
  }
}

/**
 * Gives each channel of `[n, c, d, h, w]` mean 0 and variance 1 over the batch,
 * then a factor and an offset that are trained; in evaluation mode by running
 * statistics. See `torch.nn.BatchNorm3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.BatchNorm3d(3);
 * assertEquals(layer.call(dg.ones([2, 3, 4, 4, 4])).sum().item(), 0);
 * assertEquals(layer.numBatchesTracked!.item(), 1);
 * ```
 */
export class BatchNorm3d extends BatchNorm {
  /** Fails for an input of another number of dimensions. */
  protected override checkInput(input: Tensor): void {
    checkDimensions(input, 5);
  }
}
