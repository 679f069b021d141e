// The steps of a Fourier transform that work in place, as functions of a
// kernel: see fourier/interpret.ts for what they compute.

import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  add,
  advance,
  assign,
  count,
  define,
  mul,
  num,
  push,
  sub,
} from "./gemm_code.ts";
import {
  alternating,
  factorLocals,
  lanesOf,
  loadFactor,
  multiplyBy,
  turn,
  VECTOR,
} from "./fourier_pass.ts";
import type { FloatType } from "./gemm_tile.ts";

/** `step(line, count, at, columns, factors, mask)`: the words of a step, and what all steps share. */
export const STEP_PARAMS: readonly number[] = [I32, I32, I32, I32, I32, V128];

/** Flips the signs of imaginary parts, and is the mask of a forward turn. */
export function conjugate(type: FloatType): Float32Array | Float64Array {
  return alternating(type, 0, -0);
}

/** The mask of a backward turn. */
export function backwardTurn(type: FloatType): Float32Array | Float64Array {
  return alternating(type, -0, 0);
}

/** Keeps real parts. */
function realParts({ bytes }: FloatType): Int32Array {
  return bytes === 8
    ? Int32Array.of(-1, -1, 0, 0)
    : Int32Array.of(-1, 0, -1, 0);
}

/** Runs `body` for each element from `x` to below `end`. */
function eachTo(
  f: FunctionBuilder,
  x: number,
  end: number,
  body: () => void,
): void {
  f.get(x).get(end).op("i32.lt_u").if().loop();
  body();
  advance(f, x, num(VECTOR));
  f.get(x).get(end).op("i32.lt_u").brIf(0).end().end();
}

/** Multiplies each of the first elements by a factor. */
export function buildMultiply(type: FloatType): FunctionBuilder {
  const f = new FunctionBuilder(STEP_PARAMS);
  const [line, length, at, columns, factors, mask] = [0, 1, 2, 3, 4, 5];
  const j = f.local(I32);
  const x = f.local(V128);
  const spare = f.local(V128);
  const w = factorLocals(f);
  const end = define(f, (g) => void g.get(line!));
  assign(f, factors!, add(factors!, mul(at!, num(2 * type.bytes))));
  count(f, j, num(0), length!, num(1), () => {
    loadFactor(f, type, factors!, 0, w);
    advance(f, factors!, num(2 * type.bytes));
    advance(f, end, mul(columns!, num(VECTOR)));
    eachTo(f, line!, end, () => {
      f.get(line!).memory("v128.load").set(x);
      multiplyBy(f, type, w, x, spare, mask!);
      f.get(line!).get(x).memory("v128.store");
    });
  });
  return f;
}

/**
 * Multiplies each element by a factor of its own: those of a row lie side by
 * side, and `pitch` apart from those of the next. A vector has a factor for each
 * of its lines.
 */
export function buildTwist(type: FloatType): FunctionBuilder {
  const f = new FunctionBuilder(STEP_PARAMS);
  const [line, length, pitch, columns, factors, mask] = [0, 1, 2, 3, 4, 5];
  const j = f.local(I32);
  const x = f.local(V128);
  const spare = f.local(V128);
  const w = factorLocals(f);
  const at = f.local(I32);
  const end = define(f, (g) => void g.get(line!));
  count(f, j, num(0), length!, num(1), () => {
    assign(f, at, factors!);
    advance(f, factors!, mul(pitch!, num(2 * type.bytes)));
    advance(f, end, mul(columns!, num(VECTOR)));
    eachTo(f, line!, end, () => {
      f.get(at).memory("v128.load").set(spare);
      f.get(spare).get(spare).shuffle(lanesOf(type, 0, 0)).set(w.c);
      f.get(spare).get(spare).shuffle(lanesOf(type, 1, 1)).set(w.s);
      advance(f, at, num(VECTOR));
      f.get(line!).memory("v128.load").set(x);
      multiplyBy(f, type, w, x, spare, mask!);
      f.get(line!).get(x).memory("v128.store");
    });
  });
  return f;
}

/** Sets elements to zero. */
export function buildClear(): FunctionBuilder {
  const f = new FunctionBuilder(STEP_PARAMS);
  const [line, from, to, columns] = [0, 1, 2, 3];
  const end = define(f, add(line!, mul(to!, columns!, num(VECTOR))));
  advance(f, line!, mul(from!, columns!, num(VECTOR)));
  eachTo(f, line!, end, () => {
    f.get(line!).f64x2(0).memory("v128.store");
  });
  return f;
}

/**
 * From the transform of pairs to that of the real line, or backward. Elements
 * that lie opposite each other are done together: with `e` the sum of one and
 * the other's conjugate, and `z` their difference, multiplied and turned, they
 * become `e + z` and the conjugate of `e - z`.
 */
export function buildHalf(
  type: FloatType,
  backward: boolean,
): FunctionBuilder {
  const f = new FunctionBuilder(STEP_PARAMS);
  const [line, half, at, columns, factors, mask] = [0, 1, 2, 3, 4, 5];
  const pitch = define(f, mul(columns!, num(VECTOR)));
  const u = define(f, (g) => void g.get(line!));
  const v = define(f, add(line!, mul(half!, pitch)));
  const end = define(f, add(line!, pitch));
  const k = f.local(I32);
  const [x, y, e, spare] = [0, 1, 2, 3].map(() => f.local(V128)) as [
    number,
    number,
    number,
    number,
  ];
  const w = factorLocals(f);
  const flip = f.hoisted(conjugate(type));
  assign(f, factors!, add(factors!, mul(at!, num(2 * type.bytes))));
  // The first and the last are real.
  const real = f.hoisted(realParts(type));
  eachTo(f, u, end, () => {
    f.get(u).memory("v128.load").set(x);
    f.get(v).memory("v128.load").set(y);
    if (backward) {
      f.get(x).get(x).shuffle(lanesOf(type, 0, 0));
      f.get(y).get(y).shuffle(lanesOf(type, 0, 0)).get(flip).simd("v128.xor");
      f.simd(`${type.vector}.add`).set(x);
      f.get(u).get(x).memory("v128.store");
    } else {
      f.get(x).get(x).shuffle(lanesOf(type, 1, 0)).set(y);
      f.get(u).get(x).get(y).simd(`${type.vector}.add`).get(real);
      f.simd("v128.and").memory("v128.store");
      f.get(v).get(x).get(y).simd(`${type.vector}.sub`).get(real);
      f.simd("v128.and").memory("v128.store");
    }
    advance(f, v, num(VECTOR));
  });
  assign(f, v, sub(v, mul(pitch, num(2))));
  const middle = f.hoisted(alternating(type, 0.5, 0.5));
  const last = define(f, (g) => {
    push(g, half!).i32(1).op("i32.shr_u").i32(1).op("i32.add");
  });
  count(f, k, num(1), last, num(1), () => {
    advance(f, factors!, num(2 * type.bytes));
    loadFactor(f, type, factors!, 0, w);
    advance(f, end, pitch);
    eachTo(f, u, end, () => {
      f.get(u).memory("v128.load").set(x);
      f.get(v).memory("v128.load").get(flip).simd("v128.xor").set(y);
      f.get(x).get(y).simd(`${type.vector}.add`).set(e);
      f.get(x).get(y).simd(`${type.vector}.sub`).set(x);
      if (!backward) {
        f.get(e).get(middle).simd(`${type.vector}.mul`).set(e);
        f.get(x).get(middle).simd(`${type.vector}.mul`).set(x);
      }
      multiplyBy(f, type, w, x, spare, mask!);
      turn(f, type, x, mask!);
      f.set(x);
      f.get(v).get(e).get(x).simd(`${type.vector}.sub`).get(flip);
      f.simd("v128.xor").memory("v128.store");
      f.get(u).get(e).get(x).simd(`${type.vector}.add`).memory("v128.store");
      advance(f, v, num(VECTOR));
    });
    assign(f, v, sub(v, mul(pitch, num(2))));
  });
  return f;
}

/** From half a spectrum to all of it. */
export function buildMirror(type: FloatType): FunctionBuilder {
  const f = new FunctionBuilder(STEP_PARAMS);
  const [line, length, , columns] = [0, 1, 2, 3];
  const pitch = define(f, mul(columns!, num(VECTOR)));
  const u = define(f, (g) => void g.get(line!));
  const v = define(f, add(line!, mul(length!, pitch)));
  const end = define(f, add(line!, pitch));
  const k = f.local(I32);
  const flip = f.hoisted(conjugate(type));
  const real = f.hoisted(realParts(type));
  eachTo(f, u, end, () => {
    f.get(u).get(u).memory("v128.load").get(real).simd("v128.and");
    f.memory("v128.store");
  });
  assign(f, v, sub(v, pitch));
  const last = define(f, (g) => {
    push(g, length!).i32(1).op("i32.add").i32(1).op("i32.shr_u");
  });
  count(f, k, num(1), last, num(1), () => {
    advance(f, end, pitch);
    eachTo(f, u, end, () => {
      f.get(v).get(u).memory("v128.load").get(flip).simd("v128.xor");
      f.memory("v128.store");
      advance(f, v, num(VECTOR));
    });
    assign(f, v, sub(v, mul(pitch, num(2))));
  });
  return f;
}
