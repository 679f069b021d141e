// Products of matrices: the right operand is packed once, where it does not lie
// well, then panels of rows are packed and multiplied, each by whoever takes it.
// A result's sum does not depend on who computes it, so results do not depend
// on the threads.

import { MOST_THREADS, THREADS } from "../threads.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import {
  add,
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
  sub,
  threadNumber,
  type Value,
} from "./gemm_code.ts";
import { packFunction } from "./gemm_pack.ts";
import { packRight } from "./gemm_pack_right.ts";
import { panelFunction } from "./gemm_panel.ts";
import { type Matrices, modeOf, number, writeNumbers } from "./gemm_product.ts";
import { scratch } from "./gemm_scratch.ts";
import { MODE } from "./gemm_store.ts";
import { type FloatType, ROWS } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Rows of the tiles in which what remains is computed. */
const LOW = 4;
/** Longest depth of a panel: a strip of each side fits a level-1 cache. */
const DEPTH = 512;
/** The same where rows of the right operand are read as they lie, far apart: they are read ahead. */
const SHALLOW = 32;
/** Bytes between rows from which on they lie far apart. */
const FAR = 2048;
/** Most rows of a panel, which stays in a level-2 cache. */
const HEIGHT = 96;
/** Fewest rows that a panel is cut down to for the sake of threads. */
const LOWEST = 24;
/** Fewest columns that are worth packing a panel for. */
const WIDTH = 64;
/** Most bytes of the right operand that are packed at a time. */
const LIMIT = 32 * 2 ** 20;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 18;
/** Bytes behind a packed panel: a tile that is cut off. */
const SPARE = 256;

/** Packs and multiplies panels of rows; an item is a stretch of the columns of one of them. */
function multiplyKernel(type: FloatType, most: number): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aRow", "aStep", "b", "bBatch"] as const,
    ...["bStep", "bStrip", "out", "outBatch", "outRow"] as const,
    ...["m", "n", "k", "height", "depth", "panels", "groups"] as const,
    ...["wide", "mode", "whole", "own", "share"] as const,
    ...["from", "fromBatch", "fromRow"] as const,
  ]);
  const own = define(f, add(w.own, mul(threadNumber, w.share)));
  const spare = define(f, add(own, sub(w.share, num(SPARE))));
  const item = f.local(I32);
  const at = f.local(I32);
  const strip = f.local(I32);
  const batch = f.local(I32);
  const top = f.local(I32);
  const rows = f.local(I32);
  const body = f.local(I32);
  const depth = f.local(I32);
  const first = f.local(I32);
  const last = f.local(I32);
  const mode = f.local(I32);
  const from = f.local(I32);
  const pitch = f.local(I32);
  const beta = f.local(I32);
  const out = f.local(I32);
  const bytes = num(type.bytes);
  count(f, item, 1, 2, num(1), () => {
    assign(f, first, mul(rem(item, w.groups), w.wide));
    assign(f, last, min(add(first, w.wide), w.n));
    assign(f, batch, div(item, mul(w.groups, w.panels)));
    assign(f, top, mul(rem(div(item, w.groups), w.panels), w.height));
    assign(f, rows, min(w.height, sub(w.m, top)));
    assign(f, body, most < ROWS ? rows : tallRows(rows));
    count(f, at, num(0), w.k, w.depth, () => {
      assign(f, depth, min(w.depth, sub(w.k, at)));
      const packs = (from: Value, to: Value, tall: number, pack: number) =>
        count(f, strip, from, to, num(tall), () => {
          push(f, add(own, mul(strip, depth, bytes)));
          const row = add(top, strip);
          const start = add(w.a, mul(batch, w.aBatch), mul(row, w.aRow));
          push(f, add(start, mul(at, w.aStep)));
          push(push(f, w.aRow), w.aStep);
          push(f, min(num(tall), sub(rows, strip)));
          push(f, depth).call(pack);
        });
      packs(num(0), body, most, 1);
      if (most === ROWS) packs(body, rows, LOW, 3);
      assign(f, out, add(w.out, mul(batch, w.outBatch), mul(top, w.outRow)));
      // Stretches of the depth behind the first add to what is there.
      f.get(at).if();
      assign(f, mode, num(MODE.added));
      assign(f, from, out);
      assign(f, pitch, w.outRow);
      assign(f, beta, number("one"));
      f.else();
      assign(f, mode, w.mode);
      const row = mul(top, w.fromRow);
      assign(f, from, add(w.from, mul(batch, w.fromBatch), row));
      assign(f, pitch, w.fromRow);
      assign(f, beta, number("beta"));
      f.end();
      const panels = (start: Value, some: Value, panel: number): void => {
        push(push(f, depth), some);
        push(f, add(own, mul(start, depth, bytes)));
        const lead = mul(div(strip, num(type.columns)), w.bStrip);
        push(f, add(w.b, mul(batch, w.bBatch), lead, mul(at, w.bStep)));
        f.get(w.bStep);
        push(f, add(out, mul(start, w.outRow), mul(strip, bytes)));
        f.get(w.outRow);
        push(f, min(num(type.columns), sub(w.n, strip))).get(spare);
        f.get(mode);
        push(f, add(from, mul(start, pitch), mul(strip, bytes))).get(pitch);
        push(f, number("alpha")).get(beta);
        push(push(f, number("floor")), number("lowest"));
        push(f, less(add(at, depth), w.k)).op("i32.eqz");
        f.get(w.whole).op("i32.and").op("select").call(panel);
      };
      count(f, strip, first, last, num(type.columns), () => {
        if (most < ROWS) return panels(num(0), rows, 2);
        f.get(body).if();
        panels(num(0), min(body, rows), 2);
        f.end();
        push(f, less(body, rows)).if();
        panels(body, sub(rows, body), 4);
        f.end();
      });
    });
  });
  return compileKernel({
    run: f,
    pack: packFunction(type, most),
    panel: panelFunction(type, most),
    ...most < ROWS ? {} : {
      packLow: packFunction(type, LOW),
      panelLow: panelFunction(type, LOW),
    },
  });
}

/** Rows of the highest tiles; the rest, up to {@linkcode LOW} twice, goes into lower ones with the least waste. */
function tallRows(rows: Value): Value {
  return (f) => {
    // One or two over a multiple of six: six of them less. Three or four: those.
    push(f, add(rows, num(1))).i32(ROWS + 1).i32(LOW).i32(0);
    push(f, less(rem(add(rows, num(3)), num(ROWS)), num(2))).op("select");
    push(f, less(rem(add(rows, num(5)), num(ROWS)), num(2))).op("select");
    f.op("i32.sub").i32(ROWS).op("i32.div_s").i32(ROWS).op("i32.mul");
  };
}

/** The multiplying kernels by bytes of an element and rows of a tile. */
const MULTIPLIES: WasmKernel[] = [];

/** Cuts a length into equal parts of at most `most`, each a multiple of `unit`. */
function part(length: number, most: number, unit: number): number {
  const parts = Math.ceil(length / most);
  return Math.ceil(length / parts / unit) * unit;
}

/**
 * Computes a product; the right operand is packed if `packs`, else its rows are
 * dense and read as they lie. Returns whether there was room.
 */
export function tiledProduct(x: Matrices, packs: boolean): boolean {
  if (!packs) return block(x, 0, 0, 0, x.batch, x.n, x.k, false);
  const { bytes, columns } = x.type;
  const deepest = Math.min(x.k, LIMIT / 4 / columns / bytes);
  const width = Math.ceil(x.n / columns) * columns;
  const widest = Math.min(
    width,
    Math.floor(LIMIT / deepest / bytes / columns) * columns,
  );
  const most = x.bBatch === 0
    ? x.batch
    : Math.max(1, Math.floor(LIMIT / (deepest * widest * bytes)));
  for (let i = 0; i < x.batch; i += most) {
    const batch = Math.min(most, x.batch - i);
    for (let j = 0; j < x.n; j += widest) {
      const n = Math.min(widest, x.n - j);
      for (let p = 0; p < x.k; p += deepest) {
        const k = Math.min(deepest, x.k - p);
        if (!block(x, i, j, p, batch, n, k, true)) return false;
      }
    }
  }
  return true;
}

/** One part of the right operand times all that it meets. */
function block(
  x: Matrices,
  i: number,
  j: number,
  p: number,
  batch: number,
  n: number,
  k: number,
  packs: boolean,
): boolean {
  const { type } = x;
  const { bytes, columns } = type;
  const rows = x.m > LOW ? ROWS : x.m > 2 ? LOW : 2;
  const { height, wide } = cut(x, rows, batch, n, k);
  const depth = part(k, !packs && x.bStep > FAR ? SHALLOW : DEPTH, 8);
  const panels = Math.ceil(x.m / height);
  const groups = Math.ceil(n / wide);
  const share = height * depth * bytes + SPARE;
  const own = scratch(1, MOST_THREADS * share);
  if (own === 0) return false;
  let b = x.b + i * x.bBatch + j * x.bColumn + p * x.bStep;
  let { bBatch, bStep } = x;
  let strip = columns * bytes;
  if (packs) {
    b = packRight(x, b, batch, n, k);
    if (b === 0) return false;
    bStep = strip;
    strip *= k;
    if (bBatch !== 0) bBatch = Math.ceil(n / columns) * strip;
  }
  const adds = p > 0;
  WORDS[0] = x.a + i * x.aBatch + p * x.aStep;
  WORDS[1] = x.aBatch;
  WORDS[2] = x.aRow;
  WORDS[3] = x.aStep;
  WORDS[4] = b;
  WORDS[5] = bBatch;
  WORDS[6] = bStep;
  WORDS[7] = strip;
  WORDS[8] = x.out + i * x.outBatch + j * bytes;
  WORDS[9] = x.outBatch;
  WORDS[10] = x.outRow;
  WORDS[11] = x.m;
  WORDS[12] = n;
  WORDS[13] = k;
  WORDS[14] = height;
  WORDS[15] = depth;
  WORDS[16] = panels;
  WORDS[17] = groups;
  WORDS[18] = wide;
  WORDS[19] = modeOf(x, adds);
  WORDS[20] = p + k === x.k ? 1 : 0;
  WORDS[21] = own;
  WORDS[22] = share;
  const fromBatch = adds ? x.outBatch : x.fromBatch;
  WORDS[23] = (adds ? x.out : x.from) + i * fromBatch + j * bytes;
  WORDS[24] = fromBatch;
  WORDS[25] = adds ? x.outRow : x.fromRow;
  writeNumbers(x, adds);
  const kernel = MULTIPLIES[bytes * 8 + rows] ??= multiplyKernel(type, rows);
  const grain = Math.ceil(WORTH / (height * wide * k));
  launch(kernel, batch * panels * groups, grain);
  return true;
}

/** Rows and columns of an item of work: as large as caches like, and the same for all threads. */
function cut(
  x: Matrices,
  rows: number,
  batch: number,
  n: number,
  k: number,
): { height: number; wide: number } {
  const { columns } = x.type;
  const threads = batch * x.m * n * k < 2 * WORTH ? 1 : THREADS.count;
  let panels = Math.ceil(x.m / HEIGHT);
  let groups = 1;
  if (threads > 1 && batch * panels < 8 * threads) {
    const even = 2 * threads;
    const items = Math.ceil(batch * panels / even) * even;
    const most = Math.max(Math.floor(x.m / LOWEST), 1);
    panels = Math.max(panels, Math.min(Math.ceil(items / batch), most));
    // Few rows: their columns are shared out.
    groups = Math.ceil(even / (batch * panels));
  }
  // Strips of six and of four rows fill any even height.
  const unit = rows === ROWS ? 2 : rows;
  const height = Math.max(Math.ceil(x.m / panels / unit) * unit, rows);
  const all = Math.ceil(n / columns) * columns;
  const wide = Math.max(Math.ceil(all / groups / columns) * columns, WIDTH);
  return { height, wide: Math.min(wide, all) };
}
