// Convolutions with one or two output channels per group, such as depthwise
// ones: too few rows for a tile. Sums of four strips of windows stay in
// registers; strips whose windows lie side by side are read as they lie.

import { MOST_THREADS } from "../threads.ts";
import type { TableProduct } from "./conv_kernel.ts";
import { packByTable, pushNeighbours } from "./conv_pack.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  add,
  advance,
  assign,
  count,
  define,
  div,
  mul,
  num,
  push,
  readWords,
  rem,
  repeat,
  sub,
  threadNumber,
} from "./gemm_code.ts";
import { scratch } from "./gemm_scratch.ts";
import { type FloatType, locals, multiplyAdd } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Most rows for which this pays. */
export const THIN_ROWS = 2;
/** Deepest windows: longer sums would lose accuracy. */
export const THIN_DEPTH = 256;
/** Strips that are summed together. */
export const STRIPS = 4;
/** Bytes of a strip of one step: two vectors. */
const STRIP = 32;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 18;
/** Scratch memory of a thread, see gemm_scratch.ts. */
const PURPOSE = 27;

/** An item is four strips of windows, for all rows. */
function thinKernel(type: FloatType): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["x", "xBatch", "xGroup", "windows", "elements", "weights"] as const,
    ...["out", "outBatch", "outGroup", "pitch", "bias", "rows"] as const,
    ...["n", "k", "parts", "groups", "own", "share"] as const,
  ]);
  const own = define(f, add(w.own, mul(threadNumber, w.share)));
  const { bytes, columns, scalar, vector } = type;
  const [item, group, first, row, steps, times] = locals(f, 6, I32) as [
    ...[number, number, number, number, number, number],
  ];
  const [step, factor, image, out, to, left] = locals(f, 6, I32) as [
    ...[number, number, number, number, number, number],
  ];
  const starts = locals(f, STRIPS, I32);
  const sums = locals(f, 2 * STRIPS, V128);
  const [weight, value] = locals(f, 2, V128) as [number, number];
  const table = define(f, own);
  const packed = define(f, add(own, mul(w.k, num(4))));
  // Where the elements of packed windows lie.
  assign(f, step, num(0));
  count(f, item, num(0), w.k, num(1), () => {
    push(f, add(table, mul(item, num(4))));
    push(f, mul(item, num(STRIP))).memory("i32.store");
  });

  const eachRow = (): void => {
    assign(f, steps, step);
    assign(f, factor, mul(add(mul(group, w.rows), row), w.k, num(bytes)));
    advance(f, factor, w.weights);
    for (const sum of sums) f.f32x4(0).set(sum);
    f.get(w.k).set(times);
    repeat(f, times, () => {
      f.get(factor).memory(type.splat).set(weight);
      f.get(steps).memory("i32.load").set(left);
      starts.forEach((start, j) => {
        f.get(start).get(left).op("i32.add").set(to);
        for (let i = 0; i < 2; i++) {
          f.get(to).memory("v128.load", 16 * i).set(value);
          multiplyAdd(f, type, value, weight, sums[2 * j + i]!);
        }
      });
      advance(f, factor, num(bytes));
      advance(f, steps, num(4));
    });
    f.get(w.bias).if();
    const at = mul(add(mul(group, w.rows), row), num(STRIP));
    push(f, add(w.bias, at)).memory("v128.load").set(value);
    for (const sum of sums) {
      f.get(sum).get(value).simd(`${vector}.add`).set(sum);
    }
    f.end();
    assign(f, to, add(out, mul(row, w.pitch), mul(first, num(STRIP))));
    // The sums go to memory, and from there as many as exist.
    assign(f, left, sub(w.n, mul(first, num(columns))));
    push(f, left).i32(STRIPS * columns).op("i32.ge_s").if();
    sums.forEach((sum, i) => f.get(to).get(sum).memory("v128.store", 16 * i));
    f.else();
    const spare = add(packed, mul(w.k, num(STRIP * STRIPS)));
    push(f, spare).set(steps);
    sums.forEach((sum, i) =>
      f.get(steps).get(sum).memory("v128.store", 16 * i)
    );
    repeat(f, left, () => {
      f.get(to).get(steps).memory(`${scalar}.load`).memory(`${scalar}.store`);
      advance(f, to, num(bytes));
      advance(f, steps, num(bytes));
    });
    f.end();
  };

  count(f, item, 1, 2, num(1), () => {
    const whole = define(f, div(item, w.parts));
    assign(f, group, rem(whole, w.groups));
    const batch = define(f, div(whole, w.groups));
    assign(f, first, mul(rem(item, w.parts), num(STRIPS)));
    assign(f, image, add(w.x, mul(batch, w.xBatch), mul(group, w.xGroup)));
    assign(f, out, add(w.out, mul(batch, w.outBatch)));
    advance(f, out, mul(group, w.outGroup));
    const strips = define(f, add(w.windows, mul(first, num(4 * columns))));
    const beside = f.local(I32);
    assign(f, beside, num(1));
    starts.forEach((start) => {
      pushNeighbours(f, strips, columns, bytes);
      f.get(beside).op("i32.and").set(beside);
      f.get(strips).memory("i32.load").get(image).op("i32.add").set(start);
      advance(f, strips, num(4 * columns));
    });
    f.get(beside).if();
    assign(f, step, w.elements);
    f.else();
    assign(f, step, table);
    assign(f, strips, sub(strips, num(4 * columns * STRIPS)));
    starts.forEach((start, j) => {
      assign(f, start, add(packed, mul(w.k, num(STRIP * j))));
      f.get(start).get(image);
      push(f, add(strips, num(4 * columns * j)));
      f.get(w.elements).get(w.k).call(1);
    });
    f.end();
    count(f, row, num(0), w.rows, num(1), eachRow);
  });
  return compileKernel({ run: f, pack: packByTable(type, columns) });
}

/** The kernels by bytes of an element. */
const KERNELS: WasmKernel[] = [];

/**
 * Computes products of few rows; the weights lie row by row at `weights`, and
 * the table of windows ends with a whole item. Returns whether there was room.
 */
export function thinProduct(p: TableProduct, weights: number): boolean {
  const { type, rows, groups, batch, depth } = p;
  const { bytes, columns } = type;
  // The table of packed elements, the packed windows, the results of an item.
  const share = Math.ceil((depth * (4 + STRIP * STRIPS) + STRIP * STRIPS) / 64);
  const own = scratch(PURPOSE, MOST_THREADS * share * 64);
  if (own === 0) return false;
  const parts = Math.ceil(p.columns / columns / STRIPS);
  const args = [p.x, p.xBatch, p.xGroup, p.windows, p.elements, weights];
  args.push(p.out, p.outBatch, p.outGroup, p.outRow, p.bias, rows);
  args.push(p.columns, depth, parts, groups, own, share * 64);
  for (let i = 0; i < args.length; i++) WORDS[i] = args[i]!;
  const grain = Math.ceil(WORTH / (STRIPS * columns * depth * rows));
  const kernel = KERNELS[bytes] ??= thinKernel(type);
  launch(kernel, batch * groups * parts, grain);
  return true;
}
