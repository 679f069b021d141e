// Evenly spaced numbers with PyTorch's own roundings: its loops use fused
// multiply-add. Pure: knows numbers and element types only.

import type { DTypeInfo } from "./dtype.ts";

/** Splits a number into halves whose products are exact. */
function high(x: number): number {
  const scaled = 134217729 * x;
  return scaled - (scaled - x);
}

/** `a * b + c`, rounded once. */
export function fma(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  if (!Number.isFinite(sum)) return sum;
  const ha = high(a);
  const hb = high(b);
  const la = a - ha;
  const lb = b - hb;
  const lost = la * lb - (((product - ha * hb) - la * hb) - ha * lb);
  const back = sum - product;
  const lostInSum = (product - (sum - back)) + (c - back);
  return sum + (lostInSum + lost);
}

const HALF = new Float16Array(1);
const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** Rounds to the nearest number that an element type holds. */
export function roundTo(info: DTypeInfo, value: number): number {
  switch (info.name) {
    case "float64":
      return value;
    case "float16":
      HALF[0] = value;
      return HALF[0]!;
    case "bfloat16":
      FLOAT[0] = value;
      if (!Number.isFinite(value)) return FLOAT[0]!;
      // To the nearest, ties to the even neighbour.
      BITS[0] = BITS[0]! + 0x7fff + (BITS[0]! >>> 16 & 1);
      BITS[0] &= 0xffff0000;
      return FLOAT[0]!;
    default:
      return info.category === 2 ? Math.fround(value) : value;
  }
}

/** `steps` numbers from both ends towards the middle, rounded as PyTorch rounds them. */
export function spaced(
  info: DTypeInfo,
  from: number,
  to: number,
  steps: number,
): Float64Array {
  const float = info.category === 2;
  const start = float ? roundTo(info, from) : Math.trunc(from);
  const end = float ? roundTo(info, to) : Math.trunc(to);
  const values = new Float64Array(steps);
  if (steps === 1) values[0] = start;
  if (steps <= 1) return values;
  const round = (value: number) => roundTo(info, value);
  const step = round(round(end - start) / round(steps - 1));
  const half = Math.floor(steps / 2);
  // 16-bit types have no fused multiply-add: they round the product, too.
  const product = float && info.bytes === 2
    ? (k: number) => round(step * round(k))
    : null;
  for (let i = 0; i < steps; i++) {
    const k = i < half ? i : steps - 1 - i;
    const origin = i < half ? start : end;
    const by = i < half ? step : -step;
    values[i] = product === null
      ? fma(by, info.name === "float32" ? Math.fround(k) : k, origin)
      : i < half
      ? origin + product(k)
      : origin - product(k);
  }
  return values;
}
