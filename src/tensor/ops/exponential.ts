// Exponentials of each element.

import { OUT } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { defineMap, map1, mapInto1 } from "../map_op.ts";
import type { Tensor } from "../tensor.ts";

const EXP = defineMap({
  name: "exp",
  arity: 1,
  float: true,
  kernel: (x) => call("exp", x),
  vjps: [(g, n) => g.mul(n.output())],
  saves: [OUT],
  samples: [[0], [1.2], [-3]],
});

/**
 * Raises e to the power of each element. Integers become floats. See `torch.exp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, -Infinity]).exp().tolist(), [1, 0]);
 * ```
 */
export function exp(x: Tensor): Tensor {
  return map1(EXP, x);
}

/** Raises e to the power in place; see {@linkcode exp}. */
export function exp_(x: Tensor): Tensor {
  return mapInto1(EXP, x);
}

const EXP2 = defineMap({
  name: "exp2",
  arity: 1,
  float: true,
  kernel: (x) => call("exp2", x),
  vjps: [(g, n) => g.mul(n.output()).mul(Math.LN2)],
  saves: [OUT],
  samples: [[0], [1.2], [-3]],
});

/**
 * Raises 2 to the power of each element. Integers become floats. See `torch.exp2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 3, -1]).exp2().tolist(), [1, 8, 0.5]);
 * ```
 */
export function exp2(x: Tensor): Tensor {
  return map1(EXP2, x);
}

/** Raises 2 to the power in place; see {@linkcode exp2}. */
export function exp2_(x: Tensor): Tensor {
  return mapInto1(EXP2, x);
}

const EXPM1 = defineMap({
  name: "expm1",
  arity: 1,
  float: true,
  kernel: (x) => call("expm1", x),
  vjps: [(g, n) => g.mul(n.output().add(1))],
  saves: [OUT],
  samples: [[0], [1.2], [-3], [1e-05]],
});

/**
 * Computes the exponential of each element minus one, exact near zero. Integers become floats. See `torch.expm1`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, -Infinity]).expm1().tolist(), [0, -1]);
 * ```
 */
export function expm1(x: Tensor): Tensor {
  return map1(EXPM1, x);
}

/** Computes the exponential in place; see {@linkcode expm1}. */
export function expm1_(x: Tensor): Tensor {
  return mapInto1(EXPM1, x);
}
