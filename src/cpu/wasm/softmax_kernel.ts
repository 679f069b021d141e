// Softmax and its logarithm for rows of float32 in one kernel: the largest
// element, the sum of exponentials in float64, then the quotient, while the
// row is in the cache.

import { F64, FunctionBuilder, I32, V128 } from "./emitter.ts";
import { compileKernel, type WasmKernel } from "./kernel.ts";
import { type Value, VectorCode } from "./vector_code.ts";
import { log } from "./vector_exponential.ts";

/** Places of the arguments among the words. */
export const WORD = { x: 0, out: 1, length: 2 } as const;

const F = "f32x4";
/** Adding it to a small float leaves the nearest integer in the low bits. */
const MAGIC = 12582912;
/** ln 2 in two parts; products of the first with exponents are exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = 1.42860682030941723212e-6;
/** From here down, exponentials count as zero: the power of two has no bits left. */
const LEAST = -88.03;
const UPPER = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/** e to the power x, for x up to 0. */
function expBelow(v: VectorCode, x: Value): Value {
  // pmax keeps a NaN that is its first operand.
  const clamped = v.op("f32x4.pmax", x, v.splat(F, LEAST));
  const magic = v.splat(F, MAGIC);
  const bits = v.madd(F, clamped, v.splat(F, Math.LOG2E), magic);
  const n = v.op("f32x4.sub", bits, magic);
  const high = v.madd(F, n, v.splat(F, -LN2_HIGH), clamped);
  const p = v.polynomial(F, v.madd(F, n, v.splat(F, -LN2_LOW), high), [
    1,
    1,
    0.5,
    0.16666576666119928,
    0.04166655421298415,
    0.0083632328836826182,
    0.0013926250831497612,
  ]);
  const power = v.shift("i32x4.shl", bits, 23);
  return v.op("f32x4.mul", p, v.op("i32x4.add", power, v.splat(F, 1)));
}

/** What one pass does with vectors: elements in, elements out if it stores. */
type Body = (xs: readonly Value[], single: boolean) => readonly Value[];

function build(logarithm: boolean): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32]);
  const v = new VectorCode(f);
  const [start, to, length, p, q, end] = [
    f.local(I32),
    f.local(I32),
    f.local(I32),
    f.local(I32),
    f.local(I32),
    f.local(I32),
  ];
  const tops = Array.from({ length: 4 }, () => f.local(V128));
  const top = tops[0]!;
  const [sum, factor] = [f.local(V128), f.local(V128)];
  const total = f.local(F64);
  const first = f.hoisted(new Int32Array([-1, -1, 0, 0]));

  /** One pass over a row, from `source` on. */
  const pass = (source: number, body: Body) => {
    f.get(source).set(p).get(to).set(q);
    for (const elements of [8, 4, 1]) {
      f.get(source).get(length).i32(-elements).op("i32.and").i32(4);
      f.op("i32.mul").op("i32.add").set(end);
      f.block().loop().get(p).get(end).op("i32.eq").brIf(1);
      const xs: Value[] = [];
      for (let k = 0; 4 * k < elements; k++) {
        f.get(p);
        if (elements === 1) f.memory("v128.load32_splat");
        else f.memory("v128.load", 16 * k);
        xs.push(v.keep());
      }
      body(xs, elements === 1).forEach((result, k) => {
        f.get(q).get(result);
        if (elements === 1) f.lane("f32x4", 0).memory("f32.store");
        else f.memory("v128.store", 16 * k);
      });
      f.get(p).i32(4 * elements).op("i32.add").set(p);
      f.get(q).i32(4 * elements).op("i32.add").set(q);
      f.br(0).end().end();
    }
  };

  f.get(0).memory("i32.load", 4 * WORD.length).set(length);
  for (const [at, word] of [[start, WORD.x], [to, WORD.out]] as const) {
    f.get(0).memory("i32.load", 4 * word).get(1).get(length).op("i32.mul");
    f.i32(4).op("i32.mul").op("i32.add").set(at);
  }
  f.block().loop().get(1).get(2).op("i32.eq").brIf(1);
  // A NaN may be missed here: its exponential is NaN whatever is subtracted.
  for (const t of tops) f.get(v.splat(F, -Infinity)).set(t);
  f.get(start).set(p);
  for (const vectors of [4, 1]) {
    f.get(start).get(length).i32(-4 * vectors).op("i32.and").i32(4);
    f.op("i32.mul").op("i32.add").set(end);
    f.block().loop().get(p).get(end).op("i32.eq").brIf(1);
    for (let k = 0; k < vectors; k++) {
      f.get(tops[k]!).get(p).memory("v128.load", 16 * k).simd("f32x4.pmax");
      f.set(tops[k]!);
    }
    f.get(p).i32(16 * vectors).op("i32.add").set(p).br(0).end().end();
  }
  f.get(start).get(length).i32(4).op("i32.mul").op("i32.add").set(end);
  f.block().loop().get(p).get(end).op("i32.eq").brIf(1);
  f.get(top).get(p).memory("v128.load32_splat").simd("f32x4.pmax").set(top);
  f.get(p).i32(4).op("i32.add").set(p).br(0).end().end();
  for (const t of tops.slice(1)) {
    f.get(top).get(t).simd("f32x4.pmax").set(top);
  }
  for (const half of [8, 4]) {
    f.get(top).get(top).get(top);
    f.shuffle(Array.from({ length: 16 }, (_, k) => (k + half) % 16));
    f.simd("f32x4.pmax").set(top);
  }
  f.get(v.splat(F, 0)).set(sum);
  pass(start, (xs, single) => {
    const powers = xs.map((x) => expBelow(v, v.op("f32x4.sub", x, top)));
    // The logarithm of a sum near 1 needs every digit of what is added to 1.
    const parts = powers.length === 2 && !logarithm
      ? [v.op("f32x4.add", powers[0]!, powers[1]!)]
      : powers;
    for (const part of parts) {
      const low = v.op("f64x2.promote_low_f32x4", part);
      f.get(sum);
      if (single) f.get(low).get(first).simd("v128.and");
      else {
        f.get(low).get(v.shuffle(part, part, UPPER));
        f.simd("f64x2.promote_low_f32x4").simd("f64x2.add");
      }
      f.simd("f64x2.add").set(sum);
    }
    return logarithm ? [] : powers;
  });
  f.get(sum).lane("f64x2", 0).get(sum).lane("f64x2", 1).op("f64.add");
  if (logarithm) {
    f.simd("f64x2.splat").set(sum);
    f.get(log(v, sum, Math.LN2, 1)).lane("f64x2", 0);
    f.op("f32.demote_f64").simd("f32x4.splat").set(factor);
    pass(
      start,
      (xs) =>
        xs.map((x) => v.op("f32x4.sub", v.op("f32x4.sub", x, top), factor)),
    );
  } else {
    f.set(total).f64(1).get(total).op("f64.div").op("f32.demote_f64");
    f.simd("f32x4.splat").set(factor);
    pass(to, (xs) => xs.map((x) => v.op("f32x4.mul", x, factor)));
  }
  for (const at of [start, to]) {
    f.get(at).get(length).i32(4).op("i32.mul").op("i32.add").set(at);
  }
  f.get(1).i32(1).op("i32.add").set(1).br(0).end().end();
  return f;
}

const KERNELS: (WasmKernel | undefined)[] = [];

/** The kernel of softmax or of its logarithm; items are rows. */
export function softmaxKernel(logarithm: boolean): WasmKernel {
  return KERNELS[logarithm ? 1 : 0] ??= compileKernel({
    run: build(logarithm),
  });
}
