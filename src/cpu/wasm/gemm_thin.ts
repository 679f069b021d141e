// Thin products: the left operand's rows are dense and meet so few columns that
// packing them would cost more than it saves. Its elements are loaded one by one.

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

/** An item is a strip of rows. */
function thinKernel(type: FloatType): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aRow", "b", "bBatch", "bStrip"] as const,
    ...["out", "outBatch", "outRow", "m", "n", "k", "strips"] as const,
    ...["spare", "mode", "from", "fromBatch", "fromRow"] as const,
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
  const from = locals(f, ROWS, I32);
  const tile = makeTile(f, ROWS);
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
    for (const row of from) advance(f, row, num(type.bytes));
    advance(f, right, num(16 * VECTORS));
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
      advance(f, row, mul(at, num(type.bytes)));
    });
    assign(f, right, add(w.b, mul(batch, w.bBatch), mul(strip, w.bStrip)));
    advance(f, right, mul(at, num(16 * VECTORS)));
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
  count(f, item, 1, 2, num(1), () => {
    assign(f, batch, div(item, w.strips));
    assign(f, top, mul(rem(item, w.strips), num(ROWS)));
    assign(f, place.rows, min(num(ROWS), sub(w.m, top)));
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
  });
  return compileKernel({ run: f });
}

/** The kernels by bytes of an element. */
const KERNELS: WasmKernel[] = [];

/** Computes a product whose left operand has dense rows. Returns whether there was room. */
export function thinProduct(x: Matrices): boolean {
  const { bytes, columns } = x.type;
  const spare = scratch(2, MOST_THREADS * SPARE);
  if (spare === 0) return false;
  const b = packRight(x, x.b, x.batch, x.n, x.k);
  if (b === 0) return false;
  const strips = Math.ceil(x.m / ROWS);
  const strip = columns * bytes * x.k;
  WORDS[0] = x.a;
  WORDS[1] = x.aBatch;
  WORDS[2] = x.aRow;
  WORDS[3] = b;
  WORDS[4] = x.bBatch === 0 ? 0 : Math.ceil(x.n / columns) * strip;
  WORDS[5] = strip;
  WORDS[6] = x.out;
  WORDS[7] = x.outBatch;
  WORDS[8] = x.outRow;
  WORDS[9] = x.m;
  WORDS[10] = x.n;
  WORDS[11] = x.k;
  WORDS[12] = strips;
  WORDS[13] = spare;
  WORDS[14] = modeOf(x, false);
  WORDS[15] = x.from;
  WORDS[16] = x.fromBatch;
  WORDS[17] = x.fromRow;
  writeNumbers(x, false);
  const grain = Math.ceil(WORTH / (x.k * x.n * ROWS));
  launch(KERNELS[bytes] ??= thinKernel(x.type), x.batch * strips, grain);
  return true;
}
