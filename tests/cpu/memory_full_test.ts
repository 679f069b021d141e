// When the shared memory is full tensors lie in ordinary arrays, ops mix both
// kinds, and not every tensor costs a collection.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { giveBlock, takeBlock } from "../../src/cpu/heap.ts";
import { reclaims } from "../../src/cpu/reclaim.ts";
import { CpuStorage } from "../../src/cpu/storage.ts";
import { collectionCount } from "../../src/tensor/garbage.ts";

/** Takes all that is free; returns the function that gives it back. */
function fillMemory(): () => void {
  const taken: { pointer: number; size: number }[] = [];
  for (let size = 2 ** 28; size >= 2 ** 18; size /= 2) {
    for (let pointer = takeBlock(size); pointer !== 0;) {
      taken.push({ pointer, size });
      pointer = takeBlock(size);
    }
  }
  return () => taken.forEach(({ pointer, size }) => giveBlock(pointer, size));
}

function isOutside(x: dg.Tensor): boolean {
  const { storage } = x as unknown as { storage: CpuStorage };
  assert(storage instanceof CpuStorage);
  return storage.pointer === 0;
}

Deno.test("ops mix tensors within and outside of a full memory, without a collection each", () => {
  if (!reclaims()) return;
  const inside = dg.arange(200_000).to("float32").reshape([400, 500]);
  const release = fillMemory();
  try {
    const before = collectionCount();
    const outside = dg.ones([400, 500]);
    assert(isOutside(outside) && !isOutside(inside));
    const sum = inside.add(outside);
    assertEquals(sum.select(1, 499).select(0, 399).item(), 200_000);
    assertEquals(inside.sub_(outside).max().item(), 199_998);
    assertEquals(outside.mul_(inside.t().t()).amax(1).min().item(), 498);
    const product = dg.matmul(inside, dg.ones([500, 40]));
    assertEquals(product.shape, [400, 40]);
    assertEquals(product.select(0, 0).select(0, 0).item(), 124_250);
    assertEquals(dg.cat([inside, outside]).argmax().item(), 199_999);
    for (let k = 0; k < 300; k++) dg.ones([10_000]);
    // That many tensors did not fit.
    const collections = collectionCount() - before;
    assert(collections < 10, `${collections} collections`);
  } finally {
    release();
  }
});
