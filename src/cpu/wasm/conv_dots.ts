// Few long sums: the gradient of the weight of depthwise convolutions. Each
// result is an inner product, summed by vectors along the depth, where
// neighbours lie side by side in both operands; nothing is packed.

import type { TableProduct } from "./conv_kernel.ts";
import { pushNeighbours } from "./conv_pack.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  add,
  advance,
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
  repeat,
  sub,
} from "./gemm_code.ts";
import { type FloatType, locals, multiplyAdd } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Most results that are summed together. */
const TOGETHER = 9;
/** Vectors after which sums are put aside, so that rounding errors stay small. */
const STRETCH = 128;
/** Multiply-adds that are worth a thread's while. */
const WORTH = 2 ** 18;

/** An item is so many windows of a group, for all rows. */
function dotKernel(type: FloatType, together: number): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["x", "xBatch", "xGroup", "windows", "elements", "w", "wGroup"] as const,
    ...["channels", "weights", "out", "outBatch", "outGroup"] as const,
    ...["pitch", "rows", "n", "k", "parts", "groups"] as const,
  ]);
  const { bytes, scalar, vector } = type;
  const lanes = 16 / bytes;
  const [item, group, first, row, batch] = many(f, 5);
  const [steps, factors, from, left, times, rest] = many(f, 6);
  const starts = locals(f, together, I32);
  const sums = locals(f, together, V128);
  const totals = locals(f, together, V128);
  const [factor, value] = locals(f, 2, V128) as [number, number];
  const one = bytes === 4 ? "v128.load32_zero" : "v128.load64_zero";

  /** Adds products of the elements at a step: a vector of them, or one. */
  const products = (load: "v128.load" | typeof one, at: number): void => {
    f.get(factors).memory("i32.load", 4 * at).get(from).op("i32.add");
    f.memory(load).set(factor);
    f.get(steps).memory("i32.load", 4 * at).set(left);
    starts.forEach((start, j) => {
      f.get(start).get(left).op("i32.add").memory(load).set(value);
      multiplyAdd(f, type, value, factor, sums[j]!);
    });
  };
  const next = (number: number): void => {
    advance(f, steps, num(4 * number));
    advance(f, factors, num(4 * number));
  };
  const eachRow = (): void => {
    assign(f, steps, w.elements);
    assign(f, factors, w.weights);
    push(f, add(w.channels, mul(row, num(4)))).memory("i32.load").set(from);
    assign(f, from, add(from, w.w, mul(group, w.wGroup)));
    for (const total of totals) f.f32x4(0).set(total);
    assign(f, rest, div(w.k, num(lanes)));
    f.get(rest).if().loop();
    for (const sum of sums) f.f32x4(0).set(sum);
    assign(f, times, min(rest, num(STRETCH)));
    assign(f, rest, sub(rest, times));
    repeat(f, times, () => {
      pushNeighbours(f, steps, lanes, bytes);
      pushNeighbours(f, factors, lanes, bytes);
      f.op("i32.and").if();
      products("v128.load", 0);
      f.else();
      for (let i = 0; i < lanes; i++) products(one, i);
      f.end();
      next(lanes);
    });
    totals.forEach((total, j) =>
      f.get(total).get(sums[j]!).simd(`${vector}.add`).set(total)
    );
    f.get(rest).brIf(0).end().end();
    totals.forEach((total, j) => f.get(total).set(sums[j]!));
    assign(f, times, rem(w.k, num(lanes)));
    repeat(f, times, () => {
      products(one, 0);
      next(1);
    });
    assign(f, from, add(w.out, mul(batch, w.outBatch), mul(row, w.pitch)));
    assign(f, from, add(from, mul(group, w.outGroup), mul(first, num(bytes))));
    f.block();
    sums.forEach((sum, j) => {
      push(f, add(first, num(j))).get(w.n).op("i32.ge_s").brIf(0);
      f.get(from);
      for (let i = 0; i < lanes; i++) {
        f.get(sum).lane(vector, i);
        if (i > 0) f.op(`${scalar}.add`);
      }
      f.memory(`${scalar}.store`, j * bytes);
    });
    f.end();
  };

  count(f, item, 1, 2, num(1), () => {
    const whole = define(f, div(item, w.parts));
    assign(f, group, rem(whole, w.groups));
    assign(f, batch, div(whole, w.groups));
    assign(f, first, mul(rem(item, w.parts), num(together)));
    // Windows beyond the last repeat one, in the table.
    starts.forEach((start, j) => {
      push(f, add(w.windows, mul(add(first, num(j)), num(4))));
      f.memory("i32.load").get(w.x).op("i32.add").set(start);
      advance(f, start, mul(batch, w.xBatch));
      advance(f, start, mul(group, w.xGroup));
    });
    count(f, row, num(0), w.rows, num(1), eachRow);
  });
  return compileKernel({ run: f });
}

function many(
  f: FunctionBuilder,
  count: number,
): [number, number, number, number, number, number] {
  return locals(f, count, I32) as [
    ...[number, number, number, number, number, number],
  ];
}

/** The kernels by bytes of an element and results of an item. */
const KERNELS: WasmKernel[] = [];

/** Computes products of few rows and columns whose depth is long, without a bias. */
export function dotProducts(p: TableProduct): boolean {
  const { type, rows, groups, batch, depth } = p;
  const together = Math.ceil(p.columns / Math.ceil(p.columns / TOGETHER));
  const parts = Math.ceil(p.columns / together);
  const args = [p.x, p.xBatch, p.xGroup, p.windows, p.elements, p.w, p.wGroup];
  args.push(p.channels, p.weights, p.out, p.outBatch, p.outGroup, p.outRow);
  args.push(rows, p.columns, depth, parts, groups);
  for (let i = 0; i < args.length; i++) WORDS[i] = args[i]!;
  const grain = Math.ceil(WORTH / (together * depth * rows));
  const kernel = KERNELS[type.bytes * 16 + together] ??= dotKernel(
    type,
    together,
  );
  launch(kernel, batch * groups * parts, grain);
  return true;
}
