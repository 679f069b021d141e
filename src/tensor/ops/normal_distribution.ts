// The normal distribution, its logarithm, its quantiles, and the error function
// without the factor that makes it vanish.

import { IN0, OUT } from "../../grad/node.ts";
import { call } from "../expr.ts";
import { defineMap, map1 } from "../map_op.ts";
import { refuseHalf } from "../refusal.ts";
import type { Tensor } from "../tensor.ts";

const ERFCX = defineMap({
  name: "erfcx",
  node: "SpecialErfcxBackward0",
  arity: 1,
  float: true,
  check: refuseHalf("erfcx_cpu"),
  kernel: (x) => call("erfcx", x),
  vjps: [(g, n) => {
    const twice = n.input(0).mul(2);
    return g.mul(twice.mul(n.output()).sub(2 / Math.sqrt(Math.PI)));
  }],
  saves: [IN0 | OUT],
  samples: [[0.2], [0.9], [-1.4], [6]],
});

/**
 * `exp(x * x) * erfc(x)` of each element, which does not vanish. Integers become floats. See `torch.special.erfcx`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.erfcx(x).item().toFixed(6), "0.427584");
 * ```
 */
export function erfcx(x: Tensor): Tensor {
  return map1(ERFCX, x);
}

const NDTR = defineMap({
  name: "ndtr",
  // PyTorch multiplies an error function.
  node: "MulBackward1",
  arity: 1,
  float: true,
  kernel: (x) => call("ndtr", x),
  vjps: [(g, n) => {
    const x = n.input(0);
    const density = x.square().mul(-0.5).exp();
    return g.mul(density.div(Math.sqrt(2 * Math.PI)));
  }],
  saves: [IN0],
  samples: [[0.3], [-1.4], [2.5]],
});

/**
 * The probability that a standard normal variable is below each element, exact where that is small. Integers become floats. See `torch.special.ndtr`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(1, { dtype: "float64" });
 * assertEquals(dg.special.ndtr(x).item().toFixed(6), "0.841345");
 * ```
 */
export function ndtr(x: Tensor): Tensor {
  return map1(NDTR, x);
}

const LOG_NDTR = defineMap({
  name: "logNdtr",
  node: "SpecialLogNdtrBackward0",
  arity: 1,
  float: true,
  check: refuseHalf("log_ndtr_cpu"),
  kernel: (x) => call("logNdtr", x),
  vjps: [(g, n) => {
    const tail = erfcx(n.input(0).mul(-Math.SQRT1_2));
    return g.div(tail).mul(Math.sqrt(2 / Math.PI));
  }],
  saves: [IN0],
  samples: [[0.3], [-1.4], [-7], [2.5]],
});

/**
 * The logarithm of {@linkcode ndtr} of each element, also where that is 0. Integers become floats. See `torch.special.log_ndtr`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(-40, { dtype: "float64" });
 * assertEquals(dg.special.logNdtr(x).item().toFixed(6), "-804.608442");
 * ```
 */
export function logNdtr(x: Tensor): Tensor {
  return map1(LOG_NDTR, x);
}

const NDTRI = defineMap({
  name: "ndtri",
  node: "SpecialNdtriBackward0",
  arity: 1,
  float: true,
  check: refuseHalf("ndtri_cpu"),
  kernel: (x) => call("ndtri", x),
  vjps: [(g, n) => {
    const inverse = n.output().square().mul(0.5).exp();
    return g.mul(inverse.mul(Math.sqrt(2 * Math.PI)));
  }],
  saves: [OUT],
  samples: [[0.3], [0.52], [0.9]],
});

/**
 * The quantile of the standard normal distribution for each probability: the inverse of {@linkcode ndtr}. 0 and 1 give infinities, outside gives NaN. Integers become floats. See `torch.special.ndtri`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(0.1, { dtype: "float64" });
 * assertEquals(dg.special.ndtri(x).item().toFixed(6), "-1.281552");
 * ```
 */
export function ndtri(x: Tensor): Tensor {
  return map1(NDTRI, x);
}
