// Losses with a margin: of rankings and distances.

import { RuntimeError, ValueError } from "../errors.ts";
import { checkReduction, type LossOptions, reduceLoss } from "../loss_op.ts";
import { checkOptions, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of losses with a margin. */
export interface MarginLossOptions extends LossOptions {
  /** Distance that is to be kept. */
  readonly margin?: number;
}

/**
 * For a target of 1 the distance itself, for -1 what it lacks to `margin`, 1
 * where not given. See `torch.nn.functional.hinge_embedding_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const loss = F.hingeEmbeddingLoss(dg.tensor([2, 0.5]), dg.tensor([1, -1]));
 * assertEquals(loss.item(), 1.25);
 * ```
 */
export function hingeEmbeddingLoss(
  x: Tensor,
  target: Tensor,
  options: MarginLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "margin"], "hingeEmbeddingLoss");
  const { margin = 1 } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  const lacking = x.neg().add(margin).clampMin(0);
  const far = lacking.where(target.ne(1), 0);
  const near = x.where(target.ne(-1), 0);
  return reduceLoss(far.add(near), reduction);
}

/**
 * What the first of two scores lacks to lie `margin` above the second where
 * the target is 1, below it where it is -1. See
 * `torch.nn.functional.margin_ranking_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const [x, y] = [dg.tensor([1, 2]), dg.tensor([3, 1])];
 * assertEquals(F.marginRankingLoss(x, y, dg.tensor([1, 1])).item(), 1);
 * ```
 */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "margin"], "marginRankingLoss");
  const { margin = 0 } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  const rank = target.shape.length;
  if (input1.shape.length !== rank || input2.shape.length !== rank) {
    throw new RuntimeError(
      `marginRankingLoss : All input tensors should have same dimension but got sizes: input1: ${
        showShape(input1.shape)
      }, input2: ${showShape(input2.shape)}, target: ${
        showShape(target.shape)
      } `,
    );
  }
  const losses = target.neg().mul(input1.sub(input2)).add(margin).clampMin(0);
  return reduceLoss(losses, reduction);
}

/**
 * One minus the cosine of the angle between rows where the target is 1; what
 * it exceeds `margin` by where it is -1. See
 * `torch.nn.functional.cosine_embedding_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const [x, y] = [dg.tensor([[1, 0]]), dg.tensor([[0, 1]])];
 * const loss = F.cosineEmbeddingLoss(x, y, dg.tensor([1]));
 * assertEquals(loss.item(), 1);
 * ```
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "margin"], "cosineEmbeddingLoss");
  const { margin = 0 } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  const rank = target.shape.length;
  if (rank > 1) {
    throw new RuntimeError(
      "0D or 1D target tensor expected, multi-target not supported",
    );
  }
  if (input1.shape.length !== rank + 1 || input2.shape.length !== rank + 1) {
    throw new RuntimeError(
      `${rank}D target tensor expects ${
        rank + 1
      }D input tensors, but found inputs with sizes ${
        showShape(input1.shape)
      } and ${showShape(input2.shape)}.`,
    );
  }
  const EPSILON = 1e-12;
  const product = input1.mul(input2).sum(rank);
  const first = input1.mul(input1).sum(rank).add(EPSILON);
  const second = input2.mul(input2).sum(rank).add(EPSILON);
  const cosine = product.div(first.mul(second).sqrt());
  const near = cosine.neg().add(1).where(target.eq(1), 0);
  const far = cosine.sub(margin).clampMin(0).where(target.eq(-1), 0);
  return reduceLoss(near.add(far), reduction);
}

/** Options of {@linkcode tripletMarginLoss}. */
export interface TripletMarginLossOptions extends MarginLossOptions {
  /** Order of the norm; 2 where not given. */
  readonly p?: number;
  /** Added to each difference; 1e-6 where not given. */
  readonly eps?: number;
  /** Whether the distance from positive to negative counts where it is the smaller one. */
  readonly swap?: boolean;
}

/**
 * What the distance of an anchor from a negative example lacks to exceed that
 * from a positive one by `margin`, 1 where not given. See
 * `torch.nn.functional.triplet_margin_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const [anchor, far] = [dg.zeros([1, 2]), dg.tensor([[3, 4]])];
 * const loss = F.tripletMarginLoss(anchor, anchor, far);
 * assertEquals(loss.item(), 0);
 * ```
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  const known = ["reduction", "margin", "p", "eps", "swap"];
  checkOptions(options, known, "tripletMarginLoss");
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  if (!(margin > 0)) {
    throw new ValueError(`margin must be greater than 0, got ${margin}`);
  }
  const [a, b, c] = [anchor, positive, negative].map((x) => x.shape.length);
  if (a !== b || b !== c) {
    throw new RuntimeError(
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${a}D, positive ${b}D, and negative ${c}D inputs`,
    );
  }
  const distance = (x: Tensor, y: Tensor) => x.sub(y).add(eps).norm(-1, { p });
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = far.minimum(distance(positive, negative));
  return reduceLoss(near.add(margin).sub(far).clampMin(0), reduction);
}
