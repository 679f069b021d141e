// Chooses how WebAssembly computes a product: whether it does, and by which of
// the ways. Knows tensors' layout; the ways know addresses only.

import type { Epilogue, Strided } from "../../tensor/device.ts";
import { finish } from "../epilogue.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { tiledProduct } from "./gemm.ts";
import type { Matrices } from "./gemm_product.ts";
import { scratch } from "./gemm_scratch.ts";
import { thinProduct } from "./gemm_thin.ts";
import { FLOAT32, FLOAT64 } from "./gemm_tile.ts";
import { type MatrixVector, vectorProduct } from "./gemv.ts";

/** Up to this many rows or columns packing the other side does not pay where it lies well. */
const FEW = 12;
/** Up to this many multiply-adds packing does not pay. */
const TINY = 2048;
/** Up to this many strips of columns packing a left operand does not pay whose rows are dense. */
const FEW_STRIPS = 2;
/** From this many multiply-adds on few rows or columns may be computed transposed. */
const WORTH_TURNING = 32768;
/** Up to this many bytes a right operand whose rows are dense is read as it lies. */
const LITTLE = 65536;
/** Up to this many results are summed in pieces of this many multiply-adds. */
const FEW_RESULTS = 512;
const PIECE = 2 ** 18;
/** Most elements of a storage outside of the shared memory that is copied there. */
const STAGED = 256;

const X: Matrices = {
  type: FLOAT32,
  batch: 0,
  m: 0,
  n: 0,
  k: 0,
  a: 0,
  aBatch: 0,
  aRow: 0,
  aStep: 0,
  b: 0,
  bBatch: 0,
  bStep: 0,
  bColumn: 0,
  out: 0,
  outBatch: 0,
  outRow: 0,
  more: false,
  alpha: 1,
  from: 0,
  fromBatch: 0,
  fromRow: 0,
  beta: 0,
  floor: -Infinity,
  mark: null,
};

const V: MatrixVector = {
  type: FLOAT32,
  batch: 0,
  m: 0,
  k: 0,
  a: 0,
  aBatch: 0,
  aRow: 0,
  aStep: 0,
  x: 0,
  xBatch: 0,
  xStep: 0,
  out: 0,
  outBatch: 0,
};

/** See `Device.matmul`. Returns whether it served. */
export function wasmMatmul(
  out: Strided,
  x: Strided,
  y: Strided,
  epilogue: Epilogue | null,
  mark: object | null = null,
): boolean {
  const { info, shape, strides } = out;
  const { bytes } = info;
  const m = shape[1]!;
  const n = shape[2]!;
  const k = x.shape[2]!;
  const work = shape[0]! * m * n * k;
  if (work < TUNING.matmulLeast || work === 0) return false;
  if (MEMORY === null || info.category !== 2 || bytes < 4) return false;
  if (strides[2] !== 1 && n > 1) return false;
  X.type = bytes === 4 ? FLOAT32 : FLOAT64;
  X.batch = shape[0]!;
  X.m = m;
  X.n = n;
  X.k = k;
  X.aBatch = x.strides[0]! * bytes;
  X.aRow = x.strides[1]! * bytes;
  X.aStep = x.strides[2]! * bytes;
  X.bBatch = y.strides[0]! * bytes;
  X.bStep = y.strides[1]! * bytes;
  X.bColumn = y.strides[2]! * bytes;
  X.outBatch = strides[0]! * bytes;
  X.outRow = strides[1]! * bytes;
  // The results of a vector are few: they are finished afterwards.
  const late = epilogue !== null && (m === 1 || n === 1) ? epilogue : null;
  const home = out.storage as CpuStorage;
  const to = placeOf(home, bytes, 5);
  const left = placeOf(x.storage as CpuStorage, bytes, 3);
  const right = placeOf(y.storage as CpuStorage, bytes, 4);
  if (to === 0 || left === 0 || right === 0) return false;
  X.a = left + x.offset * bytes;
  X.b = right + y.offset * bytes;
  X.out = to + out.offset * bytes;
  if (!describe(late === null ? epilogue : null)) return false;
  X.mark = mark;
  if (!multiply()) return false;
  if (home.pointer === 0) {
    const results = viewOf(bytes, to, home.length);
    (home.data as Float32Array).set(results as Float32Array, home.base);
  }
  if (late !== null) finish(out, late);
  return true;
}

/** Enters an epilogue into `X`; false where the addend does not lie as kernels read it. */
function describe(epilogue: Epilogue | null): boolean {
  X.more = epilogue !== null;
  X.from = 0;
  if (epilogue === null) return true;
  const { addend } = epilogue;
  X.alpha = epilogue.alpha;
  X.floor = epilogue.relu ? 0 : -Infinity;
  if (addend === null) return true;
  const { strides } = addend;
  if (strides[2] !== 1 && X.n > 1) return false;
  const { bytes } = X.type;
  const from = placeOf(addend.storage as CpuStorage, bytes, 7);
  X.from = from + addend.offset * bytes;
  X.fromBatch = strides[0]! * bytes;
  X.fromRow = strides[1]! * bytes;
  X.beta = epilogue.beta;
  return from !== 0;
}

/** Looks at a part of the shared memory as numbers. */
function viewOf(
  bytes: number,
  pointer: number,
  length: number,
): Float32Array | Float64Array {
  return bytes === 4
    ? new Float32Array(MEMORY!.buffer, pointer, length)
    : new Float64Array(MEMORY!.buffer, pointer, length);
}

/** Rows of a matrix as one array, with what lies between them. */
function rowsAt(
  bytes: number,
  pointer: number,
  pitch: number,
  rows: number,
  columns: number,
): Float32Array | Float64Array {
  return viewOf(bytes, pointer, (rows - 1) * pitch / bytes + columns);
}

/** Address of a storage; the smallest lie elsewhere and are copied to scratch memory. 0 where that is impossible. */
function placeOf(
  storage: CpuStorage,
  bytes: number,
  purpose: number,
): number {
  const { pointer, data, base, length } = storage;
  if (pointer !== 0) return pointer;
  const copy = length > STAGED ? 0 : scratch(purpose, STAGED * 8);
  if (copy === 0) return 0;
  const own = (data as Float32Array).subarray(base, base + length);
  viewOf(bytes, copy, length).set(own);
  return copy;
}

/** Computes the product that `X` describes. */
function multiply(): boolean {
  const { m, n, k, batch } = X;
  if (batch === 1 && m * n <= FEW_RESULTS && m * n * k >= 2 * PIECE) {
    return splitProduct();
  }
  return wholeProduct();
}

/**
 * Computes few results of great depth as a batch of shorter products, which
 * threads share, and adds those up. The pieces do not depend on the threads.
 */
function splitProduct(): boolean {
  const { m, n, k, out, outRow, a, b, type: { bytes } } = X;
  const { more, alpha, beta, floor, from, fromRow } = X;
  const piece = Math.ceil(PIECE / (m * n) / 64) * 64;
  const whole = Math.floor(k / piece);
  const count = Math.ceil(k / piece);
  const sums = scratch(8, count * m * n * bytes);
  if (sums === 0) return false;
  X.more = false;
  X.outBatch = m * n * bytes;
  X.outRow = n * bytes;
  X.out = sums;
  X.batch = whole;
  X.k = piece;
  X.aBatch = piece * X.aStep;
  X.bBatch = piece * X.bStep;
  if (whole > 0 && !wholeProduct()) return false;
  if (count > whole) {
    X.batch = 1;
    X.k = k - whole * piece;
    X.a = a + whole * piece * X.aStep;
    X.b = b + whole * piece * X.bStep;
    X.out = sums + whole * m * n * bytes;
    if (!wholeProduct()) return false;
  }
  const parts = viewOf(bytes, sums, count * m * n);
  const to = rowsAt(bytes, out, outRow, m, n);
  const pitch = outRow / bytes;
  const added = more && from !== 0 ? rowsAt(bytes, from, fromRow, m, n) : null;
  const fromPitch = fromRow / bytes;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = i * n + j; p < parts.length; p += m * n) sum += parts[p]!;
      if (more) sum *= alpha;
      if (added !== null) sum += beta * added[i * fromPitch + j]!;
      to[i * pitch + j] = more && sum < floor ? floor : sum;
    }
  }
  return true;
}

/** Computes the product that `X` describes, in one piece. */
function wholeProduct(): boolean {
  const { m, n, k, type } = X;
  if (m === 1 || n === 1) {
    if (n > 1 || X.outRow === type.bytes || m === 1) {
      aimVector(n === 1);
      if (vectorProduct(V)) return true;
    }
  }
  const { bytes, columns } = type;
  if (n <= FEW_STRIPS * columns && m >= 4 * n && X.aStep === bytes) {
    return thinProduct(X, true);
  }
  if (m * n * k <= TINY) return thinProduct(X, X.bColumn !== bytes);
  if (X.batch === 1 && m * n * k >= WORTH_TURNING) {
    // The large operand becomes the one that is read as it lies.
    const few = m <= FEW && n > m && X.bStep === bytes;
    if (few || n <= FEW && m > n && X.aRow === bytes) {
      return transposedProduct();
    }
  }
  const packs = X.bColumn !== bytes || (m > 12 && k * n * bytes > LITTLE);
  return tiledProduct(X, packs);
}

/** Computes the transposed product: the large operand is read as it lies. */
function transposedProduct(): boolean {
  const { m, n, a, b, aRow, aStep, bStep, bColumn, out, outRow } = X;
  const { more, alpha, beta, from, fromRow } = X;
  const floor = more ? X.floor : -Infinity;
  const { bytes } = X.type;
  X.out = scratch(6, m * n * bytes);
  if (X.out === 0) return false;
  X.m = n;
  X.n = m;
  X.a = b;
  X.aRow = bColumn;
  X.aStep = bStep;
  X.b = a;
  X.bStep = aStep;
  X.bColumn = aRow;
  X.outRow = m * bytes;
  // A repeated operand would look shared; there is only one product.
  X.bBatch = 0;
  X.mark = null;
  X.more = false;
  const done = X.aStep === bytes
    ? thinProduct(X, true)
    : tiledProduct(X, X.bColumn !== bytes);
  if (!done) return false;
  const sums = viewOf(bytes, X.out, m * n);
  const to = rowsAt(bytes, out, outRow, m, n);
  const pitch = outRow / bytes;
  const added = more && from !== 0 ? rowsAt(bytes, from, fromRow, m, n) : null;
  const fromPitch = fromRow / bytes;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let value = sums[i + j * m]!;
      if (more) value *= alpha;
      if (added !== null) value += beta * added[i * fromPitch + j]!;
      to[i * pitch + j] = value < floor ? floor : value;
    }
  }
  return true;
}

/** Describes the product as matrix times vector; the right operand is the vector if `right`, else the left one. */
function aimVector(right: boolean): void {
  V.type = X.type;
  V.batch = X.batch;
  V.m = right ? X.m : X.n;
  V.k = X.k;
  V.a = right ? X.a : X.b;
  V.aBatch = right ? X.aBatch : X.bBatch;
  V.aRow = right ? X.aRow : X.bColumn;
  V.aStep = right ? X.aStep : X.bStep;
  V.x = right ? X.b : X.a;
  V.xBatch = right ? X.bBatch : X.aBatch;
  V.xStep = right ? X.bStep : X.aStep;
  V.out = X.out;
  V.outBatch = X.outBatch;
}
