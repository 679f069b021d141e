// What the kernels of reductions along rows and along columns share: their
// arguments, loops over outer dimensions, groups of vectors, finished results.

import type { FunctionBuilder } from "./emitter.ts";
import { NUMBERS_AT } from "./kernel.ts";
import { accumulatorType, type Lanes } from "./reduce_lanes.ts";
import type { FoldSignature, LaneType } from "./reduce_pattern.ts";

/** Places of the arguments among the words. */
export const WORD = {
  /** First element. */
  x: 0,
  /** First result. */
  out: 1,
  /** Elements per result and run. */
  length: 2,
  /** Bytes between two of them; columns only. */
  step: 3,
  /** Runs per result. */
  runs: 4,
  /** Bytes between two runs. */
  runStep: 5,
  /** Pieces that a run is cut into, each with a result of its own. */
  pieces: 6,
  /** Elements of a piece. */
  pieceLength: 7,
  /** Neighbours that belong to different results; columns only. */
  width: 8,
  /** Blocks that these neighbours are cut into. */
  blocks: 9,
  /** Memory for accumulators; columns only. */
  scratch: 10,
  /** Length and bytes between neighbours of three outer dimensions, the last first. */
  outer: 11,
} as const;

/** Place of the thread's number among the words. */
export const THREAD = 63;

/** Bytes of accumulators that a thread needs for a column kernel, at most. */
export const SCRATCH: number = 256 * 16 * 4;

/** Dimensions outside of those that are reduced, at most. */
export const OUTER = 3;

/** Vectors of neighbours that one item of a column kernel takes. */
export const BLOCK = 256;

/** Pops an accumulator and stores the finished result at the address below it. */
export function finishAndStore(f: FunctionBuilder, s: FoldSignature): void {
  const acc = accumulatorType(s);
  let type: LaneType = acc;
  if (s.op === "count" && acc === "i32") {
    f.op("i64.extend_i32_u");
    type = "i64";
  }
  if (s.finish === "sqrt" || s.finish === "mean") {
    toDouble(f, type);
    type = "f64";
    if (s.finish === "sqrt") f.op("f64.sqrt");
    else f.get(0).memory("f64.load", NUMBERS_AT).op("f64.div");
  } else if (s.finish !== "none") {
    toDouble(f, type);
    if (s.finish === "any") f.f64(0).op("f64.ne");
    else f.get(0).memory("f64.load", NUMBERS_AT).op("f64.eq");
    f.memory("i32.store8");
    return;
  }
  convert(f, type, s.to);
  if (s.to === "u8") f.memory("i32.store8");
  else f.memory(`${s.to}.store`);
}

function toDouble(f: FunctionBuilder, type: LaneType): void {
  if (type === "f32") f.op("f64.promote_f32");
  else if (type === "i64") f.op("f64.convert_i64_s");
  else if (type !== "f64") f.op("f64.convert_i32_s");
}

function convert(f: FunctionBuilder, from: LaneType, to: LaneType): void {
  if (from === to) return;
  if (to === "f64") toDouble(f, from);
  else if (to === "f32") {
    toDouble(f, from);
    if (from !== "f32") f.op("f32.demote_f64");
  } else if (from === "i64") f.op("i32.wrap_i64");
  else if (to === "i64") f.op("i64.extend_i32_s");
}

/** Adds to `pointer` where result number `rest` starts; uses `rest` up. */
export function addOuter(
  f: FunctionBuilder,
  rest: number,
  quotient: number,
  pointer: number,
): void {
  for (let d = 0; d < OUTER; d++) {
    const at = 4 * (WORD.outer + 2 * d);
    const length = () => f.get(0).memory("i32.load", at);
    const stride = () => f.get(0).memory("i32.load", at + 4);
    const step = () => f.op("i32.mul").get(pointer).op("i32.add").set(pointer);
    f.get(rest).if();
    // Mostly so, and addresses need not wait for a division.
    length().get(rest).op("i32.gt_u").if();
    f.get(rest);
    stride();
    step();
    f.i32(0).set(rest).else();
    f.get(rest);
    length().op("i32.div_u").set(quotient);
    f.get(rest).get(quotient);
    length().op("i32.mul").op("i32.sub");
    stride();
    step();
    f.get(quotient).set(rest).end().end();
  }
}

/** Pushes `a + b * constant`. */
export function offset(
  f: FunctionBuilder,
  a: number,
  b: number,
  scale: number,
): FunctionBuilder {
  return f.get(a).get(b).i32(scale).op("i32.mul").op("i32.add");
}

/** Repeats while `at` is not at `end`. */
export function until(
  f: FunctionBuilder,
  at: number,
  end: number,
  body: () => void,
): void {
  f.block().loop().get(at).get(end).op("i32.eq").brIf(1);
  body();
  f.br(0).end().end();
}

/** Adds a constant to a variable. */
export function advance(
  f: FunctionBuilder,
  variable: number,
  by: number,
): void {
  f.get(variable).i32(by).op("i32.add").set(variable);
}

/** Combines vectors at several addresses with the accumulators. */
export function group(
  lanes: Lanes,
  accumulators: readonly number[],
  size: number,
  address: (k: number) => number,
): void {
  const addresses = Array.from({ length: size }, (_, k) => () => address(k));
  if (lanes.whole !== null && size > 1) {
    lanes.whole(addresses, accumulators);
    return;
  }
  for (let part = 0; part < lanes.parts; part++) {
    lanes.merged(addresses, part);
    lanes.absorb(part, accumulators);
  }
}
