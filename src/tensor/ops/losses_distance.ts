// The triplet loss with a distance of one's own.

import { ValueError } from "../errors.ts";
import type { LossOptions } from "../loss_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pairwiseDistance } from "./similarity.ts";

/** Options of {@linkcode tripletMarginWithDistanceLoss}. */
export interface TripletMarginWithDistanceLossOptions extends LossOptions {
  /** The distance of two tensors; that of `pairwiseDistance` where not given. */
  readonly distanceFunction?: ((x: Tensor, y: Tensor) => Tensor) | null;
  /** How much farther the negative example should be; 1 where not given. */
  readonly margin?: number;
  /** Whether the distance from positive to negative counts where it is smaller. */
  readonly swap?: boolean;
}

/**
 * The triplet loss with a distance of one's own: how much farther, up to a
 * margin, the anchor is from the positive example than from the negative one.
 * See `torch.nn.functional.triplet_margin_with_distance_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, p, n] = [dg.tensor([[0]]), dg.tensor([[3]]), dg.tensor([[1]])];
 * const options = { distanceFunction: (x: dg.Tensor, y: dg.Tensor) => x.sub(y).abs().sum(-1) };
 * const F = dg.nn.functional;
 * assertEquals(F.tripletMarginWithDistanceLoss(a, p, n, options).item(), 3);
 * ```
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceLossOptions = {},
): Tensor {
  const known = ["distanceFunction", "margin", "swap", "reduction"];
  checkOptions(options, known, "tripletMarginWithDistanceLoss");
  const { margin = 1, swap = false, reduction = "mean" } = options;
  const distance = options.distanceFunction ??
    ((x: Tensor, y: Tensor) => pairwiseDistance(x, y));
  if (margin <= 0) {
    throw new ValueError(`margin must be greater than 0, got ${margin}`);
  }
  if (!["none", "mean", "sum"].includes(reduction)) {
    throw new ValueError(`${reduction} is not a valid value for reduction`);
  }
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = far.minimum(distance(positive, negative));
  const losses = near.sub(far).add(margin).clamp({ min: 0 });
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}
