// The two kernels of reductions: along rows, where the elements of a result
// are neighbours, and along columns, where neighbours belong to different
// results. Both read each cache line once, in order.

import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import { compileKernel, NUMBERS_AT, type WasmKernel } from "./kernel.ts";
import {
  accumulatorType,
  LANE_BYTES,
  type Lanes,
  lanesFor,
  SCALARS,
} from "./reduce_lanes.ts";
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
const THREAD = 63;

/** Bytes of accumulators that a thread needs for a column kernel, at most. */
export const SCRATCH: number = 256 * 16 * 4;

/** Dimensions outside of those that are reduced, at most. */
export const OUTER = 3;

/** Vectors of neighbours that one item of a column kernel takes. */
export const BLOCK = 256;

/** Vectors that are combined before the accumulators see them. */
const GROUP = 8;

/** Pops an accumulator and stores the finished result at the address below it. */
function finishAndStore(f: FunctionBuilder, s: FoldSignature): void {
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

/** Variables that hold the arguments; only those that were asked for are read. */
function loadWords<K extends keyof typeof WORD>(
  f: FunctionBuilder,
  names: readonly K[],
): Record<K, number> {
  const out = {} as Record<K, number>;
  for (const name of names) {
    out[name] = f.local(I32);
    f.get(0).memory("i32.load", 4 * WORD[name]).set(out[name]);
  }
  return out;
}

/** Adds to `pointer` where result number `rest` starts; uses `rest` up. */
function addOuter(
  f: FunctionBuilder,
  rest: number,
  quotient: number,
  pointer: number,
): void {
  for (let d = 0; d < OUTER; d++) {
    const at = 4 * (WORD.outer + 2 * d);
    f.get(rest).if();
    f.get(rest).get(0).memory("i32.load", at).op("i32.div_u").set(quotient);
    f.get(rest).get(quotient).get(0).memory("i32.load", at).op("i32.mul")
      .op("i32.sub").get(0).memory("i32.load", at + 4).op("i32.mul");
    f.get(pointer).op("i32.add").set(pointer).get(quotient).set(rest).end();
  }
}

/** Pushes `a + b * constant`. */
function offset(
  f: FunctionBuilder,
  a: number,
  b: number,
  scale: number,
): FunctionBuilder {
  return f.get(a).get(b).i32(scale).op("i32.mul").op("i32.add");
}

/** Repeats while `at` is not at `end`. */
function until(
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
function advance(f: FunctionBuilder, variable: number, by: number): void {
  f.get(variable).i32(by).op("i32.add").set(variable);
}

/** Combines several elements per result from neighbours. Items are the results. */
function rows(s: FoldSignature): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32]);
  const lanes = lanesFor(f, s);
  const accumulators = Array.from(
    { length: lanes.count },
    () => f.local(V128),
  );
  const w = loadWords(f, [
    "x",
    "out",
    "length",
    "runs",
    "runStep",
    "pieces",
    "pieceLength",
  ]);
  const [row, piece, p, count, run, q, stop, quotient] = Array.from(
    { length: 8 },
    () => f.local(I32),
  ) as [number, number, number, number, number, number, number, number];
  const { bytes } = lanes;
  const perVector = 16 / bytes;
  until(f, 1, 2, () => {
    f.get(1).get(w.pieces).op("i32.div_u").tee(row);
    f.get(w.pieces).op("i32.mul").set(piece);
    f.get(1).get(piece).op("i32.sub").get(w.pieceLength).op("i32.mul");
    f.set(piece);
    offset(f, w.x, piece, bytes).set(p);
    f.get(w.length).get(piece).op("i32.sub").tee(count);
    f.get(w.pieceLength).get(count).get(w.pieceLength).op("i32.lt_u");
    f.op("select").set(count);
    addOuter(f, row, quotient, p);
    for (const a of accumulators) lanes.start(), f.set(a);
    f.i32(0).set(run);
    until(f, run, w.runs, () => {
      f.get(p).set(q);
      const end = (multiple: number) => {
        f.get(p).get(count).i32(-multiple).op("i32.and");
        f.i32(bytes).op("i32.mul").op("i32.add").set(stop);
      };
      end(GROUP * perVector);
      until(f, q, stop, () => {
        group(f, lanes, accumulators, GROUP, (k) => {
          f.get(q);
          if (k > 0) f.i32(16 * k).op("i32.add");
        });
        advance(f, q, 16 * GROUP);
      });
      end(perVector);
      until(f, q, stop, () => {
        group(f, lanes, accumulators, 1, () => f.get(q));
        advance(f, q, 16);
      });
      end(1);
      until(f, q, stop, () => {
        lanes.single(() => f.get(q));
        lanes.absorb(0, accumulators);
        advance(f, q, bytes);
      });
      f.get(p).get(w.runStep).op("i32.add").set(p);
      advance(f, run, 1);
    });
    for (let k = 1; k < accumulators.length; k++) {
      f.get(accumulators[0]!).get(accumulators[k]!);
      lanes.join();
      f.set(accumulators[0]!);
    }
    offset(f, w.out, 1, LANE_BYTES[s.to]);
    across(f, lanes, accumulators[0]!);
    finishAndStore(f, s);
    advance(f, 1, 1);
  });
  return f;
}

/** Pushes the lanes of an accumulator, combined. */
function across(f: FunctionBuilder, lanes: Lanes, accumulator: number): void {
  for (let width = 8; width >= LANE_BYTES[lanes.acc]; width /= 2) {
    f.get(accumulator).get(accumulator).get(accumulator);
    f.shuffle(Array.from({ length: 16 }, (_, k) => (k + width) % 16));
    lanes.join();
    f.set(accumulator);
  }
  f.get(accumulator);
  const type = lanes.acc;
  if (type === "u8") f.lane("i32x4", 0).i32(255).op("i32.and");
  else {
    f.lane(
      ({ f32: "f32x4", f64: "f64x2", i32: "i32x4", i64: "i64x2" } as const)[
        type
      ],
      0,
    );
  }
}

/** Combines vectors at several addresses with the accumulators. */
function group(
  f: FunctionBuilder,
  lanes: Lanes,
  accumulators: readonly number[],
  size: number,
  address: (k: number) => void,
): void {
  const addresses = Array.from({ length: size }, (_, k) => () => address(k));
  for (let part = 0; part < lanes.parts; part++) {
    lanes.merged(addresses, part);
    lanes.absorb(part, accumulators);
  }
}

/**
 * Adds whole rows to a row of accumulators. Items are blocks of neighbours; the
 * last vector of a row may overlap the one before it, with accumulators of its own.
 */
function columns(s: FoldSignature): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32]);
  const lanes = lanesFor(f, s);
  const accumulators = Array.from(
    { length: lanes.count },
    () => f.local(V128),
  );
  const w = loadWords(f, [
    "x",
    "out",
    "length",
    "step",
    "runs",
    "runStep",
    "pieces",
    "pieceLength",
    "width",
    "blocks",
    "scratch",
  ]);
  const local = () => f.local(I32);
  const [rest, block, piece, outer, p, q] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const [first, vectors, count, run, quotient, acc] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const [place, own, column, v] = [local(), local(), local(), local()];
  const pointers = Array.from({ length: GROUP }, local);
  const { bytes } = lanes;
  const perVector = 16 / bytes;
  const accBytes = 16 * lanes.count;

  /** Pushes the first column of vector `v` of this block: the last one overlaps. */
  const columnOf = () => {
    f.get(first).get(v).op("i32.add").i32(perVector).op("i32.mul").tee(column);
    f.get(w.width).i32(perVector).op("i32.sub").tee(quotient);
    f.get(column).get(quotient).op("i32.lt_u").op("select").tee(column);
  };
  /** For each vector of the block: takes accumulators out, absorbs `size` rows, puts them back. */
  const sweep = (size: number) => {
    f.get(own).set(acc).i32(0).set(v);
    until(f, v, vectors, () => {
      columnOf();
      f.i32(bytes).op("i32.mul").set(place);
      accumulators.forEach((a, k) =>
        f.get(acc).memory("v128.load", 16 * k).set(a)
      );
      group(
        f,
        lanes,
        accumulators,
        size,
        (k) => f.get(pointers[k]!).get(place).op("i32.add"),
      );
      accumulators.forEach((a, k) =>
        f.get(acc).get(a).memory("v128.store", 16 * k)
      );
      advance(f, acc, accBytes);
      advance(f, v, 1);
    });
    for (let k = 0; k < size; k++) {
      f.get(q).get(w.step).op("i32.add").set(q);
    }
  };

  until(f, 1, 2, () => {
    f.get(1).get(w.blocks).op("i32.div_u").set(rest);
    f.get(1).get(rest).get(w.blocks).op("i32.mul").op("i32.sub").set(block);
    f.get(rest).get(w.pieces).op("i32.div_u").set(outer);
    f.get(rest).get(outer).get(w.pieces).op("i32.mul").op("i32.sub");
    f.get(w.pieceLength).op("i32.mul").set(piece);
    // Where this item's part of the results starts: [outer, piece, width].
    f.get(rest).get(w.width).op("i32.mul").set(rest);
    f.get(w.x).get(piece).get(w.step).op("i32.mul").op("i32.add").set(p);
    f.get(w.length).get(piece).op("i32.sub").tee(count);
    f.get(w.pieceLength).get(count).get(w.pieceLength).op("i32.lt_u");
    f.op("select").set(count);
    addOuter(f, outer, quotient, p);
    f.get(block).i32(BLOCK).op("i32.mul").set(first);
    f.get(w.width).i32(perVector - 1).op("i32.add").i32(perVector);
    f.op("i32.div_u").get(first).op("i32.sub").tee(vectors).i32(BLOCK);
    f.get(vectors).i32(BLOCK).op("i32.lt_u").op("select").set(vectors);
    f.get(w.scratch).get(0).memory("i32.load", 4 * THREAD).i32(
      BLOCK * accBytes,
    );
    f.op("i32.mul").op("i32.add").tee(own).set(acc);
    f.i32(0).set(v);
    until(f, v, vectors, () => {
      for (let k = 0; k < lanes.count; k++) {
        f.get(acc);
        lanes.start();
        f.memory("v128.store", 16 * k);
      }
      advance(f, acc, accBytes);
      advance(f, v, 1);
    });
    f.i32(0).set(run);
    until(f, run, w.runs, () => {
      f.get(p).set(q).get(count).set(piece);
      f.block().loop().get(piece).i32(GROUP).op("i32.lt_u").brIf(1);
      pointers.forEach((r, k) =>
        k === 0
          ? f.get(q).set(r)
          : f.get(pointers[k - 1]!).get(w.step).op("i32.add").set(r)
      );
      sweep(GROUP);
      advance(f, piece, -GROUP);
      f.br(0).end().end();
      f.block().loop().get(piece).op("i32.eqz").brIf(1);
      f.get(q).set(pointers[0]!);
      sweep(1);
      advance(f, piece, -1);
      f.br(0).end().end();
      f.get(p).get(w.runStep).op("i32.add").set(p);
      advance(f, run, 1);
    });
    f.get(own).set(acc).i32(0).set(v);
    until(f, v, vectors, () => {
      columnOf();
      f.get(rest).op("i32.add").i32(LANE_BYTES[s.to]).op("i32.mul");
      f.get(w.out).op("i32.add").set(place);
      for (let k = 0; k < perVector; k++) {
        if (k > 0) advance(f, place, LANE_BYTES[s.to]);
        f.get(place).get(acc);
        const at = k * LANE_BYTES[lanes.acc];
        if (lanes.acc === "u8") f.memory("i32.load8_u", at);
        else f.memory(`${lanes.acc}.load`, at);
        finishAndStore(f, s);
      }
      advance(f, acc, accBytes);
      advance(f, v, 1);
    });
    advance(f, 1, 1);
  });
  return f;
}

const ROWS = new Map<string, WasmKernel>();
const COLUMNS = new Map<string, WasmKernel>();

function cached(
  table: Map<string, WasmKernel>,
  s: FoldSignature,
  build: (s: FoldSignature) => FunctionBuilder,
): WasmKernel {
  const key = `${s.op} ${s.map} ${s.finish} ${s.from} ${s.to} ${s.narrow}`;
  let kernel = table.get(key);
  if (kernel === undefined) {
    table.set(key, kernel = compileKernel({ run: build(s) }));
  }
  return kernel;
}

/** The kernel along rows. */
export function rowKernel(s: FoldSignature): WasmKernel {
  return cached(ROWS, s, rows);
}

/** The kernel along columns. */
export function columnKernel(s: FoldSignature): WasmKernel {
  return cached(COLUMNS, s, columns);
}
