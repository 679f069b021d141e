// Calls of ops that gather and scatter.

import * as dg from "@dinograd/dinograd";
import { call, type Calls, indices, mask } from "./call.ts";

const rows = () => indices([2, 0, 2]);
const places = () => indices([[0, 2, 1], [1, 1, 0]]);
const chosen = () => mask([[1, 0, 1], [0, 1, 1]]);

/** The calls, by op. */
export const INDEX_CALLS: Calls = {
  gather: [
    call([[3, 3]], (x) => x.gather(0, places())),
    call([[2, 3]], (x) => x.gather(1, places())),
  ],
  take: [call([[2, 3]], (x) => x.take(indices([[5, 0], [0, 3]])))],
  scatter: [
    call(
      [[3, 3], [2, 3]],
      (x, y) => x.scatter(0, indices([[0, 2, 1], [1, 0, 0]]), y),
    ),
    call([[3, 3]], (x) => x.scatter(0, places(), 2.5)),
  ],
  scatterAdd: [
    call([[3, 3], [2, 3]], (x, y) => x.scatterAdd(0, places(), y)),
    call([[2, 4], [2, 3]], (x, y) => x.scatterAdd(1, places(), y)),
  ],
  indexSelect: [
    call([[3, 2]], (x) => x.indexSelect(0, rows())),
    call([[2, 3]], (x) => x.indexSelect(1, rows())),
  ],
  indexAdd: [
    call([[3, 2], [3, 2]], (x, y) => x.indexAdd(0, rows(), y, { alpha: 2 })),
    call([[2, 3], [2, 3]], (x, y) => x.indexAdd(1, rows(), y)),
  ],
  indexCopy: [
    call([[3, 2], [2, 2]], (x, y) => x.indexCopy(0, indices([2, 0]), y)),
  ],
  indexFill: [
    call([[3, 2]], (x) => x.indexFill(0, rows(), 1.5)),
    call([[2, 3], []], (x, y) => x.indexFill(1, rows(), y)),
  ],
  maskedSelect: [
    call([[2, 3]], (x) => x.maskedSelect(chosen())),
    call([[2, 1]], (x) => x.maskedSelect(mask([1, 0, 1]))),
  ],
  maskedScatter: [
    call([[2, 3], [5]], (x, y) => x.maskedScatter(chosen(), y)),
  ],
  put: [
    call([[2, 3], [2]], (x, y) => x.put(indices([4, 1]), y)),
    call(
      [[2, 3], [3]],
      (x, y) => x.put(indices([4, 1, 4]), y, { accumulate: true }),
    ),
  ],
  index: [
    call([[3, 2]], (x) => x.at(rows())),
    call([[2, 3]], (x) => x.at(":", rows())),
    call([[3, 2, 3]], (x) => x.at(indices([0, 2]), ":", indices([1, 1]))),
    call([[2, 3]], (x) => x.at(chosen())),
  ],
  indexPut: [
    call([[3, 2], [2]], (x, y) => x.indexPut([indices([0, 2])], y)),
    call(
      [[3, 2], [3, 2]],
      (x, y) => x.indexPut([rows()], y, { accumulate: true }),
    ),
    call([[3, 2], [2]], (x, y) => {
      const copy = x.clone();
      copy.setAt_([indices([0, 2]), 1], y);
      return copy;
    }),
  ],
  scatterReduce: (["sum", "prod", "mean", "amax", "amin"] as const).flatMap(
    (reduce) => [
      call(
        [[3, 3], [2, 3]],
        (x, y) => x.scatterReduce(0, places(), y, reduce),
      ),
      call(
        [[3, 3], [2, 3]],
        (x, y) =>
          x.scatterReduce(0, places(), y, reduce, { includeSelf: false }),
      ),
    ],
  ),
  indexReduce: (["prod", "mean", "amax", "amin"] as const).flatMap(
    (reduce) => [
      call(
        [[3, 2], [3, 2]],
        (x, y) => dg.indexReduce(x, 0, rows(), y, reduce),
      ),
      call(
        [[3, 2], [3, 2]],
        (x, y) =>
          dg.indexReduce(x, 0, rows(), y, reduce, { includeSelf: false }),
      ),
    ],
  ),
  // Without a derivative: there is nothing to call.
  bincount: [],
  histc: [],
  histogram: [],
  rowOrder: [],
  unique: [],
  uniqueConsecutive: [],
};
