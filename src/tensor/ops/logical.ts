// Logic: any number but zero counts as true, NaN included. The results are bool.
// The in-place forms leave no trace in the graph, as in PyTorch.

import { call } from "../expr.ts";
import { unrecorded } from "../kernel_op.ts";
import { defineMap, map1, map2, mapInto1, mapInto2 } from "../map_op.ts";
import type { Operand, Sample } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const SAMPLES: readonly Sample[] = [[0, 0], [0, 2], [3, 0], [3, 2]];

const LOGICAL_AND = defineMap({
  name: "logicalAnd",
  arity: 2,
  kernel: (x, y) => call("and", call("ne", x, 0), call("ne", y, 0)),
  samples: SAMPLES,
});

/**
 * Tells where both elements are true, that is, not zero. See `torch.logical_and`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([true, true, false]);
 * assertEquals(x.logicalAnd(dg.tensor([1, 0, 0])).tolist(), [true, false, false]);
 * ```
 */
export function logicalAnd(x: Operand, y: Operand): Tensor {
  return map2(LOGICAL_AND, x, y);
}

/** Stores the conjunction in place; see {@linkcode logicalAnd}. */
export function logicalAnd_(x: Tensor, y: Operand): Tensor {
  return unrecorded(() => mapInto2(LOGICAL_AND, x, y));
}

const LOGICAL_OR = defineMap({
  name: "logicalOr",
  arity: 2,
  kernel: (x, y) => call("or", call("ne", x, 0), call("ne", y, 0)),
  samples: SAMPLES,
});

/**
 * Tells where an element of either is true, that is, not zero. See `torch.logical_or`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([true, true, false]);
 * assertEquals(x.logicalOr(dg.tensor([1, 0, 0])).tolist(), [true, true, false]);
 * ```
 */
export function logicalOr(x: Operand, y: Operand): Tensor {
  return map2(LOGICAL_OR, x, y);
}

/** Stores the disjunction in place; see {@linkcode logicalOr}. */
export function logicalOr_(x: Tensor, y: Operand): Tensor {
  return unrecorded(() => mapInto2(LOGICAL_OR, x, y));
}

const LOGICAL_XOR = defineMap({
  name: "logicalXor",
  arity: 2,
  kernel: (x, y) => {
    const p = call("ne", x, 0);
    const q = call("ne", y, 0);
    return call("and", call("or", p, q), call("not", call("and", p, q)));
  },
  samples: SAMPLES,
});

/**
 * Tells where an element of one, but not of the other, is true. See `torch.logical_xor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([true, true, false]);
 * assertEquals(x.logicalXor(dg.tensor([1, 0, 0])).tolist(), [false, true, false]);
 * ```
 */
export function logicalXor(x: Operand, y: Operand): Tensor {
  return map2(LOGICAL_XOR, x, y);
}

/** Stores the exclusive disjunction in place; see {@linkcode logicalXor}. */
export function logicalXor_(x: Tensor, y: Operand): Tensor {
  return unrecorded(() => mapInto2(LOGICAL_XOR, x, y));
}

const LOGICAL_NOT = defineMap({
  name: "logicalNot",
  arity: 1,
  kernel: (x) => call("eq", x, 0),
  samples: [[0], [3]],
});

/**
 * Tells which elements are false, that is, zero. See `torch.logical_not`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 2]).logicalNot().tolist(), [true, false]);
 * ```
 */
export function logicalNot(x: Tensor): Tensor {
  return map1(LOGICAL_NOT, x);
}

/** Stores the negation in place; see {@linkcode logicalNot}. */
export function logicalNot_(x: Tensor): Tensor {
  return unrecorded(() => mapInto1(LOGICAL_NOT, x));
}
