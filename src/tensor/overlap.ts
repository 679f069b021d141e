// Operands that share memory with the tensor that an op changes in place.

import type { Storage, Strided } from "./device.ts";
import { RuntimeError } from "./errors.ts";
import { memoryRange, overlapsItself } from "./view.ts";

/** Where the elements lie, or null where they leave gaps or share memory. */
function gapless(x: Strided): [number, number] | null {
  const range = memoryRange(x.shape, x.strides, x.offset);
  const fills = range[1] - range[0] === x.count;
  return fills && !overlapsItself(x.shape, x.strides) ? range : null;
}

function sameStrides(x: Strided, y: Strided): boolean {
  return x.strides.length === y.strides.length &&
    x.strides.every((stride, d) => stride === y.strides[d]);
}

/** Whether two storages are the same memory, perhaps under versions of their own. */
export function sameMemory(x: Storage, y: Storage): boolean {
  return x === y || (x.owner ?? x) === (y.owner ?? y);
}

/**
 * Fails where `y` reads memory that `x` writes, but in another order. As in
 * PyTorch operands with gaps are let pass: what shares no element may
 * interleave.
 */
export function checkOverlap(x: Strided, y: Strided): void {
  if (!sameMemory(x.storage, y.storage)) return;
  if (x.count === 0 || y.count === 0) return;
  const p = gapless(x);
  const q = gapless(y);
  if (p === null || q === null || p[0] >= q[1] || q[0] >= p[1]) return;
  if (p[0] === q[0] && p[1] === q[1] && sameStrides(x, y)) return;
  throw new RuntimeError(
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.",
    "the operand is another view of the tensor that is changed; clone() the operand",
  );
}
