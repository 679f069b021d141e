// What the text of a convolution's kernel has as constants, as one number:
// which window, and where windows lie. The same few come again and again.

import type { ConvolutionGeometry, Strided } from "../tensor/device.ts";

/** The constants of a kernel: window, stride, padding, dilation and spread of each dimension. */
const KNOWN = new Map<number, { list: readonly number[]; number: number }[]>();
let numbers = 0;
/** The constants of the call. */
const LIST: number[] = [];

/** The number of a geometry; the same one for the same constants. */
export function numberOf(w: Strided, geometry: ConvolutionGeometry): number {
  const { stride, padding, dilation, spread } = geometry;
  let n = 0;
  let hash = 0;
  for (let d = 0; d < stride.length; d++) {
    LIST[n++] = w.shape[3 + d]!;
    LIST[n++] = stride[d]!;
    LIST[n++] = padding[d]!;
    LIST[n++] = dilation[d]!;
    LIST[n++] = spread[d]!;
  }
  LIST.length = n;
  for (let k = 0; k < n; k++) hash = (hash * 31 + LIST[k]!) | 0;
  let bucket = KNOWN.get(hash);
  if (bucket === undefined) KNOWN.set(hash, bucket = []);
  for (let k = 0; k < bucket.length; k++) {
    const { list, number } = bucket[k]!;
    let same = list.length === n;
    for (let i = 0; same && i < n; i++) same = list[i] === LIST[i];
    if (same) return number;
  }
  bucket.push({ list: LIST.slice(), number: numbers });
  return numbers++;
}
