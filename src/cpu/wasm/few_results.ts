// A place for the results of kernels that are too few to lie in the memory:
// tiny tensors do not, and kernels write nowhere else.

import type { Strided, TypedArray } from "../../tensor/device.ts";
import { takeBlock } from "../heap.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";

/** Results that are carried over, at most. */
const MOST = 64;

const place: number = MEMORY === null ? 0 : takeBlock(MOST * 8);

const buffer = MEMORY === null || place === 0
  ? new ArrayBuffer(MOST * 8)
  : MEMORY.buffer;
const bytes = new Uint8Array(buffer, place, MOST * 8);

/** The place as an array of each element type, by code; null where results never come as that. */
const VIEWS: readonly (TypedArray | null)[] = [
  bytes, // bool
  bytes,
  null,
  null,
  new Int32Array(buffer, place, MOST),
  new BigInt64Array(buffer, place, MOST),
  null,
  null,
  new Float32Array(buffer, place, MOST),
  new Float64Array(buffer, place, MOST),
];

/** Address to which a kernel writes dense results; 0 where there is none. */
export function targetOf(out: Strided): number {
  const { pointer } = out.storage as CpuStorage;
  if (pointer !== 0) return pointer + out.offset * out.info.bytes;
  return out.count <= MOST && VIEWS[out.info.code] !== null ? place : 0;
}

/** Brings results to their storage where {@linkcode targetOf} was elsewhere. */
export function deliver(out: Strided): void {
  const { pointer, data, base } = out.storage as CpuStorage;
  if (pointer !== 0) return;
  const from = VIEWS[out.info.code] as Float64Array;
  const start = base + out.offset;
  for (let k = 0; k < out.count; k++) {
    (data as Float64Array)[start + k] = from[k]!;
  }
}
