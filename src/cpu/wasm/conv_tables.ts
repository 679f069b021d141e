// Tables that say where the elements of windows lie: for each index of some
// dimensions, the distance in bytes from the first. Knows shapes and strides.

import type { Strided } from "../../tensor/device.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
import { scratch } from "./gemm_scratch.ts";

/**
 * Writes the distances for all indices of some dimensions, row-major, into
 * scratch memory of a purpose, and repeats the last one until the table has
 * `length` entries. Returns the address of the table, or 0 where there is no
 * room.
 */
export function writeTable(
  purpose: number,
  shape: readonly number[],
  strides: readonly number[],
  bytes: number,
  length: number,
): number {
  const pointer = scratch(purpose, 4 * length);
  if (pointer === 0) return 0;
  const table = new Int32Array(MEMORY!.buffer, pointer, length);
  let filled = 1;
  table[0] = 0;
  for (let d = shape.length - 1; d >= 0; d--) {
    const step = strides[d]! * bytes;
    const n = shape[d]!;
    for (let i = 1; i < n; i++) {
      const from = i * filled;
      const distance = i * step;
      for (let j = 0; j < filled; j++) table[from + j] = table[j]! + distance;
    }
    filled *= n;
  }
  table.fill(table[filled - 1]!, filled);
  return pointer;
}

/** Bytes of a row of a tile. */
const ROW = 32;

/**
 * Writes a bias of shape `[groups, channels]` into scratch memory of a purpose,
 * each number as often as a tile has columns. Returns the address, or 0 where
 * there is no room.
 */
export function writeBias(purpose: number, bias: Strided): number {
  const { storage, info, shape, strides, offset } = bias;
  const [groups, channels] = shape as [number, number];
  const pointer = scratch(purpose, groups * channels * ROW);
  if (pointer === 0) return 0;
  const columns = ROW / info.bytes;
  const length = groups * channels * columns;
  const table = info.bytes === 4
    ? new Float32Array(MEMORY!.buffer, pointer, length)
    : new Float64Array(MEMORY!.buffer, pointer, length);
  const { data, base } = storage as CpuStorage;
  for (let g = 0; g < groups; g++) {
    for (let c = 0; c < channels; c++) {
      const from = base + offset + g * strides[0]! + c * strides[1]!;
      const to = (g * channels + c) * columns;
      table.fill(data[from] as number, to, to + columns);
    }
  }
  return pointer;
}
