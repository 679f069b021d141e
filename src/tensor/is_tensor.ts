// Whether a value is a tensor. Pure: knows tensors as types only.

import { shown } from "./arguments.ts";
import type { DTypeInfo } from "./dtype.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Tells whether a value is a tensor. See `torch.is_tensor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([dg.ones(2), [1, 1]].map(dg.isTensor), [true, false]);
 * ```
 */
export function isTensor(x: unknown): x is Tensor {
  return typeof x === "object" && x !== null && "storage" in x &&
    "strides" in x;
}

/** Fails unless an argument is a tensor. */
export function checkTensor(x: unknown, fn: string, name: string): void {
  if (!isTensor(x)) refuseArgument(x, fn, name);
}

/** The element type of an op's input, which plain JavaScript may have given a number or an array for. */
export function inputInfo(x: Tensor, fn: string): DTypeInfo {
  return x?.info ?? refuseArgument(x, fn, "input");
}

function refuseArgument(x: unknown, fn: string, name: string): never {
  const likely = Array.isArray(x) || typeof x === "number";
  throw new TypeError(
    `${fn}(): argument '${name}' must be Tensor, not ${shown(x)}${
      likely ? "; tensor() makes one of it" : ""
    }`,
  );
}
