// Bits of integers; of bool they are logic. Floating-point types are refused.

import { call, type NumberFn } from "../expr.ts";
import {
  defineMap,
  map1,
  map2,
  mapInto1,
  mapInto2,
  type MapOp,
} from "../map_op.ts";
import type { Operand, Sample } from "../op.ts";
import { refuseFloats, requireIntegers } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";
import { logicalNot, logicalNot_ } from "./logical.ts";

const SAMPLES: readonly Sample[] = [[5, 3], [-6, 4], [12, -1]];

function bitwise(name: string, fn: NumberFn, kernel: string): MapOp {
  return defineMap({
    name,
    arity: 2,
    check: refuseFloats(kernel),
    kernel: (x, y) => call(fn, x, y),
    samples: SAMPLES,
  });
}

const AND = bitwise("bitwiseAnd", "bitAnd", "bitwise_and_cpu");
const OR = bitwise("bitwiseOr", "bitOr", "bitwise_or_cpu");
const XOR = bitwise("bitwiseXor", "bitXor", "bitwise_xor_cpu");

function shift(name: string, fn: NumberFn, kernel: string): MapOp {
  return defineMap({
    name,
    arity: 2,
    check: requireIntegers(kernel),
    kernel: (x, y) => call(fn, x, y),
    samples: [[5, 3], [-6, 1]],
  });
}

const LEFT = shift("bitwiseLeftShift", "shiftLeft", "lshift_cpu");
const RIGHT = shift("bitwiseRightShift", "shiftRight", "rshift_cpu");

const NOT = defineMap({
  name: "bitwiseNot",
  arity: 1,
  check: refuseFloats("bitwise_not_cpu"),
  kernel: (x) => call("bitNot", x),
  samples: [[5], [-6]],
});

/**
 * The bits that are set in both. Shapes broadcast, types promote. See `torch.bitwise_and`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([12, 10], { dtype: "int64" });
 * assertEquals(x.bitwiseAnd(10).tolist(), [8, 10]);
 * ```
 */
export function bitwiseAnd(x: Operand, y: Operand): Tensor {
  return map2(AND, x, y);
}

/** Keeps common bits in place; see {@linkcode bitwiseAnd}. */
export function bitwiseAnd_(x: Tensor, y: Operand): Tensor {
  return mapInto2(AND, x, y);
}

/**
 * The bits that are set in either. Shapes broadcast, types promote. See `torch.bitwise_or`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([12, 10], { dtype: "int64" });
 * assertEquals(x.bitwiseOr(1).tolist(), [13, 11]);
 * ```
 */
export function bitwiseOr(x: Operand, y: Operand): Tensor {
  return map2(OR, x, y);
}

/** Sets bits in place; see {@linkcode bitwiseOr}. */
export function bitwiseOr_(x: Tensor, y: Operand): Tensor {
  return mapInto2(OR, x, y);
}

/**
 * The bits that are set in one and not in the other. Shapes broadcast, types promote. See `torch.bitwise_xor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([12, 10], { dtype: "int64" });
 * assertEquals(x.bitwiseXor(2).tolist(), [14, 8]);
 * ```
 */
export function bitwiseXor(x: Operand, y: Operand): Tensor {
  return map2(XOR, x, y);
}

/** Flips bits in place; see {@linkcode bitwiseXor}. */
export function bitwiseXor_(x: Tensor, y: Operand): Tensor {
  return mapInto2(XOR, x, y);
}

/**
 * Shifts bits to the left: multiplies by `2**y`. Shapes broadcast, types promote. See `torch.bitwise_left_shift`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([12, 10], { dtype: "int64" });
 * assertEquals(x.bitwiseLeftShift(2).tolist(), [48, 40]);
 * ```
 */
export function bitwiseLeftShift(x: Operand, y: Operand): Tensor {
  return map2(LEFT, x, y);
}

/** Shifts to the left in place; see {@linkcode bitwiseLeftShift}. */
export function bitwiseLeftShift_(x: Tensor, y: Operand): Tensor {
  return mapInto2(LEFT, x, y);
}

/**
 * Shifts bits to the right, keeping the sign: divides by `2**y`, rounding down. Shapes broadcast, types promote. See `torch.bitwise_right_shift`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([12, -10], { dtype: "int64" });
 * assertEquals(x.bitwiseRightShift(2).tolist(), [3, -3]);
 * ```
 */
export function bitwiseRightShift(x: Operand, y: Operand): Tensor {
  return map2(RIGHT, x, y);
}

/** Shifts to the right in place; see {@linkcode bitwiseRightShift}. */
export function bitwiseRightShift_(x: Tensor, y: Operand): Tensor {
  return mapInto2(RIGHT, x, y);
}

/**
 * Flips all bits; of bool it is {@linkcode logicalNot}. See `torch.bitwise_not`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, -6], { dtype: "int64" });
 * assertEquals(x.bitwiseNot().tolist(), [-1, 5]);
 * assertEquals(dg.tensor([true]).bitwiseNot().tolist(), [false]);
 * ```
 */
export function bitwiseNot(x: Tensor): Tensor {
  return x.info.category === 0 ? logicalNot(x) : map1(NOT, x);
}

/** Flips all bits in place; see {@linkcode bitwiseNot}. */
export function bitwiseNot_(x: Tensor): Tensor {
  return x.info.category === 0 ? logicalNot_(x) : mapInto1(NOT, x);
}
