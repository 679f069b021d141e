// The logistic function and its inverse, and their forms for several classes.

import { MODE } from "../../grad/mode.ts";
import { IN0, type Node, OUT } from "../../grad/node.ts";
import type { RowKernel } from "../device.ts";
import { type DType, FLOAT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr, param } from "../expr.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import { defineMap, map1, mapInto1 } from "../map_op.ts";
import { castTo, NO_PARAMS } from "../op.ts";
import { outgrowsRow, rowKernel, runRows, type StepInit } from "../row_op.ts";
import { checkOptions, normalizeDim } from "../shape.ts";
import { slopeRule } from "../slope_op.ts";
import type { Tensor } from "../tensor.ts";

/** The logistic function of an expression. */
export function logistic(x: Expr): Expr {
  return call("div", 1, call("add", 1, call("exp", call("neg", x))));
}

const SIGMOID = defineMap({
  name: "sigmoid",
  arity: 1,
  float: true,
  kernel: logistic,
  vjps: [
    slopeRule(
      "sigmoid",
      [OUT],
      (g, y) =>
        call("mul", call("mul", g, call("add", call("neg", y!), 1)), y!),
      (g, n) => g.mul(n.output().neg().add(1)).mul(n.output()),
    ),
  ],
  saves: [OUT],
  samples: [[0], [1.2], [-3]],
});

/**
 * Computes the logistic function of each element, `1 / (1 + exp(-x))`. Integers become floats. See `torch.sigmoid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, Infinity]).sigmoid().tolist(), [0.5, 1]);
 * ```
 */
export function sigmoid(x: Tensor): Tensor {
  return map1(SIGMOID, x);
}

/** Computes the logistic function in place; see {@linkcode sigmoid}. */
export function sigmoid_(x: Tensor): Tensor {
  return mapInto1(SIGMOID, x);
}

/** The gradient of a logit; without `eps`, elements outside [0, 1] have none. */
function logitRule(
  g: Tensor,
  n: Node,
  [eps = 0, outside = NaN]: readonly number[],
): Tensor {
  const x = n.input(0);
  const inside = x.ge(eps).logicalAnd(x.le(1 - eps));
  // Elements outside must not divide by 0: derivatives of this would be NaN.
  const slope = g.div(x.mul(x.neg().add(1)).where(inside, 1));
  return slope.where(inside, outside);
}

const LOGIT = defineMap({
  name: "logit",
  arity: 1,
  float: true,
  kernel: (x) => call("log", call("div", x, call("sub", 1, x))),
  vjps: [logitRule],
  saves: [IN0],
  samples: [[0.2], [0.5], [0.9]],
});

/** As {@linkcode LOGIT}, of elements that are brought into `[eps, 1 - eps]` first. */
const LOGIT_EPS = defineMap({
  name: "logit",
  arity: 1,
  float: true,
  kernel: (x) => {
    const low = param(0);
    const high = call("sub", 1, low);
    const above = call("select", call("gt", x, high), high, x);
    const z = call("select", call("lt", x, low), low, above);
    return call("log", call("div", z, call("sub", 1, z)));
  },
  vjps: [logitRule],
  saves: [IN0],
  samples: [[0.2], [0.5], [0.9]],
  params: [0.05, 0],
});

/** In 16 bits PyTorch rounds every step, which near 1/2 shows in the result. */
const LOGIT_SHORT = defineKernel<readonly number[]>({
  name: "logit",
  forward: ([x], [eps]) => {
    const z = eps === undefined ? x! : x!.clamp({ min: eps, max: 1 - eps });
    return z.div(z.neg().add(1)).log();
  },
  vjps: [logitRule],
  saves: [IN0],
});

/** Options of {@linkcode logit}. */
export interface LogitOptions {
  /** Elements are brought into `[eps, 1 - eps]` first; without it, those outside [0, 1] give NaN. */
  readonly eps?: number;
}

/**
 * Computes the inverse of the logistic function of each element, `log(x / (1 - x))`.
 * Integers become floats. See `torch.logit`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 0.5, 1]).logit().tolist(), [-Infinity, 0, Infinity]);
 * assertEquals(dg.tensor([-1, 2]).logit({ eps: 0.5 }).tolist(), [0, 0]);
 * ```
 */
export function logit(x: Tensor, options: LogitOptions = {}): Tensor {
  checkOptions(options, ["eps"], "logit");
  const { eps } = options;
  const params = eps === undefined ? NO_PARAMS : [eps, 0];
  if (x.info.category === 2 && x.info.bytes === 2) {
    return run(LOGIT_SHORT, [x], params);
  }
  return map1(eps === undefined ? LOGIT : LOGIT_EPS, x, params);
}

/** Computes the inverse of the logistic function in place; see {@linkcode logit}. */
export function logit_(x: Tensor, options: LogitOptions = {}): Tensor {
  checkOptions(options, ["eps"], "logit_");
  return inplace(x, [], (x) => logit(x, options));
}

/** 16-bit floats are computed in float32, so that sums keep their digits. */
function widened(x: Tensor): Tensor {
  return x.info.bytes < 4 ? castTo(x, FLOAT32) : x;
}

/** Runs a kernel along `dim`. */
function alongDim(
  kernel: RowKernel,
  dim: number,
  ...inputs: readonly Tensor[]
): Tensor {
  const [{ info, shape }] = inputs as [Tensor];
  return castTo(runRows(kernel, shape, dim, inputs.map(widened)).out!, info);
}

/** Elements without the largest one along `dim`, for rows that are done step by step. */
function belowLargest(x: Tensor, dim: number): Tensor {
  const wide = widened(x);
  return wide.sub(wide.amax(dim, { keepdim: true }));
}

/** Whether what is along `dim` is done step by step. */
function isLong(x: Tensor, dim: number): boolean {
  return x.shape.length > 0 && outgrowsRow(x, x.shape[dim]!);
}

// The largest element goes first: nothing overflows.
const LARGEST: StepInit = { fold: "max", of: ([x]) => x! };

const SOFTMAX_ROWS = rowKernel({
  name: "softmax",
  arity: 1,
  steps: [LARGEST, {
    fold: "sum",
    of: ([x], [top]) => call("exp", call("sub", x!, top!)),
    finish: (sum) => call("div", 1, sum),
    kept: true,
  }],
  result: (_, [, factor], power) => call("mul", power, factor!),
});

const LOG_SOFTMAX_ROWS = rowKernel({
  name: "logSoftmax",
  arity: 1,
  steps: [LARGEST, {
    fold: "sum",
    of: ([x], [top]) => call("exp", call("sub", x!, top!)),
    finish: (sum) => call("log", sum),
  }],
  result: ([x], [top, rest]) => call("sub", call("sub", x!, top!), rest!),
});

const SOFTMAX_BACKWARD_ROWS = rowKernel({
  name: "softmaxBackward",
  arity: 2,
  steps: [{ fold: "sum", of: ([g, y]) => call("mul", g!, y!) }],
  result: ([g, y], [sum]) => call("mul", call("sub", g!, sum!), y!),
});

const LOG_SOFTMAX_BACKWARD_ROWS = rowKernel({
  name: "logSoftmaxBackward",
  arity: 2,
  steps: [{ fold: "sum", of: ([g]) => g! }],
  result: ([g, y], [sum]) =>
    call("sub", g!, call("mul", call("exp", y!), sum!)),
});

const SOFTMAX = defineKernel<number>({
  name: "softmax",
  forward: ([x], dim) => {
    if (!isLong(x!, dim)) return alongDim(SOFTMAX_ROWS, dim, x!);
    const power = belowLargest(x!, dim).exp_();
    const factor = power.sum(dim, { keepdim: true }).reciprocal_();
    return castTo(power.mul_(factor), x!.info);
  },
  vjps: [(g, n, dim) => {
    const y = n.output();
    const slope = (g: Tensor, y: Tensor) =>
      g.sub(g.mul(y).sum(dim, { keepdim: true })).mul(y);
    if (MODE.grad) return slope(g, y);
    if (!isLong(y, dim)) return alongDim(SOFTMAX_BACKWARD_ROWS, dim, g, y);
    return castTo(slope(widened(g), widened(y)), y.info);
  }],
  saves: [OUT],
});

const LOG_SOFTMAX = defineKernel<number>({
  name: "logSoftmax",
  forward: ([x], dim) => {
    if (!isLong(x!, dim)) return alongDim(LOG_SOFTMAX_ROWS, dim, x!);
    const below = belowLargest(x!, dim);
    const rest = below.exp().sum(dim, { keepdim: true }).log_();
    return castTo(below.sub_(rest), x!.info);
  },
  vjps: [(g, n, dim) => {
    const y = n.output();
    const slope = (g: Tensor, y: Tensor) =>
      g.sub(y.exp().mul(g.sum(dim, { keepdim: true })));
    if (MODE.grad) return slope(g, y);
    if (!isLong(y, dim)) return alongDim(LOG_SOFTMAX_BACKWARD_ROWS, dim, g, y);
    return castTo(slope(widened(g), widened(y)), y.info);
  }],
  saves: [OUT],
});

/** Options of {@linkcode softmax} and {@linkcode logSoftmax}. */
export interface SoftmaxOptions {
  /** Type that the tensor is converted to first. */
  readonly dtype?: DType;
}

function normalize(
  op: KernelOp<number>,
  kernel: string,
  x: Tensor,
  dim: number,
  options: SoftmaxOptions,
): Tensor {
  checkOptions(options, ["dtype"], op.name);
  const source = options.dtype === undefined ? x : x.to(options.dtype);
  const rank = source.shape.length;
  const along = normalizeDim(dim, rank);
  if (source.info.category !== 2 && source.count > 0) {
    const last = along >= rank - 1 ? "lastdim_" : "";
    throw new RuntimeError(
      `"${kernel}_${last}kernel_impl" not implemented for '${source.info.scalarName}'`,
      'give { dtype: "float32" } to convert it first',
    );
  }
  return run(op, [source], along);
}

/**
 * Makes the elements along a dimension positive with sum 1: `exp(x) / sum(exp(x))`.
 * Takes floating-point tensors. See `torch.softmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1000, 1000]).softmax(0).tolist(), [0.5, 0.5]);
 * assertEquals(dg.softmax(dg.zeros([2, 4]), 1).shape, [2, 4]);
 * ```
 */
export function softmax(
  x: Tensor,
  dim: number,
  options: SoftmaxOptions = {},
): Tensor {
  return normalize(SOFTMAX, "softmax", x, dim, options);
}

/**
 * Computes the logarithm of {@linkcode softmax}, exact where that is small.
 * Takes floating-point tensors. See `torch.log_softmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, -1000]).logSoftmax(0).tolist(), [0, -1000]);
 * ```
 */
export function logSoftmax(
  x: Tensor,
  dim: number,
  options: SoftmaxOptions = {},
): Tensor {
  return normalize(LOG_SOFTMAX, "log_softmax", x, dim, options);
}
