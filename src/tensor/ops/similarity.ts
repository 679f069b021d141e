// Lengths of vectors, and how near they are to each other.

import { RuntimeError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { resultInfo } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { lastNorm } from "./norm.ts";

/** Options of {@linkcode normalize}. */
export interface NormalizeOptions {
  /** Order of the norm; 2 where not given. */
  readonly p?: number;
  /** The least length that is divided by; 1e-12 where not given. */
  readonly eps?: number;
}

/**
 * Divides the vectors along a dimension by their norm. See
 * `torch.nn.functional.normalize`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[4, 0], [0, 0]]);
 * assertEquals(dg.nn.functional.normalize(x).tolist(), [[1, 0], [0, 0]]);
 * ```
 */
export function normalize(
  x: Tensor,
  dim = 1,
  options: NormalizeOptions = {},
): Tensor {
  checkOptions(options, ["p", "eps"], "normalize");
  const { p = 2, eps = 1e-12 } = options;
  const norm = x.norm(dim, { p, keepdim: true });
  return x.div(norm.clampMin(eps).expandAs(x));
}

/** Options of {@linkcode cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The least length that is divided by; 1e-8 where not given. */
  readonly eps?: number;
}

/** The length along a dimension, at least `eps`; its derivative does not see the bound. */
function length(x: Tensor, dim: number, eps: number): Tensor {
  const norm = x.norm(dim, { keepdim: true }).clone();
  unrecorded(() => norm.detach().clampMin_(eps));
  return norm;
}

/**
 * Computes the cosine of the angle between vectors along a dimension; the
 * tensors broadcast. See `torch.nn.functional.cosine_similarity`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[2, 0], [0, 3]]);
 * assertEquals(dg.cosineSimilarity(x, dg.tensor([[1, 0]])).tolist(), [1, 0]);
 * ```
 */
export function cosineSimilarity(
  x: Tensor,
  y: Tensor,
  dim = 1,
  options: CosineSimilarityOptions = {},
): Tensor {
  checkOptions(options, ["eps"], "cosineSimilarity");
  const common = resultInfo(x, y);
  if (common.category === 3) {
    throw new RuntimeError(
      `expected common dtype to be floating point, yet common dtype is ${common.scalarName}`,
    );
  }
  const { eps = 1e-8 } = options;
  const p = x.expand(x.add(y.detach()).shape);
  const q = y.expand(p.shape);
  return p.div(length(p, dim, eps)).mul(q.div(length(q, dim, eps))).sum(dim);
}

/** Options of {@linkcode pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** Order of the norm; 2 where not given. */
  readonly p?: number;
  /** Added to each difference; 1e-6 where not given. */
  readonly eps?: number;
  /** Keeps the last dimension with length one. */
  readonly keepdim?: boolean;
}

/**
 * Computes the distance between vectors along the last dimension; the tensors
 * broadcast. See `torch.nn.functional.pairwise_distance`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, 0], [0, 0]]);
 * const y = dg.tensor([[0, 4], [0, 7]]);
 * const distance = dg.pairwiseDistance(x, y, { eps: 0 });
 * assertEquals(distance.tolist(), [5, 7]);
 * ```
 */
export function pairwiseDistance(
  x: Tensor,
  y: Tensor,
  options: PairwiseDistanceOptions = {},
): Tensor {
  checkOptions(options, ["p", "eps", "keepdim"], "pairwiseDistance");
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  return lastNorm(x.sub(y).add(eps), p, keepdim);
}
