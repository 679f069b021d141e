// The gamma function: its logarithm, the derivatives of that, and its form for
// matrices.

import { IN0 } from "../../grad/node.ts";
import { checkInteger } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { defineMap, map1, mapInto1 } from "../map_op.ts";
import type { Tensor } from "../tensor.ts";

const LGAMMA = defineMap({
  name: "lgamma",
  arity: 1,
  float: true,
  kernel: (x) => call("lgamma", x),
  vjps: [(g, n) => g.mul(n.input(0).digamma())],
  saves: [IN0],
  samples: [[0.7], [2.5], [6], [-1.6]],
});

/**
 * Computes the logarithm of the absolute value of the gamma function of each element. Integers become floats. See `torch.lgamma`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2, 0]).lgamma().tolist(), [0, 0, Infinity]);
 * ```
 */
export function lgamma(x: Tensor): Tensor {
  return map1(LGAMMA, x);
}

/** Computes the logarithm in place; see {@linkcode lgamma}. */
export function lgamma_(x: Tensor): Tensor {
  return mapInto1(LGAMMA, x);
}

const DIGAMMA = defineMap({
  name: "digamma",
  arity: 1,
  float: true,
  kernel: (x) => call("digamma", x),
  vjps: [(g, n) => g.mul(n.input(0).polygamma(1))],
  saves: [IN0],
  samples: [[0.7], [2.5], [6], [-1.6]],
});

/**
 * Computes the derivative of the logarithm of the gamma function of each element. Integers become floats. See `torch.digamma`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, -1]).digamma().tolist(), [-Infinity, NaN]);
 * ```
 */
export function digamma(x: Tensor): Tensor {
  return map1(DIGAMMA, x);
}

/** Computes the derivative in place; see {@linkcode digamma}. */
export function digamma_(x: Tensor): Tensor {
  return mapInto1(DIGAMMA, x);
}

const POLYGAMMA = defineMap({
  name: "polygamma",
  arity: 1,
  float: true,
  kernel: (x) => call("polygamma", param(0), x),
  vjps: [(g, n, [order]) => g.mul(n.input(0).polygamma(order! + 1))],
  saves: [IN0],
  samples: [[0.7], [2.5], [6]],
  params: [2],
});

function checkOrder(order: number): void {
  checkInteger(order, "polygamma", "n");
  if (order < 0) {
    throw new RuntimeError("polygamma(n, x) does not support negative n.");
  }
}

/**
 * Computes the derivative of order `n` of the digamma function of each element.
 * Integers become floats. See `torch.polygamma`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1], { dtype: "float64" });
 * assertEquals(dg.polygamma(1, x).item().toFixed(9), "1.644934067");
 * assertEquals(x.polygamma(0).equal(x.digamma()), true);
 * ```
 */
export function polygamma(n: number, x: Tensor): Tensor {
  checkOrder(n);
  return map1(POLYGAMMA, x, [n]);
}

/** Computes the derivative of order `n` of digamma in place; see {@linkcode polygamma}. */
export function polygamma_(x: Tensor, n: number): Tensor {
  checkOrder(n);
  return mapInto1(POLYGAMMA, x, [n]);
}

const MVLGAMMA = defineKernel<number>({
  name: "mvlgamma",
  forward: ([x], p) => {
    let out = x!.lgamma();
    for (let j = 1; j < p; j++) out = out.add(x!.sub(j / 2).lgamma());
    return out.add(p * (p - 1) / 4 * Math.log(Math.PI));
  },
  vjps: [(g, n, p) => {
    const x = n.input(0);
    let slope = x.digamma();
    for (let j = 1; j < p; j++) slope = slope.add(x.sub(j / 2).digamma());
    return g.mul(slope);
  }],
  saves: [IN0],
});

/**
 * Computes the logarithm of the multivariate gamma function of dimension `p` of
 * each element. Integers become floats. See `torch.mvlgamma`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 3]);
 * assertEquals(dg.mvlgamma(x, 1).equal(x.lgamma()), true);
 * ```
 */
export function mvlgamma(x: Tensor, p: number): Tensor {
  checkInteger(p, "mvlgamma", "p");
  if (p < 1) {
    throw new RuntimeError("p has to be greater than or equal to 1");
  }
  return run(MVLGAMMA, [x], p);
}

/** Computes the multivariate log-gamma in place; see {@linkcode mvlgamma}. */
export function mvlgamma_(x: Tensor, p: number): Tensor {
  return inplace(x, [], (x) => mvlgamma(x, p));
}
