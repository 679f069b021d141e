// What a value refers to: tensors in arrays and objects, and through their
// graphs whatever the engine will read. Tensors are known as types only.

import { Node } from "../grad/node.ts";
import type { Storage } from "./device.ts";
import { isTensor } from "./is_tensor.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Finds which of the storages that were `made` in a scope can be reached from
 * some values. Nodes with numbers below `since` are older than the scope: what
 * they refer to was made before, or is a tensor that was changed, a root itself.
 */
export function reach(
  roots: readonly unknown[],
  made: ReadonlySet<Storage>,
  since: number,
): Set<Storage> {
  const kept = new Set<Storage>();
  const seen = new Set<unknown>();
  const stack: unknown[] = [...roots];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) {
      continue;
    }
    seen.add(value);
    if (isTensor(value)) visitTensor(value, made, kept, stack);
    else if (value instanceof Node) {
      if (value.sequence >= since) visitNode(value, stack);
    } else visitObject(value, stack);
  }
  return kept;
}

function visitTensor(
  x: Tensor,
  made: ReadonlySet<Storage>,
  kept: Set<Storage>,
  stack: unknown[],
): void {
  const { storage } = x;
  if (made.has(storage)) kept.add(storage);
  const { owner } = storage;
  if (owner !== null && made.has(owner)) kept.add(owner);
  stack.push(x.gradient, x.node, x.viewInfo?.base);
}

function visitNode(node: Node, stack: unknown[]): void {
  for (const next of node.edges) stack.push(next);
  for (let at = node.saved; at !== null; at = at.next) {
    // What was given up for now needs the arguments that it is computed from.
    stack.push(at.restore === undefined ? at.tensor : at);
  }
  stack.push(node.variable, node.options, node.grads, node.retained);
}

/** Arrays, maps, sets, and the properties of any other object. */
function visitObject(value: object, stack: unknown[]): void {
  if (ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    for (const [key, item] of value) stack.push(key, item);
  } else if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) if (typeof item === "object") stack.push(item);
  } else for (const item of Object.values(value)) stack.push(item);
}
