// Small and thin products: tiles are summed straight from the operands, whose
// packing would cost more than it saves.

import { MOST_THREADS } from "../threads.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import {
  add,
  advance,
  assign,
  count,
  define,
  div,
  min,
  mul,
  num,
  push,
  readWords,
  rem,
  repeat,
  sub,
  threadNumber,
} from "./gemm_code.ts";
import { type Matrices, packRight } from "./gemm.ts";
import { scratch } from "./gemm_scratch.ts";
import {
  clearTile,
  type FloatType,
  makeTile,
  stepTile,
  storeTile,
  tileRows,
} from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Steps after which sums go to memory, so that rounding errors stay small. */
const DEPTH = 256;
/** The same where rows of the right operand lie far apart, so that they are read ahead. */
const SHALLOW = 32;
/** Bytes between rows from which on they lie far apart. */
const FAR = 1024;
/** Steps that are written out. */
const UNROLL = 4;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 18;
/** Bytes for a tile that is cut off. */
const SPARE = 256;

/** An item is a tile; those below each other follow each other. */
function directKernel(type: FloatType, most: number): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aRow", "aStep", "b", "bBatch"] as const,
    ...["bStep", "bStrip", "out", "outBatch", "outRow"] as const,
    ...["m", "n", "k", "high", "tiles", "spare", "depth"] as const,
  ]);
  const spare = define(f, add(w.spare, mul(threadNumber, num(SPARE))));
  const item = f.local(I32);
  const place = define(f, rem(1, w.tiles));
  const batch = f.local(I32);
  const column = f.local(I32);
  const row = f.local(I32);
  const left = f.local(I32);
  const right = f.local(I32);
  const out = f.local(I32);
  const at = f.local(I32);
  const length = f.local(I32);
  const steps = f.local(I32);
  const rows = f.local(I32);
  const columns = f.local(I32);
  const from = Array.from({ length: most }, () => f.local(I32));
  const tile = makeTile(f, most);
  const step = (): void => {
    stepTile(
      f,
      type,
      tile,
      (r) => {
        f.get(from[r]!);
        return 0;
      },
      right,
      0,
    );
    for (const address of from) advance(f, address, w.aStep);
    advance(f, right, w.bStep);
  };
  const one = (): void => {
    assign(f, left, add(w.a, mul(batch, w.aBatch)));
    advance(f, left, mul(row, num(most), w.aRow));
    assign(f, right, add(w.b, mul(batch, w.bBatch), mul(column, w.bStrip)));
    assign(f, out, add(w.out, mul(batch, w.outBatch)));
    advance(f, out, mul(row, num(most), w.outRow));
    advance(f, out, mul(column, num(type.columns * type.bytes)));
    assign(f, rows, min(num(most), sub(w.m, mul(row, num(most)))));
    assign(f, columns, sub(w.n, mul(column, num(type.columns))));
    assign(f, columns, min(num(type.columns), columns));
    // Rows that do not exist repeat the last one.
    from.forEach((address, r) => {
      assign(f, address, left);
      if (r === 0) return;
      push(f, (g) => void g.i32(r).get(rows).op("i32.lt_s")).if();
      advance(f, left, w.aRow);
      assign(f, address, left);
      f.end();
    });
    // The operands of this stretch of the depth.
    for (const address of from) advance(f, address, mul(at, w.aStep));
    advance(f, right, mul(at, w.bStep));
    clearTile(f, tile);
    assign(f, steps, div(length, num(UNROLL)));
    repeat(f, steps, () => {
      for (let u = 0; u < UNROLL; u++) step();
    });
    assign(f, steps, rem(length, num(UNROLL)));
    repeat(f, steps, step);
    const place = { out, pitch: w.outRow, adds: at, rows, columns, spare };
    storeTile(f, type, tile, place);
    advance(f, row, num(1));
    f.get(row).get(w.high).op("i32.eq").if();
    assign(f, row, num(0));
    advance(f, column, num(1));
    push(f, mul(column, w.high)).get(w.tiles).op("i32.eq").if();
    assign(f, column, num(0));
    advance(f, batch, num(1));
    f.end().end();
  };
  count(f, at, num(0), w.k, w.depth, () => {
    assign(f, length, min(w.depth, sub(w.k, at)));
    assign(f, batch, div(1, w.tiles));
    assign(f, column, div(place, w.high));
    assign(f, row, rem(place, w.high));
    count(f, item, 1, 2, num(1), one);
  });
  return compileKernel({ run: f });
}

/** The kernels by bytes of an element and rows of a tile. */
const KERNELS: WasmKernel[] = [];

/**
 * Computes a product tile by tile; the right operand is packed if its rows
 * are not dense. Returns whether there was room.
 */
export function directProduct(x: Matrices): boolean {
  const { bytes, columns } = x.type;
  const rows = tileRows(x.m);
  const high = Math.ceil(x.m / rows);
  const wide = Math.ceil(x.n / columns);
  const tiles = high * wide;
  const items = x.batch * tiles;
  const spare = scratch(2, MOST_THREADS * SPARE);
  if (spare === 0) return false;
  let { b, bBatch, bStep } = x;
  let strip = columns * bytes;
  if (x.bColumn !== bytes && x.n > 1) {
    b = packRight(x, b, x.batch, x.n, x.k);
    if (b === 0) return false;
    bStep = strip;
    strip *= x.k;
    if (bBatch !== 0) bBatch = wide * strip;
  }
  WORDS[0] = x.a;
  WORDS[1] = x.aBatch;
  WORDS[2] = x.aRow;
  WORDS[3] = x.aStep;
  WORDS[4] = b;
  WORDS[5] = bBatch;
  WORDS[6] = bStep;
  WORDS[7] = strip;
  WORDS[8] = x.out;
  WORDS[9] = x.outBatch;
  WORDS[10] = x.outRow;
  WORDS[11] = x.m;
  WORDS[12] = x.n;
  WORDS[13] = x.k;
  WORDS[14] = high;
  WORDS[15] = tiles;
  WORDS[16] = spare;
  WORDS[17] = bStep > FAR ? SHALLOW : DEPTH;
  const grain = Math.ceil(WORTH / (x.k * columns * rows));
  const kernel = KERNELS[bytes * 8 + rows] ??= directKernel(x.type, rows);
  launch(kernel, items, grain);
  return true;
}
