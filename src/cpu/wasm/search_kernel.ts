// Kernels that compare their way along rows: binary searches, and running
// extremes with their positions.

import { F32, F64, type FunctionBuilder, I32, I64 } from "./emitter.ts";
import { type CellType, LOADS, STORES } from "./gather_kernel.ts";
import { kernelTable, type WasmKernel } from "./kernel.ts";
import type { OP } from "./opcodes.ts";
import { perPlane } from "./plane_kernel.ts";

/** Place of the number of sorted elements. */
export const LENGTH = 40;
/** Place of the bytes between them. */
export const STRIDE = 41;

const KINDS = { f32: F32, f64: F64, i32: I32, i64: I64 } as const;

/** How a type is computed with. */
function kindOf(type: CellType): "f32" | "f64" | "i32" | "i64" {
  return type === "f32" || type === "f64" || type === "i64" ? type : "i32";
}

function compare(kind: string, order: "lt" | "gt" | "le" | "ge") {
  const sign = kind.startsWith("i") ? "_s" : "";
  return `${kind}.${order}${sign}` as keyof typeof OP;
}

/** Finds where each column belongs among the sorted elements at `j`. */
function search(
  type: CellType,
  right: boolean,
  wide: boolean,
): FunctionBuilder {
  return perPlane(({ f, w, q, p, j, count }) => {
    const kind = kindOf(type);
    const value = f.local(KINDS[kind]);
    const local = () => f.local(I32);
    const [n, stride, low, high] = [local(), local(), local(), local()];
    const [middle, here] = [local(), local()];
    f.get(0).memory("i32.load", 4 * LENGTH).set(n);
    f.get(0).memory("i32.load", 4 * STRIDE).set(stride);
    f.loop();
    f.get(p).memory(LOADS[type]).set(value);
    f.i32(0).set(low).get(n).set(high);
    f.block().loop().get(low).get(high).op("i32.ge_u").brIf(1);
    // Without a branch on the comparison, which nobody could foresee.
    f.get(low).get(high).op("i32.add").i32(1).op("i32.shr_u").set(middle);
    f.get(j).get(middle).get(stride).op("i32.mul").op("i32.add");
    f.memory(LOADS[type]).get(value);
    f.op(compare(kind, right ? "gt" : "ge")).set(here);
    f.get(middle).get(high).get(here).op("select").set(high);
    f.get(low).get(middle).i32(1).op("i32.add").get(here).op("select");
    f.set(low).br(0).end().end();
    f.get(q).get(low);
    if (wide) f.op("i64.extend_i32_u").memory("i64.store");
    else f.memory("i32.store");
    f.get(q).get(w.outColumn).op("i32.add").set(q);
    f.get(p).get(w.xColumn).op("i32.add").set(p);
    f.get(count).i32(1).op("i32.sub").tee(count).brIf(0).end();
  });
}

/** Running extremes of rows at `p`: values go to `q`, positions to `j`. */
function extremes(largest: boolean, type: CellType): FunctionBuilder {
  return perPlane(({ f, w, q, p, j, count }) => {
    const kind = kindOf(type);
    const [best, value] = [f.local(KINDS[kind]), f.local(KINDS[kind])];
    const [where, at, wins] = [f.local(I32), f.local(I32), f.local(I32)];
    f.get(p).memory(LOADS[type]).set(best).i32(0).tee(where).set(at);
    f.loop();
    f.get(p).memory(LOADS[type]).tee(value).get(best);
    f.op(compare(kind, largest ? "ge" : "le"));
    if (kind === "f32" || kind === "f64") {
      f.get(value).get(value).op(`${kind}.ne`).op("i32.or");
    }
    f.set(wins);
    f.get(value).get(best).get(wins).op("select").set(best);
    f.get(at).get(where).get(wins).op("select").set(where);
    f.get(q).get(best).memory(STORES[type]);
    f.get(j).get(where).op("i64.extend_i32_u").memory("i64.store");
    f.get(q).get(w.outColumn).op("i32.add").set(q);
    f.get(p).get(w.xColumn).op("i32.add").set(p);
    f.get(j).get(w.indexColumn).op("i32.add").set(j);
    f.get(at).i32(1).op("i32.add").tee(at).get(count).op("i32.lt_u").brIf(0);
    f.end();
  });
}

const cached = kernelTable();

/** The kernel of binary searches; `wide` results are int64. */
export function searchKernel(
  type: CellType,
  right: boolean,
  wide: boolean,
): WasmKernel {
  const key = `search ${type} ${right} ${wide}`;
  return cached(key, () => search(type, right, wide));
}

/** The kernel of running extremes. */
export function extremesKernel(largest: boolean, type: CellType): WasmKernel {
  return cached(`${largest} ${type}`, () => extremes(largest, type));
}
