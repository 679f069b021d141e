// Hands out blocks of the shared memory by size class and takes them back. It
// knows neither tensors nor who uses a block; see reclaim.ts for when blocks
// come back by themselves.

import { HEAP_START, LIMITS, MEMORY } from "./memory.ts";

/** Bytes of the memory. */
const SIZE = LIMITS.maximum * 65536;
/** Every block starts at a multiple of this: a cache line. */
const LINE = 64;

/** First byte that was never handed out. */
let top = HEAP_START;
/** Blocks that were given back, by their size. */
const free = new Map<number, number[]>();

/** Bytes that a request really takes: classes are an eighth apart, so little is wasted. */
export function blockSize(bytes: number): number {
  const lines = Math.ceil(bytes / LINE);
  if (lines <= 16) return Math.max(lines, 1) * LINE;
  const step = 2 ** (Math.floor(Math.log2(lines - 1)) - 3);
  return Math.ceil(lines / step) * step * LINE;
}

/** Takes a block of a size that {@linkcode blockSize} gave; 0 where there is no room. */
export function takeBlock(size: number): number {
  const list = free.get(size);
  if (list !== undefined && list.length > 0) return list.pop()!;
  if (MEMORY === null || top + size > SIZE) return 0;
  const pointer = top;
  top += size;
  return pointer;
}

/** Gives a block back. */
export function giveBlock(pointer: number, size: number): void {
  const list = free.get(size);
  if (list === undefined) free.set(size, [pointer]);
  else list.push(pointer);
}
