// The long names of the comparisons.

import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { ge, ge_, gt, gt_, le, le_, lt, lt_, ne, ne_ } from "./comparison.ts";

/**
 * The same as {@linkcode ne}. See `torch.not_equal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.notEqual(2).tolist(), [false, true, true]);
 * ```
 */
export function notEqual(x: Operand, y: Operand): Tensor {
  return ne(x, y);
}

/** The same as {@linkcode ne_}. */
export function notEqual_(x: Tensor, y: Operand): Tensor {
  return ne_(x, y);
}

/**
 * The same as {@linkcode lt}. See `torch.less`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.less(2).tolist(), [false, true, false]);
 * ```
 */
export function less(x: Operand, y: Operand): Tensor {
  return lt(x, y);
}

/** The same as {@linkcode lt_}. */
export function less_(x: Tensor, y: Operand): Tensor {
  return lt_(x, y);
}

/**
 * The same as {@linkcode le}. See `torch.less_equal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.lessEqual(2).tolist(), [true, true, false]);
 * ```
 */
export function lessEqual(x: Operand, y: Operand): Tensor {
  return le(x, y);
}

/** The same as {@linkcode le_}. */
export function lessEqual_(x: Tensor, y: Operand): Tensor {
  return le_(x, y);
}

/**
 * The same as {@linkcode gt}. See `torch.greater`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.greater(2).tolist(), [false, false, true]);
 * ```
 */
export function greater(x: Operand, y: Operand): Tensor {
  return gt(x, y);
}

/** The same as {@linkcode gt_}. */
export function greater_(x: Tensor, y: Operand): Tensor {
  return gt_(x, y);
}

/**
 * The same as {@linkcode ge}. See `torch.greater_equal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.greaterEqual(2).tolist(), [true, false, true]);
 * ```
 */
export function greaterEqual(x: Operand, y: Operand): Tensor {
  return ge(x, y);
}

/** The same as {@linkcode ge_}. */
export function greaterEqual_(x: Tensor, y: Operand): Tensor {
  return ge_(x, y);
}
