// Norms over the last dimensions, over groups of channels, and over neighbouring
// channels.

import { noGrad } from "../grad/mode.ts";
import { ones, zeros } from "../tensor/create_filled.ts";
import { ValueError } from "../tensor/errors.ts";
import { layerNorm, rmsNorm } from "../tensor/ops/normalization.ts";
import {
  groupNorm,
  localResponseNorm,
  type LocalResponseNormOptions,
} from "../tensor/ops/normalization_groups.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { Module } from "./module.ts";
import { py, pyFloat } from "./module_repr.ts";
import { present } from "./norm_batch.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode LayerNorm}. */
export interface LayerNormLayerOptions extends FactoryOptions {
  /** Added to the variance; 1e-5 where not given. */
  readonly eps?: number;
  /** Whether elements get factors that are trained; true where not given. */
  readonly elementwiseAffine?: boolean;
  /** Whether they also get something added; true where not given. */
  readonly bias?: boolean;
}

/**
 * Gives the last dimensions, of shape `normalizedShape`, mean 0 and variance 1,
 * then factors and offsets that are trained. See `torch.nn.LayerNorm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LayerNorm(2);
 * assertEquals(
 *   String(layer),
 *   "LayerNorm((2,), eps=1e-05, elementwise_affine=True, bias=True)",
 * );
 * assertEquals(layer.call(dg.ones([3, 2])).sum().item(), 0);
 * ```
 */
export class LayerNorm extends Module {
  /** The elements' factors, or null. */
  weight: Parameter | null;
  /** What is added to the elements, or null. */
  bias: Parameter | null;
  /** The last dimensions. */
  readonly normalizedShape: readonly number[];
  /** Added to the variance. */
  readonly eps: number;
  /** Whether elements have factors. */
  readonly elementwiseAffine: boolean;

  /** Takes the last dimensions, and options. */
  constructor(normalizedShape: Size, options: LayerNormLayerOptions = {}) {
    super();
    const known = ["eps", "elementwiseAffine", "bias", ...FACTORY_KEYS];
    checkOptions(options, known, "LayerNorm");
    const shape = lastDimensions(normalizedShape);
    this.normalizedShape = shape;
    this.eps = options.eps ?? 1e-5;
    this.elementwiseAffine = options.elementwiseAffine ?? true;
    const made = factoryOptions(options);
    const biased = this.elementwiseAffine && options.bias !== false;
    this.weight = this.elementwiseAffine
      ? new Parameter(ones(shape, made))
      : null;
    this.bias = biased ? new Parameter(zeros(shape, made)) : null;
  }

  /** Puts factors and offsets back to where they began. */
  resetParameters(): void {
    resetAffine(this);
  }

  /** Normalizes the last dimensions. */
  forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return layerNorm(input, this.normalizedShape, {
      ...present<Affine>({ weight, bias }),
      eps,
    });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `${py(this.normalizedShape)}, eps=${
      pyFloat(this.eps)
    }, elementwise_affine=${py(this.elementwiseAffine)}, bias=${
      py(this.bias !== null)
    }`;
  }
}

/** Options of {@linkcode RMSNorm}. */
export interface RMSNormLayerOptions extends FactoryOptions {
  /** Added to the mean square; the smallest step of the type where null or not given. */
  readonly eps?: number | null;
  /** Whether elements get factors that are trained; true where not given. */
  readonly elementwiseAffine?: boolean;
}

/**
 * Divides the last dimensions, of shape `normalizedShape`, by their root mean
 * square, then multiplies with factors that are trained. See
 * `torch.nn.RMSNorm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.RMSNorm(2, { eps: 0 });
 * assertEquals(layer.call(dg.tensor([[3, 3]])).tolist(), [[1, 1]]);
 * ```
 */
export class RMSNorm extends Module {
  /** The elements' factors, or null. */
  weight: Parameter | null;
  /** The last dimensions. */
  readonly normalizedShape: readonly number[];
  /** Added to the mean square, or null. */
  readonly eps: number | null;
  /** Whether elements have factors. */
  readonly elementwiseAffine: boolean;

  /** Takes the last dimensions, and options. */
  constructor(normalizedShape: Size, options: RMSNormLayerOptions = {}) {
    super();
    const known = ["eps", "elementwiseAffine", ...FACTORY_KEYS];
    checkOptions(options, known, "RMSNorm");
    const shape = lastDimensions(normalizedShape);
    this.normalizedShape = shape;
    this.eps = options.eps ?? null;
    this.elementwiseAffine = options.elementwiseAffine ?? true;
    this.weight = this.elementwiseAffine
      ? new Parameter(ones(shape, factoryOptions(options)))
      : null;
  }

  /** Puts the factors back to where they began. */
  resetParameters(): void {
    resetAffine({ weight: this.weight, bias: null });
  }

  /** Normalizes the last dimensions. */
  forward(input: Tensor): Tensor {
    const { weight, eps } = this;
    return rmsNorm(
      input,
      this.normalizedShape,
      present<{ weight: Tensor; eps: number }>({ weight, eps }),
    );
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `${py(this.normalizedShape)}, eps=${
      pyFloat(this.eps)
    }, elementwise_affine=${py(this.elementwiseAffine)}`;
  }
}

/** Options of {@linkcode GroupNorm}. */
export interface GroupNormLayerOptions extends FactoryOptions {
  /** Added to the variance; 1e-5 where not given. */
  readonly eps?: number;
  /** Whether channels get factors that are trained; true where not given. */
  readonly affine?: boolean;
  /** Whether they also get something added; true where not given. */
  readonly bias?: boolean;
}

/**
 * Gives each group of channels of `[n, c, ...]` mean 0 and variance 1, then
 * each channel a factor and an offset that are trained. See
 * `torch.nn.GroupNorm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.GroupNorm(2, 4);
 * assertEquals(layer.call(dg.ones([1, 4, 3])).sum().item(), 0);
 * ```
 */
export class GroupNorm extends Module {
  /** The channels' factors, or null. */
  weight: Parameter | null;
  /** What is added to the channels, or null. */
  bias: Parameter | null;
  /** Number of groups. */
  readonly numGroups: number;
  /** Number of channels. */
  readonly numChannels: number;
  /** Added to the variance. */
  readonly eps: number;
  /** Whether channels have factors. */
  readonly affine: boolean;

  /** Takes the numbers of groups and channels, and options. */
  constructor(
    numGroups: number,
    numChannels: number,
    options: GroupNormLayerOptions = {},
  ) {
    super();
    const known = ["eps", "affine", "bias", ...FACTORY_KEYS];
    checkOptions(options, known, "GroupNorm");
    if (numChannels % numGroups !== 0) {
      throw new ValueError(
        `num_channels (${numChannels}) must be divisible by num_groups (${numGroups})`,
      );
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = options.eps ?? 1e-5;
    this.affine = options.affine ?? true;
    const made = factoryOptions(options);
    const biased = this.affine && options.bias !== false;
    this.weight = this.affine ? new Parameter(ones(numChannels, made)) : null;
    this.bias = biased ? new Parameter(zeros(numChannels, made)) : null;
  }

  /** Puts factors and offsets back to where they began. */
  resetParameters(): void {
    resetAffine(this);
  }

  /** Normalizes the groups. */
  forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return groupNorm(input, this.numGroups, {
      ...present<Affine>({ weight, bias }),
      eps,
    });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${
      pyFloat(this.eps)
    }, affine=${py(this.affine)}, bias=${py(this.bias !== null)}`;
  }
}

/**
 * Divides each element by a power of the mean square over `size` neighbouring
 * channels. See `torch.nn.LocalResponseNorm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LocalResponseNorm(2, { k: 4, beta: 0.5, alpha: 0 });
 * assertEquals(layer.call(dg.ones([1, 1, 2])).tolist(), [[[0.5, 0.5]]]);
 * ```
 */
export class LocalResponseNorm extends Module {
  /** Number of neighbouring channels. */
  readonly size: number;
  /** Factor of the mean square. */
  readonly alpha: number;
  /** The power. */
  readonly beta: number;
  /** Added to the mean square. */
  readonly k: number;

  /** Takes the number of channels, and `alpha`, `beta` and `k`, 1e-4, 0.75 and 1 where not given. */
  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    checkOptions(options, ["alpha", "beta", "k"], "LocalResponseNorm");
    this.size = size;
    this.alpha = options.alpha ?? 1e-4;
    this.beta = options.beta ?? 0.75;
    this.k = options.k ?? 1;
  }

  /** Normalizes each element. */
  forward(input: Tensor): Tensor {
    const { alpha, beta, k } = this;
    return localResponseNorm(input, this.size, { alpha, beta, k });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `${this.size}, alpha=${pyFloat(this.alpha)}, beta=${
      pyFloat(this.beta)
    }, k=${pyFloat(this.k)}`;
  }
}

/** What norms are given where they have it. */
interface Affine {
  weight: Tensor;
  bias: Tensor;
}

function lastDimensions(size: Size): readonly number[] {
  return typeof size === "number" ? [size] : size;
}

function resetAffine(
  { weight, bias }: { weight: Tensor | null; bias: Tensor | null },
): void {
  noGrad(() => {
    weight?.fill_(1);
    bias?.zero_();
  });
}
