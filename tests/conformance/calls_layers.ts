// Calls of padding, windows as columns, tables, pixels and sizes.

import * as dg from "@dinograd/dinograd";
import { call, type Calls, indices } from "./call.ts";

const F = dg.nn.functional;
const rows = () => indices([[0, 2], [2, 1]]);

/** The calls, by op. */
export const LAYER_CALLS: Calls = {
  constantPadNd: [
    call([[2, 3]], (x) => F.pad(x, [1, -1, 2, 0])),
    call([[2, 3]], (x) => F.pad(x, [0, 2], { value: 3 })),
  ],
  reflectionPad1d: [
    call([[2, 4]], (x) => F.pad(x, [3, 1], { mode: "reflect" })),
    call([[2, 4]], (x) => F.pad(x, [-2, 3], { mode: "reflect" })),
  ],
  reflectionPad2d: [
    call([[1, 3, 3]], (x) => F.pad(x, [1, 2, 2, 1], { mode: "reflect" })),
  ],
  reflectionPad3d: [
    call(
      [[1, 2, 2, 2]],
      (x) => F.pad(x, [1, 0, 1, 1, 0, 1], { mode: "reflect" }),
    ),
  ],
  replicationPad1d: [
    call([[2, 3]], (x) => F.pad(x, [2, 1], { mode: "replicate" })),
    call([[2, 3]], (x) => F.pad(x, [-1, 4], { mode: "replicate" })),
  ],
  replicationPad2d: [
    call([[1, 2, 3]], (x) => F.pad(x, [1, 2, 3, 1], { mode: "replicate" })),
  ],
  replicationPad3d: [
    call(
      [[1, 2, 1, 2]],
      (x) => F.pad(x, [1, 0, 1, 1, 0, 1], { mode: "replicate" }),
    ),
  ],
  circularPad: [
    call([[2, 3]], (x) => F.pad(x, [2, 1], { mode: "circular" })),
    call([[1, 3, 2]], (x) => F.pad(x, [1, 1, 2, 0], { mode: "circular" })),
  ],
  im2col: [
    call([[1, 3, 4]], (x) => F.unfold(x, 2)),
    call(
      [[2, 4, 3]],
      (x) => F.unfold(x, [2, 1], { padding: 1, stride: 2, dilation: 2 }),
    ),
  ],
  col2im: [
    call([[4, 6]], (x) => F.fold(x, [3, 4], 2)),
    call([[4, 6]], (x) => F.fold(x, [2, 1], 2, { padding: 1 })),
  ],
  embedding: [
    call([[3, 2]], (x) => F.embedding(rows(), x)),
    // The row without a gradient is not used: its derivative would be a lie.
    call([[4, 2]], (x) => F.embedding(rows(), x, { paddingIdx: -1 })),
  ],
  pixelShuffle: [call([[4, 1, 2]], (x) => F.pixelShuffle(x, 2))],
  pixelUnshuffle: [call([[1, 2, 4]], (x) => F.pixelUnshuffle(x, 2))],
  glu: [call([[2, 4]], (x) => F.glu(x)), call([[2, 3]], (x) => F.glu(x, 0))],
  prelu: [call([[2, 3], [3]], (x, w) => F.prelu(x, w))],
  linear: [
    call([[2, 3], [2, 3], [2]], (x, w, bias) => F.linear(x, w, { bias })),
    call([[3], [2, 3]], (x, w) => F.linear(x, w)),
  ],
  normalize: [call([[2, 3]], (x) => F.normalize(x, 0))],
  cosineSimilarity: [
    call([[2, 3], [1, 3]], (x, y) => F.cosineSimilarity(x, y)),
  ],
  pairwiseDistance: [
    call([[2, 3], [3]], (x, y) => F.pairwiseDistance(x, y, { p: 3 })),
  ],
  interpolate: [
    ...(["nearest", "nearest-exact", "linear"] as const).map((mode) =>
      call([[1, 2, 3]], (x) => F.interpolate(x, { size: 5, mode }))
    ),
    ...([false, true] as const).flatMap((antialias) =>
      (["bilinear", "bicubic"] as const).map((mode) =>
        call(
          [[1, 1, 3, 4]],
          (x) => F.interpolate(x, { size: [5, 2], mode, antialias }),
        )
      )
    ),
    call([[1, 1, 2, 3]], (x) => F.interpolate(x, { scaleFactor: 1.5 })),
    call(
      [[1, 1, 2, 3]],
      (x) => F.interpolate(x, { scaleFactor: 1.5, mode: "nearest-exact" }),
    ),
    ...(["nearest", "nearest-exact", "trilinear"] as const).map((mode) =>
      call(
        [[1, 1, 2, 1, 2]],
        (x) => F.interpolate(x, { size: [3, 2, 1], mode }),
      )
    ),
  ],
};
