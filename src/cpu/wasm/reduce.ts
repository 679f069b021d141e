// Reductions by vector kernels: finds how the elements of a result lie, cuts
// long ones into pieces of fixed size, whose results are combined in order, and
// so gives the same result however many threads take part.

import type { ReduceKernel, Strided } from "../../tensor/device.ts";
import type { DTypeInfo } from "../../tensor/dtype.ts";
import { blockSize, giveBlock, onShortage, takeBlock } from "../heap.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { launch, NUMBERS, type WasmKernel, WORDS } from "./kernel.ts";
import { BLOCK, OUTER, SCRATCH, WORD } from "./reduce_code.ts";
import { columnKernel, rowKernel } from "./reduce_kernel.ts";
import { TALL } from "./reduce_columns.ts";
import { accumulatorType, GROUP, LANE_BYTES } from "./reduce_lanes.ts";
import { deliver, targetOf } from "./few_results.ts";
import {
  type FoldSignature,
  patternOf,
  signatureOf,
} from "./reduce_pattern.ts";

/** The kernels of one signature, compiled when they are first needed. */
interface Plan {
  readonly signature: FoldSignature;
  /** From elements to what pieces leave behind. */
  readonly piece: FoldSignature;
  /** From that to results. */
  readonly rest: FoldSignature;
  rows: WasmKernel | null;
  columns: WasmKernel | null;
  pieceRows: WasmKernel | null;
  restRows: WasmKernel | null;
  pieceColumns: WasmKernel | null;
  restColumns: WasmKernel | null;
}

const PLANS: Map<number, Plan | null>[] = [];

function makePlan(signature: FoldSignature): Plan {
  const { op, finish, to } = signature;
  const acc = accumulatorType(signature);
  const between = op === "count" ? "i64" : acc;
  return {
    signature,
    piece: { ...signature, finish: "none", to: between },
    rest: {
      op: op === "count" ? "sum" : op,
      map: "none",
      finish,
      from: between,
      to,
      narrow: false,
    },
    rows: null,
    columns: null,
    pieceRows: null,
    restRows: null,
    pieceColumns: null,
    restColumns: null,
  };
}

function planOf(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: DTypeInfo,
  x: DTypeInfo,
): Plan | null {
  const table = PLANS[kernel.id] ??= new Map();
  const key = (compute.code * 10 + out.code) * 10 + x.code;
  let plan = table.get(key);
  if (plan === undefined) {
    const pattern = patternOf(kernel);
    const signature = pattern === null
      ? null
      : signatureOf(pattern, compute, out, x);
    plan = signature === null ? null : makePlan(signature);
    table.set(key, plan);
  }
  return plan;
}

/** Elements of a row's piece. */
const ROW_PIECE = 16384;
/** Elements of the pieces of columns, about. */
const COLUMN_PIECE = 131072;
/** Rows that such a piece is a multiple of: what the kernel takes at once. */
const ROWS = TALL * GROUP;
/** Fewer results than this, and long rows are cut into pieces. */
const FEW = 16;
/** Elements from which threads share the work. */
const GRAIN = 16384;
/** Threads that scratch memory is kept for. */
const MOST_THREADS = 64;

/** Memory for what lies between the two steps, kept for the next call. */
let scratch = 0;
let scratchSize = 0;

/** Address of scratch memory: accumulators of threads first; 0 where there is none. */
function scratchOf(bytes: number): number {
  const size = blockSize(SCRATCH * MOST_THREADS + bytes);
  if (size <= scratchSize) return scratch;
  const pointer = takeBlock(size);
  if (pointer === 0) return 0;
  if (scratch !== 0) giveBlock(scratch, scratchSize);
  scratch = pointer;
  scratchSize = size;
  return pointer;
}

onShortage(() => {
  if (scratch !== 0) giveBlock(scratch, scratchSize);
  scratch = scratchSize = 0;
});

// The dimensions of the current call: lengths and strides, those of the
// results in order, those that are reduced from the largest stride on.
const outerLength = [1, 1, 1, 1];
const outerStride = [0, 0, 0, 0];
const innerLength = [1, 1, 1, 1];
const innerStride = [0, 0, 0, 0];
const MOST_DIMS = 4;

/** Merges the dimensions from `from` to `to` in order; returns how many are left, or -1. */
function gatherOuter(x: Strided, to: number): number {
  let n = 0;
  for (let d = 0; d < to; d++) {
    const length = x.shape[d]!;
    const stride = x.strides[d]!;
    if (length === 1) continue;
    if (stride < 0) return -1;
    if (n > 0 && outerStride[n - 1] === stride * length) {
      outerLength[n - 1]! *= length;
      outerStride[n - 1] = stride;
      continue;
    }
    if (n === MOST_DIMS) return -1;
    outerLength[n] = length;
    outerStride[n++] = stride;
  }
  return n;
}

/** Sorts the dimensions from `from` on by stride and merges them; returns how many are left, or -1. */
function gatherInner(x: Strided, from: number): number {
  let n = 0;
  for (let d = from; d < x.shape.length; d++) {
    const length = x.shape[d]!;
    const stride = x.strides[d]!;
    if (length === 1) continue;
    if (stride <= 0 || n === MOST_DIMS) return -1;
    let at = n++;
    for (; at > 0 && innerStride[at - 1]! < stride; at--) {
      innerLength[at] = innerLength[at - 1]!;
      innerStride[at] = innerStride[at - 1]!;
    }
    innerLength[at] = length;
    innerStride[at] = stride;
  }
  let kept = 0;
  for (let k = 0; k < n; k++) {
    const length = innerLength[k]!;
    const stride = innerStride[k]!;
    if (kept > 0 && innerStride[kept - 1] === stride * length) {
      innerLength[kept - 1]! *= length;
      innerStride[kept - 1] = stride;
    } else {
      innerLength[kept] = length;
      innerStride[kept++] = stride;
    }
  }
  return kept;
}

/** Writes the outer dimensions, the last first, for {@linkcode OUTER} of them. */
function writeOuter(count: number, bytes: number): void {
  for (let k = 0; k < OUTER; k++) {
    const d = count - 1 - k;
    WORDS[WORD.outer + 2 * k] = d >= 0 ? outerLength[d]! : 1;
    WORDS[WORD.outer + 2 * k + 1] = d >= 0 ? outerStride[d]! * bytes : 0;
  }
}

/** Items that make up enough work for one thread. */
function grainOf(perItem: number): number {
  return Math.max(1, Math.ceil(GRAIN / perItem));
}

function runRows(
  plan: Plan,
  pointer: number,
  target: number,
  results: number,
  length: number,
  runs: number,
  runStep: number,
  outer: number,
): boolean {
  const { signature } = plan;
  const bytes = LANE_BYTES[signature.from];
  const cut = runs === 1 && length > 2 * ROW_PIECE && results < FEW;
  const pieces = cut ? Math.ceil(length / ROW_PIECE) : 1;
  let between = target;
  if (cut) {
    between = scratchOf(results * pieces * 8);
    if (between === 0) return false;
    between += SCRATCH * MOST_THREADS;
  }
  WORDS[WORD.x] = pointer;
  WORDS[WORD.out] = between;
  WORDS[WORD.length] = length;
  WORDS[WORD.runs] = runs;
  WORDS[WORD.runStep] = runStep * bytes;
  WORDS[WORD.pieces] = pieces;
  WORDS[WORD.pieceLength] = cut ? ROW_PIECE : length;
  writeOuter(outer, bytes);
  if (!cut) {
    const kernel = plan.rows ??= rowKernel(signature);
    launch(kernel, results, grainOf(length * runs));
    return true;
  }
  const first = plan.pieceRows ??= rowKernel(plan.piece);
  const second = plan.restRows ??= rowKernel(plan.rest);
  launch(first, results * pieces, grainOf(ROW_PIECE));
  WORDS[WORD.x] = between;
  WORDS[WORD.out] = target;
  WORDS[WORD.length] = pieces;
  WORDS[WORD.pieces] = 1;
  WORDS[WORD.pieceLength] = pieces;
  outerLength[0] = results;
  outerStride[0] = pieces;
  writeOuter(1, LANE_BYTES[plan.rest.from]);
  launch(second, results, grainOf(pieces));
  return true;
}

function runColumns(
  plan: Plan,
  pointer: number,
  target: number,
  results: number,
  length: number,
  step: number,
  runs: number,
  runStep: number,
  outer: number,
): boolean {
  const { signature } = plan;
  const bytes = LANE_BYTES[signature.from];
  const width = outerLength[outer - 1]!;
  const perVector = 16 / bytes;
  const rest = plan.rest;
  if (width < perVector || width < 16 / LANE_BYTES[rest.from]) return false;
  const cut = runs === 1 && results < 8192 &&
    length * width > 2 * COLUMN_PIECE;
  const pieceLength = cut
    ? Math.max(Math.floor(COLUMN_PIECE / width / ROWS), 1) * ROWS
    : length;
  const pieces = Math.ceil(length / pieceLength);
  const memory = scratchOf(pieces > 1 ? results * pieces * 8 : 0);
  if (memory === 0) return false;
  const between = memory + SCRATCH * MOST_THREADS;
  const blocks = Math.ceil(Math.ceil(width / perVector) / BLOCK);
  const rows = results / width;
  WORDS[WORD.x] = pointer;
  WORDS[WORD.out] = pieces > 1 ? between : target;
  WORDS[WORD.length] = length;
  WORDS[WORD.step] = step * bytes;
  WORDS[WORD.runs] = runs;
  WORDS[WORD.runStep] = runStep * bytes;
  WORDS[WORD.pieces] = pieces;
  WORDS[WORD.pieceLength] = pieceLength;
  WORDS[WORD.width] = width;
  WORDS[WORD.blocks] = blocks;
  WORDS[WORD.scratch] = memory;
  writeOuter(outer - 1, bytes);
  const perItem = pieceLength * runs * Math.min(width, BLOCK * perVector);
  if (pieces === 1) {
    const kernel = plan.columns ??= columnKernel(signature);
    launch(kernel, rows * blocks, grainOf(perItem));
    return true;
  }
  const first = plan.pieceColumns ??= columnKernel(plan.piece);
  const second = plan.restColumns ??= columnKernel(rest);
  launch(first, rows * pieces * blocks, grainOf(perItem));
  const lanes = 16 / LANE_BYTES[rest.from];
  const restBlocks = Math.ceil(Math.ceil(width / lanes) / BLOCK);
  WORDS[WORD.x] = between;
  WORDS[WORD.out] = target;
  WORDS[WORD.length] = pieces;
  WORDS[WORD.step] = width * LANE_BYTES[rest.from];
  WORDS[WORD.pieces] = 1;
  WORDS[WORD.pieceLength] = pieces;
  WORDS[WORD.blocks] = restBlocks;
  outerLength[0] = rows;
  outerStride[0] = pieces * width;
  writeOuter(1, LANE_BYTES[rest.from]);
  launch(second, rows * restBlocks, grainOf(pieces * BLOCK * lanes));
  return true;
}

/** Reduces as `Device.reduce` does, or returns false where no kernel serves. */
export function wasmReduce(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  rank: number,
): boolean {
  if (x.count < TUNING.reduceLeast || x.count === 0) return false;
  const sx = x.storage as CpuStorage;
  if (sx.pointer === 0) return false;
  const target = targetOf(out);
  if (target === 0) return false;
  const plan = planOf(kernel, compute, out.info, x.info);
  if (plan === null) return false;
  const pointer = sx.pointer + x.offset * x.info.bytes;
  const results = out.count;
  NUMBERS[0] = x.count / results;
  let done: boolean;
  if (results === 1 && x.dense) {
    done = runRows(plan, pointer, target, 1, x.count, 1, 0, 0);
  } else {
    const split = x.shape.length - rank;
    const outer = gatherOuter(x, split);
    let inner = gatherInner(x, split);
    if (inner === 0) {
      // Each result is of one element: a single row of columns where these are
      // neighbours, else rows of one.
      inner = 1;
      innerLength[0] = 1;
      innerStride[0] = outer > 0 && outerStride[outer - 1] === 1 ? 0 : 1;
    }
    if (outer < 0 || inner < 1 || inner > 2) return false;
    const length = innerLength[inner - 1]!;
    const step = innerStride[inner - 1]!;
    const runs = inner === 2 ? innerLength[0]! : 1;
    const runStep = inner === 2 ? innerStride[0]! : 0;
    if (step === 1) {
      if (outer > OUTER) return false;
      done = runRows(
        plan,
        pointer,
        target,
        results,
        length,
        runs,
        runStep,
        outer,
      );
    } else if (outer > 0 && outerStride[outer - 1] === 1) {
      done = runColumns(
        plan,
        pointer,
        target,
        results,
        length,
        step,
        runs,
        runStep,
        outer,
      );
    } else return false;
  }
  if (done) deliver(out);
  return done;
}
