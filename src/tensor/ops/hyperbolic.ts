// Hyperbolic functions of each element and their inverses.

import { IN0, OUT } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { defineMap, map1, mapInto1 } from "../map_op.ts";
import { slopeRule } from "../slope_op.ts";
import type { Tensor } from "../tensor.ts";

const SINH = defineMap({
  name: "sinh",
  arity: 1,
  float: true,
  kernel: (x) => call("sinh", x),
  vjps: [(g, n) => g.mul(n.input(0).cosh())],
  saves: [IN0],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the hyperbolic sine of each element. Integers become floats. See `torch.sinh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).sinh().tolist(), [0]);
 * ```
 */
export function sinh(x: Tensor): Tensor {
  return map1(SINH, x);
}

/** Computes the hyperbolic sine in place; see {@linkcode sinh}. */
export function sinh_(x: Tensor): Tensor {
  return mapInto1(SINH, x);
}

const COSH = defineMap({
  name: "cosh",
  arity: 1,
  float: true,
  kernel: (x) => call("cosh", x),
  vjps: [(g, n) => g.mul(n.input(0).sinh())],
  saves: [IN0],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the hyperbolic cosine of each element. Integers become floats. See `torch.cosh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).cosh().tolist(), [1]);
 * ```
 */
export function cosh(x: Tensor): Tensor {
  return map1(COSH, x);
}

/** Computes the hyperbolic cosine in place; see {@linkcode cosh}. */
export function cosh_(x: Tensor): Tensor {
  return mapInto1(COSH, x);
}

const TANH = defineMap({
  name: "tanh",
  arity: 1,
  float: true,
  kernel: (x) => call("tanh", x),
  vjps: [
    slopeRule(
      "tanh",
      [OUT],
      (g, y) =>
        call("mul", g, call("add", call("neg", call("mul", y!, y!)), 1)),
      (g, n) => g.mul(n.output().square().neg().add(1)),
    ),
  ],
  saves: [OUT],
  samples: [[0], [1.2], [-2]],
});

/**
 * Computes the hyperbolic tangent of each element. Integers become floats. See `torch.tanh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, Infinity]).tanh().tolist(), [0, 1]);
 * ```
 */
export function tanh(x: Tensor): Tensor {
  return map1(TANH, x);
}

/** Computes the hyperbolic tangent in place; see {@linkcode tanh}. */
export function tanh_(x: Tensor): Tensor {
  return mapInto1(TANH, x);
}

const ASINH = defineMap({
  name: "asinh",
  arity: 1,
  float: true,
  kernel: (x) => call("asinh", x),
  vjps: [(g, n) => g.mul(n.input(0).square().add(1).rsqrt())],
  saves: [IN0],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the inverse hyperbolic sine of each element. Integers become floats. See `torch.asinh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).asinh().tolist(), [0]);
 * ```
 */
export function asinh(x: Tensor): Tensor {
  return map1(ASINH, x);
}

/** Computes the inverse hyperbolic sine in place; see {@linkcode asinh}. */
export function asinh_(x: Tensor): Tensor {
  return mapInto1(ASINH, x);
}

const ACOSH = defineMap({
  name: "acosh",
  arity: 1,
  float: true,
  kernel: (x) => call("acosh", x),
  vjps: [(g, n) => {
    const x = n.input(0);
    // For complex numbers the root of the product would be on the wrong branch.
    const slope = x.info.category === 3
      ? x.sub(1).rsqrt().mul(x.add(1).rsqrt())
      : x.square().sub(1).rsqrt();
    return g.mul(slope);
  }],
  saves: [IN0],
  samples: [[1.3], [2], [5]],
});

/**
 * Computes the inverse hyperbolic cosine of each element. Integers become floats. See `torch.acosh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 0]).acosh().tolist(), [0, NaN]);
 * ```
 */
export function acosh(x: Tensor): Tensor {
  return map1(ACOSH, x);
}

/** Computes the inverse hyperbolic cosine in place; see {@linkcode acosh}. */
export function acosh_(x: Tensor): Tensor {
  return mapInto1(ACOSH, x);
}

const ATANH = defineMap({
  name: "atanh",
  arity: 1,
  float: true,
  kernel: (x) => call("atanh", x),
  vjps: [(g, n) => g.div(n.input(0).square().neg().add(1))],
  saves: [IN0],
  samples: [[0], [0.7], [-0.4]],
});

/**
 * Computes the inverse hyperbolic tangent of each element. Integers become floats. See `torch.atanh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 1]).atanh().tolist(), [0, Infinity]);
 * ```
 */
export function atanh(x: Tensor): Tensor {
  return map1(ATANH, x);
}

/** Computes the inverse hyperbolic tangent in place; see {@linkcode atanh}. */
export function atanh_(x: Tensor): Tensor {
  return mapInto1(ATANH, x);
}

export {
  /** Another name of {@linkcode acosh}. */
  acosh as arccosh,
  /** Another name of {@linkcode acosh_}. */
  acosh_ as arccosh_,
  /** Another name of {@linkcode asinh}. */
  asinh as arcsinh,
  /** Another name of {@linkcode asinh_}. */
  asinh_ as arcsinh_,
  /** Another name of {@linkcode atanh}. */
  atanh as arctanh,
  /** Another name of {@linkcode atanh_}. */
  atanh_ as arctanh_,
};
