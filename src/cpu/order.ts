// Searching, and positions of largest and smallest elements.

import type { Strided, TypedArray } from "../tensor/device.ts";
import { BFLOAT16, type DTypeInfo } from "../tensor/dtype.ts";
import { bfloat16BitsToFloat } from "./math_basic.ts";
import { forEachRow } from "./reduce_loop.ts";
import { compileSource, kindOf, load } from "./spelling.ts";
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

/** Searches one row for `m` values. */
type SearchLoop = (
  m: number,
  o: TypedArray,
  oo: number,
  v: TypedArray,
  vo: number,
  vn: number,
  s: TypedArray,
  so: number,
  n: number,
  sn: number,
) => void;

const SEARCHES: (SearchLoop | undefined)[] = [];

function compileSearch(
  out: DTypeInfo,
  sorted: DTypeInfo,
  values: DTypeInfo,
  right: boolean,
): SearchLoop {
  // An int64 compares with a number as it is. NaN is neither below nor above,
  // so that the search goes on to its right, as in PyTorch.
  const element = load(sorted, kindOf(sorted), "s[so+k*sn]");
  return compileSource<SearchLoop>(
    `(m,o,oo,v,vo,vn,s,so,n,sn)=>{for(let i=0;i<m;i++){const V=${
      load(values, kindOf(values), "v[vo]")
    };let low=0,high=n;while(low<high){const k=(low+high)>>1;if(${element}${
      right ? ">" : ">="
    }V)high=k;else low=k+1;}o[oo+i]=${
      out.bytes === 8 ? "BigInt(low)" : "low"
    };vo+=vn;}}`,
  );
}

/** Where each value belongs among the sorted rows. */
export function runSearchSorted(
  out: Strided,
  sorted: Strided,
  values: Strided,
  right: boolean,
): void {
  const codes = (sorted.info.code * 10 + values.info.code) * 10;
  const key = (codes + out.info.code) * 2 + (right ? 1 : 0);
  const loop = SEARCHES[key] ??= compileSearch(
    out.info,
    sorted.info,
    values.info,
    right,
  );
  const shared = sorted.shape.length === 1 && values.shape.length !== 1;
  const n = sorted.shape[sorted.shape.length - 1]!;
  const step = sorted.strides[sorted.strides.length - 1]!;
  const [o, v, s] = [data(out), data(values), data(sorted)];
  const first = base(out);
  const own = base(sorted);
  forEachRow(
    values,
    shared ? [] : [sorted],
    (m, from, by, row, starts) =>
      loop(m, o, first + row * m, v, from, by, s, starts[0] ?? own, n, step),
  );
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
