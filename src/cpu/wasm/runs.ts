// Starting kernels that do runs (`perItem`): what they find among the words, and
// how much of it is worth a thread's while. What a kernel does is not known here.

import { OUTER, WORD } from "./copy_kernel.ts";
import { launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Elements of a piece of a long run. */
export const PIECE = 16384;

/** Items that make up enough work for one thread. */
export function grainOf(perItem: number): number {
  return Math.max(1, Math.ceil(PIECE / perItem));
}

/**
 * Writes the dimensions outside of a run, which is the last one: lengths, and
 * strides in elements of so many bytes. The dimension `skip` is left out.
 */
export function writeOuter(
  shape: readonly number[],
  xStrides: readonly number[],
  xBytes: number,
  outStrides: readonly number[],
  outBytes: number,
  skip: number,
): void {
  let outer = 0;
  for (let d = shape.length - 2; d >= 0; d--) {
    if (d === skip) continue;
    const at = WORD.outer + 3 * outer++;
    WORDS[at] = shape[d]!;
    WORDS[at + 1] = xStrides[d]! * xBytes;
    WORDS[at + 2] = outStrides[d]! * outBytes;
  }
  for (; outer < OUTER; outer++) WORDS[WORD.outer + 3 * outer] = 1;
}

/** Writes the arguments of runs of `length` elements and starts their pieces. */
export function launchRuns(
  kernel: WasmKernel,
  from: number,
  to: number,
  length: number,
  xStep: number,
  outStep: number,
  runs: number,
): void {
  const pieces = Math.ceil(length / PIECE);
  WORDS[WORD.x] = from;
  WORDS[WORD.out] = to;
  WORDS[WORD.length] = length;
  WORDS[WORD.xStep] = xStep;
  WORDS[WORD.outStep] = outStep;
  WORDS[WORD.pieces] = pieces;
  WORDS[WORD.pieceLength] = PIECE;
  launch(kernel, pieces * runs, grainOf(Math.min(length, PIECE)));
}

/** The same of one run, without outer dimensions. */
export function launchRun(
  kernel: WasmKernel,
  from: number,
  to: number,
  count: number,
  xStep: number,
  outStep: number,
): void {
  WORDS[WORD.outer] = 1;
  launchRuns(kernel, from, to, count, xStep, outStep, 1);
}
