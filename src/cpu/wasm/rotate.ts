// Rotations of neighbouring rows, sweep after sweep: a strip of columns at a
// time goes through all sweeps while it lies in the level-1 cache, and what a
// rotation leaves to the next one stays in registers.

import { MEMORY } from "../memory.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  add,
  advance,
  assign,
  count,
  less,
  mul,
  num,
  push,
  readWords,
  repeat,
  sub,
} from "./gemm_code.ts";
import { scratch } from "./gemm_scratch.ts";
import { FLOAT64, locals, multiplyAdd } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Columns of a strip: rows of a matrix are as long as a multiple of it. */
export const STRIP = 8;
const VECTORS = 4;
const BYTES = 64;
/** Rotations of a strip that are worth a thread's while. */
const WORTH = 2 ** 14;

/** One sweep: rows from `low` to `high`, in either direction. */
function sweepCode(
  f: FunctionBuilder,
  ascending: boolean,
  w: Record<"column" | "pitch" | "low" | "high" | "at", number>,
): void {
  const p = f.local(I32);
  const q = f.local(I32);
  const steps = f.local(I32);
  const kept = locals(f, VECTORS, V128);
  const [c, s, n, other, out] = locals(f, 5, V128) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const first = ascending ? w.low : w.high;
  assign(f, p, add(w.column, mul(first, w.pitch)));
  assign(f, steps, sub(w.high, w.low));
  kept.forEach((x, i) => f.get(p).memory("v128.load", 16 * i).set(x));
  repeat(f, steps, () => {
    assign(f, q, ascending ? add(p, w.pitch) : sub(p, w.pitch));
    f.get(w.at).memory(FLOAT64.splat).set(c);
    f.get(w.at).memory(FLOAT64.splat, 8).set(s);
    f.get(s).simd("f64x2.neg").set(n);
    // What is kept is the row above where they ascend, else the row below.
    const [toOut, toKept] = ascending ? [s, n] : [n, s];
    kept.forEach((x, i) => {
      f.get(q).memory("v128.load", 16 * i).set(other);
      f.get(c).get(x).simd("f64x2.mul").set(out);
      multiplyAdd(f, FLOAT64, toOut, other, out);
      f.get(p).get(out).memory("v128.store", 16 * i);
      f.get(c).get(other).simd("f64x2.mul").set(out);
      multiplyAdd(f, FLOAT64, toKept, x, out);
      f.get(out).set(x);
    });
    f.get(q).set(p);
    advance(f, w.at, num(16));
  });
  kept.forEach((x, i) => f.get(p).get(x).memory("v128.store", 16 * i));
}

/** An item is a strip of columns. */
function buildKernel(): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, ["matrix", "pitch", "numbers", "sweeps", "end"]);
  const item = f.local(I32);
  const sweep = f.local(I32);
  const column = f.local(I32);
  const at = f.local(I32);
  const low = f.local(I32);
  const high = f.local(I32);
  count(f, item, 1, 2, num(1), () => {
    assign(f, column, add(w.matrix, mul(item, num(BYTES))));
    assign(f, at, w.numbers);
    assign(f, sweep, w.sweeps);
    push(f, less(sweep, w.end)).if().loop();
    f.get(sweep).memory("i32.load").set(low);
    f.get(sweep).memory("i32.load", 4).set(high);
    const places = { column, pitch: w.pitch, low, high, at };
    f.get(sweep).memory("i32.load", 8).if();
    sweepCode(f, true, places);
    f.else();
    sweepCode(f, false, places);
    f.end();
    advance(f, sweep, num(12));
    push(f, less(sweep, w.end)).brIf(0).end().end();
  });
  return compileKernel({ run: f });
}

let kernel: WasmKernel | null = null;

/**
 * Rotates the rows of a matrix at an address, `pitch` bytes from one to the
 * next, in `columns` columns. Each sweep is three integers: its first and last
 * row, and whether it ascends; each rotation two numbers, cosine and sine.
 * Returns whether it served.
 */
export function wasmRotate(
  matrix: number,
  pitch: number,
  columns: number,
  numbers: Float64Array,
  count: number,
  sweeps: readonly number[],
): boolean {
  if (MEMORY === null || matrix === 0) return false;
  const length = numbers.length * 8;
  const place = scratch(9, length + sweeps.length * 4);
  if (place === 0) return false;
  kernel ??= buildKernel();
  const { buffer } = MEMORY;
  new Float64Array(buffer, place, 2 * count).set(
    numbers.subarray(0, 2 * count),
  );
  new Int32Array(buffer, place + length, sweeps.length).set(sweeps);
  WORDS[0] = matrix;
  WORDS[1] = pitch;
  WORDS[2] = place;
  WORDS[3] = place + length;
  WORDS[4] = place + length + sweeps.length * 4;
  launch(kernel, Math.ceil(columns / STRIP), Math.ceil(WORTH / count));
  return true;
}
