// The error function and its kin, and two functions that are defined where
// their formula is not.

import { IN0, IN1 } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { defineMap, map1, map2, mapInto1, mapInto2 } from "../map_op.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** The derivative of the error function. */
function gauss(x: Tensor): Tensor {
  return x.square().neg().exp().mul(2 / Math.sqrt(Math.PI));
}

const ERF = defineMap({
  name: "erf",
  arity: 1,
  float: true,
  kernel: (x) => call("erf", x),
  vjps: [(g, n) => g.mul(gauss(n.input(0)))],
  saves: [IN0],
  samples: [[0], [0.7], [-1.4]],
});

/**
 * Computes the error function of each element. Integers become floats. See `torch.erf`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, Infinity]).erf().tolist(), [0, 1]);
 * ```
 */
export function erf(x: Tensor): Tensor {
  return map1(ERF, x);
}

/** Computes the error function in place; see {@linkcode erf}. */
export function erf_(x: Tensor): Tensor {
  return mapInto1(ERF, x);
}

const ERFC = defineMap({
  name: "erfc",
  arity: 1,
  float: true,
  kernel: (x) => call("erfc", x),
  vjps: [(g, n) => g.mul(gauss(n.input(0)).neg())],
  saves: [IN0],
  samples: [[0], [0.7], [-1.4]],
});

/**
 * Computes one minus the error function of each element, exact where that is small. Integers become floats. See `torch.erfc`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, Infinity]).erfc().tolist(), [1, 0]);
 * ```
 */
export function erfc(x: Tensor): Tensor {
  return map1(ERFC, x);
}

/** Computes one minus the error function in place; see {@linkcode erfc}. */
export function erfc_(x: Tensor): Tensor {
  return mapInto1(ERFC, x);
}

const ERFINV = defineMap({
  name: "erfinv",
  arity: 1,
  float: true,
  kernel: (x) => call("erfinv", x),
  vjps: [
    (g, n) =>
      g.mul(n.input(0).erfinv().square().exp().mul(Math.sqrt(Math.PI) / 2)),
  ],
  saves: [IN0],
  samples: [[0], [0.7], [-0.4]],
});

/**
 * Computes the inverse of the error function of each element. Integers become floats. See `torch.erfinv`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 1, 2]).erfinv().tolist(), [0, Infinity, NaN]);
 * ```
 */
export function erfinv(x: Tensor): Tensor {
  return map1(ERFINV, x);
}

/** Computes the inverse in place; see {@linkcode erfinv}. */
export function erfinv_(x: Tensor): Tensor {
  return mapInto1(ERFINV, x);
}

const SINC = defineMap({
  name: "sinc",
  arity: 1,
  float: true,
  kernel: (x) => {
    const angle = call("mul", x, Math.PI);
    const ratio = call("div", call("sin", angle), angle);
    return call("select", call("eq", x, 0), 1, ratio);
  },
  vjps: [(g, n) => {
    const x = n.input(0);
    const angle = x.mul(Math.PI);
    const square = x.mul(angle);
    const steep = square.ne(0);
    const slope = angle.mul(angle.cos()).sub(angle.sin())
      .div(square.where(steep, 1));
    // At 0 the slope is 0, and so is what stands for it; it has the curvature.
    return g.mul(slope.where(steep, x.mul(-Math.PI * Math.PI / 3)));
  }],
  saves: [IN0],
  samples: [[0.3], [1.2], [-2.6]],
});

/**
 * Computes `sin(πx) / (πx)` of each element, and 1 at 0. Integers become floats. See `torch.sinc`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0]).sinc().tolist(), [1]);
 * ```
 */
export function sinc(x: Tensor): Tensor {
  return map1(SINC, x);
}

/** Computes `sin(πx) / (πx)` in place; see {@linkcode sinc}. */
export function sinc_(x: Tensor): Tensor {
  return mapInto1(SINC, x);
}

const XLOGY = defineMap({
  name: "xlogy",
  arity: 2,
  float: true,
  kernel: (x, y) => {
    const value = call("mul", x, call("log", y));
    const some = call("select", call("eq", x, 0), 0, value);
    return call("select", call("ne", y, y), NaN, some);
  },
  vjps: [
    (g, n) => {
      const [x, y] = [n.input(0), n.input(1)];
      // Where the function is zero by definition its slope is as well.
      const steep = x.ne(0).logicalOr(y.gt(0)).logicalOr(y.isnan());
      return g.xlogy(y).where(steep, 0);
    },
    (g, n) => g.mul(n.input(0)).div(n.input(1)),
  ],
  saves: [IN0 | IN1, IN0 | IN1],
  samples: [[1, 2], [-3, 0.5]],
});

/** As {@linkcode XLOGY} with a number first or second, which PyTorch records under other names. */
const XLOGY_FIRST = { ...XLOGY, node: "XlogyBackward1" };
const XLOGY_SECOND = { ...XLOGY, node: "XlogyBackward2" };

/**
 * Computes `x * log(y)`, which is 0 where `x` is 0, unless `y` is NaN. Shapes
 * broadcast; integers become floats. See `torch.xlogy`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.xlogy(dg.tensor([0, 2]), dg.tensor([0, 1])).tolist(), [0, 0]);
 * assertEquals(dg.xlogy(2, dg.tensor([0])).tolist(), [-Infinity]);
 * ```
 */
export function xlogy(x: Operand, y: Operand): Tensor {
  if (typeof y !== "object") return map2(XLOGY_SECOND, x, y);
  return map2(typeof x === "object" ? XLOGY : XLOGY_FIRST, x, y);
}

/** Computes `x * log(y)` in place; see {@linkcode xlogy}. */
export function xlogy_(x: Tensor, y: Operand): Tensor {
  return mapInto2(typeof y === "object" ? XLOGY : XLOGY_SECOND, x, y);
}
