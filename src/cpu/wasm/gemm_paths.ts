// Chooses how WebAssembly computes a product: whether it does, and by which of
// the ways. Knows tensors' layout; the ways know addresses only.

import type { Strided } from "../../tensor/device.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { type Matrices, packedProduct } from "./gemm.ts";
import { directProduct } from "./gemm_direct.ts";
import { scratch } from "./gemm_scratch.ts";
import { FLOAT32, FLOAT64 } from "./gemm_tile.ts";
import { type MatrixVector, vectorProduct } from "./gemv.ts";

/** Up to this many multiply-adds packing does not pay. */
const SMALL = 262144;
/** Up to this many rows packing the right operand does not pay. */
const THIN = 0;
/** Most elements of an operand outside of the shared memory that is copied there. */
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
export function wasmMatmul(out: Strided, x: Strided, y: Strided): boolean {
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
  const home = (out.storage as CpuStorage).pointer;
  const left = (x.storage as CpuStorage).pointer;
  const right = (y.storage as CpuStorage).pointer;
  if (home !== 0 && left !== 0 && right !== 0) {
    X.a = left + x.offset * bytes;
    X.b = right + y.offset * bytes;
    X.out = home + out.offset * bytes;
    return multiply();
  }
  // The smallest operands lie elsewhere: they are copied in, and results out.
  if (left !== 0) X.a = left + x.offset * bytes;
  else {
    X.a = stage(3, x);
    X.aBatch = m * k * bytes;
    X.aRow = k * bytes;
    X.aStep = bytes;
  }
  if (right !== 0) X.b = right + y.offset * bytes;
  else {
    X.b = stage(4, y);
    X.bBatch = k * n * bytes;
    X.bStep = n * bytes;
    X.bColumn = bytes;
  }
  if (home !== 0) X.out = home + out.offset * bytes;
  else {
    X.out = out.count > STAGED ? 0 : scratch(5, STAGED * 8);
    X.outBatch = m * n * bytes;
    X.outRow = n * bytes;
  }
  if (X.a === 0 || X.b === 0 || X.out === 0 || !multiply()) return false;
  if (home === 0) unstage(out, X.out);
  return true;
}

/** Looks at scratch memory as numbers. */
function viewOf(
  bytes: number,
  pointer: number,
  length: number,
): Float32Array | Float64Array {
  return bytes === 4
    ? new Float32Array(MEMORY!.buffer, pointer, length)
    : new Float64Array(MEMORY!.buffer, pointer, length);
}

/** Copies an operand, dense, to scratch memory; 0 where it is too large. */
function stage(purpose: number, x: Strided): number {
  const pointer = x.count > STAGED ? 0 : scratch(purpose, STAGED * 8);
  if (pointer === 0) return 0;
  const { data, base } = x.storage as CpuStorage;
  const to = viewOf(x.info.bytes, pointer, x.count);
  const [batch, rows, columns] = x.shape as [number, number, number];
  const [s0, s1, s2] = x.strides as [number, number, number];
  const start = base + x.offset;
  let at = 0;
  for (let i = 0; i < batch; i++) {
    for (let j = 0; j < rows; j++) {
      for (let c = 0; c < columns; c++) {
        to[at++] = data[start + i * s0 + j * s1 + c * s2] as number;
      }
    }
  }
  return pointer;
}

/** Copies results from scratch memory. */
function unstage(out: Strided, pointer: number): void {
  const { data, base } = out.storage as CpuStorage;
  const from = viewOf(out.info.bytes, pointer, out.count);
  const [batch, rows, columns] = out.shape as [number, number, number];
  const [s0, s1, s2] = out.strides as [number, number, number];
  const start = base + out.offset;
  let at = 0;
  for (let i = 0; i < batch; i++) {
    for (let j = 0; j < rows; j++) {
      for (let c = 0; c < columns; c++) {
        data[start + i * s0 + j * s1 + c * s2] = from[at++]!;
      }
    }
  }
}

/** Computes the product that `X` describes. */
function multiply(): boolean {
  const { m, n, k, type } = X;
  if (m === 1 || n === 1) {
    if (n > 1 || X.outRow === type.bytes || m === 1) {
      aimVector(n === 1);
      if (vectorProduct(V)) return true;
    }
    return directProduct(X);
  }
  if (m * n * k < SMALL) return directProduct(X);
  const dense = X.bColumn === type.bytes;
  if (m <= THIN && dense) return directProduct(X);
  if (n <= type.columns && X.aStep === type.bytes) return directProduct(X);
  return packedProduct(X);
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
