// Kernels over windows: sums of float32 along a dimension, accumulated in
// float64, and largest elements with their positions. The tables that say
// where windows begin and how long they are lie in memory.

import { F32, F64, FunctionBuilder, I32, V128 } from "./emitter.ts";
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

/** A function with the arguments in variables, by name. */
function begin<K extends string>(
  words: Readonly<Record<K, number>>,
): { f: FunctionBuilder; args: Record<K, number> } {
  const f = new FunctionBuilder([I32, I32, I32]);
  const args = {} as Record<K, number>;
  for (const name in words) {
    args[name] = f.local(I32);
    f.get(0).memory("i32.load", 4 * words[name]).set(args[name]);
  }
  return { f, args };
}

/** Repeats while a variable is not 0, and counts it down. */
function countDown(f: FunctionBuilder, left: number, body: () => void): void {
  f.block().loop().get(left).op("i32.eqz").brIf(1);
  body();
  f.get(left).i32(1).op("i32.sub").set(left).br(0).end().end();
}

/** Adds a multiple of what a variable holds to another. */
function advance(f: FunctionBuilder, variable: number, by: number): void {
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
  const { f, args } = begin(SUM);
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
  const { f, args } = begin(SUM);
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

/** Places of the arguments of maxima among the words: for each dimension its length, its windows and their tables. */
export const MAX = {
  x: 0,
  values: 1,
  indices: 2,
  depth: 3,
  height: 4,
  width: 5,
  planes: 6,
  rows: 7,
  columns: 8,
  depthStarts: 9,
  heightStarts: 10,
  widthStarts: 11,
  depthLengths: 12,
  heightLengths: 13,
  widthLengths: 14,
  depthStep: 15,
  heightStep: 16,
  widthStep: 17,
} as const;

/** Items are rows of results. */
function buildMax(bytes: 4 | 8): FunctionBuilder {
  const { f, args } = begin(MAX);
  const names = [
    "base",
    "z",
    "y",
    "zs",
    "ys",
    "xs",
    "zn",
    "yn",
    "xn",
    "zLeft",
    "yLeft",
    "xLeft",
    "at",
    "where",
    "left",
    "start",
    "length",
    "to",
    "index",
    "wins",
    "plane",
  ] as const;
  const v = {} as Record<typeof names[number], number>;
  for (const name of names) v[name] = f.local(I32);
  const type = bytes === 4 ? "f32" : "f64";
  const best = f.local(bytes === 4 ? F32 : F64);
  const x = f.local(bytes === 4 ? F32 : F64);
  const table = (to: number, base: number, at: number) => {
    f.get(base).get(at).i32(4).op("i32.mul").op("i32.add");
    f.memory("i32.load").set(to);
  };
  f.get(args.values).get(1).get(args.columns).op("i32.mul").i32(bytes);
  f.op("i32.mul").op("i32.add").set(v.to);
  f.get(args.indices).get(1).get(args.columns).op("i32.mul").i32(8);
  f.op("i32.mul").op("i32.add").set(v.index);
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  f.get(1).get(args.rows).op("i32.rem_u").set(v.y);
  f.get(1).get(args.rows).op("i32.div_u").tee(v.plane);
  f.get(args.planes).op("i32.rem_u").set(v.z);
  f.get(v.plane).get(args.planes).op("i32.div_u").get(args.depth);
  f.op("i32.mul").get(args.height).op("i32.mul").get(args.width);
  f.op("i32.mul").i32(bytes).op("i32.mul").get(args.x).op("i32.add");
  f.set(v.base);
  table(v.zs, args.depthStarts, v.z);
  table(v.zn, args.depthLengths, v.z);
  table(v.ys, args.heightStarts, v.y);
  table(v.yn, args.heightLengths, v.y);
  f.get(args.widthStarts).set(v.start).get(args.widthLengths).set(v.length);
  f.get(args.columns).set(v.left);
  countDown(f, v.left, () => {
    f.get(v.start).memory("i32.load").set(v.xs);
    f.get(v.length).memory("i32.load").set(v.xn);
    if (bytes === 4) f.f32(-Infinity).set(best);
    else f.f64(-Infinity).set(best);
    f.get(v.zs).set(v.z).get(v.zn).set(v.zLeft);
    f.get(v.zs).get(args.height).op("i32.mul").get(v.ys).op("i32.add");
    f.get(args.width).op("i32.mul").get(v.xs).op("i32.add").set(v.where);
    countDown(f, v.zLeft, () => {
      f.get(v.ys).set(v.y).get(v.yn).set(v.yLeft);
      countDown(f, v.yLeft, () => {
        f.get(v.z).get(args.height).op("i32.mul").get(v.y).op("i32.add");
        f.get(args.width).op("i32.mul").get(v.xs).op("i32.add").set(v.at);
        f.get(v.xn).set(v.xLeft);
        countDown(f, v.xLeft, () => {
          f.get(v.base).get(v.at).i32(bytes).op("i32.mul").op("i32.add");
          f.memory(`${type}.load`).set(x);
          // A NaN wins, the last one too.
          f.get(x).get(best).op(`${type}.gt`).get(x).get(x).op(`${type}.ne`);
          f.op("i32.or").set(v.wins);
          f.get(x).get(best).get(v.wins).op("select").set(best);
          f.get(v.at).get(v.where).get(v.wins).op("select").set(v.where);
          f.get(v.at).get(args.widthStep).op("i32.add").set(v.at);
        });
        f.get(v.y).get(args.heightStep).op("i32.add").set(v.y);
      });
      f.get(v.z).get(args.depthStep).op("i32.add").set(v.z);
    });
    f.get(v.to).get(best).memory(`${type}.store`);
    f.get(v.index).get(v.where).op("i64.extend_i32_u").memory("i64.store");
    advance(f, v.to, bytes);
    advance(f, v.index, 8);
    advance(f, v.start, 4);
    advance(f, v.length, 4);
  });
  advance(f, 1, 1);
  f.br(0).end().end();
  return f;
}

const MAXIMA: (WasmKernel | undefined)[] = [];

/** Largest elements of windows of float32 or float64; items are rows of results. */
export function maxKernel(bytes: 4 | 8): WasmKernel {
  return MAXIMA[bytes] ??= compileKernel({ run: buildMax(bytes) });
}
