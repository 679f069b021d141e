// Kernels that make positions: indices are checked and turned into distances,
// and the places of elements that are not zero are listed.

import { advance, perItem } from "./copy_kernel.ts";
import { type FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  compileKernel,
  kernelTable,
  NUMBERS_AT,
  type WasmKernel,
} from "./kernel.ts";
import type { MEMORY_OPS, OP, SIMD } from "./opcodes.ts";

/** Place of the address where kernels tell that an index is out of range. */
export const FLAG = 24;

/** Bytes that take the lower halves of four int64. */
const NARROW = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/**
 * Turns indices into distances. The numbers are the length of the dimension,
 * the least index and the scale. `neighbours` says that all lie in order.
 */
function fold(
  wide: boolean,
  carry: boolean,
  neighbours: boolean,
): FunctionBuilder {
  const bytes = wide ? 8 : 4;
  const own = wide ? "i64x2" : "i32x4";
  return perItem(({ f, w, p, q, piece, count }) => {
    const [size, low, zero] = [f.local(V128), f.local(V128), f.local(V128)];
    const [bad, scale, x] = [f.local(V128), f.local(V128), f.local(V128)];
    [size, low].forEach((variable, k) => {
      f.get(0).memory("f64.load", NUMBERS_AT + 8 * k).op("i64.trunc_f64_s");
      if (wide) f.simd("i64x2.splat");
      else f.op("i32.wrap_i64").simd("i32x4.splat");
      f.set(variable);
    });
    f.get(0).memory("f64.load", NUMBERS_AT + 16).op("i64.trunc_f64_s");
    f.op("i32.wrap_i64").simd("i32x4.splat").set(scale);
    f.i32x4(0).tee(zero).set(bad);
    f.get(p).get(piece).get(w.pieceLength).op("i32.mul").get(w.xStep);
    f.op("i32.mul").op("i32.add").set(p);
    f.get(q).get(piece).get(w.pieceLength).op("i32.mul").get(w.outStep);
    f.op("i32.mul").op("i32.add").set(q);
    /** Pops indices, remembers whether one is out of range, and pushes them counted from the start. */
    const check = () => {
      f.tee(x).get(low).simd(`${own}.lt_s`).get(x).get(size);
      f.simd(`${own}.ge_s`).simd("v128.or").get(bad).simd("v128.or").set(bad);
      f.get(x).get(x).get(zero).simd(`${own}.lt_s`).get(size);
      f.simd("v128.and").simd(`${own}.add`);
    };
    if (neighbours) {
      f.block().loop().get(count).i32(4).op("i32.lt_u").brIf(1);
      f.get(q).get(p).memory("v128.load");
      check();
      if (wide) {
        f.get(p).memory("v128.load", 16);
        check();
        f.shuffle(NARROW);
      }
      f.get(scale).simd("i32x4.mul");
      if (carry) f.get(q).memory("v128.load").simd("i32x4.add");
      f.memory("v128.store");
      advance(f, p, 4 * bytes);
      advance(f, q, 16);
      advance(f, count, -4);
      f.br(0).end().end();
    }
    f.block().loop().get(count).op("i32.eqz").brIf(1);
    f.get(q).get(p).memory(wide ? "v128.load64_splat" : "v128.load32_splat");
    check();
    f.get(scale).simd("i32x4.mul").lane("i32x4", 0);
    if (carry) f.get(q).memory("i32.load").op("i32.add");
    f.memory("i32.store");
    for (const [at, step] of [[p, w.xStep], [q, w.outStep]] as const) {
      f.get(at).get(step).op("i32.add").set(at);
    }
    advance(f, count, -1);
    f.br(0).end().end();
    f.get(bad).simd("v128.any_true").if().get(0).memory("i32.load", 4 * FLAG);
    f.i32(1).memory("i32.store").end();
  });
}

/** How elements are told from zero. */
export type ZeroType = "b8" | "b16" | "half" | "b32" | "f32" | "b64" | "f64";

const ZEROS: Readonly<
  Record<ZeroType, {
    readonly bytes: number;
    readonly vector: keyof typeof SIMD;
    readonly mask: keyof typeof SIMD;
    readonly load: keyof typeof MEMORY_OPS;
    readonly test: keyof typeof OP | null;
  }>
> = {
  b8: {
    bytes: 1,
    vector: "i8x16.ne",
    mask: "i8x16.bitmask",
    load: "i32.load8_u",
    test: null,
  },
  b16: {
    bytes: 2,
    vector: "i16x8.ne",
    mask: "i16x8.bitmask",
    load: "i32.load16_u",
    test: null,
  },
  half: {
    bytes: 2,
    vector: "i16x8.ne",
    mask: "i16x8.bitmask",
    load: "i32.load16_u",
    test: null,
  },
  b32: {
    bytes: 4,
    vector: "i32x4.ne",
    mask: "i32x4.bitmask",
    load: "i32.load",
    test: null,
  },
  f32: {
    bytes: 4,
    vector: "f32x4.ne",
    mask: "i32x4.bitmask",
    load: "f32.load",
    test: "f32.ne",
  },
  b64: {
    bytes: 8,
    vector: "i64x2.ne",
    mask: "i64x2.bitmask",
    load: "i64.load",
    test: "i64.ne",
  },
  f64: {
    bytes: 8,
    vector: "f64x2.ne",
    mask: "i64x2.bitmask",
    load: "f64.load",
    test: "f64.ne",
  },
};

/** Bytes of an element. */
export function zeroBytes(type: ZeroType): number {
  return ZEROS[type].bytes;
}

/** Pops an element and pushes whether it is not zero. */
function testOne(f: FunctionBuilder, type: ZeroType): void {
  const { test } = ZEROS[type];
  // The sign of a 16-bit float does not count.
  if (type === "half") f.i32(0x7fff).op("i32.and");
  if (test === null) {
    f.i32(0).op("i32.ne");
    return;
  }
  if (type === "f32") f.f32(0);
  else if (type === "f64") f.f64(0);
  else f.i32(0).op("i64.extend_i32_s");
  f.op(test);
}

/** Pops a vector and pushes a mask of the lanes that are not zero. */
function testMany(f: FunctionBuilder, type: ZeroType): void {
  const { vector } = ZEROS[type];
  if (type === "half") f.i32x4(0x7fff7fff).simd("v128.and");
  f.i32x4(0).simd(vector);
}

/** Counts what is not zero per piece; the counts lie at `out`. */
function countPieces(type: ZeroType): FunctionBuilder {
  const { bytes, mask, load } = ZEROS[type];
  return perItem(({ f, w, p, q, piece, count }) => {
    const found = f.local(I32);
    f.get(p).get(piece).get(w.pieceLength).op("i32.mul").i32(bytes);
    f.op("i32.mul").op("i32.add").set(p).i32(0).set(found);
    const lanes = 16 / bytes;
    f.block().loop().get(count).i32(lanes).op("i32.lt_u").brIf(1);
    f.get(p).memory("v128.load");
    testMany(f, type);
    f.simd(mask).op("i32.popcnt").get(found).op("i32.add").set(found);
    advance(f, p, 16);
    advance(f, count, -lanes);
    f.br(0).end().end();
    f.block().loop().get(count).op("i32.eqz").brIf(1);
    f.get(p).memory(load);
    testOne(f, type);
    f.get(found).op("i32.add").set(found);
    advance(f, p, bytes);
    advance(f, count, -1);
    f.br(0).end().end();
    f.get(q).get(piece).i32(4).op("i32.mul").op("i32.add").get(found);
    f.memory("i32.store");
  });
}

/** Place of the address of the counts, added up to the end of each piece. */
export const ENDS = 25;

/** Lists the positions of what is not zero; each piece knows where its list begins and ends. */
function listPieces(type: ZeroType): FunctionBuilder {
  const { bytes, load } = ZEROS[type];
  const lanes = 16 / bytes;
  return perItem(({ f, w, p, q, piece, count }) => {
    const [at, end, i, stop] = [
      f.local(I32),
      f.local(I32),
      f.local(I32),
      f.local(I32),
    ];
    f.get(piece).get(w.pieceLength).op("i32.mul").tee(i).get(count);
    f.op("i32.add").set(stop);
    f.get(p).get(i).i32(bytes).op("i32.mul").op("i32.add").set(p);
    f.get(0).memory("i32.load", 4 * ENDS).get(piece).i32(4).op("i32.mul");
    f.op("i32.add").tee(end).memory("i32.load").i32(4).op("i32.mul");
    f.get(q).op("i32.add").set(at);
    f.get(end).memory("i32.load", 4).i32(4).op("i32.mul").get(q);
    f.op("i32.add").set(end);
    // The place after the last one found is another piece's: stop in time.
    f.block().loop().get(at).get(end).op("i32.eq").brIf(1);
    // A vector of zeros is passed over at once.
    f.get(stop).get(i).op("i32.sub").i32(lanes).op("i32.ge_u").if();
    f.get(p).memory("v128.load");
    testMany(f, type);
    f.simd("v128.any_true").op("i32.eqz").if();
    advance(f, p, 16);
    advance(f, i, lanes);
    f.br(2).end();
    // All lanes but the last ones, while there is something to find.
    f.get(end).get(at).op("i32.sub").i32(4 * lanes).op("i32.ge_u").if();
    for (let k = 0; k < lanes; k++) {
      f.get(at).get(i).memory("i32.store");
      f.get(at).get(p).memory(load, k * bytes);
      testOne(f, type);
      f.i32(2).op("i32.shl").op("i32.add").set(at);
      advance(f, i, 1);
    }
    advance(f, p, 16);
    f.br(2).end().end();
    f.get(at).get(i).memory("i32.store");
    f.get(at).get(p).memory(load);
    testOne(f, type);
    f.i32(2).op("i32.shl").op("i32.add").set(at);
    advance(f, i, 1);
    advance(f, p, bytes);
    f.br(0).end().end();
  });
}

const cached = kernelTable();

const FOLDS: (WasmKernel | undefined)[] = [];

/** The kernel that checks indices of 8 or 4 bytes and turns them into distances. */
export function foldKernel(
  wide: boolean,
  carry: boolean,
  neighbours: boolean,
): WasmKernel {
  const key = (wide ? 4 : 0) + (carry ? 2 : 0) + (neighbours ? 1 : 0);
  return FOLDS[key] ??= compileKernel({ run: fold(wide, carry, neighbours) });
}

/** The kernel that counts what is not zero. */
export function countKernel(type: ZeroType): WasmKernel {
  return cached(`count ${type}`, () => countPieces(type));
}

/** The kernel that lists positions of what is not zero. */
export function listKernel(type: ZeroType): WasmKernel {
  return cached(`list ${type}`, () => listPieces(type));
}
