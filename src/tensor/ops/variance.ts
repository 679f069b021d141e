// Variance and standard deviation, in two passes: the mean first, then the
// squares of what remains.

import { MODE } from "../../grad/mode.ts";
import { IN0, type Node, OUT } from "../../grad/node.ts";
import { reshaped } from "../along_op.ts";
import type { RowKernel } from "../device.ts";
import { FLOAT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { inputInfo } from "../is_tensor.ts";
import { call, param } from "../expr.ts";
import { defineKernel, defineMulti, run, runMulti } from "../kernel_op.ts";
import { defineMap, map2 } from "../map_op.ts";
import { castTo } from "../op.ts";
import { fitsRow, rowKernel, runRowsOver } from "../row_op.ts";
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

/** The same in one call, of rows that a device likes best so: the spread, then the mean if it is wanted. */
function spreadRows(root: boolean, withMean: boolean): RowKernel {
  return rowKernel({
    name: root ? "std" : "var",
    arity: 1,
    steps: [
      {
        fold: "sum",
        of: ([x]) => x!,
        finish: (sum) => call("div", sum, param(0)),
      },
      { fold: "sum", of: ([x], [mean]) => call("sub", x!, mean!) },
      {
        fold: "sum",
        of: ([x], [mean]) => {
          const rest = call("sub", x!, mean!);
          return call("mul", rest, rest);
        },
      },
    ],
    totals: ([mean, rest, squares]) => {
      const lost = call("div", call("mul", rest!, rest!), param(0));
      const left = call("max", call("sub", squares!, lost), 0);
      const variance = call("div", left, param(1));
      const out = root ? call("sqrt", variance) : variance;
      return withMean ? [out, mean!] : [out];
    },
  });
}

const VARIANCE_ROWS = [spreadRows(false, false), spreadRows(false, true)];
const DEVIATION_ROWS = [spreadRows(true, false), spreadRows(true, true)];

/** The dimensions that are reduced: where none is named, all. */
function dimsOf({ dims, shape }: SpreadContext): readonly number[] {
  return dims.length === 0 ? shape.map((_, d) => d) : dims;
}

/** The variance (or its root), and the mean where it is wanted; not recorded. */
function spread(
  x: Tensor,
  finish: typeof VARIANCE,
  o: SpreadContext,
  withMean: boolean,
): Tensor[] {
  if (fitsRow(x, o.count) && x.count > 0) {
    const kernels = finish === VARIANCE ? VARIANCE_ROWS : DEVIATION_ROWS;
    const kernel = kernels[withMean ? 1 : 0]!;
    const numbers = [o.count, Math.max(o.count - o.correction, 0)];
    const { totals } = runRowsOver(kernel, o.shape, dimsOf(o), [x], numbers);
    if (!o.keepdim) return totals as Tensor[];
    const dims = dimsOf(o);
    const kept = o.shape.map((n, d) => dims.includes(d) ? 1 : n);
    return totals.map((y) => reshaped(y, kept));
  }
  const wide = x.info.bytes < 4 ? castTo(x, FLOAT32) : x;
  const { info } = wide;
  const dims = o.dims.length === 0 ? null : o.dims;
  const mean = fold(AVERAGE, info, info, wide, dims, true);
  const rest = wide.sub(mean);
  const squares = fold(SQUARES, info, info, rest, dims, o.keepdim);
  const total = fold(TOTAL, info, info, rest, dims, o.keepdim);
  const divisor = Math.max(o.count - o.correction, 0);
  const out = map2(finish, squares, total, [o.count, divisor]);
  return withMean
    ? [castTo(out, x.info), reshaped(castTo(mean, x.info), out.shape)]
    : [castTo(out, x.info)];
}

/** The gradient by what remains of the elements: `2 / free * rest * g`, of a root `g / (2 std)`. */
function gradientRows(root: boolean): RowKernel {
  return rowKernel({
    name: root ? "stdBackward" : "varBackward",
    arity: root ? 3 : 2,
    single: root ? [1, 2] : [1],
    steps: [{
      fold: "sum",
      of: ([x]) => x!,
      finish: (sum) => call("div", sum, param(0)),
    }],
    result: ([x, g, std], [mean]) => {
      const own = root
        ? call(
          "select",
          call("eq", std!, 0),
          0,
          call("div", g!, call("mul", std!, 2)),
        )
        : g!;
      return call("mul", call("mul", own, param(1)), call("sub", x!, mean!));
    },
  });
}

const VARIANCE_GRADIENT = gradientRows(false);
const DEVIATION_GRADIENT = gradientRows(true);

/** The gradient in one call, where nobody differentiates it and rows of the device are best done so; else null. */
function backwardRows(
  g: Tensor,
  x: Tensor,
  std: Tensor | null,
  o: SpreadContext,
): Tensor | null {
  const free = o.count - o.correction;
  if (MODE.grad || free <= 0 || !fitsRow(x, o.count) || x.count === 0) {
    return null;
  }
  if (g.info !== x.info || g.storage.device !== x.storage.device) return null;
  const inputs = [x, keepReduced(g, o)];
  if (std !== null) inputs.push(keepReduced(std, o));
  const kernel = std === null ? VARIANCE_GRADIENT : DEVIATION_GRADIENT;
  const numbers = [o.count, 2 / free];
  return runRowsOver(kernel, o.shape, dimsOf(o), inputs, numbers).out;
}

function varBackward(g: Tensor, x: Tensor, o: SpreadContext): Tensor {
  const fused = backwardRows(g, x, null, o);
  if (fused !== null) return fused;
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
  const fused = backwardRows(g, x, std, o);
  if (fused !== null) return fused;
  const zero = std.eq(0);
  // Divided by 1 where it does not count, so that derivatives of this are finite.
  const grad = g.div(std.mul(2).maskedFill(zero, 1)).maskedFill(zero, 0);
  return varBackward(grad, x, o);
}

const VAR = defineKernel<SpreadContext>({
  name: "var",
  forward: ([x], o) => spread(x!, VARIANCE, o, false)[0]!,
  vjps: [(g, n, o) => varBackward(g, n.input(0), o)],
  saves: [IN0],
});

const STD = defineKernel<SpreadContext>({
  name: "std",
  forward: ([x], o) => spread(x!, DEVIATION, o, false)[0]!,
  vjps: [(g, n, o) => stdBackward(g, n.input(0), n.output(), o)],
  saves: [IN0 | OUT],
});

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
  forward: ([x], o) => spread(x!, VARIANCE, o, true),
  vjps: [
    (_g, n, o) => withMeanBackward(n, o, (g) => varBackward(g, n.input(0), o)),
  ],
  saves: [IN0],
});

const STD_MEAN = defineMulti<SpreadContext>({
  name: "stdMean",
  forward: ([x], o) => spread(x!, DEVIATION, o, true),
  vjps: [(_g, n, o) =>
    withMeanBackward(
      n,
      o,
      (g) => stdBackward(g, n.input(0), n.output(), o),
    )],
  saves: [IN0 | OUT],
});

/** The variance of complex numbers, which is real: that of both parts together. */
function complexVariance(
  x: Tensor,
  dim: Dims | null | undefined,
  options: VarianceOptions,
): Tensor {
  return variance(x.real, dim, options).add(variance(x.imag, dim, options));
}

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
  if (inputInfo(x, "var").category === 3) {
    return complexVariance(x, dim, options);
  }
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
  if (inputInfo(x, "std").category === 3) {
    return complexVariance(x, dim, options).sqrt();
  }
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
  if (inputInfo(x, "varMean").category === 3) {
    const { keepdim = false } = options;
    return [complexVariance(x, dim, options), x.mean(dim, { keepdim })];
  }
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
  if (inputInfo(x, "stdMean").category === 3) {
    const { keepdim = false } = options;
    return [complexVariance(x, dim, options).sqrt(), x.mean(dim, { keepdim })];
  }
  const o = context("stdMean", x, dim, options, "std_mean");
  return runMulti(STD_MEAN, [x], o) as [Tensor, Tensor];
}
