// Tensors in arrays and plain objects, nested as the user likes: taking them
// apart and putting others in their places. Tensors are known as types only.

import { isTensor } from "../tensor/is_tensor.ts";
import { named } from "../tensor/results.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The structure of a value without its leaves, as text; equal for equal structures. */
export type Structure = string;

/** Whether a value is an object whose entries are looked at; objects of classes are leaves. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a value holds several results under PyTorch's names, as `x.max(0)` returns them. */
function isNamed(value: object): boolean {
  const fields = Object.values(value);
  return Symbol.iterator in value && !(value instanceof Map) &&
    !(value instanceof Set) && fields.length > 0 && fields.every(isTensor);
}

/** Whether a value is taken apart. */
export function isBranch(value: unknown): value is object {
  if (typeof value !== "object" || value === null || isTensor(value)) {
    return false;
  }
  return Array.isArray(value) || isPlain(value) || isNamed(value);
}

/** The leaves of a value, in order: tensors, and whatever else is neither array nor plain object. */
export function leavesOf(value: unknown): unknown[] {
  const out: unknown[] = [];
  const walk = (item: unknown): void => {
    if (isBranch(item)) Object.values(item).forEach(walk);
    else out.push(item);
  };
  walk(value);
  return out;
}

/** The same structure with other leaves; `fn` gets each leaf and its number. */
export function mapLeaves(
  value: unknown,
  fn: (leaf: unknown, k: number) => unknown,
): unknown {
  let next = 0;
  const walk = (item: unknown): unknown => {
    if (!isBranch(item)) return fn(item, next++);
    if (Array.isArray(item)) return item.map(walk);
    const fields = Object.fromEntries(
      Object.entries(item).map(([key, part]) => [key, walk(part)]),
    );
    return isPlain(item) || !Object.values(fields).every(isTensor)
      ? fields
      : named(fields as Record<string, Tensor>);
  };
  return walk(value);
}

/** Puts leaves into the places of those of `like`. */
export function withLeaves(like: unknown, leaves: readonly unknown[]): unknown {
  return mapLeaves(like, (_, k) => leaves[k]);
}

/** The structure of a value; `*` stands for a leaf. */
export function structureOf(value: unknown): Structure {
  if (!isBranch(value)) return "*";
  if (Array.isArray(value)) return `[${value.map(structureOf).join(", ")}]`;
  const fields = Object.entries(value).map(([key, part]) =>
    `${key}: ${structureOf(part)}`
  );
  return `{${fields.join(", ")}}`;
}

/** What a value is called in messages: `a number`, `an array`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isTensor(value)) return "Tensor";
  if (Array.isArray(value)) return "Array";
  if (typeof value !== "object") return typeof value;
  // The constructor of generators has no name.
  return value.constructor === undefined
    ? "Object"
    : value.constructor.name || "iterator";
}
