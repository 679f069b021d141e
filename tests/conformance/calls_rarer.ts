// Calls of ops that programs call more rarely: distances, writing through
// views, and a few that stand alone.

import * as dg from "@dinograd/dinograd";
import { call, type Calls } from "./call.ts";

/** The calls, by op. */
export const RARER_CALLS: Calls = {
  cdist: [
    ...[1, 1.5, 2, 3, Infinity].map((p) =>
      call([[3, 2], [4, 2]], (x, y) => dg.cdist(x, y, { p }))
    ),
    call([[2, 3, 2], [2, 2]], (x, y) => dg.cdist(x, y)),
  ],
  euclideanDist: [
    call(
      [[3, 2], [4, 2]],
      (x, y) => dg.cdist(x, y, { computeMode: "use_mm_for_euclid_dist" }),
    ),
    call(
      [[2, 3, 2], [2, 2]],
      (x, y) => dg.cdist(x, y, { computeMode: "use_mm_for_euclid_dist" }),
    ),
  ],
  pdist: [
    ...[1, 1.5, 2, 3, Infinity].map((p) =>
      call([[4, 2]], (x) => dg.pdist(x, { p }))
    ),
  ],
  frexp: [call([[4]], (x) => x.frexp().mantissa)],
  selectScatter: [
    call([[3, 4], [4]], (x, y) => x.selectScatter(y, 0, 1)),
    call([[3, 4], [3]], (x, y) => x.selectScatter(y, -1, -1)),
  ],
  diagonalScatter: [
    call([[3, 4], [3]], (x, y) => x.diagonalScatter(y)),
    call([[3, 4], [2]], (x, y) => x.diagonalScatter(y, { offset: 2 })),
  ],
  sliceScatter: [
    call([[3, 4], [3, 2]], (x, y) => x.sliceScatter(y, 1, { step: 2 })),
    call([[5], [2]], (x, y) => x.sliceScatter(y, 0, { start: -2 })),
  ],
  blockDiag: [
    call([[2, 3], [2], []], (x, y, z) => dg.blockDiag([x, y, z])),
  ],
  renorm: [
    ...[1, 2, 3].map((p) => call([[3, 4]], (x) => x.renorm(p, 0, 1.5))),
    call([[2, 3, 2]], (x) => x.renorm(2, 1, 2)),
  ],
};
