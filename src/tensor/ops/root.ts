// Square roots, reciprocals, and the length of a vector of two. Rules read the
// result, so that it is not computed twice.

import { IN0, IN1, OUT } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { defineMap, map1, map2, mapInto1, mapInto2 } from "../map_op.ts";
import { castTo, type Operand, resultInfo, toTensor } from "../op.ts";
import { refuseIntegers } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";

const SQRT = defineMap({
  name: "sqrt",
  arity: 1,
  float: true,
  kernel: (x) => call("sqrt", x),
  vjps: [(g, n) => g.div(n.output().mul(2))],
  saves: [OUT],
  samples: [[0.5], [3]],
});

/**
 * The square root of each element; NaN below 0. See `torch.sqrt`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([4, 9]).sqrt().tolist(), [2, 3]);
 * ```
 */
export function sqrt(x: Tensor): Tensor {
  return map1(SQRT, x);
}

/** Takes the square root in place; see {@linkcode sqrt}. */
export function sqrt_(x: Tensor): Tensor {
  return mapInto1(SQRT, x);
}

const RSQRT = defineMap({
  name: "rsqrt",
  arity: 1,
  float: true,
  kernel: (x) => call("div", 1, call("sqrt", x)),
  vjps: [(g, n) => g.mul(-0.5).mul(n.output().pow(3))],
  saves: [OUT],
  samples: [[0.5], [3]],
});

/**
 * One over the square root of each element. See `torch.rsqrt`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([4, 16]).rsqrt().tolist(), [0.5, 0.25]);
 * ```
 */
export function rsqrt(x: Tensor): Tensor {
  return map1(RSQRT, x);
}

/** Takes one over the square root in place; see {@linkcode rsqrt}. */
export function rsqrt_(x: Tensor): Tensor {
  return mapInto1(RSQRT, x);
}

const RECIPROCAL = defineMap({
  name: "reciprocal",
  arity: 1,
  float: true,
  kernel: (x) => call("div", 1, x),
  vjps: [
    (g, n) => {
      const y = n.output();
      return g.neg().mul(y.mul(y));
    },
  ],
  saves: [OUT],
  samples: [[0.5], [-3]],
});

/**
 * One over each element. See `torch.reciprocal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([4, -2]).reciprocal().tolist(), [0.25, -0.5]);
 * ```
 */
export function reciprocal(x: Tensor): Tensor {
  return map1(RECIPROCAL, x);
}

/** Takes one over each element in place; see {@linkcode reciprocal}. */
export function reciprocal_(x: Tensor): Tensor {
  return mapInto1(RECIPROCAL, x);
}

const HYPOT = defineMap({
  name: "hypot",
  arity: 2,
  check: refuseIntegers("hypot_cpu"),
  kernel: (x, y) => call("hypot", x, y),
  vjps: [
    (g, n) => g.mul(n.input(0).div(n.output())),
    (g, n) => g.mul(n.input(1).div(n.output())),
  ],
  saves: [IN0 | OUT, IN1 | OUT],
  samples: [[3, 4], [-0.5, 2]],
});

/**
 * The length of the hypotenuse, `sqrt(x² + y²)`, without overflow; floating-point
 * types only. See `torch.hypot`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.hypot(dg.tensor([3, 6]), dg.tensor([4, 8])).tolist(), [5, 10]);
 * ```
 */
export function hypot(x: Tensor, y: Operand): Tensor {
  return map2(HYPOT, x, y);
}

/** Takes the length in place; see {@linkcode hypot}. */
export function hypot_(x: Tensor, y: Operand): Tensor {
  return mapInto2(HYPOT, x, y);
}

const LDEXP = defineKernel<null>({
  name: "ldexp",
  // The power is rounded to the type of the exponent, as in PyTorch.
  forward: ([x, y]) => {
    const info = resultInfo(x!, y!);
    const whole = y!.info.category !== 2 && info.category === 2;
    return x!.mul((whole ? castTo(y!, info) : y!).exp2());
  },
  vjps: [
    (g, n) => g.mul(n.input(1).exp2()),
    (g, n) => g.mul(n.output()).mul(Math.LN2),
  ],
  saves: [IN1, OUT],
});

/**
 * Multiplies by a power of two: `x * 2**y`; integers give floats. See `torch.ldexp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ldexp(dg.tensor([1, 3]), dg.tensor([4, -1])).tolist(), [16, 1.5]);
 * ```
 */
export function ldexp(x: Tensor, y: Operand): Tensor {
  return run(LDEXP, [x, toTensor(y, x)], null);
}

/** Multiplies by a power of two in place; see {@linkcode ldexp}. */
export function ldexp_(x: Tensor, y: Operand): Tensor {
  return inplace(x, [y], (self) => ldexp(self, y));
}
