// What belongs to the engine alone, so that it may write to it and give its
// memory back: gradients in flight, and values that only a node knows. Tensors
// are known as types only.

import { disposeStorage } from "../tensor/disposal.ts";
import { DISCARD } from "../tensor/temporaries.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MODE } from "./mode.ts";
import type { Node } from "./node.ts";

/**
 * Whether nothing but the engine holds a gradient that a rule returned: then it
 * may be added to, and become the `grad` of a leaf. It is not if it shares
 * memory with `g`, which the rule was given, or if the rule is the user's.
 */
export function isFresh(grad: Tensor, g: Tensor, node: Node): boolean {
  if (grad.viewInfo !== null || !grad.dense) return false;
  if (node.op.together !== undefined) return false;
  const { storage } = grad;
  if (node.outputs !== null || g.storage === storage) return false;
  // Another name of memory that may be anyone's.
  if (storage.owner !== null) return false;
  for (let at = node.saved; at !== null; at = at.next) {
    if (at.tensor.storage === storage) return false;
  }
  return storage.length === grad.count;
}

/**
 * Gives the memory of a gradient back that nothing refers to any more: one that
 * was fresh, and that no hook, no function of the user and no recorded op saw.
 * `result` is what was made of it. A mistake of the engine would be an error, not
 * a wrong number: disposed memory cannot be used.
 */
export function discard(grad: Tensor, result: Tensor | null): void {
  const { storage } = grad;
  if (storage.length < DISCARD.least || MODE.grad) return;
  if (result !== null && result.storage === storage) return;
  disposeStorage(storage);
}

/**
 * Hands what an op made besides its results, and no user ever sees, to the node
 * of the result: its memory comes back with the node's saved values, or at once
 * where nothing was recorded. Of the node's own rules none may return it, and
 * while they are recorded it is no longer the node's own.
 */
export function entrust(result: Tensor, hidden: readonly Tensor[]): void {
  const { node } = result;
  for (const { storage } of hidden) {
    if (storage.length < DISCARD.least) continue;
    if (node === null) disposeStorage(storage);
    else (node.owned ??= []).push(storage);
  }
}
