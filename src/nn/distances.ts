// Layers that compare two tensors.

import {
  cosineSimilarity,
  type CosineSimilarityOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "../tensor/ops/similarity.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/**
 * The cosine of the angle between vectors along a dimension, 1 where not given.
 * See `torch.nn.CosineSimilarity`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.CosineSimilarity();
 * const x = dg.tensor([[3, 4]]);
 * assertEquals(layer.call(x, dg.tensor([[4, -3]])).tolist(), [0]);
 * ```
 */
export class CosineSimilarity extends Module {
  /** The dimension of the vectors. */
  readonly dim: number;
  /** Smallest length that counts. */
  readonly eps: number;

  /** Takes the dimension, and `eps`, 1e-8 where not given. */
  constructor(dim = 1, options: CosineSimilarityOptions = {}) {
    super();
    checkOptions(options, ["eps"], "CosineSimilarity");
    this.dim = dim;
    this.eps = options.eps ?? 1e-8;
  }

  /** Computes the cosines. */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, { eps: this.eps });
  }
}

/**
 * The norm of the difference of vectors along the last dimension. See
 * `torch.nn.PairwiseDistance`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.PairwiseDistance({ p: 1, eps: 0 });
 * const x = dg.tensor([[3, 4]]);
 * assertEquals(layer.call(x, dg.tensor([[1, 1]])).tolist(), [5]);
 * ```
 */
export class PairwiseDistance extends Module {
  /** Order of the norm. */
  readonly norm: number;
  /** Added to the differences. */
  readonly eps: number;
  /** Whether the last dimension stays, with length 1. */
  readonly keepdim: boolean;

  /** Takes `p`, `eps` and `keepdim`; 2, 1e-6 and false where not given. */
  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    checkOptions(options, ["p", "eps", "keepdim"], "PairwiseDistance");
    this.norm = options.p ?? 2;
    this.eps = options.eps ?? 1e-6;
    this.keepdim = options.keepdim ?? false;
  }

  /** Computes the distances. */
  forward(x1: Tensor, x2: Tensor): Tensor {
    const { norm, eps, keepdim } = this;
    return pairwiseDistance(x1, x2, { p: norm, eps, keepdim });
  }
}
