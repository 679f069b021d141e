// Convolutions by a BLAS: the windows are written out as a matrix, a few
// images at a time, and multiplied.

import type { Epilogue, Strided } from "../../tensor/device.ts";
import { blasMatmul, blasName } from "../blas.ts";
import { TUNING } from "../tuning.ts";
import type { TableProduct } from "./conv_kernel.ts";
import { pushNeighbours } from "./conv_pack.ts";
import { address, part, scratchLike } from "./conv_scratch.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
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
import type { FloatType } from "./gemm_tile.ts";
import { compileKernel, launch, type WasmKernel, WORDS } from "./kernel.ts";

/** Rows from which writing the windows out pays. */
const LEAST_ROWS = 48;
/** Most bytes of windows that are written out at a time. */
const MOST_BYTES = 16 * 2 ** 20;
/** Scratch memory of this file, see gemm_scratch.ts. */
const PURPOSE = 29;
/** Elements that are worth a thread's while. */
const WORTH = 2 ** 15;

/** Writes a matrix whose rows and columns lie where tables say; an item is a row. */
function gatherKernel(type: FloatType): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, [
    ...["x", "xBatch", "rows", "columns", "to", "high", "wide"] as const,
  ]);
  const item = f.local(I32);
  const from = f.local(I32);
  const to = f.local(I32);
  const left = f.local(I32);
  const place = f.local(I32);
  const some = f.local(I32);
  const { bytes, columns, scalar } = type;
  count(f, item, 1, 2, num(1), () => {
    const table = define(f, w.columns);
    assign(f, to, add(w.to, mul(item, w.wide, num(bytes))));
    push(f, add(w.rows, mul(rem(item, w.high), num(4)))).memory("i32.load");
    f.set(from);
    assign(f, from, add(from, w.x, mul(div(item, w.high), w.xBatch)));
    count(f, left, num(0), w.wide, num(columns), () => {
      assign(f, some, min(num(columns), sub(w.wide, left)));
      pushNeighbours(f, table, columns, bytes);
      f.get(some).i32(columns).op("i32.eq").op("i32.and").if();
      f.get(from).get(table).memory("i32.load").op("i32.add").set(place);
      for (const at of [0, 16]) {
        f.get(to).get(place).memory("v128.load", at).memory("v128.store", at);
      }
      advance(f, table, num(4 * columns));
      advance(f, to, num(32));
      f.else();
      repeat(f, some, () => {
        f.get(to).get(from).get(table).memory("i32.load").op("i32.add");
        f.memory(`${scalar}.load`).memory(`${scalar}.store`);
        advance(f, table, num(4));
        advance(f, to, num(bytes));
      });
      f.end();
    });
  });
  return compileKernel({ run: f });
}

/** The kernels by bytes of an element. */
const KERNELS: WasmKernel[] = [];

/** Whether a BLAS is there and worth its while. */
export function blasServes({ rows, columns, depth }: TableProduct): boolean {
  return rows >= LEAST_ROWS && columns >= LEAST_ROWS && depth >= LEAST_ROWS &&
    rows * columns * depth >= TUNING.blasLeast && blasName() !== null;
}

const EPILOGUE = { alpha: 1, beta: 1, relu: false };

/**
 * Computes products by BLAS. `out` has the shape `[batch, groups, rows, …]`,
 * or its batches lie side by side; `w` is dense. Windows are written row by row
 * where they lie `beside` each other, else column by column. Returns whether
 * BLAS served.
 */
export function blasProduct(
  p: TableProduct,
  out: Strided,
  w: Strided,
  bias: Strided | null,
  beside: boolean,
): boolean {
  const { type, batch, groups, rows, columns, depth } = p;
  const size = columns * depth;
  const images = Math.floor(MOST_BYTES / size / type.bytes);
  const most = Math.max(1, Math.min(batch, images));
  const windows = scratchLike(out, PURPOSE, [most, size]);
  if (windows === null) return false;
  const kernel = KERNELS[type.bytes] ??= gatherKernel(type);
  const high = beside ? depth : columns;
  const wide = beside ? columns : depth;
  const grain = Math.ceil(WORTH / wide);
  const [outBatch, outGroup, outRow] = out.strides as [number, number, number];
  const steps = beside ? [size, columns, 1] : [size, 1, depth];
  for (let g = 0; g < groups; g++) {
    const from = w.offset + g * rows * depth;
    for (let n = 0; n < batch; n += most) {
      const some = Math.min(most, batch - n);
      const args = [p.x + n * p.xBatch + g * p.xGroup, p.xBatch];
      args.push(
        ...(beside ? [p.elements, p.windows] : [p.windows, p.elements]),
      );
      args.push(address(windows), high, wide);
      for (let i = 0; i < args.length; i++) WORDS[i] = args[i]!;
      launch(kernel, some * high, grain);
      const shape = [some, rows, columns];
      const to = out.offset + n * outBatch + g * outGroup;
      const result = part(out, shape, [outBatch, outRow, 1], to);
      let epilogue: Epilogue | null = null;
      if (bias !== null) {
        const at = bias.offset + g * bias.strides[0]!;
        const addend = part(bias, shape, [0, bias.strides[1]!, 0], at);
        epilogue = { ...EPILOGUE, addend };
      }
      const left = part(w, [some, rows, depth], [0, depth, 1], from);
      const right = part(windows, [some, depth, columns], steps, 0);
      if (!blasMatmul(result, left, right, epilogue)) return false;
    }
  }
  return true;
}
