// Memory that kernels work in between their operands: kept from call to call,
// replaced by a larger block when one needs more, given back when memory is
// short.

import { blockSize, giveBlock, onShortage, takeBlock } from "../heap.ts";

const blocks: { pointer: number; size: number }[] = [];

/** The block of a purpose, of at least so many bytes; 0 where there is no room. */
export function scratch(purpose: number, bytes: number): number {
  const block = blocks[purpose] ??= { pointer: 0, size: 0 };
  if (block.size >= bytes) return block.pointer;
  const size = blockSize(bytes);
  const pointer = takeBlock(size);
  if (pointer === 0) return 0;
  if (block.pointer !== 0) giveBlock(block.pointer, block.size);
  block.pointer = pointer;
  block.size = size;
  return pointer;
}

onShortage(() => {
  // The list has holes, which forEach leaves out.
  blocks.forEach((block) => {
    if (block.pointer !== 0) giveBlock(block.pointer, block.size);
    block.pointer = block.size = 0;
  });
});
