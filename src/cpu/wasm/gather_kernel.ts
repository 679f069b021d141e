// Kernels that read and write by positions: single elements, or whole rows of
// neighbours, which are copied by vectors.

import type { ScatterMode } from "../../tensor/device.ts";
import { F32, F64, type FunctionBuilder, I32, I64, V128 } from "./emitter.ts";
import { compileKernel, kernelTable, type WasmKernel } from "./kernel.ts";
import type { MEMORY_OPS, SIMD } from "./opcodes.ts";
import { perPlane, type PlaneRow } from "./plane_kernel.ts";

/** Element types as scatters see them; what is only moved is known by its size. */
export type CellType =
  | "bool"
  | "u8"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "f32"
  | "f64";

/** How an element is loaded. */
export const LOADS: Readonly<Record<CellType, keyof typeof MEMORY_OPS>> = {
  bool: "i32.load8_u",
  u8: "i32.load8_u",
  i8: "i32.load8_s",
  i16: "i32.load16_s",
  i32: "i32.load",
  i64: "i64.load",
  f32: "f32.load",
  f64: "f64.load",
};

/** How an element is stored. */
export const STORES: Readonly<Record<CellType, keyof typeof MEMORY_OPS>> = {
  bool: "i32.store8",
  u8: "i32.store8",
  i8: "i32.store8",
  i16: "i32.store16",
  i32: "i32.store",
  i64: "i64.store",
  f32: "f32.store",
  f64: "f64.store",
};

/** Types on the stack. */
const STACK: Readonly<Record<CellType, number>> = {
  bool: I32,
  u8: I32,
  i8: I32,
  i16: I32,
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
};

/** Bytes of an element. */
const CELL_BYTES: Readonly<Record<CellType, number>> = {
  bool: 1,
  u8: 1,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
};

/** The type that stands for all of a size. */
const BY_SIZE: Readonly<Record<number, CellType>> = {
  1: "u8",
  2: "i16",
  4: "i32",
  8: "i64",
};

/** Rows from this many bytes on are copied by the processor's own means. */
const LONG = 1024;
/** Elements in a turn of a loop. */
const UNROLL = 4;

function add(f: FunctionBuilder, variable: number, by: number): void {
  f.get(variable).get(by).op("i32.add").set(variable);
}

function step(f: FunctionBuilder, variable: number, by: number): void {
  f.get(variable).i32(by).op("i32.add").set(variable);
}

/** Pushes `start` plus what the position at `j` means; of an int64 the lower half says all. */
function pushPlace({ f, w, j }: PlaneRow, start: number): void {
  f.get(start).get(j).memory("i32.load").get(w.unit).op("i32.mul");
  f.op("i32.add");
}

/** Repeats while `count` is at least `size`, and takes that many off. */
function whole(
  f: FunctionBuilder,
  count: number,
  size: number,
  body: () => void,
): void {
  f.block().get(count).i32(size).op("i32.lt_u").brIf(0).loop();
  body();
  f.get(count).i32(size).op("i32.sub").tee(count).i32(size).op("i32.ge_u");
  f.brIf(0).end().end();
}

/** Copies `count` neighbours from `p` to `q`; uses all three up. */
function copyRow(
  { f, q, p, count }: PlaneRow,
  bytes: number,
  end: number,
): void {
  f.get(count).i32(bytes).op("i32.mul").tee(count).i32(LONG).op("i32.ge_u");
  f.if().get(q).get(p).get(count).memoryCopy().else();
  f.get(count).i32(16).op("i32.ge_u").if();
  // The last vector lies over the one before it where the length is odd.
  f.get(count).i32(16).op("i32.sub").set(end);
  whole(f, count, 64, () => {
    for (let k = 0; k < 4; k++) {
      f.get(q).get(p).memory("v128.load", 16 * k).memory("v128.store", 16 * k);
    }
    for (const at of [q, p]) step(f, at, 64);
    step(f, end, -64);
  });
  whole(f, count, 16, () => {
    f.get(q).get(p).memory("v128.load").memory("v128.store");
    for (const at of [q, p]) step(f, at, 16);
    step(f, end, -16);
  });
  f.get(count).if();
  for (const at of [q, p]) add(f, at, end);
  f.get(q).get(p).memory("v128.load").memory("v128.store").end();
  f.else();
  whole(f, count, bytes, () => {
    const type = BY_SIZE[bytes]!;
    f.get(q).get(p).memory(LOADS[type]).memory(STORES[type]);
    for (const at of [q, p]) step(f, at, bytes);
  });
  f.end().end();
}

/** Reads rows of neighbours, each by one position. */
function gatherRows(bytes: number): FunctionBuilder {
  return perPlane((row) => {
    const { f, p } = row;
    const end = f.local(I32);
    pushPlace(row, p);
    f.set(p);
    copyRow(row, bytes, end);
  });
}

/** Moves the variables of a row on by one column. */
function nextColumn({ f, w, q, p, j }: PlaneRow): void {
  add(f, q, w.outColumn);
  add(f, p, w.xColumn);
  add(f, j, w.indexColumn);
}

/** Reads elements, each by its own position. */
function gatherEach(bytes: number): FunctionBuilder {
  const type = BY_SIZE[bytes]!;
  return perPlane((row) => {
    const { f, count, q, p } = row;
    for (const size of [UNROLL, 1]) {
      whole(f, count, size, () => {
        for (let k = 0; k < size; k++) {
          f.get(q);
          pushPlace(row, p);
          f.memory(LOADS[type]).memory(STORES[type]);
          nextColumn(row);
        }
      });
    }
  });
}

/** Pops the element that is there and a new one; pushes what both become. */
function combine(
  f: FunctionBuilder,
  mode: ScatterMode,
  type: CellType,
  x: number,
  y: number,
): void {
  const kind = type === "i64" || type === "f32" || type === "f64"
    ? type
    : "i32";
  if (mode === "sum") f.op(`${kind}.add`);
  else if (mode === "prod") f.op(`${kind}.mul`);
  else if (kind === "f32" || kind === "f64") {
    f.op(`${kind}.${mode === "amax" ? "max" : "min"}`);
  } else {
    f.set(y).tee(x).get(y).get(x).get(y);
    f.op(`${kind}.${mode === "amax" ? "gt" : "lt"}_s`).op("select");
  }
  if (type === "bool") f.i32(0).op("i32.ne");
}

/** Types whose vectors add up. */
const VECTOR_SUMS: Partial<Record<CellType, keyof typeof SIMD>> = {
  i32: "i32x4.add",
  i64: "i64x2.add",
  f32: "f32x4.add",
  f64: "f64x2.add",
};

/** Writes by positions; `rows` says that a row of neighbours has one position. */
function scatter(
  mode: ScatterMode,
  type: CellType,
  rows: boolean,
): FunctionBuilder {
  const bytes = CELL_BYTES[type];
  return perPlane((row) => {
    const { f, q, p, count } = row;
    const [x, y] = [f.local(STACK[type]), f.local(STACK[type])];
    const [t, end] = [f.local(I32), f.local(I32)];
    /** Combines one element with the one at `t`. */
    const one = () => {
      f.get(t);
      if (mode !== "set") f.get(t).memory(LOADS[type]);
      f.get(p).memory(LOADS[type]);
      if (mode !== "set") combine(f, mode, type, x, y);
      f.memory(STORES[type]);
    };
    if (!rows) {
      for (const size of [UNROLL, 1]) {
        whole(f, count, size, () => {
          for (let k = 0; k < size; k++) {
            pushPlace(row, q);
            f.set(t);
            one();
            nextColumn(row);
          }
        });
      }
      return;
    }
    pushPlace(row, q);
    f.set(t);
    if (mode === "set") {
      copyRow({ ...row, q: t }, bytes, end);
      return;
    }
    const sum = mode === "sum" ? VECTOR_SUMS[type] : undefined;
    if (sum !== undefined) {
      const v = f.local(V128);
      for (const size of [4, 1]) {
        whole(f, count, size * 16 / bytes, () => {
          for (let k = 0; k < size; k++) {
            f.get(t).memory("v128.load", 16 * k);
            f.get(p).memory("v128.load", 16 * k).simd(sum).set(v);
            f.get(t).get(v).memory("v128.store", 16 * k);
          }
          for (const at of [t, p]) step(f, at, 16 * size);
        });
      }
    }
    whole(f, count, 1, () => {
      one();
      for (const at of [t, p]) step(f, at, bytes);
    });
  });
}

const GATHERS: (WasmKernel | undefined)[] = [];
const scatters = kernelTable();

/** The kernel that reads elements of `bytes` each, by rows or one by one. */
export function gatherKernel(bytes: number, rows: boolean): WasmKernel {
  return GATHERS[2 * bytes + (rows ? 1 : 0)] ??= compileKernel({
    run: rows ? gatherRows(bytes) : gatherEach(bytes),
  });
}

/** The kernel that writes elements, by rows or one by one. */
export function scatterKernel(
  mode: ScatterMode,
  type: CellType,
  rows: boolean,
): WasmKernel {
  const own = mode === "set" ? BY_SIZE[CELL_BYTES[type]]! : type;
  return scatters(`${mode} ${own} ${rows}`, () => scatter(mode, own, rows));
}
