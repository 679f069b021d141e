// Searching, and positions of largest and smallest elements.

import type { Strided, TypedArray } from "../tensor/device.ts";
import { BFLOAT16, type DTypeInfo } from "../tensor/dtype.ts";
import { bfloat16BitsToFloat } from "./math_basic.ts";
import { forEachRow } from "./reduce_loop.ts";
import { compileSource } from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

type Value = number | bigint;

function data(x: Strided): TypedArray {
  return (x.storage as CpuStorage).data;
}

function base(x: Strided): number {
  return (x.storage as CpuStorage).base + x.offset;
}

/** Reads elements as values that compare; only bfloat16 is stored in disguise. */
function reader(x: Strided): (at: number) => Value {
  const values = data(x);
  if (x.info === BFLOAT16) {
    return (at) => bfloat16BitsToFloat(values[at] as number);
  }
  return (at) => values[at]!;
}

/** Position of the first largest or smallest element per row; NaN wins. */
export function runArgReduce(largest: boolean, out: Strided, x: Strided): void {
  const read = reader(x);
  const target = data(out) as BigInt64Array;
  const start = base(out);
  forEachRow(x, [], (n, from, step, row) => {
    let best = read(from);
    let where = 0;
    for (let i = 1; i < n && best === best; i++) {
      const value = read(from + i * step);
      if (
        value !== value || (largest ? value > best : value < best)
      ) {
        best = value;
        where = i;
      }
    }
    target[start + row] = BigInt(where);
  });
}

/** Running maximum or minimum per row with positions; later equals and NaN win. */
export function runArgScan(
  largest: boolean,
  values: Strided,
  indices: Strided,
  x: Strided,
): void {
  const read = reader(x);
  const source = data(x);
  const outValues = data(values);
  const outIndices = data(indices) as BigInt64Array;
  forEachRow(x, [values, indices], (n, from, step, _row, starts) => {
    let where = 0;
    for (let i = 0; i < n; i++) {
      const value = read(from + i * step);
      const best = read(from + where * step);
      const wins = value !== value ||
        (best === best && (largest ? value >= best : value <= best));
      if (wins) where = i;
      outValues[starts[0]! + i] = source[from + where * step]!;
      outIndices[starts[1]! + i] = BigInt(where);
    }
  });
}

/** Orders values ascending with NaN last. */
function compare(a: Value, b: Value): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return (a === a ? 0 : 1) - (b === b ? 0 : 1);
}

/** Where each value belongs among the sorted rows. */
export function runSearchSorted(
  out: Strided,
  sorted: Strided,
  values: Strided,
  right: boolean,
): void {
  const readSorted = reader(sorted);
  const readValue = reader(values);
  const target = data(out);
  const big = target instanceof BigInt64Array;
  const shared = sorted.shape.length === 1 && values.shape.length !== 1;
  const n = sorted.shape[sorted.shape.length - 1]!;
  const step = sorted.strides[sorted.strides.length - 1]!;
  let at = base(out);
  forEachRow(values, shared ? [] : [sorted], (m, from, vstep, _row, starts) => {
    const origin = shared ? base(sorted) : starts[0]!;
    for (let i = 0; i < m; i++) {
      const value = readValue(from + i * vstep);
      let low = 0;
      let high = n;
      while (low < high) {
        const middle = (low + high) >> 1;
        const order = compare(readSorted(origin + middle * step), value);
        if (order < 0 || (right && order === 0)) low = middle + 1;
        else high = middle;
      }
      target[at++] = big ? BigInt(low) : low;
    }
  });
}

type NonzeroLoop = (
  n: number,
  o: Int32Array,
  count: number,
  first: number,
  a: TypedArray,
  ao: number,
  an: number,
) => number;

const NONZEROS: (NonzeroLoop | undefined)[] = [];

/** Appends the positions of elements that are not zero; returns how many there are now. */
function compileNonzero(info: DTypeInfo): NonzeroLoop {
  // A bfloat16 is stored as bits, and −0 is zero.
  const value = info === BFLOAT16 ? "(a[ao]&0x7fff)" : "a[ao]";
  const zero = info.bytes === 8 && info.category !== 2 ? "0n" : "0";
  return compileSource<NonzeroLoop>(
    `(n,o,count,first,a,ao,an)=>{for(let i=0;i<n;i++){if(${value}!==${zero})o[count++]=first+i;ao+=an;}return count;}`,
  );
}

/** Row-major positions of the elements that are not zero. */
export function findNonzero(x: Strided): Int32Array {
  const loop = NONZEROS[x.info.code] ??= compileNonzero(x.info);
  const found = new Int32Array(x.count);
  const source = data(x);
  let count = 0;
  forEachRow(x, [], (n, from, step, row) => {
    count = loop(n, found, count, row * n, source, from, step);
  });
  return found.slice(0, count);
}
