// Logarithms of each element, and sums of what was made small by them.

import { IN0, IN1 } from "../../grad/node.ts";
import { call, type Expr, type NumberFn } from "../expr.ts";
import { defineMap, map1, map2, mapInto1 } from "../map_op.ts";
import { refuseIntegers } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";

const LOG = defineMap({
  name: "log",
  arity: 1,
  float: true,
  kernel: (x) => call("log", x),
  vjps: [(g, n) => g.div(n.input(0))],
  saves: [IN0],
  samples: [[0.2], [1], [3.5]],
});

/**
 * Computes the natural logarithm of each element. Integers become floats. See `torch.log`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 0]).log().tolist(), [0, -Infinity]);
 * ```
 */
export function log(x: Tensor): Tensor {
  return map1(LOG, x);
}

/** Computes the natural logarithm in place; see {@linkcode log}. */
export function log_(x: Tensor): Tensor {
  return mapInto1(LOG, x);
}

const LOG2 = defineMap({
  name: "log2",
  arity: 1,
  float: true,
  kernel: (x) => call("log2", x),
  vjps: [(g, n) => g.div(n.input(0).mul(Math.LN2))],
  saves: [IN0],
  samples: [[0.2], [1], [3.5]],
});

/**
 * Computes the logarithm to base 2 of each element. Integers become floats. See `torch.log2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 8, 0.5]).log2().tolist(), [0, 3, -1]);
 * ```
 */
export function log2(x: Tensor): Tensor {
  return map1(LOG2, x);
}

/** Computes the logarithm to base 2 in place; see {@linkcode log2}. */
export function log2_(x: Tensor): Tensor {
  return mapInto1(LOG2, x);
}

const LOG10 = defineMap({
  name: "log10",
  arity: 1,
  float: true,
  kernel: (x) => call("log10", x),
  vjps: [(g, n) => g.div(n.input(0).mul(Math.LN10))],
  saves: [IN0],
  samples: [[0.2], [1], [3.5]],
});

/**
 * Computes the logarithm to base 10 of each element. Integers become floats. See `torch.log10`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 1000]).log10().tolist(), [0, 3]);
 * ```
 */
export function log10(x: Tensor): Tensor {
  return map1(LOG10, x);
}

/** Computes the logarithm to base 10 in place; see {@linkcode log10}. */
export function log10_(x: Tensor): Tensor {
  return mapInto1(LOG10, x);
}

const LOG1P = defineMap({
  name: "log1p",
  node: "Log1PBackward0",
  arity: 1,
  float: true,
  kernel: (x) => call("log1p", x),
  vjps: [(g, n) => g.div(n.input(0).add(1))],
  saves: [IN0],
  samples: [[-0.6], [0], [2.5], [1e-05]],
});

/**
 * Computes the natural logarithm of one plus each element, exact near zero. Integers become floats. See `torch.log1p`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, -1]).log1p().tolist(), [0, -Infinity]);
 * ```
 */
export function log1p(x: Tensor): Tensor {
  return map1(LOG1P, x);
}

/** Computes the natural logarithm in place; see {@linkcode log1p}. */
export function log1p_(x: Tensor): Tensor {
  return mapInto1(LOG1P, x);
}

/** `max(x, y) + log1p(exp(-|x - y|))`, which neither overflows nor fails where both are the same infinity. */
function logaddexpKernel(
  x: Expr,
  y: Expr,
  exponential: NumberFn,
  scale: number,
): Expr {
  const distance = call("abs", call("sub", x, y));
  const rest = call("log1p", call(exponential, call("neg", distance)));
  const top = call("max", x, y);
  const same = call(
    "and",
    call("eq", x, y),
    call("eq", call("abs", x), Infinity),
  );
  return call("select", same, x, call("add", top, call("mul", rest, scale)));
}

const LOGADDEXP = defineMap({
  name: "logaddexp",
  arity: 2,
  check: refuseIntegers("logaddexp_cpu"),
  kernel: (x, y) => logaddexpKernel(x, y, "exp", 1),
  vjps: [
    (g, n) => g.div(n.input(1).sub(n.input(0)).exp().add(1)),
    (g, n) => g.div(n.input(0).sub(n.input(1)).exp().add(1)),
  ],
  saves: [IN0 | IN1, IN0 | IN1],
  samples: [[1, 2], [-3, 0.5], [4, 4]],
});

/**
 * Computes `log(exp(x) + exp(y))` without overflow, of floating-point tensors. See `torch.logaddexp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1000, -Infinity]);
 * assertEquals(dg.logaddexp(x, dg.tensor([-1000, 5])).tolist(), [1000, 5]);
 * ```
 */
export function logaddexp(x: Tensor, y: Tensor): Tensor {
  return map2(LOGADDEXP, x, y);
}

const LOGADDEXP2 = defineMap({
  name: "logaddexp2",
  arity: 2,
  check: refuseIntegers("logaddexp2_cpu"),
  kernel: (x, y) => logaddexpKernel(x, y, "exp2", Math.LOG2E),
  vjps: [
    (g, n) => g.div(n.input(1).sub(n.input(0)).exp2().add(1)),
    (g, n) => g.div(n.input(0).sub(n.input(1)).exp2().add(1)),
  ],
  saves: [IN0 | IN1, IN0 | IN1],
  samples: [[1, 2], [-3, 0.5], [4, 4]],
});

/**
 * Computes `log2(2 ** x + 2 ** y)` without overflow, of floating-point tensors. See `torch.logaddexp2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([3, 1000]);
 * assertEquals(dg.logaddexp2(x, x).tolist(), [4, 1001]);
 * ```
 */
export function logaddexp2(x: Tensor, y: Tensor): Tensor {
  return map2(LOGADDEXP2, x, y);
}
