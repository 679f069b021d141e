// What a product is to the ways that compute it: addresses, strides in bytes,
// and what becomes of its sums.

import { add, num, type Value } from "./gemm_code.ts";
import { MODE } from "./gemm_store.ts";
import type { FloatType } from "./gemm_tile.ts";
import { NUMBERS, NUMBERS_AT } from "./kernel.ts";

/** Products of matrices as kernels see them: addresses, and strides in bytes. */
export interface Matrices {
  /** Element type. */
  type: FloatType;
  /** Number of products. */
  batch: number;
  /** Rows of the left operand. */
  m: number;
  /** Columns of the right operand. */
  n: number;
  /** Columns of the left operand, rows of the right one. */
  k: number;
  /** The left operand. */
  a: number;
  /** From one left operand to the next. */
  aBatch: number;
  /** From row to row. */
  aRow: number;
  /** From column to column. */
  aStep: number;
  /** The right operand. */
  b: number;
  /** From one right operand to the next. */
  bBatch: number;
  /** From row to row. */
  bStep: number;
  /** From column to column. */
  bColumn: number;
  /** The result; its rows are dense. */
  out: number;
  /** From one result to the next. */
  outBatch: number;
  /** From row to row. */
  outRow: number;
  /** Whether results are more than sums: the fields below say what. */
  more: boolean;
  /** Factor of the sums. */
  alpha: number;
  /** What is multiplied by beta and added; 0 where there is nothing. Its rows are dense. */
  from: number;
  /** From one result to the next; 0 repeats one. */
  fromBatch: number;
  /** From row to row; 0 repeats one. */
  fromRow: number;
  /** Factor of what is added. */
  beta: number;
  /** Lower bound of the results. */
  floor: number;
  /** Products with one mark have one right operand, unchanged; null says nothing. */
  mark: object | null;
}

/** Numbers that results are stored with: their places among {@linkcode NUMBERS}. */
const PLACE = { alpha: 0, beta: 1, one: 2, floor: 3, lowest: 4 } as const;

/** The same memory for float32. */
const FLOATS = new Float32Array(NUMBERS.buffer, NUMBERS.byteOffset, 10);

/** The address of a number that results are stored with, in the first variable's arguments. */
export function number(name: keyof typeof PLACE): Value {
  return add(0, num(NUMBERS_AT + 8 * PLACE[name]));
}

/** Writes the numbers of a product, or of a part of it that adds to what is there. */
export function writeNumbers(x: Matrices, adds: boolean): void {
  const { bytes } = x.type;
  const numbers = bytes === 4 ? FLOATS : NUMBERS;
  const step = 8 / bytes;
  numbers[PLACE.alpha * step] = x.more ? x.alpha : 1;
  numbers[PLACE.beta * step] = adds ? 1 : x.beta;
  numbers[PLACE.one * step] = 1;
  numbers[PLACE.floor * step] = x.more ? x.floor : -Infinity;
  numbers[PLACE.lowest * step] = -Infinity;
}

/** What happens to the first sums before they are stored. */
export function modeOf(x: Matrices, adds: boolean): number {
  if (adds) return MODE.added;
  if (!x.more) return MODE.plain;
  return x.from === 0 ? MODE.scaled : MODE.added;
}
