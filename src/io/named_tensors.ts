// Tensors by name, as files of several tensors hold them. Knows nothing of
// formats.

import { shown } from "../tensor/arguments.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Tensors by name: an object, such as a state dict, or a map. */
export type NamedTensors =
  | Readonly<Record<string, Tensor>>
  | ReadonlyMap<string, Tensor>;

/** Sets an entry of an object made from a file; a name such as `__proto__` is only a name. */
export function setEntry<T>(
  record: Record<string, T>,
  name: string,
  value: T,
): void {
  if (name !== "__proto__") {
    record[name] = value;
    return;
  }
  Object.defineProperty(record, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Checks what a caller wants to save and lists it. */
export function tensorEntries(
  tensors: NamedTensors,
  fn: string,
): [string, Tensor][] {
  if (typeof tensors !== "object" || tensors === null || isTensor(tensors)) {
    throw new TypeError(
      `${fn}(): expected an object or a map of tensors by name, not ${
        shown(tensors)
      }`,
    );
  }
  const entries = tensors instanceof Map
    ? [...tensors as ReadonlyMap<string, Tensor>]
    : Object.entries(tensors);
  for (const [name, value] of entries) {
    if (typeof name !== "string") {
      throw new TypeError(`${fn}(): a name is ${shown(name)}, not a string`);
    }
    if (!isTensor(value)) {
      throw new TypeError(
        `${fn}(): the value of ${JSON.stringify(name)} is ${
          shown(value)
        }, not a tensor`,
      );
    }
  }
  return entries;
}
