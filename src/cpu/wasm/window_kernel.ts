// Kernels that sum windows of float32 along a dimension, in float64. The tables
// that say where windows begin and how long they are lie in memory.

import { beginKernel } from "./argument_words.ts";
import { F64, type FunctionBuilder, I32, V128 } from "./emitter.ts";
import { compileKernel, type WasmKernel } from "./kernel.ts";

/** Places of the arguments of sums among the words. */
export const SUM = {
  x: 0,
  out: 1,
  /** Positions and windows along the dimension. */
  n: 2,
  m: 3,
  /** Elements per position. */
  inner: 4,
  step: 5,
  /** Addresses of the tables. */
  starts: 6,
  lengths: 7,
  weights: 8,
  /** Weights per window. */
  most: 9,
} as const;

const HIGH = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const BOTH = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Repeats while a variable is not 0, and counts it down. */
export function countDown(
  f: FunctionBuilder,
  left: number,
  body: () => void,
): void {
  f.block().loop().get(left).op("i32.eqz").brIf(1);
  body();
  f.get(left).i32(1).op("i32.sub").set(left).br(0).end().end();
}

/** Adds a multiple of what a variable holds to another. */
export function advance(
  f: FunctionBuilder,
  variable: number,
  by: number,
): void {
  f.get(variable).i32(by).op("i32.add").set(variable);
}

/** Sums a window of single elements from `p` on, `jump` bytes apart, into `acc`. */
function sumOne(
  f: FunctionBuilder,
  weighted: boolean,
  acc: number,
  p: number,
  jump: number,
  left: number,
  weight: number,
): void {
  f.f64(0).set(acc);
  countDown(f, left, () => {
    f.get(acc).get(p).memory("f32.load").op("f64.promote_f32");
    if (weighted) f.get(weight).memory("f64.load").op("f64.mul");
    f.op("f64.add").set(acc).get(p).get(jump).op("i32.add").set(p);
    if (weighted) advance(f, weight, 8);
  });
}

/** Items are windows of whole rows of `inner` elements. */
function buildColumns(weighted: boolean): FunctionBuilder {
  const { f, w: args } = beginKernel(SUM);
  const [o, count, first, to, p, left, columns, jump, weights, weight] = Array
    .from({ length: 10 }, () => f.local(I32)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
  const [low, high, x, w] = [V128, V128, V128, V128].map((t) => f.local(t)) as [
    number,
    number,
    number,
    number,
  ];
  const acc = f.local(F64);
  f.get(args.step).get(args.inner).op("i32.mul").i32(4).op("i32.mul");
  f.set(jump);
  f.get(args.out).get(1).get(args.inner).op("i32.mul").i32(4).op("i32.mul");
  f.op("i32.add").set(to);
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  f.get(1).get(args.m).op("i32.rem_u").i32(4).op("i32.mul").set(o);
  f.get(args.lengths).get(o).op("i32.add").memory("i32.load").set(count);
  f.get(1).get(args.m).op("i32.div_u").get(args.n).op("i32.mul");
  f.get(args.starts).get(o).op("i32.add").memory("i32.load").op("i32.add");
  f.get(args.inner).op("i32.mul").i32(4).op("i32.mul");
  f.get(args.x).op("i32.add").set(first);
  f.get(args.weights).get(o).get(args.most).op("i32.mul").i32(2);
  f.op("i32.mul").op("i32.add").set(weights);
  f.get(args.inner).i32(2).op("i32.shr_u").set(columns);
  countDown(f, columns, () => {
    f.f64x2(0).tee(low).set(high);
    f.get(first).set(p).get(count).set(left).get(weights).set(weight);
    countDown(f, left, () => {
      f.get(p).memory("v128.load").set(x);
      if (weighted) f.get(weight).memory("v128.load64_splat").set(w);
      for (const [sum, half] of [[low, false], [high, true]] as const) {
        f.get(sum).get(x);
        if (half) f.get(x).shuffle(HIGH);
        f.simd("f64x2.promote_low_f32x4");
        if (weighted) f.get(w).simd("f64x2.mul");
        f.simd("f64x2.add").set(sum);
      }
      f.get(p).get(jump).op("i32.add").set(p);
      if (weighted) advance(f, weight, 8);
    });
    f.get(to).get(low).simd("f32x4.demote_f64x2_zero");
    f.get(high).simd("f32x4.demote_f64x2_zero").shuffle(BOTH);
    f.memory("v128.store");
    advance(f, first, 16);
    advance(f, to, 16);
  });
  f.get(args.inner).i32(3).op("i32.and").set(columns);
  countDown(f, columns, () => {
    f.get(first).set(p).get(count).set(left).get(weights).set(weight);
    sumOne(f, weighted, acc, p, jump, left, weight);
    f.get(to).get(acc).op("f32.demote_f64").memory("f32.store");
    advance(f, first, 4);
    advance(f, to, 4);
  });
  advance(f, 1, 1);
  f.br(0).end().end();
  return f;
}

/** Items are rows of positions that are single elements. */
function buildAlong(weighted: boolean): FunctionBuilder {
  const { f, w: args } = beginKernel(SUM);
  const [row, to, p, left, jump, start, length, weights, weight, windows] =
    Array.from({ length: 10 }, () => f.local(I32)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
  const acc = f.local(F64);
  f.get(args.step).i32(4).op("i32.mul").set(jump);
  f.get(args.x).get(1).get(args.n).op("i32.mul").i32(4).op("i32.mul");
  f.op("i32.add").set(row);
  f.get(args.out).get(1).get(args.m).op("i32.mul").i32(4).op("i32.mul");
  f.op("i32.add").set(to);
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  f.get(args.starts).set(start).get(args.lengths).set(length);
  f.get(args.weights).set(weights).get(args.m).set(windows);
  countDown(f, windows, () => {
    f.get(row).get(start).memory("i32.load").i32(4).op("i32.mul");
    f.op("i32.add").set(p).get(length).memory("i32.load").set(left);
    f.get(weights).set(weight);
    sumOne(f, weighted, acc, p, jump, left, weight);
    f.get(to).get(acc).op("f32.demote_f64").memory("f32.store");
    advance(f, to, 4);
    advance(f, start, 4);
    advance(f, length, 4);
    f.get(weights).get(args.most).i32(8).op("i32.mul").op("i32.add");
    f.set(weights);
  });
  f.get(row).get(args.n).i32(4).op("i32.mul").op("i32.add").set(row);
  advance(f, 1, 1);
  f.br(0).end().end();
  return f;
}

const SUMS: (WasmKernel | undefined)[] = [];

/** Sums along a dimension; with `along` a position is one element and items are rows, else items are windows. */
export function sumKernel(along: boolean, weighted: boolean): WasmKernel {
  const build = along ? buildAlong : buildColumns;
  return SUMS[(along ? 2 : 0) + (weighted ? 1 : 0)] ??= compileKernel({
    run: build(weighted),
  });
}
