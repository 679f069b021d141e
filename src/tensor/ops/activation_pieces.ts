// Activations that are made of straight pieces.

import { IN0, IN1, type Node } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr, param } from "../expr.ts";
import { defineMap, map1, map2 } from "../map_op.ts";
import { checkOptions } from "../shape.ts";
import { slopeRule } from "../slope_op.ts";
import type { Tensor } from "../tensor.ts";
import { floatsOnly } from "./activation_curves.ts";

const LEAKY_RELU = defineMap({
  name: "leakyRelu",
  arity: 1,
  kernel: (x) => call("select", call("gt", x, 0), x, call("mul", x, param(0))),
  check: floatsOnly("leaky_relu_cpu"),
  vjps: [
    slopeRule(
      "leakyRelu",
      [IN0],
      (g, x) => call("select", call("gt", x!, 0), g, call("mul", g, param(0))),
      (g, n, [slope = 0]) => g.where(n.input(0).gt(0), g.mul(slope)),
    ),
  ],
  saves: [IN0],
  samples: [[-2], [0.3]],
  params: [0.25],
});

/** Options of {@linkcode leakyRelu}. */
export interface LeakyReluOptions {
  /** Slope of the negative side; 0.01 where not given. */
  readonly negativeSlope?: number;
}

/**
 * Computes `x` where it is positive, else `negativeSlope * x`. See
 * `torch.nn.functional.leaky_relu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-4, 2]);
 * const y = dg.nn.functional.leakyRelu(x, { negativeSlope: 0.5 });
 * assertEquals(y.tolist(), [-2, 2]);
 * ```
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  checkOptions(options, ["negativeSlope"], "leakyRelu");
  return map1(LEAKY_RELU, x, [options.negativeSlope ?? 0.01]);
}

const PRELU = defineMap({
  name: "prelu",
  node: "PreluKernelBackward0",
  arity: 2,
  kernel: (x, w) => call("select", call("gt", x, 0), x, call("mul", w, x)),
  check: floatsOnly("prelu_cpu"),
  vjps: [
    (g, n) => g.where(n.input(0).gt(0), g.mul(n.input(1))),
    (g, n) => g.mul(n.input(0).clampMax(0)),
  ],
  saves: [IN0 | IN1, IN0],
  samples: [[-2, 0.5], [0.3, 0.5]],
});

/**
 * Computes `x` where it is positive, else `weight * x`. `weight` holds one
 * slope, or one for each channel of dimension 1. See
 * `torch.nn.functional.prelu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[-4, -4]]);
 * const y = dg.nn.functional.prelu(x, dg.tensor([0.5, 0.25]));
 * assertEquals(y.tolist(), [[-2, -1]]);
 * ```
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  if (x.info !== weight.info) {
    throw new RuntimeError(
      `prelu: Type promoting not supported. Got ${x.info.scalarName} and ${weight.info.scalarName}`,
    );
  }
  const rank = x.shape.length;
  if (weight.count !== 1) {
    if (rank === 0) {
      throw new RuntimeError("Not allow zero-dim input tensor.");
    }
    const channels = rank > 1 ? x.shape[1]! : 1;
    if (channels !== weight.count) {
      throw new RuntimeError(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.count} and channel size = ${channels}.`,
      );
    }
  }
  if (weight.shape.length > 1) {
    throw new RuntimeError(
      `prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.shape.length}`,
    );
  }
  if (rank < 2) return map2(PRELU, x, rank === 0 ? weight.reshape([]) : weight);
  const shape = x.shape.map((_, d) => d === 1 ? weight.count : 1);
  return map2(PRELU, x, weight.reshape(shape));
}

const HARDTANH = defineMap({
  name: "hardtanh",
  arity: 1,
  kernel: (x) => call("min", call("max", x, param(0)), param(1)),
  vjps: [
    slopeRule("hardtanh", [IN0], (g, x) => {
      const outside = call(
        "or",
        call("le", x!, param(0)),
        call("ge", x!, param(1)),
      );
      return call("select", outside, 0, g);
    }, (g, n, [low = -1, high = 1]) => {
      const x = n.input(0);
      return g.maskedFill(x.le(low).logicalOr(x.ge(high)), 0);
    }),
  ],
  saves: [IN0],
  samples: [[-3], [0.3], [1.5]],
  params: [-2, 1],
});

/** Options of {@linkcode hardtanh}. */
export interface HardtanhOptions {
  /** The least result; -1 where not given. */
  readonly minVal?: number;
  /** The largest result; 1 where not given. */
  readonly maxVal?: number;
}

/**
 * Brings elements into a range; those at its ends have no gradient. See
 * `torch.nn.functional.hardtanh`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-4, 0.5, 2]);
 * assertEquals(dg.nn.functional.hardtanh(x).tolist(), [-1, 0.5, 1]);
 * ```
 */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  checkOptions(options, ["minVal", "maxVal"], "hardtanh");
  const { minVal = -1, maxVal = 1 } = options;
  return map1(HARDTANH, x, [minVal, maxVal]);
}

/**
 * Brings elements into the range from 0 to 6. See `torch.nn.functional.relu6`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-4, 0.5, 9]);
 * assertEquals(dg.nn.functional.relu6(x).tolist(), [0, 0.5, 6]);
 * ```
 */
export function relu6(x: Tensor): Tensor {
  return map1(HARDTANH, x, [0, 6]);
}

const SOFTSHRINK = defineMap({
  name: "softshrink",
  arity: 1,
  kernel: (x) =>
    call(
      "select",
      call("gt", x, param(0)),
      call("sub", x, param(0)),
      call(
        "select",
        call("lt", x, call("neg", param(0))),
        call("add", x, param(0)),
        call("mul", x, 0),
      ),
    ),
  check: floatsOnly("softshrink_check"),
  vjps: [slopeRule("softshrink", [IN0], shrunkSlope, shrunk)],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
  params: [0.5],
});

const HARDSHRINK = defineMap({
  name: "hardshrink",
  arity: 1,
  kernel: (x) =>
    call(
      "select",
      call(
        "and",
        call("ge", x, call("neg", param(0))),
        call("le", x, param(0)),
      ),
      0,
      x,
    ),
  check: floatsOnly("hardshrink_cpu"),
  vjps: [slopeRule("hardshrink", [IN0], shrunkSlope, shrunk)],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
  params: [0.5],
});

/** A gradient without the elements that were small. */
function shrunkSlope(g: Expr, x?: Expr): Expr {
  const bound = param(0);
  const small = call(
    "and",
    call("ge", x!, call("neg", bound)),
    call("le", x!, bound),
  );
  return call("select", small, 0, g);
}

/** The same by public ops. */
function shrunk(
  g: Tensor,
  n: Node,
  [lambda = 0]: readonly number[],
): Tensor {
  const x = n.input(0);
  return g.maskedFill(x.ge(-lambda).logicalAnd(x.le(lambda)), 0);
}

/** The largest numbers, as messages show them. */
const LARGEST: Readonly<Record<string, string>> = {
  float64: "1.79769e+308",
  float32: "3.40282e+38",
  bfloat16: "3.38953e+38",
  float16: "65504",
};

/** Options of {@linkcode softshrink} and {@linkcode hardshrink}. */
export interface ShrinkOptions {
  /** Elements between minus and plus this become 0; 0.5 where not given. */
  readonly lambd?: number;
}

/**
 * Brings elements nearer to 0 by `lambd`, small ones to 0. See
 * `torch.nn.functional.softshrink`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-2, 0.25, 3]);
 * assertEquals(dg.nn.functional.softshrink(x).tolist(), [-1.5, 0, 2.5]);
 * ```
 */
export function softshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  checkOptions(options, ["lambd"], "softshrink");
  const { lambd = 0.5 } = options;
  if (lambd < 0) {
    const most = LARGEST[x.dtype] ?? Infinity;
    throw new RuntimeError(
      `lambda must be in range [0, ${most}] for input dtype ${x.info.scalarName}, but found ${lambd}`,
    );
  }
  return map1(SOFTSHRINK, x, [lambd]);
}

/**
 * Replaces elements between `-lambd` and `lambd` by 0. See
 * `torch.nn.functional.hardshrink`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-2, 0.25, 3]);
 * assertEquals(dg.nn.functional.hardshrink(x).tolist(), [-2, 0, 3]);
 * ```
 */
export function hardshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  checkOptions(options, ["lambd"], "hardshrink");
  return map1(HARDSHRINK, x, [options.lambd ?? 0.5]);
}

const THRESHOLD = defineMap({
  name: "threshold",
  arity: 1,
  kernel: (x) => call("select", call("le", x, param(0)), param(1), x),
  vjps: [(g, n, [least = 0]) => g.maskedFill(n.input(0).le(least), 0)],
  saves: [IN0],
  samples: [[-2], [0.3], [1.5]],
  params: [0.5, 9],
});

/**
 * Replaces elements up to `threshold` by `value`. See
 * `torch.nn.functional.threshold`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-2, 1, 3]);
 * assertEquals(dg.nn.functional.threshold(x, 1, 9).tolist(), [9, 9, 3]);
 * ```
 */
export function threshold(x: Tensor, threshold: number, value: number): Tensor {
  return map1(THRESHOLD, x, [threshold, value]);
}

const HARDSIGMOID = defineMap({
  name: "hardsigmoid",
  arity: 1,
  kernel: (x) =>
    call("div", call("min", call("max", call("add", x, 3), 0), 6), 6),
  check: floatsOnly("hardsigmoid_cpu"),
  vjps: [
    slopeRule("hardsigmoid", [IN0], (g, x) => {
      const inside = call("and", call("gt", x!, -3), call("lt", x!, 3));
      return call("select", inside, call("div", g, 6), 0);
    }, (g, n) => {
      const x = n.input(0);
      return g.div(6).where(x.gt(-3).logicalAnd(x.lt(3)), 0);
    }),
  ],
  saves: [IN0],
  samples: [[-4], [0.3], [5]],
});

/**
 * Computes `x / 6 + 1 / 2`, brought into the range from 0 to 1. See
 * `torch.nn.functional.hardsigmoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-9, 0, 9]);
 * assertEquals(dg.nn.functional.hardsigmoid(x).tolist(), [0, 0.5, 1]);
 * ```
 */
export function hardsigmoid(x: Tensor): Tensor {
  return map1(HARDSIGMOID, x);
}

const HARDSWISH = defineMap({
  name: "hardswish",
  arity: 1,
  kernel: (x) =>
    call(
      "div",
      call("mul", x, call("min", call("max", call("add", x, 3), 0), 6)),
      6,
    ),
  check: floatsOnly("hardswish_cpu"),
  vjps: [
    slopeRule("hardswish", [IN0], (g, x) => {
      const bent = call("mul", g, call("add", call("div", x!, 3), 0.5));
      const above = call("select", call("lt", x!, 3), bent, g);
      return call("select", call("le", x!, -3), 0, above);
    }, (g, n) => {
      const x = n.input(0);
      const bent = x.div(3).add(0.5);
      return g.mul(bent.where(x.lt(3), 1).maskedFill(x.le(-3), 0));
    }),
  ],
  saves: [IN0],
  samples: [[-4], [0.3], [5]],
});

/**
 * Computes `x * hardsigmoid(x)`. See `torch.nn.functional.hardswish`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-9, 0, 9]);
 * assertEquals(dg.nn.functional.hardswish(x).tolist(), [0, 0, 9]);
 * ```
 */
export function hardswish(x: Tensor): Tensor {
  return map1(HARDSWISH, x);
}
