// Calls of losses and normalisations.

import * as dg from "@dinograd/dinograd";
import { call, type Calls, indices } from "./call.ts";

const F = dg.nn.functional;
const { tensor } = dg;

/** Numbers between 0 and 1. */
const inside = (x: dg.Tensor) =>
  x.nanToNum({ posinf: 9, neginf: -9 }).sigmoid();
/** A weight of the type of `x`. */
const factors = (x: dg.Tensor) => tensor([0.5, 1.5, 0.75], { dtype: x.dtype });

/** The calls, by op. */
export const LOSS_CALLS: Calls = {
  mseLoss: [
    call([[2, 3], [2, 3]], (x, y) => F.mseLoss(x, y)),
    call([[2, 3], [3]], (x, y) => F.mseLoss(x, y, { reduction: "none" })),
    call([[], []], (x, y) => F.mseLoss(x, y, { reduction: "sum" })),
  ],
  smoothL1Loss: [
    call([[2, 3], [2, 3]], (x, y) => F.smoothL1Loss(x, y)),
    call(
      [[4], [4]],
      (x, y) => F.smoothL1Loss(x, y, { reduction: "none", beta: 0.4 }),
    ),
  ],
  huberLoss: [
    call([[2, 3], [2, 3]], (x, y) => F.huberLoss(x, y)),
    call(
      [[4], [4]],
      (x, y) => F.huberLoss(x, y, { reduction: "none", delta: 0.4 }),
    ),
  ],
  binaryCrossEntropy: [
    call(
      [[2, 3], [2, 3]],
      (x, y) => F.binaryCrossEntropy(inside(x), inside(y)),
    ),
    call(
      [[2, 3], [2, 3]],
      (x, y) =>
        F.binaryCrossEntropy(inside(x), inside(y), {
          weight: factors(x),
          reduction: "none",
        }),
    ),
  ],
  binaryCrossEntropyWithLogits: [
    call([[2, 3], [2, 3]], (x, y) => F.binaryCrossEntropyWithLogits(x, y)),
    call([[2, 3], [2, 3]], (x, y) =>
      F.binaryCrossEntropyWithLogits(x, y, {
        weight: factors(x),
        reduction: "sum",
      })),
    call(
      [[2, 3], [2, 3]],
      (x, y) => F.binaryCrossEntropyWithLogits(x, y, { posWeight: factors(x) }),
    ),
    call([[2, 3], [2, 3]], (x, y) =>
      F.binaryCrossEntropyWithLogits(x, y, {
        posWeight: factors(x),
        weight: factors(x),
        reduction: "none",
      })),
  ],
  softMarginLoss: [
    call(
      [[2, 3]],
      (x) => F.softMarginLoss(x, tensor([1, -1, 1], { dtype: x.dtype })),
    ),
  ],
  multiMarginLoss: [
    call([[2, 3]], (x) => F.multiMarginLoss(x, indices([2, 0]))),
    call([[2, 3]], (x) =>
      F.multiMarginLoss(x, indices([2, 0]), {
        p: 2,
        weight: factors(x),
        reduction: "none",
      })),
    call([[3]], (x) => F.multiMarginLoss(x, indices([1]), { p: 2 })),
  ],
  multilabelMarginLoss: [
    call(
      [[2, 3]],
      (x) => F.multilabelMarginLoss(x, indices([[0, 2, -1], [1, -1, 0]])),
    ),
    call(
      [[3]],
      (x) =>
        F.multilabelMarginLoss(x, indices([2, -1, 0]), { reduction: "sum" }),
    ),
  ],
  nllLoss: [
    call([[2, 3]], (x) => F.nllLoss(x, indices([2, 0]))),
    call([[2, 3]], (x) =>
      F.nllLoss(x, indices([2, -100]), {
        weight: factors(x),
        reduction: "none",
      })),
    call([[3]], (x) => F.nllLoss(x, indices([1]).reshape([]))),
    call(
      [[3]],
      (x) =>
        F.nllLoss(x, indices([1]).reshape([]), {
          weight: factors(x),
          reduction: "none",
        }),
    ),
    call(
      [[2, 3, 2]],
      (x) => F.nllLoss(x, indices([[1, 0], [2, 1]]), { weight: factors(x) }),
    ),
    call(
      [[2, 3, 1, 2]],
      (x) => F.nllLoss(x, indices([[1, 0], [2, 1]]).unsqueeze(1)),
    ),
  ],
  crossEntropy: [
    call([[2, 3]], (x) =>
      F.crossEntropy(x, indices([2, 0]), {
        labelSmoothing: 0.1,
        weight: factors(x),
      })),
    call([[2, 3], [2, 3]], (x, y) => F.crossEntropy(x, y)),
    call([[2, 3]], (x) => {
      // Large enough for the kernel that does both steps at once.
      const many = x.unsqueeze(2).expand([-1, -1, 2731]).mul(
        dg.arange(2731).mul(0.001).to(x.dtype),
      );
      const rows = many.reshape([2, -1]);
      return F.crossEntropy(rows, indices([5, 7]));
    }),
  ],
  layerNorm: [
    call([[2, 3]], (x) => F.layerNorm(x, 3)),
    call(
      [[2, 3, 2], [3, 2], [3, 2]],
      (x, weight, bias) => F.layerNorm(x, [3, 2], { weight, bias }),
    ),
    call([[2, 3], [3]], (x, bias) => F.layerNorm(x, 3, { bias })),
    call([[2, 3], [3]], (x, weight) => F.layerNorm(x, 3, { weight, eps: 0.1 })),
  ],
  batchNorm: [
    call(
      [[4, 3]],
      (x) => F.batchNorm(x, null, null, { training: true, eps: 0.1 }),
    ),
    call(
      [[2, 3, 2], [3], [3]],
      (x, weight, bias) =>
        F.batchNorm(x, null, null, { training: true, weight, bias }),
    ),
    call(
      [[2, 3, 2], [3]],
      (x, bias) => F.batchNorm(x, null, null, { training: true, bias }),
    ),
    call(
      [[2, 3, 2], [3], [3]],
      (x, weight, bias) =>
        F.batchNorm(x, factors(x), factors(x), { weight, bias }),
    ),
    call(
      [[2, 3]],
      (x) => F.batchNorm(x, factors(x), factors(x)),
    ),
  ],
  groupNorm: [
    call([[2, 4, 2]], (x) => F.groupNorm(x, 2)),
    call(
      [[2, 4, 2], [4], [4]],
      (x, weight, bias) => F.groupNorm(x, 2, { weight, bias }),
    ),
    call([[2, 4, 2], [4]], (x, bias) => F.groupNorm(x, 1, { bias })),
  ],
};
