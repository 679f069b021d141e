// Activations that bend smoothly: each multiplies or replaces the negative side
// by a curve.

import { IN0, IN1, type Node } from "../../grad/node.ts";
import type { DTypeInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { defineMap, map1, map2, type MapOp } from "../map_op.ts";
import { checkOptions } from "../shape.ts";
import { slopeRule } from "../slope_op.ts";
import type { Tensor } from "../tensor.ts";
import { logistic } from "./activation.ts";

/** Refuses integers as PyTorch's kernel of this name does. */
export function floatsOnly(kernel: string): (compute: DTypeInfo) => void {
  return (compute) => {
    if (compute.category === 2) return;
    throw new RuntimeError(
      `"${kernel}" not implemented for '${compute.scalarName}'`,
      'convert it with to("float32") first',
    );
  };
}

/** The gradient of SiLU in one pass, for training. */
const SILU_BACKWARD: MapOp = defineMap({
  name: "siluBackward",
  node: "SiluBackwardBackward0",
  arity: 2,
  float: true,
  kernel: (g, x) => {
    const s = call("div", 1, call("add", 1, call("exp", call("neg", x))));
    const rest = call("sub", 1, s);
    const slope = call("mul", s, call("add", 1, call("mul", x, rest)));
    return call("mul", g, slope);
  },
  vjps: [
    (h, n) => map2(SILU_BACKWARD, h, n.input(1)),
    (h, n) => {
      const x = n.input(1);
      const s = x.sigmoid();
      const bend = x.mul(s.mul(-2).add(1)).add(2);
      return h.mul(n.input(0)).mul(s.mul(s.neg().add(1)).mul(bend));
    },
  ],
  saves: [IN1, IN0 | IN1],
  samples: [[0.7, -2], [-1, 0.3], [2, 1.5]],
});

const SILU = defineMap({
  name: "silu",
  arity: 1,
  kernel: (x) => call("div", x, call("add", 1, call("exp", call("neg", x)))),
  check: floatsOnly("silu_cpu"),
  vjps: [(g, n) => map2(SILU_BACKWARD, g, n.input(0))],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
});

/**
 * Computes `x * sigmoid(x)`. See `torch.nn.functional.silu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 100]);
 * assertEquals(dg.nn.functional.silu(x).tolist(), [0, 100]);
 * ```
 */
export function silu(x: Tensor): Tensor {
  return map1(SILU, x);
}

const MISH = defineMap({
  name: "mish",
  arity: 1,
  kernel: (x) => call("mul", x, call("tanh", call("log1p", call("exp", x)))),
  check: floatsOnly("mish_cpu"),
  vjps: [(g, n) => {
    const x = n.input(0);
    const t = softplus(x).tanh();
    const bend = x.sigmoid().mul(t.square().neg().add(1));
    return g.mul(t.add(x.mul(bend)));
  }],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
});

/**
 * Computes `x * tanh(softplus(x))`. See `torch.nn.functional.mish`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.nn.functional.mish(dg.tensor([0])).tolist(), [0]);
 * ```
 */
export function mish(x: Tensor): Tensor {
  return map1(MISH, x);
}

/** The density of the normal distribution at 0. */
const DENSITY = 1 / Math.sqrt(2 * Math.PI);

/** The gradient of GELU in one pass, for training. */
const GELU_BACKWARD: MapOp = defineMap({
  name: "geluBackward",
  node: "GeluBackwardBackward0",
  arity: 2,
  float: true,
  kernel: (g, x) => {
    const area = call("add", 1, call("erf", call("mul", x, Math.SQRT1_2)));
    const power = call("exp", call("mul", -0.5, call("mul", x, x)));
    const density = call("mul", power, DENSITY);
    const slope = call("add", call("mul", 0.5, area), call("mul", x, density));
    return call("mul", g, slope);
  },
  vjps: [
    (h, n) => map2(GELU_BACKWARD, h, n.input(1)),
    (h, n) => {
      const square = n.input(1).square();
      const density = square.mul(-0.5).exp().mul(DENSITY);
      return h.mul(n.input(0)).mul(density.mul(square.neg().add(2)));
    },
  ],
  saves: [IN1, IN0 | IN1],
  samples: [[0.7, -2], [-1, 0.3], [2, 1.5]],
});

const GELU = defineMap({
  name: "gelu",
  arity: 1,
  kernel: (x) =>
    call(
      "mul",
      call("mul", x, 0.5),
      call("add", 1, call("erf", call("mul", x, Math.SQRT1_2))),
    ),
  check: floatsOnly("GeluKernelImpl"),
  vjps: [(g, n) => map2(GELU_BACKWARD, g, n.input(0))],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
});

const CUBE = 0.044715;
const SLOPE = Math.sqrt(2 / Math.PI);

const GELU_TANH = defineMap({
  name: "gelu",
  arity: 1,
  kernel: (x) => {
    const cube = call("mul", call("mul", x, x), x);
    const inner = call("add", x, call("mul", CUBE, cube));
    // 1 + tanh would lose digits where x is negative.
    const power = call("exp", call("mul", -2 * SLOPE, inner));
    return call("div", x, call("add", 1, power));
  },
  check: floatsOnly("GeluKernelImpl"),
  vjps: [(g, n) => {
    const x = n.input(0);
    const square = x.square();
    const t = x.mul(square.mul(CUBE).add(1)).mul(SLOPE).tanh();
    const inner = square.mul(3 * CUBE).add(1).mul(SLOPE);
    const bend = t.square().neg().add(1).mul(inner);
    return g.mul(t.add(1).add(x.mul(bend)).mul(0.5));
  }],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
});

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /** `"tanh"` for an approximation, else `"none"`. */
  readonly approximate?: "none" | "tanh";
}

/**
 * Computes `x * Φ(x)`, with the distribution function of the normal
 * distribution. See `torch.nn.functional.gelu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 100]);
 * assertEquals(dg.nn.functional.gelu(x).tolist(), [0, 100]);
 * ```
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  checkOptions(options, ["approximate"], "gelu");
  const { approximate = "none" } = options;
  if (approximate !== "none" && approximate !== "tanh") {
    throw new RuntimeError(
      "approximate argument must be either none or tanh.",
    );
  }
  return map1(approximate === "tanh" ? GELU_TANH : GELU, x);
}

const SOFTPLUS = defineMap({
  name: "softplus",
  arity: 1,
  kernel: (x) => {
    const z = call("mul", x, param(0));
    const bent = call("div", call("log1p", call("exp", z)), param(0));
    return call("select", call("gt", z, param(1)), x, bent);
  },
  check: floatsOnly("softplus_cpu"),
  vjps: [
    slopeRule("softplus", [IN0], (g, x) => {
      const z = call("mul", x!, param(0));
      const bent = call("mul", g, logistic(z));
      return call("select", call("gt", z, param(1)), g, bent);
    }, (g, n, [beta = 1, threshold = 20]) => {
      const z = n.input(0).mul(beta);
      return g.where(z.gt(threshold), g.mul(z.sigmoid()));
    }),
  ],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5], [12]],
  params: [2, 20],
});

/** Options of {@linkcode softplus}. */
export interface SoftplusOptions {
  /** How sharp the bend is; 1 where not given. */
  readonly beta?: number;
  /** Where `beta * x` is above it, the result is `x`; 20 where not given. */
  readonly threshold?: number;
}

/**
 * Computes `log(1 + exp(beta * x)) / beta`. See
 * `torch.nn.functional.softplus`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-Infinity, 100]);
 * assertEquals(dg.nn.functional.softplus(x).tolist(), [0, 100]);
 * ```
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  checkOptions(options, ["beta", "threshold"], "softplus");
  const { beta = 1, threshold = 20 } = options;
  return map1(SOFTPLUS, x, [beta, threshold]);
}

const LOG_SIGMOID = defineMap({
  name: "logsigmoid",
  node: "LogSigmoidBackward0",
  arity: 1,
  kernel: (x) =>
    call(
      "sub",
      call("min", x, 0),
      call("log1p", call("exp", call("neg", call("abs", x)))),
    ),
  check: floatsOnly("log_sigmoid_cpu"),
  vjps: [
    slopeRule(
      "logsigmoid",
      [IN0],
      (g, x) => call("mul", g, logistic(call("neg", x!))),
      (g, n) => g.mul(n.input(0).neg().sigmoid()),
    ),
  ],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
});

/**
 * Computes the logarithm of the logistic function. See
 * `torch.nn.functional.logsigmoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-100, Infinity]);
 * assertEquals(dg.nn.functional.logsigmoid(x).tolist(), [-100, 0]);
 * ```
 */
export function logsigmoid(x: Tensor): Tensor {
  return map1(LOG_SIGMOID, x);
}

/** The slope of the exponential units; params are the factors of `x` above 0, of the result below it, and of the exponent. */
function eluRule(
  g: Tensor,
  n: Node,
  [above = 1, below = 1, inside = 1]: readonly number[],
): Tensor {
  const x = n.input(0);
  const curve = x.clampMax(0).mul(inside).exp().mul(below * inside);
  return g.mul(curve.where(x.le(0), above));
}

function defineElu(name: string, node: string): MapOp {
  return defineMap({
    name,
    node,
    arity: 1,
    kernel: (x) =>
      call(
        "select",
        call("le", x, 0),
        call("mul", call("expm1", call("mul", x, param(2))), param(1)),
        call("mul", x, param(0)),
      ),
    check: floatsOnly("elu_cpu"),
    vjps: [eluRule],
    saves: [IN0],
    samples: [[-2], [-0.3], [1.5]],
    params: [1.5, 0.7, 2],
  });
}

const ELU = defineElu("elu", "EluBackward0");
const CELU = defineElu("celu", "CeluBackward0");

/** Options of {@linkcode elu} and {@linkcode celu}. */
export interface AlphaActivationOptions {
  /** How far the negative side goes down; 1 where not given. */
  readonly alpha?: number;
}

/**
 * Computes `x` where it is positive, else `alpha * (exp(x) - 1)`. See
 * `torch.nn.functional.elu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-Infinity, 2]);
 * assertEquals(dg.nn.functional.elu(x, { alpha: 3 }).tolist(), [-3, 2]);
 * ```
 */
export function elu(x: Tensor, options: AlphaActivationOptions = {}): Tensor {
  checkOptions(options, ["alpha"], "elu");
  return map1(ELU, x, [1, options.alpha ?? 1, 1]);
}

/**
 * Computes `x` where it is positive, else `alpha * (exp(x / alpha) - 1)`. See
 * `torch.nn.functional.celu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-Infinity, 2]);
 * assertEquals(dg.nn.functional.celu(x, { alpha: 3 }).tolist(), [-3, 2]);
 * ```
 */
export function celu(x: Tensor, options: AlphaActivationOptions = {}): Tensor {
  checkOptions(options, ["alpha"], "celu");
  const { alpha = 1 } = options;
  if (alpha === 0) {
    throw new RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU");
  }
  return map1(CELU, x, [1, alpha, 1 / alpha]);
}

/** With these, means and variances converge to 0 and 1. */
const SELU_ALPHA = 1.6732632423543772848170429916717;
const SELU_SCALE = 1.0507009873554804934193349852946;

/**
 * Computes `scale * elu(x, alpha)` with the two constants that keep means at 0
 * and variances at 1. See `torch.nn.functional.selu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.nn.functional.selu(dg.tensor([0])).tolist(), [0]);
 * ```
 */
export function selu(x: Tensor): Tensor {
  return map1(ELU, x, [SELU_SCALE, SELU_SCALE * SELU_ALPHA, 1]);
}
