// Calls of elementwise kernels: decides whether WebAssembly serves a call,
// finds the compiled kernel and writes its arguments. A call that it does not
// serve goes to the loops in JavaScript.

import type { MapKernel, Strided, TypedArray } from "../../tensor/device.ts";
import { type DTypeInfo, DTYPES } from "../../tensor/dtype.ts";
import { broadcastStrides, mergeDims } from "../geometry.ts";
import { blockSize, takeBlock } from "../heap.ts";
import { MEMORY } from "../memory.ts";
import { lies } from "../map_loop.ts";
import { type CpuStorage, makeArray } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { takeFailure } from "./failure.ts";
import { launch, NUMBERS, type WasmKernel, WORDS } from "./kernel.ts";
import {
  APART,
  COLUMNS,
  compileMap,
  IN_ORDER,
  MOST_OUTER,
  OUTER,
  POINTERS,
  ROW_WORDS,
  ROWS,
  servesMap,
  SINGLE,
  STEPS,
} from "./map_kernel.ts";

/** Kernels by kernel, element type and how operands lie; null where JavaScript serves. */
const FLAT: (WasmKernel | null | undefined)[] = [];
const STRIDED = new Map<number, WasmKernel | null>();

/** Elements below which a thread is not worth waking. */
const GRAIN = 16384;

/** Kernels count with signed integers of 32 bits. */
const MOST_ITEMS = 2 ** 31 - 1;

/** Bytes for a copy of an operand that lies outside the shared memory. */
const COPY_SIZE = 512;
/** Elements of the longest such operand. */
const COPY_LONGEST = 64;
/** Most numbers given at the call. */
const MOST_PARAMS = 32;

let copies = 0;
/** The space for copies as an array of each element type, by code. */
let copyViews: TypedArray[] = [];

/** Finds the space for copies; false where there is no room. */
function hasCopySpace(): boolean {
  if (copies === 0 && MEMORY !== null) {
    const pointer = copies = takeBlock(blockSize(4 * COPY_SIZE));
    if (pointer === 0) return false;
    const { buffer } = MEMORY;
    copyViews = DTYPES.map((info) => {
      const { constructor } = makeArray(info, 0);
      return new (constructor as Float32ArrayConstructor)(
        buffer as unknown as ArrayBuffer,
        pointer,
        4 * COPY_SIZE / info.bytes,
      );
    });
  }
  return copies !== 0;
}

/** Address of an operand's first element; 0 where it is out of reach. Small operands are copied into reach. */
function addressOf(x: Strided, slot: number): number {
  const storage = x.storage as CpuStorage;
  const { bytes, code } = x.info;
  if (storage.pointer !== 0) return storage.pointer + x.offset * bytes;
  const { data, base, length } = storage;
  if (length > COPY_LONGEST || !hasCopySpace()) return 0;
  // The arrays have one type; which one does not matter here.
  const view = copyViews[code] as Float32Array;
  const to = slot * COPY_SIZE;
  const start = to / bytes;
  if (x.count === 1) {
    view[start] = (data as Float32Array)[base + x.offset]!;
    return copies + to;
  }
  for (let i = 0; i < length; i++) {
    view[start + i] = (data as Float32Array)[base + i]!;
  }
  return copies + to + x.offset * bytes;
}

/** Writes the numbers given at the call as the kernel converts them. */
function writeParams(params: readonly number[], compute: DTypeInfo): void {
  if (compute.category === 2) {
    for (let i = 0; i < params.length; i++) NUMBERS[i] = params[i]!;
    return;
  }
  for (let i = 0; i < params.length; i++) {
    const value = params[i]!;
    if (compute.bytes < 8) NUMBERS[i] = value | 0;
    else NUMBERS[i] = Math.abs(value) < 2 ** 63 ? value : -(2 ** 63);
  }
}

/** Computes an expression per element if WebAssembly serves the call; see `Device.map`. */
export function wasmMap(
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): boolean {
  const { count } = out;
  if (count < TUNING.mapLeast || count > MOST_ITEMS) return false;
  const { pointer } = out.storage as CpuStorage;
  if (pointer === 0 || params.length > MOST_PARAMS) return false;
  if (!out.dense) {
    return callRows(kernel, compute, out, a, b, c, params);
  }
  const la = lies(a, count);
  const lb = b === null ? 0 : lies(b, count);
  const lc = c === null ? 0 : lies(c, count);
  if (la < 0 || lb < 0 || lc < 0) {
    return callRows(kernel, compute, out, a, b, c, params);
  }
  const single = la | (lb << 1) | (lc << 2);
  const key = (kernel.id * 10 + compute.code) * 8 + single;
  let code = FLAT[key];
  if (code === undefined) {
    code = FLAT[key] = servesMap(kernel, compute)
      ? compileMap(kernel, compute, [IN_ORDER, la, lb, lc], false)
      : null;
  }
  if (code === null) return false;
  const pa = addressOf(a, 1);
  if (pa === 0) return false;
  WORDS[POINTERS] = pointer + out.offset * out.info.bytes;
  WORDS[POINTERS + 1] = pa;
  if (b !== null) {
    const pb = addressOf(b, 2);
    if (pb === 0) return false;
    WORDS[POINTERS + 2] = pb;
  }
  if (c !== null) {
    const pc = addressOf(c, 3);
    if (pc === 0) return false;
    WORDS[POINTERS + 3] = pc;
  }
  if (params.length > 0) writeParams(params, compute);
  launch(code, count, GRAIN);
  return !takeFailure();
}

/** How the columns of an operand lie, by its stride. */
function modeOf(stride: number, columns: number): number {
  if (stride === 1) return IN_ORDER;
  return stride === 0 || columns === 1 ? SINGLE : APART;
}

/** Finds or compiles the kernel for how the columns of each operand lie. */
function rowKernel(
  kernel: MapKernel,
  compute: DTypeInfo,
  out: number,
  a: number,
  b: number,
  c: number,
): WasmKernel | null {
  const base = (kernel.id * 10 + compute.code) * 256;
  const key = base + out * 64 + a * 16 + b * 4 + c;
  let code = STRIDED.get(key);
  if (code === undefined) {
    code = servesMap(kernel, compute)
      ? compileMap(kernel, compute, [out, a, b, c], true)
      : null;
    STRIDED.set(key, code);
  }
  return code;
}

/** Elements between the columns of an operand of up to two dimensions; there are several columns. */
function columnStep(x: Strided): number {
  const last = x.shape.length - 1;
  return last < 0 || x.shape[last] === 1 ? 0 : x.strides[last]!;
}

/** Writes where an operand of up to two dimensions lies; false where it is out of reach. */
function writePlane(x: Strided, slot: number): boolean {
  const address = addressOf(x, slot);
  const { bytes } = x.info;
  const row = x.shape.length < 2 || x.shape[0] === 1 ? 0 : x.strides[0]!;
  WORDS[POINTERS + slot] = address;
  WORDS[STEPS + slot] = columnStep(x) * bytes;
  WORDS[ROWS + 1 + slot] = row * bytes;
  return address !== 0;
}

/** Two dimensions, as of a matrix and a bias, without making lists. */
function callPlane(
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): boolean {
  const columns = out.shape[1]!;
  const code = rowKernel(
    kernel,
    compute,
    modeOf(out.strides[1]!, columns),
    modeOf(columnStep(a), columns),
    b === null ? 0 : modeOf(columnStep(b), columns),
    c === null ? 0 : modeOf(columnStep(c), columns),
  );
  if (code === null || !writePlane(out, 0) || !writePlane(a, 1)) return false;
  if (b !== null && !writePlane(b, 2)) return false;
  if (c !== null && !writePlane(c, 3)) return false;
  WORDS[COLUMNS] = columns;
  WORDS[OUTER] = 1;
  WORDS[ROWS] = out.shape[0]!;
  if (params.length > 0) writeParams(params, compute);
  launch(code, out.count, GRAIN);
  return !takeFailure();
}

function callRows(
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): boolean {
  if (out.shape.length === 2 && out.shape[1]! > 1) {
    return callPlane(kernel, compute, out, a, b, c, params);
  }
  const operands = c === null
    ? b === null ? [out, a] : [out, a, b]
    : [out, a, b!, c];
  const { shape, strides } = mergeDims(
    out.shape,
    operands.map((x) => broadcastStrides(x, out.shape)),
  );
  const outer = shape.length - 1;
  if (outer > MOST_OUTER) return false;
  const columns = shape[outer]!;
  // A single column still advances by rows; the result is stored in order then.
  const modes = strides.map((s, i) =>
    i === 0 && columns === 1 ? IN_ORDER : modeOf(s[outer]!, columns)
  );
  const [m, ma, mb, mc] = modes;
  const code = rowKernel(kernel, compute, m!, ma!, mb ?? 0, mc ?? 0);
  if (code === null) return false;
  for (let i = 0; i < operands.length; i++) {
    const x = operands[i]!;
    const { bytes } = x.info;
    const address = addressOf(x, i);
    if (address === 0) return false;
    WORDS[POINTERS + i] = address;
    WORDS[STEPS + i] = strides[i]![outer]! * bytes;
    for (let d = 0; d < outer; d++) {
      WORDS[ROWS + d * ROW_WORDS + 1 + i] = strides[i]![d]! * bytes;
    }
  }
  WORDS[COLUMNS] = columns;
  WORDS[OUTER] = outer;
  for (let d = 0; d < outer; d++) WORDS[ROWS + d * ROW_WORDS] = shape[d]!;
  if (params.length > 0) writeParams(params, compute);
  launch(code, out.count, GRAIN);
  return !takeFailure();
}
