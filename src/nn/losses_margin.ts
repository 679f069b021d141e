// Losses with margins.

import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginLossOptions,
  marginRankingLoss,
  tripletMarginLoss,
  type TripletMarginLossOptions,
} from "../tensor/ops/losses_margin.ts";
import {
  multilabelMarginLoss,
  multiMarginLoss,
} from "../tensor/ops/losses_multi_margin.ts";
import { softMarginLoss } from "../tensor/ops/losses_binary.ts";
import {
  tripletMarginWithDistanceLoss,
  type TripletMarginWithDistanceLossOptions,
} from "../tensor/ops/losses_distance.ts";
import { ValueError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { PairwiseDistance } from "./distances.ts";
import {
  Loss,
  type LossLayerOptions,
  WeightedLoss,
  type WeightedLossLayerOptions,
} from "./loss.ts";
import { present } from "./norm_batch.ts";

/**
 * How far the inputs are from the order that the target, 1 or -1, wants. See
 * `torch.nn.MarginRankingLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.MarginRankingLoss();
 * const [a, b] = [dg.tensor([1]), dg.tensor([3])];
 * assertEquals(loss.call(a, b, dg.ones(1)).item(), 2);
 * ```
 */
export class MarginRankingLoss extends Loss<MarginLossOptions> {
  /** How far apart they should be. */
  readonly margin: number;

  /** Takes the options. */
  constructor(options: MarginLossOptions = {}) {
    super(options, ["margin"]);
    this.margin = options.margin ?? 0;
  }

  /** Computes the loss. */
  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    const { reduction, margin } = this;
    return marginRankingLoss(input1, input2, target, { reduction, margin });
  }
}

/**
 * The input where the target is 1, and where it is -1 what lacks to the margin.
 * See `torch.nn.HingeEmbeddingLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.HingeEmbeddingLoss();
 * assertEquals(loss.call(dg.tensor([3, 0.5]), dg.tensor([1, -1])).item(), 1.75);
 * ```
 */
export class HingeEmbeddingLoss extends Loss<MarginLossOptions> {
  /** How far dissimilar ones should be apart. */
  readonly margin: number;

  /** Takes the options. */
  constructor(options: MarginLossOptions = {}) {
    super(options, ["margin"]);
    this.margin = options.margin ?? 1;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, margin } = this;
    return hingeEmbeddingLoss(input, target, { reduction, margin });
  }
}

/**
 * One minus the cosine where the target is 1, and where it is -1 what the
 * cosine has above the margin. See `torch.nn.CosineEmbeddingLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.CosineEmbeddingLoss();
 * const [a, b] = [dg.tensor([[3, 4]]), dg.tensor([[4, -3]])];
 * assertEquals(loss.call(a, b, dg.ones(1)).item(), 1);
 * ```
 */
export class CosineEmbeddingLoss extends Loss<MarginLossOptions> {
  /** Which cosine is small enough. */
  readonly margin: number;

  /** Takes the options. */
  constructor(options: MarginLossOptions = {}) {
    super(options, ["margin"]);
    this.margin = options.margin ?? 0;
  }

  /** Computes the loss. */
  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    const { reduction, margin } = this;
    return cosineEmbeddingLoss(input1, input2, target, { reduction, margin });
  }
}

/**
 * `log(1 + exp(-target * input))`, for targets 1 and -1. See
 * `torch.nn.SoftMarginLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.SoftMarginLoss();
 * assertEquals(loss.call(dg.tensor([200]), dg.ones(1)).item(), 0);
 * ```
 */
export class SoftMarginLoss extends Loss<LossLayerOptions> {
  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * A hinge loss over several classes for each row. See
 * `torch.nn.MultiLabelMarginLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.MultiLabelMarginLoss();
 * const target = dg.tensor([[0, -1]], { dtype: "int64" });
 * assertEquals(loss.call(dg.tensor([[1, 0.5]]), target).item(), 0.25);
 * ```
 */
export class MultiLabelMarginLoss extends Loss<LossLayerOptions> {
  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * How much farther, up to a margin, the anchor is from the positive example
 * than from the negative one. See `torch.nn.TripletMarginLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.TripletMarginLoss({ eps: 0 });
 * const [a, p, n] = [dg.tensor([[0]]), dg.tensor([[3]]), dg.tensor([[1]])];
 * assertEquals(loss.call(a, p, n).item(), 3);
 * ```
 */
export class TripletMarginLoss extends Loss<TripletMarginLossOptions> {
  /** How much farther it should be. */
  readonly margin: number;
  /** Order of the norm. */
  readonly p: number;
  /** Added to the differences. */
  readonly eps: number;
  /** Whether the distance from positive to negative counts where it is smaller. */
  readonly swap: boolean;

  /** Takes the options. */
  constructor(options: TripletMarginLossOptions = {}) {
    super(options, ["margin", "p", "eps", "swap"]);
    this.margin = options.margin ?? 1;
    this.p = options.p ?? 2;
    this.eps = options.eps ?? 1e-6;
    this.swap = options.swap ?? false;
  }

  /** Computes the loss. */
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { reduction, margin, p, eps, swap } = this;
    return tripletMarginLoss(anchor, positive, negative, {
      reduction,
      margin,
      p,
      eps,
      swap,
    });
  }
}

/** Options of {@linkcode MultiMarginLoss}. */
export interface MultiMarginLossLayerOptions extends WeightedLossLayerOptions {
  /** The power, 1 or 2; 1 where not given. */
  readonly p?: number;
  /** How far the right class should be ahead; 1 where not given. */
  readonly margin?: number;
}

/**
 * A hinge loss over the classes of each row, of which one is right. See
 * `torch.nn.MultiMarginLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.MultiMarginLoss();
 * const target = dg.tensor([0], { dtype: "int64" });
 * assertEquals(loss.call(dg.tensor([[1, 0.5]]), target).item(), 0.25);
 * ```
 */
export class MultiMarginLoss extends WeightedLoss<MultiMarginLossLayerOptions> {
  /** The power. */
  readonly p: number;
  /** How far the right class should be ahead. */
  readonly margin: number;

  /** Takes the options. */
  constructor(options: MultiMarginLossLayerOptions = {}) {
    super(options, ["p", "margin"]);
    this.p = options.p ?? 1;
    this.margin = options.margin ?? 1;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, p, margin, weight } = this;
    return multiMarginLoss(input, target, {
      reduction,
      p,
      margin,
      ...present<{ weight: Tensor }>({ weight }),
    });
  }
}

/**
 * {@linkcode TripletMarginLoss} with a distance of one's own. See
 * `torch.nn.TripletMarginWithDistanceLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.TripletMarginWithDistanceLoss({
 *   distanceFunction: (x, y) => x.sub(y).abs().sum(-1),
 * });
 * const [a, p, n] = [dg.tensor([[0]]), dg.tensor([[3]]), dg.tensor([[1]])];
 * assertEquals(loss.call(a, p, n).item(), 3);
 * ```
 */
export class TripletMarginWithDistanceLoss
  extends Loss<TripletMarginWithDistanceLossOptions> {
  /** The distance: a function, or the module where none was given. */
  readonly distanceFunction:
    | PairwiseDistance
    | ((x: Tensor, y: Tensor) => Tensor);
  /** How much farther the negative example should be. */
  readonly margin: number;
  /** Whether the distance from positive to negative counts where it is smaller. */
  readonly swap: boolean;

  /** Takes `distanceFunction`, `margin` and `swap`. */
  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    super(options, ["distanceFunction", "margin", "swap"]);
    this.distanceFunction = options.distanceFunction ?? new PairwiseDistance();
    this.margin = options.margin ?? 1;
    this.swap = options.swap ?? false;
    if (this.margin <= 0) {
      throw new ValueError(
        `TripletMarginWithDistanceLoss: expected margin to be greater than 0, got ${this.margin} instead`,
      );
    }
  }

  /** Computes the loss. */
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction: distance, margin, swap, reduction } = this;
    return tripletMarginWithDistanceLoss(anchor, positive, negative, {
      distanceFunction: distance instanceof PairwiseDistance
        ? (x, y) => distance.call(x, y)
        : distance,
      margin,
      swap,
      reduction,
    });
  }
}
