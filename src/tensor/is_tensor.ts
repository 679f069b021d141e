// Whether a value is a tensor. Pure: knows tensors as types only.

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
