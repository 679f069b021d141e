// Thin and tiny products: the rows of the left operand meet so few columns that
// packing them would cost more than it saves. Elements are loaded one by one.

import { MOST_THREADS } from "../threads.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import {
  add,
  advance,
  assign,
  count,
  define,
  div,
  less,
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
import { packRight } from "./gemm_pack_right.ts";
import { type Matrices, modeOf, number, writeNumbers } from "./gemm_product.ts";
import { scratch } from "./gemm_scratch.ts";
import { MODE, storeTile } from "./gemm_store.ts";
import {
  clearTile,
  type FloatType,
  locals,
  makeTile,
  multiplyAdd,
  ROWS,
  VECTORS,
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

/** An item is a strip of `most` rows. */
function thinKernel(type: FloatType, most: number): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aRow", "aStep", "b", "bBatch", "bStep"] as const,
    ...["bStrip", "out", "outBatch", "outRow", "m", "n", "k"] as const,
    ...["strips", "spare", "mode", "from", "fromBatch", "fromRow"] as const,
  ]);
  const spare = define(f, add(w.spare, mul(threadNumber, num(SPARE))));
  const item = f.local(I32);
  const batch = f.local(I32);
  const top = f.local(I32);
  const strip = f.local(I32);
  const at = f.local(I32);
  const steps = f.local(I32);
  const length = f.local(I32);
  const right = f.local(I32);
  const last = f.local(I32);
  const place = {
    ...{ spare, rows: f.local(I32), columns: f.local(I32), mode: f.local(I32) },
    ...{ out: f.local(I32), pitch: w.outRow, from: f.local(I32) },
    ...{ fromPitch: f.local(I32), alpha: f.local(I32), beta: f.local(I32) },
    bound: f.local(I32),
  };
  const from = locals(f, most, I32);
  const tile = makeTile(f, most);
  const step = (): void => {
    tile.right.forEach((v, i) =>
      f.get(right).memory("v128.load", 16 * i).set(v)
    );
    from.forEach((row, r) => {
      f.get(row).memory(type.splat).set(tile.left);
      tile.right.forEach((v, i) =>
        multiplyAdd(f, type, tile.left, v, tile.sums[r * VECTORS + i]!)
      );
    });
    for (const row of from) advance(f, row, w.aStep);
    advance(f, right, w.bStep);
  };
  const one = (): void => {
    assign(f, place.out, add(w.out, mul(batch, w.outBatch)));
    advance(f, place.out, mul(top, w.outRow));
    advance(f, place.out, mul(strip, num(16 * VECTORS)));
    f.get(at).if();
    assign(f, place.mode, num(MODE.added));
    assign(f, place.from, place.out);
    assign(f, place.fromPitch, w.outRow);
    assign(f, place.beta, number("one"));
    f.else();
    assign(f, place.mode, w.mode);
    const ahead = add(mul(top, w.fromRow), mul(strip, num(16 * VECTORS)));
    assign(f, place.from, add(w.from, mul(batch, w.fromBatch), ahead));
    assign(f, place.fromPitch, w.fromRow);
    assign(f, place.beta, number("beta"));
    f.end();
    assign(f, place.columns, sub(w.n, mul(strip, num(type.columns))));
    assign(f, place.columns, min(place.columns, num(type.columns)));
    // Rows that do not exist repeat the last one.
    from.forEach((row, r) => {
      const index = min(add(top, num(r)), last);
      assign(f, row, add(w.a, mul(batch, w.aBatch), mul(index, w.aRow)));
      advance(f, row, mul(at, w.aStep));
    });
    assign(f, right, add(w.b, mul(batch, w.bBatch), mul(strip, w.bStrip)));
    advance(f, right, mul(at, w.bStep));
    clearTile(f, tile);
    assign(f, steps, div(length, num(UNROLL)));
    repeat(f, steps, () => {
      for (let u = 0; u < UNROLL; u++) step();
    });
    assign(f, steps, rem(length, num(UNROLL)));
    repeat(f, steps, step);
    storeTile(f, type, tile, place);
  };
  assign(f, last, sub(w.m, num(1)));
  assign(f, place.alpha, number("alpha"));
  assign(f, batch, div(1, w.strips));
  assign(f, top, mul(rem(1, w.strips), num(most)));
  count(f, item, 1, 2, num(1), () => {
    assign(f, place.rows, min(num(most), sub(w.m, top)));
    count(f, at, num(0), w.k, num(DEPTH), () => {
      assign(f, length, min(num(DEPTH), sub(w.k, at)));
      push(push(f, number("lowest")), number("floor"));
      push(f, less(add(at, length), w.k)).op("select").set(place.bound);
      assign(f, strip, num(0));
      f.loop();
      one();
      advance(f, strip, num(1));
      push(f, less(mul(strip, num(type.columns)), w.n)).brIf(0).end();
    });
    advance(f, top, num(most));
    push(f, less(top, w.m)).op("i32.eqz").if();
    assign(f, top, num(0));
    advance(f, batch, num(1));
    f.end();
  });
  return compileKernel({ run: f });
}

/** The kernels by bytes of an element and rows of a tile. */
const KERNELS: WasmKernel[] = [];

/**
 * Computes a product without packing its left operand; the right one is packed
 * if `packs`, else its rows are dense. Returns whether there was room.
 */
export function thinProduct(x: Matrices, packs: boolean): boolean {
  const { bytes, columns } = x.type;
  const spare = scratch(2, MOST_THREADS * SPARE);
  if (spare === 0) return false;
  // The height of the tiles that cut few rows up with the least waste.
  const rows = x.m > 4 * ROWS ? ROWS : Math.ceil(x.m / Math.ceil(x.m / ROWS));
  const strips = Math.ceil(x.m / rows);
  let { b, bBatch, bStep } = x;
  let strip = columns * bytes;
  if (packs) {
    b = packRight(x, b, x.batch, x.n, x.k);
    if (b === 0) return false;
    bStep = strip;
    strip *= x.k;
    if (bBatch !== 0) bBatch = Math.ceil(x.n / columns) * strip;
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
  WORDS[14] = strips;
  WORDS[15] = spare;
  WORDS[16] = modeOf(x, false);
  WORDS[17] = x.from;
  WORDS[18] = x.fromBatch;
  WORDS[19] = x.fromRow;
  writeNumbers(x, false);
  const grain = Math.ceil(WORTH / (x.k * x.n * rows));
  const kernel = KERNELS[bytes * 8 + rows] ??= thinKernel(x.type, rows);
  launch(kernel, x.batch * strips, grain);
  return true;
}
