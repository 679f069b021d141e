// Rows along the last dimension, each cut into pieces that a workgroup walks:
// the numbers of such a kernel and how its text begins. What is done with the
// elements is not known here.

import type { Strided } from "../tensor/device.ts";
import { word, WORDS } from "./program.ts";
import { printIndex, putMerged, type Stepped } from "./walk.ts";

/** Numbers of the call, as the text names them. */
export const ROW: Readonly<
  Record<"length" | "step" | "out" | "beside", string>
> = {
  /** Elements of a row. */
  length: word(0),
  /** From an element of a row to the next one. */
  step: word(5),
  /** Offset of the result. */
  out: word(6),
  /** Offset of what lies beside it: a second result, or what an earlier kernel left. */
  beside: word(7),
};

/** Rows in pieces, ready to be walked. */
export interface PieceWalk {
  /** Dimensions of the rows, after merging; the text depends on it. */
  readonly rank: number;
  /** How many numbers there are so far. */
  readonly words: number;
  /** Pieces of all rows: workgroups to launch. */
  readonly pieces: number;
  /**
   * Prints the first lines of a body: `task` counts pieces, `piece` those of its
   * `row`; the elements are those from `begin` to `end`, none of them where
   * `inside` is false, and lie `ROW.step` apart from `base` on.
   */
  readonly print: () => string;
}

/** The one operand whose dimensions are merged. */
const WALKED: Stepped[] = [];

/** Puts the numbers of a call on `rows` rows of `n` elements in place. */
export function putPieces(
  x: Strided,
  out: Strided,
  beside: Strided | null,
  rows: number,
  pieces: number,
  n: number,
): PieceWalk {
  let w = 0;
  WORDS[w++] = n;
  WORDS[w++] = Math.ceil(n / pieces);
  WORDS[w++] = pieces;
  WORDS[w++] = rows;
  WORDS[w++] = x.offset;
  const { shape, strides } = x;
  const last = Math.max(shape.length - 1, 0);
  WORDS[w++] = strides[last] ?? 0;
  WORDS[w++] = out.offset;
  WORDS[w++] = beside?.offset ?? 0;
  const at = w;
  WALKED[0] = x;
  const rank = putMerged(shape, 0, last, WALKED, at);
  WALKED.pop();
  return {
    rank,
    words: at + 2 * rank,
    pieces: rows * pieces,
    print: () =>
      `let task = i32(flat);
let inside = task < ${word(3)} * ${word(2)};
let row = select(0, task / ${word(2)}, inside);
let piece = task % ${word(2)};
let begin = piece * ${word(1)};
let end = select(begin, min(${ROW.length}, begin + ${word(1)}), inside);
var base = ${word(4)};
${printIndex("row", at, rank, ["base"])}`,
  };
}
