// Reductions that ask of each element only whether it is zero.

import { defineReduce, reduce, type ReduceOp } from "../reduce_op.ts";
import { call } from "../expr.ts";
import { inputInfo } from "../is_tensor.ts";
import { checkOptions, type Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { KeepdimOptions } from "./extremum.ts";

const ANY = defineReduce({
  name: "any",
  start: 0,
  prologue: (x) => call("ne", x, 0),
  step: (acc, x) => call("max", acc, x),
  result: "bool",
  samples: [[0, 2]],
});

const ALL = defineReduce({
  name: "all",
  start: 1,
  prologue: (x) => call("ne", x, 0),
  step: (acc, x) => call("min", acc, x),
  result: "bool",
  samples: [[0, 2]],
});

function test(
  op: ReduceOp,
  x: Tensor,
  dim: Dims | null | undefined,
  options: KeepdimOptions,
): Tensor {
  checkOptions(options, ["keepdim"], op.name);
  if (inputInfo(x, op.name).category === 3) {
    return test(op, x.ne(0), dim, options);
  }
  // Here an empty list names no dimension, and nothing is reduced.
  if (typeof dim === "object" && dim?.length === 0) return x.ne(0);
  return reduce(op, x, dim, options.keepdim);
}

/**
 * Tells whether any element is not zero, over all or some dimensions; bool, or
 * uint8 for uint8. NaN is not zero. See `torch.any`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 1]).any().item<boolean>(), true);
 * assertEquals(dg.tensor([[0, 1], [0, 0]]).any(1).tolist(), [true, false]);
 * ```
 */
export function any(
  x: Tensor,
  dim?: Dims | null,
  options: KeepdimOptions = {},
): Tensor {
  return test(ANY, x, dim, options);
}

/**
 * Tells whether no element is zero, over all or some dimensions; bool, or uint8
 * for uint8. See `torch.all`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 0]]).all(1).tolist(), [true, false]);
 * ```
 */
export function all(
  x: Tensor,
  dim?: Dims | null,
  options: KeepdimOptions = {},
): Tensor {
  return test(ALL, x, dim, options);
}

const COUNT_NONZERO = defineReduce({
  name: "countNonzero",
  start: 0,
  prologue: (x) => call("ne", x, 0),
  step: (acc, x) => call("add", acc, x),
  result: "int64",
  samples: [[0, 2]],
});

/**
 * Counts the elements that are not zero, over all or some dimensions, as int64.
 * See `torch.count_nonzero`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 0], [3, 4]]).countNonzero(0).tolist(), [2, 1]);
 * ```
 */
export function countNonzero(x: Tensor, dim?: Dims | null): Tensor {
  return reduce(
    COUNT_NONZERO,
    inputInfo(x, "countNonzero").category === 3 ? x.ne(0) : x,
    dim,
  );
}
