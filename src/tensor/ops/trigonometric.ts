// Trigonometric functions of each element and their inverses.

import { IN0, IN1, OUT } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { defineMap, map1, map2, mapInto1, mapInto2 } from "../map_op.ts";
import type { Tensor } from "../tensor.ts";

const SIN = defineMap({
  name: "sin",
  arity: 1,
  float: true,
  kernel: (x) => call("sin", x),
  vjps: [(g, n) => g.mul(n.input(0).cos())],
  saves: [IN0],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the sine of each element, an angle in radians. Integers become floats. See `torch.sin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).sin().tolist(), [0]);
 * const x = dg.tensor(0, { requiresGrad: true });
 * x.sin().backward();
 * assertEquals(x.grad!.item(), 1);
 * ```
 */
export function sin(x: Tensor): Tensor {
  return map1(SIN, x);
}

/** Computes the sine in place; see {@linkcode sin}. */
export function sin_(x: Tensor): Tensor {
  return mapInto1(SIN, x);
}

const COS = defineMap({
  name: "cos",
  arity: 1,
  float: true,
  kernel: (x) => call("cos", x),
  vjps: [(g, n) => g.mul(n.input(0).sin().neg())],
  saves: [IN0],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the cosine of each element, an angle in radians. Integers become floats. See `torch.cos`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).cos().tolist(), [1]);
 * ```
 */
export function cos(x: Tensor): Tensor {
  return map1(COS, x);
}

/** Computes the cosine in place; see {@linkcode cos}. */
export function cos_(x: Tensor): Tensor {
  return mapInto1(COS, x);
}

const TAN = defineMap({
  name: "tan",
  arity: 1,
  float: true,
  kernel: (x) => call("tan", x),
  vjps: [(g, n) => g.mul(n.output().square().add(1))],
  saves: [OUT],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the tangent of each element, an angle in radians. Integers become floats. See `torch.tan`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).tan().tolist(), [0]);
 * ```
 */
export function tan(x: Tensor): Tensor {
  return map1(TAN, x);
}

/** Computes the tangent in place; see {@linkcode tan}. */
export function tan_(x: Tensor): Tensor {
  return mapInto1(TAN, x);
}

const ASIN = defineMap({
  name: "asin",
  arity: 1,
  float: true,
  kernel: (x) => call("asin", x),
  vjps: [(g, n) => g.mul(n.input(0).square().neg().add(1).rsqrt())],
  saves: [IN0],
  samples: [[0], [0.7], [-0.4]],
});

/**
 * Computes the arc sine of each element, in radians. Integers become floats. See `torch.asin`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 2]).asin().tolist(), [0, NaN]);
 * ```
 */
export function asin(x: Tensor): Tensor {
  return map1(ASIN, x);
}

/** Computes the arc sine in place; see {@linkcode asin}. */
export function asin_(x: Tensor): Tensor {
  return mapInto1(ASIN, x);
}

const ACOS = defineMap({
  name: "acos",
  arity: 1,
  float: true,
  kernel: (x) => call("acos", x),
  vjps: [(g, n) => g.mul(n.input(0).square().neg().add(1).rsqrt().neg())],
  saves: [IN0],
  samples: [[0], [0.7], [-0.4]],
});

/**
 * Computes the arc cosine of each element, in radians. Integers become floats. See `torch.acos`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2]).acos().tolist(), [0, NaN]);
 * ```
 */
export function acos(x: Tensor): Tensor {
  return map1(ACOS, x);
}

/** Computes the arc cosine in place; see {@linkcode acos}. */
export function acos_(x: Tensor): Tensor {
  return mapInto1(ACOS, x);
}

const ATAN = defineMap({
  name: "atan",
  arity: 1,
  float: true,
  kernel: (x) => call("atan", x),
  vjps: [(g, n) => g.div(n.input(0).square().add(1))],
  saves: [IN0],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the arc tangent of each element, in radians. Integers become floats. See `torch.atan`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).atan().tolist(), [0]);
 * ```
 */
export function atan(x: Tensor): Tensor {
  return map1(ATAN, x);
}

/** Computes the arc tangent in place; see {@linkcode atan}. */
export function atan_(x: Tensor): Tensor {
  return mapInto1(ATAN, x);
}

const ATAN2 = defineMap({
  name: "atan2",
  arity: 2,
  float: true,
  kernel: (y, x) => call("atan2", y, x),
  vjps: [
    (g, n) => g.mul(n.input(1).mul(inverseSquare(n.input(0), n.input(1)))),
    (g, n) =>
      g.mul(n.input(0).neg().mul(inverseSquare(n.input(0), n.input(1)))),
  ],
  saves: [IN0 | IN1, IN0 | IN1],
  samples: [[1, 2], [-3, 0.5], [0.5, -2], [-1, -1]],
});

/** `1 / (y² + x²)`, and zero at the origin, where PyTorch gives no gradient. */
function inverseSquare(y: Tensor, x: Tensor): Tensor {
  const square = y.square().add(x.square());
  return square.reciprocal().where(square.ne(0), 0);
}

/**
 * Computes the angle of the point `(x, y)` with the positive x-axis, in radians. Shapes broadcast. See `torch.atan2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const y = dg.tensor([0, -0, 0]);
 * assertEquals(dg.atan2(y, dg.tensor([1, 1, 2])).tolist(), [0, -0, 0]);
 * ```
 */
export function atan2(y: Tensor, x: Tensor): Tensor {
  return map2(ATAN2, y, x);
}

/** Computes the angle in place; see {@linkcode atan2}. */
export function atan2_(y: Tensor, x: Tensor): Tensor {
  return mapInto2(ATAN2, y, x);
}

export {
  /** Another name of {@linkcode acos}. */
  acos as arccos,
  /** Another name of {@linkcode acos_}. */
  acos_ as arccos_,
  /** Another name of {@linkcode asin}. */
  asin as arcsin,
  /** Another name of {@linkcode asin_}. */
  asin_ as arcsin_,
  /** Another name of {@linkcode atan}. */
  atan as arctan,
  /** Another name of {@linkcode atan2}. */
  atan2 as arctan2,
  /** Another name of {@linkcode atan2_}. */
  atan2_ as arctan2_,
  /** Another name of {@linkcode atan_}. */
  atan_ as arctan_,
};
