// Comparisons: the results are bool and have no gradient; in place they give
// ones and zeros, whose gradient is zero.

import { call } from "../expr.ts";
import { defineMap, map2, mapInto2, type MapOp } from "../map_op.ts";
import type { Operand } from "../op.ts";
import type { ConditionFn } from "../expr.ts";
import type { Tensor } from "../tensor.ts";

function comparison(fn: ConditionFn): MapOp {
  return defineMap({
    name: fn,
    arity: 2,
    kernel: (x, y) => call(fn, x, y),
    samples: [[1, 2], [2, 1], [3, 3]],
  });
}

const EQ = comparison("eq");
const NE = comparison("ne");
const LT = comparison("lt");
const LE = comparison("le");
const GT = comparison("gt");
const GE = comparison("ge");

/**
 * Tells which elements of `x` are equal to those of `y`. Shapes broadcast. See `torch.eq`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.eq(2).tolist(), [true, false, false]);
 * ```
 */
export function eq(x: Operand, y: Operand): Tensor {
  return map2(EQ, x, y);
}

/** Compares in place; see {@linkcode eq}. */
export function eq_(x: Tensor, y: Operand): Tensor {
  return mapInto2(EQ, x, y);
}

/**
 * Tells which elements of `x` are different from those of `y`. Shapes broadcast. See `torch.ne`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.ne(2).tolist(), [false, true, true]);
 * ```
 */
export function ne(x: Operand, y: Operand): Tensor {
  return map2(NE, x, y);
}

/** Compares in place; see {@linkcode ne}. */
export function ne_(x: Tensor, y: Operand): Tensor {
  return mapInto2(NE, x, y);
}

/**
 * Tells which elements of `x` are less than those of `y`. Shapes broadcast. See `torch.lt`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.lt(2).tolist(), [false, true, false]);
 * ```
 */
export function lt(x: Operand, y: Operand): Tensor {
  return map2(LT, x, y);
}

/** Compares in place; see {@linkcode lt}. */
export function lt_(x: Tensor, y: Operand): Tensor {
  return mapInto2(LT, x, y);
}

/**
 * Tells which elements of `x` are less than or equal to those of `y`. Shapes broadcast. See `torch.le`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.le(2).tolist(), [true, true, false]);
 * ```
 */
export function le(x: Operand, y: Operand): Tensor {
  return map2(LE, x, y);
}

/** Compares in place; see {@linkcode le}. */
export function le_(x: Tensor, y: Operand): Tensor {
  return mapInto2(LE, x, y);
}

/**
 * Tells which elements of `x` are greater than those of `y`. Shapes broadcast. See `torch.gt`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.gt(2).tolist(), [false, false, true]);
 * ```
 */
export function gt(x: Operand, y: Operand): Tensor {
  return map2(GT, x, y);
}

/** Compares in place; see {@linkcode gt}. */
export function gt_(x: Tensor, y: Operand): Tensor {
  return mapInto2(GT, x, y);
}

/**
 * Tells which elements of `x` are greater than or equal to those of `y`. Shapes broadcast. See `torch.ge`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 1, 3]);
 * assertEquals(x.ge(2).tolist(), [true, false, true]);
 * ```
 */
export function ge(x: Operand, y: Operand): Tensor {
  return map2(GE, x, y);
}

/** Compares in place; see {@linkcode ge}. */
export function ge_(x: Tensor, y: Operand): Tensor {
  return mapInto2(GE, x, y);
}
