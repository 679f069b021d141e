// Matrices as the algorithms of linear algebra see them: float64 elements of a
// storage with a stride along rows and one along columns, and blocks cut out of
// them. Products of blocks go where the engine's products go; all else here is
// loops.

import type { Strided } from "../../tensor/device.ts";
import { FLOAT64 } from "../../tensor/dtype.ts";
import { blasMatmul } from "../blas.ts";
import { runMatmul } from "../matmul.ts";
import type { CpuStorage } from "../storage.ts";
import { wasmMatmul } from "../wasm/gemm_paths.ts";

/** A matrix, or a part of one. */
export interface Block {
  /** The memory, of float64. */
  readonly home: CpuStorage;
  /** Position of the first element, from the storage's own first. */
  readonly at: number;
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
  /** Elements from row to row. */
  readonly down: number;
  /** Elements from column to column. */
  readonly across: number;
}

/** A dense matrix from a position of a storage on. */
export function blockOf(
  home: CpuStorage,
  at: number,
  rows: number,
  columns: number,
  pitch: number = columns,
): Block {
  return { home, at, rows, columns, down: pitch, across: 1 };
}

/** The part of a matrix from a row and a column on. */
export function part(
  x: Block,
  row: number,
  column: number,
  rows: number,
  columns: number,
): Block {
  const { home, down, across } = x;
  const at = x.at + row * down + column * across;
  return { home, at, rows, columns, down, across };
}

/** A matrix with rows and columns exchanged, in the same memory. */
export function turned(x: Block): Block {
  const { home, at, rows, columns, down, across } = x;
  return { home, at, rows: columns, columns: rows, down: across, across: down };
}

/** The elements of a matrix's memory. */
export function elementsOf({ home }: Block): Float64Array {
  return home.data as Float64Array;
}

/** Where the first element lies in {@linkcode elementsOf}. */
export function startOf({ home, at }: Block): number {
  return home.base + at;
}

/** Up to this many multiply-adds a loop is as fast as a product's preparation. */
const SMALL = 1024;

/**
 * `c = beta * c + alpha * a @ b`, where `beta` is 0 or 1. No operand shares
 * elements with `c`.
 */
export function addProduct(
  c: Block,
  alpha: number,
  a: Block,
  b: Block,
  beta: 0 | 1 = 1,
): void {
  if (c.rows === 0 || c.columns === 0) return;
  if (c.across !== 1 && c.down === 1 && c.columns > 1) {
    return addProduct(turned(c), alpha, turned(b), turned(a), beta);
  }
  const work = c.rows * c.columns * a.columns;
  // A product finishes those of vectors after it stored them, which would be
  // too late for what is added to.
  const vector = c.rows === 1 || c.columns === 1;
  if (work > SMALL && !(vector && beta !== 0)) {
    const out = stridedOf(c);
    const epilogue = {
      alpha,
      addend: beta === 0 ? null : out,
      beta,
      relu: false,
    };
    const x = stridedOf(a);
    const y = stridedOf(b);
    const given = beta === 0 && alpha === 1 ? null : epilogue;
    if (blasMatmul(out, x, y, given)) return;
    if (wasmMatmul(out, x, y, given)) return;
    if (beta === 0) return runMatmul(out, x, y, given);
  }
  addSmallProduct(c, alpha, a, b, beta);
}

function stridedOf(x: Block): Strided {
  const { home, at, rows, columns, down, across } = x;
  return {
    storage: home,
    info: FLOAT64,
    shape: [1, rows, columns],
    strides: [0, down, across],
    offset: at,
    count: rows * columns,
    dense: false,
  };
}

/** As {@linkcode addProduct}, row by row of `b`. */
function addSmallProduct(
  c: Block,
  alpha: number,
  a: Block,
  b: Block,
  beta: 0 | 1,
): void {
  const { rows, columns } = c;
  const inner = a.columns;
  const out = elementsOf(c);
  const left = elementsOf(a);
  const right = elementsOf(b);
  const cAcross = c.across;
  const bAcross = b.across;
  if (columns === 1) return addSmallVector(c, alpha, a, b, beta);
  for (let i = 0; i < rows; i++) {
    const to = startOf(c) + i * c.down;
    const from = startOf(a) + i * a.down;
    if (beta === 0) {
      for (let j = 0; j < columns; j++) out[to + j * cAcross] = 0;
    }
    for (let p = 0; p < inner; p++) {
      const value = alpha * left[from + p * a.across]!;
      const row = startOf(b) + p * b.down;
      if (cAcross === 1 && bAcross === 1) {
        for (let j = 0; j < columns; j++) {
          out[to + j]! += value * right[row + j]!;
        }
      } else {
        for (let j = 0; j < columns; j++) {
          out[to + j * cAcross]! += value * right[row + j * bAcross]!;
        }
      }
    }
  }
}

/** As {@linkcode addProduct}, where `b` is a column. */
function addSmallVector(
  c: Block,
  alpha: number,
  a: Block,
  b: Block,
  beta: 0 | 1,
): void {
  const inner = a.columns;
  const out = elementsOf(c);
  const left = elementsOf(a);
  const right = elementsOf(b);
  const first = startOf(b);
  for (let i = 0; i < c.rows; i++) {
    const to = startOf(c) + i * c.down;
    let from = startOf(a) + i * a.down;
    let at = first;
    let sum = 0;
    for (let p = 0; p < inner; p++, from += a.across, at += b.down) {
      sum += left[from]! * right[at]!;
    }
    out[to] = alpha * sum + (beta === 0 ? 0 : out[to]!);
  }
}

/** Exchanges two rows. */
export function swapRows(x: Block, i: number, j: number): void {
  const data = elementsOf(x);
  const { columns, across } = x;
  let p = startOf(x) + i * x.down;
  let q = startOf(x) + j * x.down;
  for (let k = 0; k < columns; k++, p += across, q += across) {
    const value = data[p]!;
    data[p] = data[q]!;
    data[q] = value;
  }
}

/** Where a recursion cuts `n` in two: near the middle, at a multiple of `unit`. */
export function middle(n: number, unit: number): number {
  return Math.ceil(n / 2 / unit) * unit;
}
