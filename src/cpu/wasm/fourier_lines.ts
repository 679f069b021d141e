// How the kernel of Fourier transforms loads lines and stores them: one complex
// number of float64 to a vector, or those of two lines of float32.

import { type FunctionBuilder, I32, V128 } from "./emitter.ts";
import type { FourierSignature, FourierVariables } from "./fourier_kernel.ts";
import { VECTOR } from "./fourier_pass.ts";
import { conjugate } from "./fourier_steps.ts";
import {
  add,
  advance,
  assign,
  count,
  define,
  mul,
  num,
  sub,
} from "./gemm_code.ts";
import { NUMBERS_AT } from "./kernel.ts";

/** Variables of a block of lines. */
export interface Block {
  /** Where they are worked on. */
  readonly line: number;
  /** Where their elements lie in memory. */
  readonly begin: number;
  /** Number of lines. */
  readonly lines: number;
  /** Vectors that they take, side by side. */
  readonly columns: number;
}

/** Loads a number into `x` from `at`, or those of two lines. */
function loadVector(
  f: FunctionBuilder,
  { bytes, type, source }: FourierSignature,
  { sourceImaginary: imaginary, sourceAcross: across }: FourierVariables,
  at: number,
  x: number,
  double: boolean,
): void {
  const whole = bytes === 8;
  if (source === "beside") {
    f.get(at).memory(whole ? "v128.load" : "v128.load64_zero").set(x);
    if (double) {
      f.get(at).get(across).op("i32.add").get(x);
      f.memoryLane("v128.load64_lane", 1).set(x);
    }
  } else {
    const lane = whole ? "v128.load64_lane" : "v128.load32_lane";
    f.get(at).memory(whole ? "v128.load64_zero" : "v128.load32_zero").set(x);
    const add = (lanes: number, ...distances: number[]) => {
      f.get(at);
      for (const distance of distances) f.get(distance).op("i32.add");
      f.get(x).memoryLane(lane, lanes).set(x);
    };
    if (source === "apart") add(1, imaginary);
    if (double) add(2, across);
    if (double && source === "apart") add(3, across, imaginary);
  }
  if (bytes < type.bytes) {
    f.get(x).simd("f64x2.promote_low_f32x4").set(x);
  }
}

/** Stores what is in `x`. */
function storeVector(
  f: FunctionBuilder,
  { bytes, type, target }: FourierSignature,
  { targetImaginary: imaginary, targetAcross: across }: FourierVariables,
  at: number,
  x: number,
  double: boolean,
): void {
  if (bytes < type.bytes) f.get(x).simd("f32x4.demote_f64x2_zero").set(x);
  if (target === "beside") {
    if (bytes === 8) f.get(at).get(x).memory("v128.store");
    else f.get(at).get(x).memoryLane("v128.store64_lane", 0);
    if (double) {
      f.get(at).get(across).op("i32.add").get(x);
      f.memoryLane("v128.store64_lane", 1);
    }
    return;
  }
  const store = bytes === 8 ? "v128.store64_lane" : "v128.store32_lane";
  const put = (lane: number, ...distances: number[]) => {
    f.get(at);
    for (const distance of distances) f.get(distance).op("i32.add");
    f.get(x).memoryLane(store, lane);
  };
  put(0);
  if (target === "apart") put(1, imaginary);
  if (double) put(2, across);
  if (double && target === "apart") put(3, across, imaginary);
}

/** Walks over the lines of one row of a block: `at` in memory, `next` where they are worked on. */
function eachLine(
  f: FunctionBuilder,
  { type }: FourierSignature,
  { lines, columns }: Block,
  at: number,
  across: number,
  next: number,
  body: (double: boolean) => void,
): void {
  const end = f.local(I32);
  const loop = (double: boolean) => {
    f.get(next).get(end).op("i32.ne").if().loop();
    body(double);
    advance(f, at, across);
    if (double) advance(f, at, across);
    advance(f, next, num(VECTOR));
    f.get(next).get(end).op("i32.ne").brIf(0).end().end();
  };
  if (type.bytes === 8) {
    assign(f, end, add(next, mul(columns, num(VECTOR))));
    loop(false);
    return;
  }
  assign(f, end, (g) => {
    g.get(next).get(lines).i32(1).op("i32.shr_u").i32(VECTOR).op("i32.mul");
    g.op("i32.add");
  });
  loop(true);
  f.get(lines).i32(1).op("i32.and").if();
  body(false);
  advance(f, next, num(VECTOR));
  f.end();
}

/** Loads a block of lines. */
export function loadCode(
  f: FunctionBuilder,
  signature: FourierSignature,
  w: FourierVariables,
  block: Block,
): void {
  const { line, begin } = block;
  const j = f.local(I32);
  const at = f.local(I32);
  const x = f.local(V128);
  const next = define(f, line);
  count(f, j, num(0), w.sourceCount, num(1), () => {
    assign(f, at, begin);
    eachLine(f, signature, block, at, w.sourceAcross, next, (double) => {
      loadVector(f, signature, w, at, x, double);
      f.get(next).get(x).memory("v128.store");
    });
    advance(f, begin, w.sourceAlong);
  });
}

/** Stores a block of lines. */
export function storeCode(
  f: FunctionBuilder,
  signature: FourierSignature,
  w: FourierVariables,
  block: Block,
): void {
  const { line, begin, columns } = block;
  const { type } = signature;
  const j = f.local(I32);
  const at = f.local(I32);
  const x = f.local(V128);
  const scale = f.local(V128);
  const next = f.local(I32);
  f.get(0).memory("v128.load64_splat", NUMBERS_AT).set(scale);
  if (type.bytes === 4) {
    f.get(scale).simd("f32x4.demote_f64x2_zero").set(scale);
    f.get(scale).get(scale).shuffle([
      0,
      1,
      2,
      3,
      0,
      1,
      2,
      3,
      0,
      1,
      2,
      3,
      0,
      1,
      2,
      3,
    ]).set(scale);
  }
  const rows = (from: number, to: number, back: boolean) => {
    count(f, j, num(from), to, num(1), () => {
      assign(f, at, begin);
      eachLine(f, signature, block, at, w.targetAcross, next, (double) => {
        f.get(next).memory("v128.load").get(scale).simd(`${type.vector}.mul`);
        if (back) f.vector(conjugate(type)).simd("v128.xor");
        f.set(x);
        storeVector(f, signature, w, at, x, double);
      });
      if (back) assign(f, begin, sub(begin, w.targetAlong));
      else advance(f, begin, w.targetAlong);
    });
  };
  assign(f, next, line);
  const first = signature.whole ? define(f, begin) : begin;
  rows(0, w.targetCount, false);
  if (!signature.whole) return;
  assign(f, begin, add(first, mul(sub(w.length, num(1)), w.targetAlong)));
  assign(f, next, add(line, mul(columns, num(VECTOR))));
  const last = define(f, (g) => {
    g.get(w.length).i32(1).op("i32.add").i32(1).op("i32.shr_u");
  });
  rows(1, last, true);
}
