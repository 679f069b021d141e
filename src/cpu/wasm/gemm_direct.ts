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
  ROWS,
  stepTile,
  storeTile,
} from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Steps after which sums go to memory, so that rounding errors stay small. */
const DEPTH = 256;
/** Steps that are written out. */
const UNROLL = 4;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 18;
/** Bytes for a tile that is cut off. */
const SPARE = 256;

/** An item is a tile; those below each other follow each other. */
function directKernel(type: FloatType): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aRow", "aStep", "b", "bBatch"] as const,
    ...["bStep", "bStrip", "out", "outBatch", "outRow"] as const,
    ...["m", "n", "k", "high", "tiles", "spare"] as const,
  ]);
  const spare = define(f, add(w.spare, mul(threadNumber, num(SPARE))));
  const item = f.local(I32);
  const batch = define(f, div(1, w.tiles));
  const place = define(f, rem(1, w.tiles));
  const column = define(f, div(place, w.high));
  const row = define(f, rem(place, w.high));
  const left = f.local(I32);
  const right = f.local(I32);
  const out = f.local(I32);
  const at = f.local(I32);
  const steps = f.local(I32);
  const rows = f.local(I32);
  const columns = f.local(I32);
  const from = Array.from({ length: ROWS }, () => f.local(I32));
  const tile = makeTile(f);
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
  count(f, item, 1, 2, num(1), () => {
    assign(f, left, add(w.a, mul(batch, w.aBatch)));
    advance(f, left, mul(row, num(ROWS), w.aRow));
    assign(f, right, add(w.b, mul(batch, w.bBatch), mul(column, w.bStrip)));
    assign(f, out, add(w.out, mul(batch, w.outBatch)));
    advance(f, out, mul(row, num(ROWS), w.outRow));
    advance(f, out, mul(column, num(type.columns * type.bytes)));
    assign(f, rows, min(num(ROWS), sub(w.m, mul(row, num(ROWS)))));
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
    count(f, at, num(0), w.k, num(DEPTH), () => {
      clearTile(f, tile);
      assign(f, steps, div(min(num(DEPTH), sub(w.k, at)), num(UNROLL)));
      repeat(f, steps, () => {
        for (let u = 0; u < UNROLL; u++) step();
      });
      assign(f, steps, rem(min(num(DEPTH), sub(w.k, at)), num(UNROLL)));
      repeat(f, steps, step);
      const place = { out, pitch: w.outRow, adds: at, rows, columns, spare };
      storeTile(f, type, tile, place);
    });
    advance(f, row, num(1));
    f.get(row).get(w.high).op("i32.eq").if();
    assign(f, row, num(0));
    advance(f, column, num(1));
    push(f, mul(column, w.high)).get(w.tiles).op("i32.eq").if();
    assign(f, column, num(0));
    advance(f, batch, num(1));
    f.end().end();
  });
  return compileKernel({ run: f });
}

/** The kernels by bytes of an element. */
const KERNELS: WasmKernel[] = [];

/**
 * Computes a product tile by tile; the right operand is packed if its rows
 * are not dense. Returns whether there was room.
 */
export function directProduct(x: Matrices): boolean {
  const { bytes, columns } = x.type;
  const high = Math.ceil(x.m / ROWS);
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
  const grain = Math.ceil(WORTH / (x.k * columns * ROWS));
  launch(KERNELS[bytes] ??= directKernel(x.type), items, grain);
  return true;
}
