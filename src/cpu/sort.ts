// Sorting rows: elements become unsigned keys that order as they do, and the
// keys are sorted by their digits, which is stable and takes no comparisons.

import type { Strided, TypedArray } from "../tensor/device.ts";
import { BFLOAT16, type DTypeInfo, FLOAT16, FLOAT32 } from "../tensor/dtype.ts";
import { forEachRow } from "./reduce_loop.ts";
import type { CpuStorage } from "./storage.ts";

/** The keys of one row and where each came from; twice, to move between. */
interface Keys {
  /** Upper 32 bits; null where 32 bits are enough. */
  high: Uint32Array | null;
  low: Uint32Array;
  order: Uint32Array;
  otherHigh: Uint32Array | null;
  otherLow: Uint32Array;
  otherOrder: Uint32Array;
}

function makeKeys(n: number, wide: boolean): Keys {
  const make = () => new Uint32Array(n);
  return {
    high: wide ? make() : null,
    low: make(),
    order: make(),
    otherHigh: wide ? make() : null,
    otherLow: make(),
    otherOrder: make(),
  };
}

/** Fills the keys from `n` elements at `from`, `step` apart. */
type Loader = (keys: Keys, n: number, from: number, step: number) => void;

/** A float's bits in the order of floats: NaN last, both zeros alike. */
function floatKey(bits: number, sign: number, infinity: number): number {
  const size = bits & (sign - 1);
  if (size > infinity) return sign * 2 - 1;
  if (size === 0) return sign;
  return size === bits ? bits + sign : sign - 1 - size;
}

function loadFloat16(data: TypedArray, infinity: number): Loader {
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
  return ({ low }, n, from, step) => {
    let at = from;
    for (let i = 0; i < n; i++, at += step) {
      low[i] = floatKey(bits[at]!, 0x8000, infinity);
    }
  };
}

function loadFloat32(data: TypedArray): Loader {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  return ({ low }, n, from, step) => {
    let at = from;
    for (let i = 0; i < n; i++, at += step) {
      const b = bits[at]!;
      const size = b & 0x7fffffff;
      low[i] = size > 0x7f800000
        ? 0xffffffff
        : size === 0
        ? 0x80000000
        : b < 0
        ? ~b
        : b | 0x80000000;
    }
  };
}

function loadFloat64(data: TypedArray): Loader {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  return ({ high, low }, n, from, step) => {
    let at = from * 2;
    for (let i = 0; i < n; i++, at += step * 2) {
      const below = bits[at]!;
      const above = bits[at + 1]!;
      const size = above & 0x7fffffff;
      if (size > 0x7ff00000 || (size === 0x7ff00000 && below !== 0)) {
        high![i] = low[i] = 0xffffffff;
      } else if (size === 0 && below === 0) {
        high![i] = 0x80000000;
        low[i] = 0;
      } else {
        high![i] = above < 0 ? ~above : above | 0x80000000;
        low[i] = above < 0 ? ~below : below;
      }
    }
  };
}

function loadInt64(data: TypedArray): Loader {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  return ({ high, low }, n, from, step) => {
    let at = from * 2;
    for (let i = 0; i < n; i++, at += step * 2) {
      low[i] = bits[at]!;
      high![i] = bits[at + 1]! ^ 0x80000000;
    }
  };
}

function loadInteger(data: TypedArray, info: DTypeInfo): Loader {
  const values = data as Int32Array;
  const { min } = info;
  return ({ low }, n, from, step) => {
    let at = from;
    for (let i = 0; i < n; i++, at += step) {
      low[i] = values[at]! - min;
    }
  };
}

function loaderFor(data: TypedArray, info: DTypeInfo): Loader {
  if (info === FLOAT32) return loadFloat32(data);
  if (info === FLOAT16) return loadFloat16(data, 0x7c00);
  if (info === BFLOAT16) return loadFloat16(data, 0x7f80);
  if (info.bytes === 8) {
    return info.category === 2 ? loadFloat64(data) : loadInt64(data);
  }
  return loadInteger(data, info);
}

/** Stable sort of a few keys. */
function insertionSort({ high, low, order }: Keys, n: number): void {
  for (let i = 1; i < n; i++) {
    const h = high === null ? 0 : high[i]!;
    const l = low[i]!;
    const o = order[i]!;
    let j = i - 1;
    for (; j >= 0; j--) {
      const above = high === null ? 0 : high[j]!;
      if (above < h || (above === h && low[j]! <= l)) break;
      if (high !== null) high[j + 1] = above;
      low[j + 1] = low[j]!;
      order[j + 1] = order[j]!;
    }
    if (high !== null) high[j + 1] = h;
    low[j + 1] = l;
    order[j + 1] = o;
  }
}

/** Moves the keys into the order of one digit, keeping the order of equals. */
function sortByDigit(
  keys: Keys,
  n: number,
  upper: boolean,
  shift: number,
  counts: Uint32Array,
): void {
  const digits = upper ? keys.high! : keys.low;
  const mask = counts.length - 1;
  counts.fill(0);
  for (let i = 0; i < n; i++) counts[(digits[i]! >>> shift) & mask]!++;
  if (counts[(digits[0]! >>> shift) & mask] === n) return;
  let start = 0;
  for (let d = 0; d <= mask; d++) {
    const count = counts[d]!;
    counts[d] = start;
    start += count;
  }
  const { high, low, order, otherHigh, otherLow, otherOrder } = keys;
  for (let i = 0; i < n; i++) {
    const to = counts[(digits[i]! >>> shift) & mask]!++;
    otherLow[to] = low[i]!;
    otherOrder[to] = order[i]!;
    if (high !== null) otherHigh![to] = high[i]!;
  }
  keys.high = otherHigh;
  keys.otherHigh = high;
  keys.low = otherLow;
  keys.otherLow = low;
  keys.order = otherOrder;
  keys.otherOrder = order;
}

/** Rows up to this length are sorted by insertion. */
const FEW = 24;
/** Rows from this length on are sorted by larger digits. */
const MANY = 4096;

function sortKeys(
  keys: Keys,
  n: number,
  bits: number,
  counts: Uint32Array,
): void {
  if (n <= FEW) {
    insertionSort(keys, n);
    return;
  }
  const digit = Math.log2(counts.length);
  const lower = Math.min(bits, 32);
  for (let s = 0; s < lower; s += digit) sortByDigit(keys, n, false, s, counts);
  for (let s = 0; s < bits - 32; s += digit) {
    sortByDigit(keys, n, true, s, counts);
  }
}

/** Stable sort per row, of which the first elements are wanted; NaN counts as largest. See `Device.sort`. */
export function runSort(
  values: Strided,
  indices: Strided,
  x: Strided,
  descending: boolean,
): void {
  const { data: source } = x.storage as CpuStorage;
  const { data: outValues } = values.storage as CpuStorage;
  const { data: wide } = indices.storage as CpuStorage;
  // Positions fit the lower halves of int64.
  const outIndices = new Int32Array(
    wide.buffer,
    wide.byteOffset,
    wide.length * 2,
  );
  const rank = x.shape.length;
  const n = rank === 0 ? 1 : x.shape[rank - 1]!;
  const keep = rank === 0 ? 1 : values.shape[rank - 1]!;
  const bits = x.info.bytes * 8;
  const keys = makeKeys(n, bits === 64);
  const counts = new Uint32Array(n < MANY ? 256 : 2048);
  const load = loaderFor(source, x.info);
  forEachRow(x, [values, indices], (_n, from, step, _row, starts) => {
    const { order, low, high } = keys;
    load(keys, n, from, step);
    for (let i = 0; i < n; i++) order[i] = i;
    if (descending) {
      for (let i = 0; i < n; i++) low[i] = ~low[i]!;
      if (high !== null) { for (let i = 0; i < n; i++) high[i] = ~high[i]!; }
    }
    sortKeys(keys, n, bits, counts);
    const sorted = keys.order;
    const value = starts[0]!;
    const index = starts[1]! * 2;
    for (let i = 0; i < keep; i++) {
      const at = sorted[i]!;
      outValues[value + i] = source[from + at * step]!;
      outIndices[index + 2 * i] = at;
      outIndices[index + 2 * i + 1] = 0;
    }
  });
}
