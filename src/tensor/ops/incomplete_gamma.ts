// The incomplete gamma functions and Hurwitz's zeta function. They have a
// gradient for their second argument only, as in PyTorch.

import { IN0, IN1, type Vjp } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { call, type NumberFn } from "../expr.ts";
import { defineMap, map2, mapInto2, type MapOp } from "../map_op.ts";
import type { Operand } from "../op.ts";
import { refuseHalf, refuseIntegers } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";

/** The same op, which is recorded for its first argument, and refuses the gradient. */
function refusingFirst(op: MapOp, name: string): MapOp {
  const fail: Vjp<unknown> = () => {
    throw new RuntimeError(
      `the derivative for '${name}' is not implemented.`,
      "detach() the first argument where no gradient for it is wanted",
    );
  };
  return { ...op, vjps: [fail, op.vjps[1]!] };
}

/** The density of the gamma distribution. */
function density(a: Tensor, x: Tensor): Tensor {
  return a.sub(1).mul(x.log()).sub(x).sub(a.lgamma()).exp();
}

function incomplete(name: string, fn: NumberFn, sign: 1 | -1): MapOp {
  const op = defineMap({
    name,
    arity: 2,
    check: refuseIntegers(`${name}_cpu`),
    kernel: (a, x) => call(fn, a, x),
    vjps: [
      null,
      (g, n) => {
        const part = g.mul(density(n.input(0), n.input(1)));
        return sign > 0 ? part : part.neg();
      },
    ],
    saves: [0, IN0 | IN1],
    samples: [[0.7, 1.2], [2.5, 0.8], [6, 9]],
  });
  return refusingFirst(op, `${name}: input`);
}

const IGAMMA = incomplete("igamma", "gammainc", 1);

/**
 * The regularized lower incomplete gamma function of each two elements: the
 * share of the integral of `t**(x - 1) * exp(-t)` that lies below `y`. Both are
 * floats, not negative; shapes broadcast, types promote. It has no gradient for
 * `x`. See `torch.special.gammainc`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const a = dg.tensor([1, 2], { dtype: "float64" });
 * const x = dg.tensor([0, 1], { dtype: "float64" });
 * const y = dg.igamma(a, x);
 * assertEquals(y.at(0).item(), 0);
 * assertEquals(y.at(1).item().toFixed(6), "0.264241");
 * ```
 */
export function igamma(x: Tensor, y: Tensor): Tensor {
  return map2(IGAMMA, x, y);
}

/** Computes the lower incomplete gamma function in place; see {@linkcode igamma}. */
export function igamma_(x: Tensor, y: Tensor): Tensor {
  return mapInto2(IGAMMA, x, y);
}

const IGAMMAC = incomplete("igammac", "gammaincc", -1);

/**
 * The regularized upper incomplete gamma function of each two elements: what
 * {@linkcode igamma} lacks of 1, exact where that is small. See
 * `torch.special.gammaincc`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const a = dg.tensor([1, 2], { dtype: "float64" });
 * const x = dg.tensor([0, 1], { dtype: "float64" });
 * const y = dg.igammac(a, x);
 * assertEquals(y.at(0).item(), 1);
 * assertEquals(y.at(1).item().toFixed(6), "0.735759");
 * ```
 */
export function igammac(x: Tensor, y: Tensor): Tensor {
  return map2(IGAMMAC, x, y);
}

/** Computes the upper incomplete gamma function in place; see {@linkcode igammac}. */
export function igammac_(x: Tensor, y: Tensor): Tensor {
  return mapInto2(IGAMMAC, x, y);
}

const ZETA_MAP = defineMap({
  name: "zeta",
  node: "SpecialZetaBackward0",
  arity: 2,
  float: true,
  check: refuseHalf("zeta_cpu"),
  kernel: (s, q) => call("zeta", s, q),
  vjps: [
    null,
    (g, n) => {
      const s = n.input(0);
      return g.mul(s.neg().mul(zeta(s.add(1), n.input(1))));
    },
  ],
  saves: [0, IN0 | IN1],
  samples: [[2.5, 1.2], [3, 0.8], [6, 2]],
});

const ZETA = refusingFirst(ZETA_MAP, "zeta");

/** As {@linkcode ZETA} with a number first or second, which PyTorch records under other names. */
const ZETA_FIRST: MapOp = { ...ZETA, node: "SpecialZetaBackward1" };
const ZETA_SECOND: MapOp = { ...ZETA, node: "SpecialZetaBackward2" };

/**
 * Hurwitz's zeta function of each two elements: the sum of `(k + y)**-x` over
 * all `k` from 0 on. Shapes broadcast; integers become floats. It has no
 * gradient for `x`. See `torch.special.zeta`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const q = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.zeta(2, q).item().toFixed(6), "1.644934");
 * ```
 */
export function zeta(x: Operand, y: Operand): Tensor {
  if (typeof y !== "object") return map2(ZETA_SECOND, x, y);
  return map2(typeof x === "object" ? ZETA : ZETA_FIRST, x, y);
}
