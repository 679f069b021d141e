// Products with logarithms that are 0 where their first factor is.

import { IN0, IN1 } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { defineMap, map1, map2 } from "../map_op.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const ENTR = defineMap({
  name: "entr",
  node: "SpecialEntrBackward0",
  arity: 1,
  float: true,
  kernel: (x) => {
    const value = call("neg", call("mul", x, call("log", x)));
    const below = call("select", call("eq", x, 0), 0, -Infinity);
    const some = call("select", call("gt", x, 0), value, below);
    return call("select", call("ne", x, x), x, some);
  },
  vjps: [(g, n) => g.mul(n.input(0).log().add(1).neg())],
  saves: [IN0],
  samples: [[0.3], [1.4], [2.5]],
});

/**
 * `-x * log(x)` of each element, 0 at 0 and `-Infinity` below. Integers become
 * floats. See `torch.special.entr`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 0.5, -1], { dtype: "float64" });
 * assertEquals(dg.special.entr(x).tolist(), [0, Math.LN2 / 2, -Infinity]);
 * ```
 */
export function entr(x: Tensor): Tensor {
  return map1(ENTR, x);
}

const XLOG1PY = defineMap({
  name: "xlog1py",
  node: "SpecialXlog1PyBackward0",
  arity: 2,
  float: true,
  kernel: (x, y) => {
    const value = call("mul", x, call("log1p", y));
    const some = call("select", call("eq", x, 0), 0, value);
    return call("select", call("ne", y, y), NaN, some);
  },
  vjps: [
    (g, n) => {
      const [x, y] = [n.input(0), n.input(1)];
      const flat = x.eq(0).logicalAnd(y.le(-1));
      return g.mul(y.log1p().maskedFill(flat, 0));
    },
    (g, n) => g.mul(n.input(0)).div(n.input(1).add(1)),
  ],
  saves: [IN0 | IN1, IN0 | IN1],
  samples: [[1, 2], [-3, 0.5], [2, -0.4]],
});

/** As {@linkcode XLOG1PY} with a number first or second, which PyTorch records under other names. */
const XLOG1PY_FIRST = { ...XLOG1PY, node: "SpecialXlog1PyBackward1" };
const XLOG1PY_SECOND = { ...XLOG1PY, node: "SpecialXlog1PyBackward2" };

/**
 * `x * log1p(y)`, which is 0 where `x` is 0, unless `y` is NaN. Shapes
 * broadcast; integers become floats. See `torch.special.xlog1py`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const y = dg.special.xlog1py(dg.tensor([0, 2]), dg.tensor([-1, 0]));
 * assertEquals(y.tolist(), [0, 0]);
 * ```
 */
export function xlog1py(x: Operand, y: Operand): Tensor {
  if (typeof y !== "object") return map2(XLOG1PY_SECOND, x, y);
  return map2(typeof x === "object" ? XLOG1PY : XLOG1PY_FIRST, x, y);
}
