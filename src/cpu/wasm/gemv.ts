// Matrix times vector, read once as the matrix lies in memory: rows as inner
// products, columns added up.

import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  add,
  advance,
  assign,
  count,
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
} from "./gemm_code.ts";
import { type FloatType, locals, multiplyAdd } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Steps after which sums start anew, so that rounding errors stay small. */
const STRETCH = 1024;
/** Results that are summed together where the matrix lies by columns. */
const CHUNK = 512;
/** Columns that are added at a time. */
const COLUMNS = 4;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 16;

/** Products of a matrix and a vector: addresses, and strides in bytes. The results are dense. */
export interface MatrixVector {
  /** Element type. */
  type: FloatType;
  /** Number of products. */
  batch: number;
  /** Rows of the matrix. */
  m: number;
  /** Columns of the matrix. */
  k: number;
  /** The matrix. */
  a: number;
  /** From one matrix to the next. */
  aBatch: number;
  /** From row to row. */
  aRow: number;
  /** From column to column. */
  aStep: number;
  /** The vector. */
  x: number;
  /** From one vector to the next. */
  xBatch: number;
  /** From element to element. */
  xStep: number;
  /** The results. */
  out: number;
  /** From one result to the next. */
  outBatch: number;
}

/** Inner products of `rows` rows at a time, an item, with `sums` vectors for each. */
function rowKernel(type: FloatType, rows: number, sums: number): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aRow", "x", "xBatch"] as const,
    ...["out", "outBatch", "m", "k", "groups"] as const,
  ]);
  const { scalar, vector } = type;
  const lanes = 16 / type.bytes;
  const perStep = sums * lanes;
  const bytes = num(type.bytes);
  const item = f.local(I32);
  const batch = f.local(I32);
  const first = f.local(I32);
  const x = f.local(I32);
  const left = f.local(I32);
  const steps = f.local(I32);
  const out = f.local(I32);
  const from = locals(f, rows, I32);
  const totals = locals(f, rows, V128);
  const acc = locals(f, rows * sums, V128);
  const right = locals(f, sums, V128);
  const value = f.local(V128);
  const results = locals(f, rows, scalar === "f32" ? 0x7d : 0x7c);
  count(f, item, 1, 2, num(1), () => {
    assign(f, batch, div(item, w.groups));
    assign(f, first, mul(rem(item, w.groups), num(rows)));
    assign(f, x, add(w.x, mul(batch, w.xBatch)));
    // Rows that do not exist repeat the last one.
    from.forEach((row, r) => {
      const last = sub(w.m, num(1));
      const index = min(add(first, num(r)), last);
      assign(f, row, add(w.a, mul(batch, w.aBatch), mul(index, w.aRow)));
      f.f32x4(0).set(totals[r]!);
    });
    assign(f, left, div(w.k, num(perStep)));
    f.block().loop().get(left).op("i32.eqz").brIf(1);
    assign(f, steps, min(left, num(STRETCH / perStep)));
    assign(f, left, sub(left, steps));
    for (const sum of acc) f.f32x4(0).set(sum);
    repeat(f, steps, () => {
      right.forEach((v, i) => f.get(x).memory("v128.load", 16 * i).set(v));
      from.forEach((row, r) =>
        right.forEach((v, i) => {
          f.get(row).memory("v128.load", 16 * i).set(value);
          multiplyAdd(f, type, value, v, acc[r * sums + i]!);
        })
      );
      for (const address of [x, ...from]) advance(f, address, num(16 * sums));
    });
    totals.forEach((total, r) => {
      f.get(total);
      for (let i = 0; i < sums; i++) {
        f.get(acc[r * sums + i]!).simd(`${vector}.add`);
      }
      f.set(total);
    });
    f.br(0).end().end();
    results.forEach((result, r) => {
      const total = totals[r]!;
      f.get(total).lane(vector, 0).get(total).lane(vector, 1);
      f.op(`${scalar}.add`);
      for (let lane = 2; lane < lanes; lane++) {
        f.get(total).lane(vector, lane).op(`${scalar}.add`);
      }
      f.set(result);
    });
    assign(f, steps, rem(w.k, num(perStep)));
    repeat(f, steps, () => {
      results.forEach((result, r) => {
        f.get(from[r]!).memory(`${scalar}.load`);
        f.get(x).memory(`${scalar}.load`).op(`${scalar}.mul`);
        f.get(result).op(`${scalar}.add`).set(result);
      });
      for (const address of [x, ...from]) advance(f, address, bytes);
    });
    assign(f, out, add(w.out, mul(batch, w.outBatch), mul(first, bytes)));
    results.forEach((result, r) => {
      push(f, less(add(first, num(r)), w.m)).if();
      f.get(out).get(result).memory(`${scalar}.store`, r * type.bytes).end();
    });
  });
  return compileKernel({ run: f });
}

/** Adds up columns, each times an element of the vector; an item is a chunk of the results. */
function columnKernel(type: FloatType): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["a", "aBatch", "aStep", "x", "xBatch", "xStep"] as const,
    ...["out", "outBatch", "m", "k", "chunks"] as const,
  ]);
  const { scalar, vector } = type;
  const bytes = num(type.bytes);
  const item = f.local(I32);
  const batch = f.local(I32);
  const first = f.local(I32);
  const length = f.local(I32);
  const x = f.local(I32);
  const start = f.local(I32);
  const out = f.local(I32);
  const times = f.local(I32);
  const steps = f.local(I32);
  const from = locals(f, COLUMNS, I32);
  const factors = locals(f, COLUMNS, V128);
  const value = f.local(V128);
  const sum = f.local(V128);
  const addColumns = (columns: number): void => {
    for (let c = 0; c < columns; c++) {
      f.get(x).memory(type.splat).set(factors[c]!);
      advance(f, x, w.xStep);
      assign(f, from[c]!, start);
      advance(f, start, w.aStep);
    }
    const own = from.slice(0, columns);
    assign(f, out, add(w.out, mul(batch, w.outBatch), mul(first, bytes)));
    assign(f, steps, div(length, num(16 / type.bytes)));
    repeat(f, steps, () => {
      f.get(out).memory("v128.load").set(sum);
      own.forEach((column, c) => {
        f.get(column).memory("v128.load").set(value);
        multiplyAdd(f, type, value, factors[c]!, sum);
      });
      f.get(out).get(sum).memory("v128.store");
      for (const address of [out, ...own]) advance(f, address, num(16));
    });
    assign(f, steps, rem(length, num(16 / type.bytes)));
    repeat(f, steps, () => {
      f.get(out).get(out).memory(`${scalar}.load`);
      own.forEach((column, c) => {
        f.get(column).memory(`${scalar}.load`).get(factors[c]!);
        f.lane(vector, 0).op(`${scalar}.mul`).op(`${scalar}.add`);
      });
      f.memory(`${scalar}.store`);
      for (const address of [out, ...own]) advance(f, address, bytes);
    });
  };
  count(f, item, 1, 2, num(1), () => {
    assign(f, batch, div(item, w.chunks));
    assign(f, first, mul(rem(item, w.chunks), num(CHUNK)));
    assign(f, length, min(num(CHUNK), sub(w.m, first)));
    assign(f, x, add(w.x, mul(batch, w.xBatch)));
    assign(f, start, add(w.a, mul(batch, w.aBatch), mul(first, bytes)));
    assign(f, out, add(w.out, mul(batch, w.outBatch), mul(first, bytes)));
    assign(f, steps, length);
    repeat(f, steps, () => {
      f.get(out)[scalar](0).memory(`${scalar}.store`);
      advance(f, out, bytes);
    });
    assign(f, times, div(w.k, num(COLUMNS)));
    repeat(f, times, () => addColumns(COLUMNS));
    assign(f, times, rem(w.k, num(COLUMNS)));
    repeat(f, times, () => addColumns(1));
  });
  return compileKernel({ run: f });
}

/** The kernels by bytes of an element. */
const ROW: WasmKernel[] = [];
const GROUP: WasmKernel[] = [];
const COLUMN: WasmKernel[] = [];

/** Rows of a group. */
const GROUP_ROWS = 4;

/** Computes products of a matrix and a vector. Returns whether the layout is one that it knows. */
export function vectorProduct(p: MatrixVector): boolean {
  const { type, batch, m, k } = p;
  const { bytes } = type;
  WORDS[0] = p.a;
  WORDS[1] = p.aBatch;
  if (p.aStep === bytes && p.xStep === bytes) {
    const rows = m < GROUP_ROWS ? 1 : GROUP_ROWS;
    const groups = Math.ceil(m / rows);
    WORDS[2] = p.aRow;
    WORDS[3] = p.x;
    WORDS[4] = p.xBatch;
    WORDS[5] = p.out;
    WORDS[6] = p.outBatch;
    WORDS[7] = m;
    WORDS[8] = k;
    WORDS[9] = groups;
    const kernel = rows === 1
      ? ROW[bytes] ??= rowKernel(type, 1, 8)
      : GROUP[bytes] ??= rowKernel(type, GROUP_ROWS, 2);
    launch(kernel, batch * groups, Math.ceil(WORTH / (k * rows)));
    return true;
  }
  if (p.aRow !== bytes) return false;
  const chunks = Math.ceil(m / CHUNK);
  WORDS[2] = p.aStep;
  WORDS[3] = p.x;
  WORDS[4] = p.xBatch;
  WORDS[5] = p.xStep;
  WORDS[6] = p.out;
  WORDS[7] = p.outBatch;
  WORDS[8] = m;
  WORDS[9] = k;
  WORDS[10] = chunks;
  const grain = Math.ceil(WORTH / (k * Math.min(m, CHUNK)));
  launch(COLUMN[bytes] ??= columnKernel(type), batch * chunks, grain);
  return true;
}
