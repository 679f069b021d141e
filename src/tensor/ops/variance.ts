// Variance and standard deviation, in two passes: the mean first, then the
// squares of what remains.

import { IN0, type Node, OUT } from "../../grad/node.ts";
import { reshaped } from "../along_op.ts";
import { FLOAT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { defineKernel, defineMulti, run, runMulti } from "../kernel_op.ts";
import { defineMap, map2 } from "../map_op.ts";
import { castTo } from "../op.ts";
import {
  fold,
  keepReduced,
  reducedDims,
  reduceKernel,
  type ReduceOptions,
  reduceOptions,
} from "../reduce_op.ts";
import { checkOptions, type Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of variances and standard deviations. */
export interface VarianceOptions {
  /** What is taken off the number of elements before dividing; 1 where not given. */
  readonly correction?: number;
  /** Keeps reduced dimensions with length one. */
  readonly keepdim?: boolean;
}

interface SpreadContext extends ReduceOptions {
  readonly correction: number;
}

const AVERAGE = reduceKernel({
  start: 0,
  step: (acc, x) => call("add", acc, x),
  finish: (acc, count) => call("div", acc, count),
});

const TOTAL = reduceKernel({
  start: 0,
  step: (acc, x) => call("add", acc, x),
});

const SQUARES = reduceKernel({
  start: 0,
  step: (acc, x) => call("add", acc, call("mul", x, x)),
});

/** From the sum of squares and the sum of `x - mean`, which is what rounding the mean left over. */
const VARIANCE = defineMap({
  name: "var",
  arity: 2,
  float: true,
  kernel: (squares, rest) => {
    const lost = call("div", call("mul", rest, rest), param(0));
    return call("div", call("max", call("sub", squares, lost), 0), param(1));
  },
  samples: [[3, 1]],
  params: [4, 3],
});

const DEVIATION = defineMap({
  name: "std",
  arity: 2,
  float: true,
  kernel: (squares, rest) => {
    const lost = call("div", call("mul", rest, rest), param(0));
    const left = call("max", call("sub", squares, lost), 0);
    return call("sqrt", call("div", left, param(1)));
  },
  samples: [[3, 1]],
  params: [4, 3],
});

/** The variance (or its root) and the mean, which keeps its dimensions; not recorded. */
function spread(
  x: Tensor,
  finish: typeof VARIANCE,
  o: SpreadContext,
): [Tensor, Tensor] {
  const wide = x.info.bytes < 4 ? castTo(x, FLOAT32) : x;
  const { info } = wide;
  const dims = o.dims.length === 0 ? null : o.dims;
  const mean = fold(AVERAGE, info, info, wide, dims, true);
  const rest = wide.sub(mean);
  const squares = fold(SQUARES, info, info, rest, dims, o.keepdim);
  const total = fold(TOTAL, info, info, rest, dims, o.keepdim);
  const divisor = Math.max(o.count - o.correction, 0);
  const out = map2(finish, squares, total, [o.count, divisor]);
  return [castTo(out, x.info), castTo(mean, x.info)];
}

function varBackward(g: Tensor, x: Tensor, o: SpreadContext): Tensor {
  const free = o.count - o.correction;
  const grad = keepReduced(g, o);
  const keepdim = o.dims.length > 0;
  const rest = x.sub(x.mean(o.dims.length > 0 ? o.dims : null, { keepdim }));
  if (free <= 0 && !keepdim) {
    return grad.mul(rest.div(0).abs().detach());
  }
  return grad.mul(2 / free).mul(rest);
}

function stdBackward(
  g: Tensor,
  x: Tensor,
  std: Tensor,
  o: SpreadContext,
): Tensor {
  const grad = g.div(std.mul(2)).maskedFill(std.eq(0), 0);
  return varBackward(grad, x, o);
}

const VAR = defineKernel<SpreadContext>({
  name: "var",
  forward: ([x], o) => spread(x!, VARIANCE, o)[0],
  vjps: [(g, n, o) => varBackward(g, n.input(0), o)],
  saves: [IN0],
});

const STD = defineKernel<SpreadContext>({
  name: "std",
  forward: ([x], o) => spread(x!, DEVIATION, o)[0],
  vjps: [(g, n, o) => stdBackward(g, n.input(0), n.output(), o)],
  saves: [IN0 | OUT],
});

function withMean(
  x: Tensor,
  finish: typeof VARIANCE,
  o: SpreadContext,
): Tensor[] {
  const [out, mean] = spread(x, finish, o);
  return [out, reshaped(mean, out.shape)];
}

/** The gradients through the spread and through the mean, where either is wanted. */
function withMeanBackward(
  n: Node,
  o: SpreadContext,
  through: (g: Tensor) => Tensor,
): Tensor | null {
  const [spread, mean] = n.grads!;
  const first = spread ? through(spread) : null;
  if (!mean) return first;
  const second = keepReduced(mean, o).expand(o.shape).div(o.count);
  return first === null ? second : first.add(second);
}

const VAR_MEAN = defineMulti<SpreadContext>({
  name: "varMean",
  forward: ([x], o) => withMean(x!, VARIANCE, o),
  vjps: [
    (_g, n, o) => withMeanBackward(n, o, (g) => varBackward(g, n.input(0), o)),
  ],
  saves: [IN0],
});

const STD_MEAN = defineMulti<SpreadContext>({
  name: "stdMean",
  forward: ([x], o) => withMean(x!, DEVIATION, o),
  vjps: [(_g, n, o) =>
    withMeanBackward(
      n,
      o,
      (g) => stdBackward(g, n.input(0), n.output(), o),
    )],
  saves: [IN0 | OUT],
});

function context(
  name: string,
  x: Tensor,
  dim: Dims | null | undefined,
  options: VarianceOptions,
  refused: string,
): SpreadContext {
  checkOptions(options, ["correction", "keepdim"], name);
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `${refused} only support floating point and complex dtypes`,
      'convert it with to("float32") first',
    );
  }
  const { correction = 1, keepdim = false } = options;
  const dims = reducedDims(dim, x.shape.length);
  return { ...reduceOptions(x, dims, keepdim), correction };
}

/**
 * Variance over all or some dimensions, with Bessel's correction unless
 * `correction` says otherwise. Takes floating-point tensors. See `torch.var`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 3]);
 * assertEquals(x.var().item(), 1);
 * assertEquals(dg.var(dg.tensor([1, 3]), 0, { correction: 0 }).item(), 1);
 * ```
 */
function variance(
  x: Tensor,
  dim?: Dims | null,
  options: VarianceOptions = {},
): Tensor {
  return run(VAR, [x], context("var", x, dim, options, "std and var"));
}

// `var` cannot be declared, only exported.
export { variance as var };

/**
 * Standard deviation over all or some dimensions, with Bessel's correction
 * unless `correction` says otherwise. Takes floating-point tensors. See `torch.std`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2, 3]).std().item(), 1);
 * ```
 */
export function std(
  x: Tensor,
  dim?: Dims | null,
  options: VarianceOptions = {},
): Tensor {
  return run(STD, [x], context("std", x, dim, options, "std and var"));
}

/**
 * Variance and mean at once. See `torch.var_mean`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [variance, mean] = dg.varMean(dg.tensor([1, 2, 3]));
 * assertEquals([variance.item(), mean.item()], [1, 2]);
 * ```
 */
export function varMean(
  x: Tensor,
  dim?: Dims | null,
  options: VarianceOptions = {},
): [Tensor, Tensor] {
  const o = context("varMean", x, dim, options, "var_mean");
  return runMulti(VAR_MEAN, [x], o) as [Tensor, Tensor];
}

/**
 * Standard deviation and mean at once. See `torch.std_mean`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [std, mean] = dg.stdMean(dg.tensor([1, 2, 3]));
 * assertEquals([std.item(), mean.item()], [1, 2]);
 * ```
 */
export function stdMean(
  x: Tensor,
  dim?: Dims | null,
  options: VarianceOptions = {},
): [Tensor, Tensor] {
  const o = context("stdMean", x, dim, options, "std_mean");
  return runMulti(STD_MEAN, [x], o) as [Tensor, Tensor];
}
