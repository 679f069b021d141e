// Kernels that walk lines of any stride, element by element: running sums and
// products, and positions of largest and smallest elements. Items are lines.

import { convertScalar, loadScalar, storeScalar } from "./cast_code.ts";
import { advance, perItem } from "./copy_kernel.ts";
import { COPY_BYTES } from "./copy_types.ts";
import { F64, type FunctionBuilder, I32 } from "./emitter.ts";
import { compileKernel, kernelTable, type WasmKernel } from "./kernel.ts";
import { SCALARS } from "./reduce_lanes.ts";
import type { LaneType } from "./reduce_pattern.ts";

/** Elements that are combined before the running value is touched. */
const UNROLL = 4;

/**
 * Running sums and products. The running value changes once in four elements:
 * waiting for it is what takes the time.
 */
function scan(op: "add" | "mul", from: LaneType, to: LaneType) {
  const acc: LaneType = to === "f32" ? "f64" : to;
  return perItem(({ f, w, p, q, count }) => {
    const spare = f.local(F64);
    const running = f.local(SCALARS[acc]);
    const parts = Array.from({ length: UNROLL }, () => f.local(SCALARS[acc]));
    if (acc === "i64") f.i32(op === "mul" ? 1 : 0).op("i64.extend_i32_s");
    else f.f64(op === "mul" ? 1 : 0);
    f.set(running);
    const combine = () => f.op(`${acc as "f64" | "i64"}.${op}`);
    const pass = (size: number) => {
      f.block().loop().get(count).i32(size).op("i32.lt_u").brIf(1);
      for (let k = 0; k < size; k++) {
        f.get(p);
        loadScalar(f, from);
        convertScalar(f, from, acc, spare);
        f.set(parts[k]!).get(p).get(w.xStep).op("i32.add").set(p);
      }
      for (let k = 1; k < size; k++) {
        f.get(parts[k - 1]!).get(parts[k]!);
        combine();
        f.set(parts[k]!);
      }
      for (let k = 0; k < size; k++) {
        f.get(running).get(parts[k]!);
        combine();
        f.set(parts[k]!).get(q).i32(k * COPY_BYTES[to]).op("i32.add");
        f.get(parts[k]!);
        convertScalar(f, acc, to, spare);
        storeScalar(f, to);
      }
      f.get(parts[size - 1]!).set(running);
      advance(f, q, size * COPY_BYTES[to]);
      advance(f, count, -size);
      f.br(0).end().end();
    };
    pass(UNROLL);
    pass(1);
  });
}

/** Position of the first largest or smallest element; the first NaN wins. */
function position(largest: boolean, from: LaneType): FunctionBuilder {
  return perItem(({ f, w, p, q, count }) => {
    const type = SCALARS[from];
    const [best, value] = [f.local(type), f.local(type)];
    const [at, where] = [f.local(I32), f.local(I32)];
    const float = from === "f32" || from === "f64";
    const stack = from === "u8" ? "i32" : from;
    f.get(p);
    loadScalar(f, from);
    f.set(best).i32(0).set(at).i32(0).set(where);
    f.block().loop();
    // A NaN ends the search.
    if (float) {
      f.get(best).get(best).op(`${stack as "f32"}.ne`).brIf(1);
    }
    f.block().loop();
    advance(f, at, 1);
    f.get(at).get(count).op("i32.ge_u").brIf(3);
    f.get(p).get(w.xStep).op("i32.add").tee(p);
    loadScalar(f, from);
    f.tee(value).get(best);
    const order = largest ? "le" : "ge";
    if (float) f.op(`${stack as "f32"}.${order}`);
    else f.op(`${stack as "i32"}.${order}_s`);
    f.brIf(0).end().end();
    f.get(value).set(best).get(at).set(where);
    f.br(0).end().end();
    f.get(q).get(where).op("i64.extend_i32_u").memory("i64.store");
  });
}

const cached = kernelTable();

/** The kernel of running sums or products. */
export function scanKernel(
  op: "add" | "mul",
  from: LaneType,
  to: LaneType,
): WasmKernel {
  return cached(`${op} ${from} ${to}`, () => scan(op, from, to));
}

const POSITIONS: (WasmKernel | undefined)[] = [];

/** The kernel of positions of largest or smallest elements; `code` numbers the element type. */
export function positionKernel(
  largest: boolean,
  from: LaneType,
  code: number,
): WasmKernel {
  return POSITIONS[2 * code + (largest ? 1 : 0)] ??= compileKernel({
    run: position(largest, from),
  });
}
