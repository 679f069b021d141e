// The heap: blocks never overlap, freed neighbours merge, sizes waste little.

import { assert, assertEquals } from "@std/assert";
import {
  blockSize,
  giveBlock,
  reservedBytes,
  takeBlock,
  trim,
} from "../../src/cpu/heap.ts";
import { BUFFER, ensurePages, LIMITS, MEMORY } from "../../src/cpu/memory.ts";

/** Numbers from 0 to 1 that are the same in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

Deno.test("blockSize() covers the request and wastes at most an eighth and a line", () => {
  for (let bytes = 1; bytes < 2 ** 31; bytes = Math.ceil(bytes * 1.07) + 1) {
    const size = blockSize(bytes);
    assert(size >= bytes, `${bytes} got ${size}`);
    assert(size <= bytes * 1.125 + 65536, `${bytes} got ${size}`);
    if (bytes < 2 ** 18) assert(size <= bytes * 1.13 + 64, `${bytes}: ${size}`);
    assertEquals(size % 64, 0);
    assertEquals(blockSize(size), size);
  }
});

Deno.test("blocks in use never overlap, over 20,000 random requests", () => {
  const next = random(1);
  const used: { pointer: number; size: number }[] = [];
  for (let i = 0; i < 20_000; i++) {
    if (used.length > 200 || (used.length > 0 && next() < 0.45)) {
      const [block] = used.splice(Math.floor(next() * used.length), 1);
      giveBlock(block!.pointer, block!.size);
      continue;
    }
    const size = blockSize(Math.ceil(2 ** (next() * 22)));
    const pointer = takeBlock(size);
    assert(pointer > 0 && pointer % 64 === 0);
    for (const other of used) {
      assert(
        pointer + size <= other.pointer ||
          other.pointer + other.size <= pointer,
        `${pointer}+${size} overlaps ${other.pointer}+${other.size}`,
      );
    }
    used.push({ pointer, size });
  }
  for (const { pointer, size } of used) giveBlock(pointer, size);
});

Deno.test("what is given back merges: a small heap becomes one large block again", () => {
  trim();
  const before = reservedBytes();
  const size = blockSize(40_000);
  const blocks = Array.from({ length: 2000 }, () => takeBlock(size));
  assert(reservedBytes() > before);
  for (const pointer of blocks) giveBlock(pointer, size);
  trim();
  assert(reservedBytes() <= before);
});

Deno.test("a request beyond the memory gets 0, and the heap goes on", () => {
  assertEquals(takeBlock(blockSize(2 ** 32)), 0);
  const size = blockSize(100);
  const pointer = takeBlock(size);
  assert(pointer > 0);
  giveBlock(pointer, size);
});

Deno.test("the memory becomes whole when more is needed; views of what it was see the same", () => {
  const [first, large] = [takeBlock(blockSize(64)), takeBlock(2 ** 26)];
  const before = new Float32Array(BUFFER, first, 1);
  assert(large + 2 ** 26 <= BUFFER.byteLength);
  const all = new Float32Array(MEMORY!.buffer, first, 1);
  before[0] = 3;
  assertEquals(all[0], 3);
  assert(ensurePages(LIMITS.maximum));
  assertEquals(BUFFER.byteLength, 2 ** 32);
  assertEquals(ensurePages(LIMITS.maximum + 1), false);
  giveBlock(large, 2 ** 26);
  giveBlock(first, blockSize(64));
});
