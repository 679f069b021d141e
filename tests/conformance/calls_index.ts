// Calls of ops that gather and scatter.

import { call, type Calls, indices, mask } from "./call.ts";

const ROWS = indices([2, 0, 2]);
const PLACES = indices([[0, 2, 1], [1, 1, 0]]);
const MASK = mask([[1, 0, 1], [0, 1, 1]]);

/** The calls, by op. */
export const INDEX_CALLS: Calls = {
  gather: [
    call([[3, 3]], (x) => x.gather(0, PLACES)),
    call([[2, 3]], (x) => x.gather(1, PLACES)),
  ],
  take: [call([[2, 3]], (x) => x.take(indices([[5, 0], [0, 3]])))],
  scatter: [
    call(
      [[3, 3], [2, 3]],
      (x, y) => x.scatter(0, indices([[0, 2, 1], [1, 0, 0]]), y),
    ),
    call([[3, 3]], (x) => x.scatter(0, PLACES, 2.5)),
  ],
  scatterAdd: [
    call([[3, 3], [2, 3]], (x, y) => x.scatterAdd(0, PLACES, y)),
    call([[2, 4], [2, 3]], (x, y) => x.scatterAdd(1, PLACES, y)),
  ],
  indexSelect: [
    call([[3, 2]], (x) => x.indexSelect(0, ROWS)),
    call([[2, 3]], (x) => x.indexSelect(1, ROWS)),
  ],
  indexAdd: [
    call([[3, 2], [3, 2]], (x, y) => x.indexAdd(0, ROWS, y, { alpha: 2 })),
    call([[2, 3], [2, 3]], (x, y) => x.indexAdd(1, ROWS, y)),
  ],
  indexCopy: [
    call([[3, 2], [2, 2]], (x, y) => x.indexCopy(0, indices([2, 0]), y)),
  ],
  indexFill: [
    call([[3, 2]], (x) => x.indexFill(0, ROWS, 1.5)),
    call([[2, 3], []], (x, y) => x.indexFill(1, ROWS, y)),
  ],
  maskedSelect: [
    call([[2, 3]], (x) => x.maskedSelect(MASK)),
    call([[2, 1]], (x) => x.maskedSelect(mask([1, 0, 1]))),
  ],
  maskedScatter: [
    call([[2, 3], [5]], (x, y) => x.maskedScatter(MASK, y)),
  ],
};
