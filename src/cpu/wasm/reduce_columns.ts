// The kernel of reductions along columns, where neighbours belong to different
// results. It reads each cache line once, in order.

import { loadWords } from "./argument_words.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  addOuter,
  advance,
  BLOCK,
  finishAndStore,
  group,
  THREAD,
  until,
  WORD,
} from "./reduce_code.ts";
import { GROUP, LANE_BYTES, lanesFor } from "./reduce_lanes.ts";
import type { FoldSignature } from "./reduce_pattern.ts";

/** Vectors of neighbours that a turn of the inner loop takes. */
const WIDE = 4;
/** Groups of rows whose sums are added up in float32 before accumulators see them. */
export const TALL = 4;

/**
 * Adds whole rows to a row of accumulators. Items are blocks of neighbours; the
 * last vector of a row may overlap the one before it, with accumulators of its own.
 */
export function columns(s: FoldSignature): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32]);
  const lanes = lanesFor(f, s);
  const accumulators = Array.from(
    { length: lanes.count },
    () => f.local(V128),
  );
  const w = loadWords(f, WORD, [
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
  const [turns, down, back] = [local(), local(), local()];
  const [restAcc, restV] = [local(), local()];
  const partial = Array.from({ length: WIDE }, () => f.local(V128));
  const pointers = Array.from({ length: GROUP }, local);
  const moving = Array.from({ length: GROUP }, local);
  const { bytes } = lanes;
  const perVector = 16 / bytes;
  const accBytes = 16 * lanes.count;

  /** Pushes the first column of vector `v` of this block: the last one overlaps. */
  const columnOf = () => {
    f.get(first).get(v).op("i32.add").i32(perVector).op("i32.mul").tee(column);
    f.get(w.width).i32(perVector).op("i32.sub").tee(quotient);
    f.get(column).get(quotient).op("i32.lt_u").op("select").tee(column);
  };
  /** Several vectors at a time, up to the last one, which may overlap. */
  const sweepWide = (size: number) => {
    f.block().loop();
    f.get(v).i32(WIDE).op("i32.add").get(vectors).op("i32.ge_s").brIf(1);
    for (let u = 0; u < WIDE; u++) {
      accumulators.forEach((a, k) =>
        f.get(acc).memory("v128.load", u * accBytes + 16 * k).set(a)
      );
      group(lanes, accumulators, size, (k) => {
        f.get(moving[k]!);
        return 16 * u;
      });
      accumulators.forEach((a, k) =>
        f.get(acc).get(a).memory("v128.store", u * accBytes + 16 * k)
      );
    }
    moving.slice(0, size).forEach((at) => advance(f, at, 16 * WIDE));
    advance(f, acc, WIDE * accBytes);
    advance(f, v, WIDE);
    f.br(0).end().end();
  };
  /** The same for {@linkcode TALL} groups of rows, which takes accumulators out less often. */
  const sweepTall = () => {
    f.get(w.step).i32(GROUP).op("i32.mul").set(down);
    f.i32(16 * WIDE).get(down).i32(TALL).op("i32.mul").op("i32.sub").set(back);
    f.block().loop();
    f.get(v).i32(WIDE).op("i32.add").get(vectors).op("i32.ge_s").brIf(1);
    for (const sum of partial) f.i32x4(0).set(sum);
    f.i32(TALL).set(turns).loop();
    partial.forEach((sum, u) => {
      f.get(sum);
      lanes.merged(moving.map((at) => () => (f.get(at), 16 * u)), 0);
      f.simd("f32x4.add").set(sum);
    });
    for (const at of moving) f.get(at).get(down).op("i32.add").set(at);
    f.get(turns).i32(1).op("i32.sub").tee(turns).brIf(0).end();
    partial.forEach((sum, u) => {
      accumulators.forEach((a, k) =>
        f.get(acc).memory("v128.load", u * accBytes + 16 * k).set(a)
      );
      f.get(sum);
      lanes.absorb(0, accumulators);
      accumulators.forEach((a, k) =>
        f.get(acc).get(a).memory("v128.store", u * accBytes + 16 * k)
      );
    });
    for (const at of moving) f.get(at).get(back).op("i32.add").set(at);
    advance(f, acc, WIDE * accBytes);
    advance(f, v, WIDE);
    f.br(0).end().end();
  };
  /** Vector after vector, to the last one of the block, which may overlap. */
  const sweepRest = (size: number) =>
    until(f, v, vectors, () => {
      columnOf();
      f.i32(bytes).op("i32.mul").set(place);
      accumulators.forEach((a, k) =>
        f.get(acc).memory("v128.load", 16 * k).set(a)
      );
      group(
        lanes,
        accumulators,
        size,
        (k) => {
          f.get(pointers[k]!).get(place).op("i32.add");
          return 0;
        },
      );
      accumulators.forEach((a, k) =>
        f.get(acc).get(a).memory("v128.store", 16 * k)
      );
      advance(f, acc, accBytes);
      advance(f, v, 1);
    });
  const startMoving = (size: number) =>
    moving.slice(0, size).forEach((at, k) => {
      f.get(pointers[k]!).get(first).i32(16).op("i32.mul").op("i32.add");
      f.set(at);
    });
  /** For each vector of the block: takes accumulators out, absorbs `size` rows, puts them back. */
  const sweep = (size: number) => {
    f.get(own).set(acc).i32(0).set(v);
    if (size > 1) {
      startMoving(size);
      sweepWide(size);
    }
    sweepRest(size);
    f.get(w.step).i32(size).op("i32.mul").get(q).op("i32.add").set(q);
  };
  /** The same for {@linkcode TALL} groups of rows. */
  const sweepAll = () => {
    f.get(own).set(acc).i32(0).set(v);
    startMoving(GROUP);
    sweepTall();
    f.get(acc).set(restAcc).get(v).set(restV);
    f.i32(TALL).set(turns).loop();
    f.get(restAcc).set(acc).get(restV).set(v);
    sweepRest(GROUP);
    for (const at of pointers) f.get(at).get(down).op("i32.add").set(at);
    f.get(turns).i32(1).op("i32.sub").tee(turns).brIf(0).end();
    f.get(down).i32(TALL).op("i32.mul").get(q).op("i32.add").set(q);
  };
  /** Repeats while `size` rows are left. */
  const whileLeft = (size: number, body: () => void) => {
    f.block().loop().get(piece).i32(size).op("i32.lt_u").brIf(1);
    body();
    advance(f, piece, -size);
    f.br(0).end().end();
  };
  const startPointers = () =>
    pointers.forEach((r, k) =>
      k === 0
        ? f.get(q).set(r)
        : f.get(pointers[k - 1]!).get(w.step).op("i32.add").set(r)
    );

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
      if (lanes.most > GROUP) {
        whileLeft(TALL * GROUP, () => {
          startPointers();
          sweepAll();
        });
      }
      whileLeft(GROUP, () => {
        startPointers();
        sweep(GROUP);
      });
      whileLeft(1, () => {
        f.get(q).set(pointers[0]!);
        sweep(1);
      });
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
