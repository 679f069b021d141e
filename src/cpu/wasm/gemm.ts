// Large products: the right operand is packed once, then panels of rows are
// packed and multiplied, each by whoever takes it. A panel's sums do not
// depend on who computes it, so results do not depend on the threads.

import { MOST_THREADS } from "../threads.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import {
  add,
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
  sub,
  threadNumber,
} from "./gemm_code.ts";
import { packFunction } from "./gemm_pack.ts";
import { scratch } from "./gemm_scratch.ts";
import { type FloatType, panelFunction, tileRows } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Longest depth of a panel: a strip of each side fits a level-1 cache. */
const DEPTH = 256;
/** Most rows of a panel, which stays in a level-2 cache. */
const HEIGHT = 96;
/** Strips of columns that are packed as one item of work, a few steps at a time: rows are read ahead. */
const WIDE_GROUP = 32;
const FEW_STEPS = 8;
/** The same where columns are dense: few are read at a time, many steps of each. */
const NARROW_GROUP = 8;
const MANY_STEPS = 64;
/** Most bytes of the right operand that are packed at a time. */
const LIMIT = 32 * 2 ** 20;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 20;
/** Bytes behind a packed panel: a tile that is cut off. */
const SPARE = 256;

/** Products of matrices as kernels see them: addresses, and strides in bytes. */
export interface Matrices {
  /** Element type. */
  type: FloatType;
  /** Number of products. */
  batch: number;
  /** Rows of the left operand. */
  m: number;
  /** Columns of the right operand. */
  n: number;
  /** Columns of the left operand, rows of the right one. */
  k: number;
  /** The left operand. */
  a: number;
  /** From one left operand to the next. */
  aBatch: number;
  /** From row to row. */
  aRow: number;
  /** From column to column. */
  aStep: number;
  /** The right operand. */
  b: number;
  /** From one right operand to the next. */
  bBatch: number;
  /** From row to row. */
  bStep: number;
  /** From column to column. */
  bColumn: number;
  /** The result; its rows are dense. */
  out: number;
  /** From one result to the next. */
  outBatch: number;
  /** From row to row. */
  outRow: number;
}

/** Packs strips of columns; an item is a group of them. */
function packKernel(type: FloatType): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const {
    to,
    from,
    fromBatch,
    step,
    column,
    n,
    k,
    strips,
    groups,
    group,
    stretch,
  } = readWords(
    f,
    [
      "to",
      "from",
      "fromBatch",
      "step",
      "column",
      "n",
      "k",
      "strips",
      "groups",
      "group",
      "stretch",
    ],
  );
  const item = f.local(I32);
  const at = f.local(I32);
  const strip = f.local(I32);
  const batch = f.local(I32);
  const first = f.local(I32);
  const last = f.local(I32);
  const columns = num(type.columns);
  const size = num(type.columns * type.bytes);
  count(f, item, 1, 2, num(1), () => {
    assign(f, batch, div(item, groups));
    assign(f, first, mul(rem(item, groups), group));
    assign(f, last, min(add(first, group), strips));
    count(f, at, num(0), k, stretch, () => {
      count(f, strip, first, last, num(1), () => {
        const row = add(mul(add(mul(batch, strips), strip), k), at);
        push(f, add(to, mul(row, size)));
        const start = mul(strip, columns, column);
        push(f, add(from, mul(batch, fromBatch), start, mul(at, step)));
        push(push(f, column), step);
        push(f, min(columns, sub(n, mul(strip, columns))));
        push(f, min(stretch, sub(k, at))).call(1);
      });
    });
  });
  return compileKernel({ run: f, pack: packFunction(type, type.columns) });
}

/** Packs and multiplies panels of rows; an item is one of them. */
function multiplyKernel(type: FloatType, most: number): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aRow", "aStep", "b", "bBatch"] as const,
    ...["out", "outBatch", "outRow", "m", "n", "k"] as const,
    ...["height", "depth", "panels", "adds", "own", "share"] as const,
  ]);
  const own = define(f, add(w.own, mul(threadNumber, w.share)));
  const spare = define(f, add(own, sub(w.share, num(SPARE))));
  const item = f.local(I32);
  const at = f.local(I32);
  const strip = f.local(I32);
  const batch = f.local(I32);
  const top = f.local(I32);
  const rows = f.local(I32);
  const depth = f.local(I32);
  const bytes = num(type.bytes);
  const size = num(type.columns * type.bytes);
  count(f, item, 1, 2, num(1), () => {
    assign(f, batch, div(item, w.panels));
    assign(f, top, mul(rem(item, w.panels), w.height));
    assign(f, rows, min(w.height, sub(w.m, top)));
    count(f, at, num(0), w.k, w.depth, () => {
      assign(f, depth, min(w.depth, sub(w.k, at)));
      count(f, strip, num(0), rows, num(most), () => {
        push(f, add(own, mul(strip, depth, bytes)));
        const row = add(top, strip);
        const start = add(w.a, mul(batch, w.aBatch), mul(row, w.aRow));
        push(f, add(start, mul(at, w.aStep)));
        push(push(f, w.aRow), w.aStep);
        push(f, min(num(most), sub(rows, strip)));
        push(f, depth).call(1);
      });
      count(f, strip, num(0), w.n, num(type.columns), () => {
        push(push(f, depth), rows).get(own);
        // Strips of columns are whole: each has k steps of a tile's columns.
        const column = add(mul(strip, w.k, bytes), mul(at, size));
        push(f, add(w.b, mul(batch, w.bBatch), column));
        const row = add(w.out, mul(batch, w.outBatch), mul(top, w.outRow));
        push(f, add(row, mul(strip, bytes))).get(w.outRow);
        push(f, add(w.adds, at));
        push(f, min(num(type.columns), sub(w.n, strip))).get(spare).call(2);
      });
    });
  });
  return compileKernel({
    run: f,
    pack: packFunction(type, most),
    panel: panelFunction(type, most),
  });
}

/** The packing kernels by bytes of an element. */
const PACKS: WasmKernel[] = [];
/** The multiplying kernels by bytes of an element and rows of a tile. */
const MULTIPLIES: WasmKernel[] = [];

/**
 * Packs `b[from..]` for all of a batch, `n` columns and `k` rows; a stride of 0
 * packs one for all. Returns the address, or 0 where there is no room.
 */
export function packRight(
  x: Matrices,
  b: number,
  batch: number,
  n: number,
  k: number,
): number {
  const { bytes, columns } = x.type;
  const strips = Math.ceil(n / columns);
  const byColumns = x.bStep === bytes;
  const group = byColumns ? NARROW_GROUP : WIDE_GROUP;
  const groups = Math.ceil(strips / group);
  const count = x.bBatch === 0 ? 1 : batch;
  const packed = scratch(0, count * strips * columns * k * bytes);
  if (packed === 0) return 0;
  WORDS[0] = packed;
  WORDS[1] = b;
  WORDS[2] = x.bBatch;
  WORDS[3] = x.bStep;
  WORDS[4] = x.bColumn;
  WORDS[5] = n;
  WORDS[6] = k;
  WORDS[7] = strips;
  WORDS[8] = groups;
  WORDS[9] = group;
  WORDS[10] = byColumns ? MANY_STEPS : FEW_STEPS;
  const grain = Math.ceil(WORTH / 8 / (k * columns * group));
  launch(PACKS[bytes] ??= packKernel(x.type), count * groups, grain);
  return packed;
}

/** Cuts a length into equal parts of at most `most`, each a multiple of `unit`. */
function part(length: number, most: number, unit: number): number {
  const parts = Math.ceil(length / most);
  return Math.ceil(length / parts / unit) * unit;
}

/** Computes a product by packing both sides. Returns whether there was room. */
export function packedProduct(x: Matrices): boolean {
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
        if (!block(x, i, j, p, batch, n, k)) return false;
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
): boolean {
  const { bytes, columns } = x.type;
  // Strips are packed by pairs of rows.
  const rows = Math.ceil(tileRows(x.m) / 2) * 2;
  const height = part(x.m, HEIGHT, rows);
  const depth = part(k, DEPTH, 8);
  const panels = Math.ceil(x.m / height);
  const items = batch * panels;
  const share = height * depth * bytes + SPARE;
  const own = scratch(1, MOST_THREADS * share);
  if (own === 0) return false;
  const b = x.b + i * x.bBatch + j * x.bColumn + p * x.bStep;
  const packed = packRight(x, b, batch, n, k);
  if (packed === 0) return false;
  const strips = Math.ceil(n / columns);
  WORDS[0] = x.a + i * x.aBatch + p * x.aStep;
  WORDS[1] = x.aBatch;
  WORDS[2] = x.aRow;
  WORDS[3] = x.aStep;
  WORDS[4] = packed;
  WORDS[5] = x.bBatch === 0 ? 0 : strips * columns * k * bytes;
  WORDS[6] = x.out + i * x.outBatch + j * bytes;
  WORDS[7] = x.outBatch;
  WORDS[8] = x.outRow;
  WORDS[9] = x.m;
  WORDS[10] = n;
  WORDS[11] = k;
  WORDS[12] = height;
  WORDS[13] = depth;
  WORDS[14] = panels;
  WORDS[15] = p;
  WORDS[16] = own;
  WORDS[17] = share;
  const grain = Math.ceil(WORTH / (height * n * k));
  const kernel = MULTIPLIES[bytes * 8 + rows] ??= multiplyKernel(x.type, rows);
  launch(kernel, items, grain);
  return true;
}
