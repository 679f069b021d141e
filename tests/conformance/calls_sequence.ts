// Calls of losses of sequences, bags of rows and grids.

import * as dg from "@dinograd/dinograd";
import { call, type Calls, indices } from "./call.ts";

const F = dg.nn.functional;
const labels = () => indices([[1, 2], [2, 2]]);
const bags = () => indices([[0, 2, 2], [3, 1, 0]]);

/** Points within the image, not on the border between elements. */
const inside = (x: dg.Tensor) => x.nanToNum().tanh().mul(0.61).add(0.03);

/** The calls, by op. */
export const SEQUENCE_CALLS: Calls = {
  ctcLoss: [
    call(
      [[4, 2, 3]],
      (x) => F.ctcLoss(x.logSoftmax(2), labels(), [4, 3], [2, 1]),
    ),
    call(
      [[3, 2, 3]],
      (x) =>
        F.ctcLoss(x.logSoftmax(2), labels(), [3, 2], [1, 0], {
          reduction: "none",
        }),
    ),
  ],
  embeddingBag: [
    call([[4, 2]], (w) => F.embeddingBag(bags(), w)),
    call(
      [[4, 2], [2, 3]],
      (w, perSampleWeights) =>
        F.embeddingBag(bags(), w, { mode: "sum", perSampleWeights }),
    ),
  ],
  gridSample: [
    call([[1, 2, 3, 2], [1, 2, 1, 2]], (x, g) => F.gridSample(x, inside(g))),
    call(
      [[1, 1, 2, 2, 3], [1, 1, 2, 1, 3]],
      (x, g) =>
        F.gridSample(x, inside(g), {
          paddingMode: "border",
          alignCorners: true,
        }),
    ),
  ],
  affineGrid: [call([[1, 2, 3]], (x) => F.affineGrid(x, [1, 1, 2, 3]))],
};
