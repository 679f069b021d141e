// Small operands that lie outside of the shared memory, such as tensors in
// slabs: they are copied to where kernels can read them, and results back.

import type { Strided, TypedArray } from "../../tensor/device.ts";
import { type DTypeInfo, DTYPES } from "../../tensor/dtype.ts";
import { blockSize, takeBlock } from "../heap.ts";
import { MEMORY } from "../memory.ts";
import { type CpuStorage, makeArray } from "../storage.ts";

/** Places for copies. */
const SLOTS = 4;
/** Elements of the longest copy. */
const LONGEST = 64;
/** Bytes of a place. */
const SIZE = LONGEST * 8;

let space = 0;
/** The space as an array of each element type, by code. */
let views: TypedArray[] = [];

function viewOf(info: DTypeInfo): Float64Array {
  // The arrays have one type; which one does not matter here.
  return views[info.code] as Float64Array;
}

function hasSpace(): boolean {
  if (space !== 0 || MEMORY === null) return space !== 0;
  space = takeBlock(blockSize(SLOTS * SIZE));
  if (space === 0) return false;
  const { buffer } = MEMORY;
  views = DTYPES.map((info) => {
    const { constructor } = makeArray(info, 0);
    return new (constructor as Float32ArrayConstructor)(
      buffer as unknown as ArrayBuffer,
      space,
      SLOTS * SIZE / info.bytes,
    );
  });
  return true;
}

/** Address of an operand's first element; 0 where it is out of reach. */
export function reach(x: Strided, slot: number): number {
  const { pointer, data, base, length } = x.storage as CpuStorage;
  const { bytes } = x.info;
  if (pointer !== 0) return pointer + x.offset * bytes;
  if (length > LONGEST || !hasSpace()) return 0;
  const view = viewOf(x.info);
  const start = slot * SIZE / bytes;
  for (let i = 0; i < length; i++) {
    view[start + i] = (data as Float64Array)[base + i]!;
  }
  return space + slot * SIZE + x.offset * bytes;
}

/** Brings a result back from where {@linkcode reach} copied it to. */
export function bringBack(out: Strided, slot: number): void {
  const { pointer, data, base, length } = out.storage as CpuStorage;
  if (pointer !== 0) return;
  const view = viewOf(out.info);
  const start = slot * SIZE / out.info.bytes;
  for (let i = 0; i < length; i++) {
    (data as Float64Array)[base + i] = view[start + i]!;
  }
}
