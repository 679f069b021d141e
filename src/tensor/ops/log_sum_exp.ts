// Logarithms of sums of exponentials, total and running, without overflow: the
// accumulator itself is a logarithm.

import { IN0, IN1, IN2, OUT } from "../../grad/node.ts";
import { scanAlong, type ScanContext, scanContext } from "../along_op.ts";
import { record } from "../../grad/history.ts";
import { defaultDtypeInfo, FLOAT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr } from "../expr.ts";
import { defineKernel, type KernelOp, run, unrecorded } from "../kernel_op.ts";
import {
  defineReduce,
  keepReduced,
  reduce,
  reducedDims,
  reduceKernel,
  reduceOptions,
} from "../reduce_op.ts";
import { castTo } from "../op.ts";
import { checkOptions, type Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { KeepdimOptions } from "./extremum.ts";

/** `log(exp(acc) + exp(x))` */
function addExponentials(acc: Expr, x: Expr): Expr {
  const low = call("min", acc, x);
  const high = call("max", acc, x);
  const ratio = call("exp", call("sub", low, high));
  const sum = call("add", call("log1p", ratio), high);
  // Equal infinities have no difference.
  const differ = call(
    "or",
    call("ne", low, high),
    call("lt", call("abs", low), Infinity),
  );
  return call("select", differ, sum, acc);
}

const LOGSUMEXP = defineReduce({
  name: "logsumexp",
  start: "lowest",
  step: addExponentials,
  result: "float",
  vjp: (g, n, o) =>
    keepReduced(g, o).mul(n.input(0).sub(keepReduced(n.output(), o)).exp()),
  saves: IN0 | OUT,
  samples: [[1, 2, -3.5]],
});

/**
 * Logarithm of the sum of exponentials over some dimensions, without overflow;
 * integers give floats. See `torch.logsumexp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1000, -Infinity]).logsumexp(0).item(), 1000);
 * ```
 */
export function logsumexp(
  x: Tensor,
  dim: Dims,
  options: KeepdimOptions = {},
): Tensor {
  checkOptions(options, ["keepdim"], "logsumexp");
  const { keepdim = false } = options;
  if (x.count < MANY) return reduce(LOGSUMEXP, x, dim, keepdim);
  const dims = reducedDims(dim, x.shape.length);
  const out = unrecorded(() => sumShifted(x, dims, keepdim));
  record(LOGSUMEXP, [x], out, reduceOptions(x, dims, keepdim));
  return out;
}

/** From this many elements on, one exponential each and several passes beat one pass with two functions each. */
const MANY = 1024;

/** As the kernel computes it, by way of the largest element. */
function sumShifted(
  x: Tensor,
  dims: readonly number[] | null,
  keepdim: boolean,
): Tensor {
  const info = x.info.category === 2 ? x.info : defaultDtypeInfo();
  const wide = castTo(x, info.bytes < 4 ? FLOAT32 : info);
  const top = wide.amax(dims, { keepdim: true });
  const shift = top.maskedFill(top.abs().eq(Infinity), 0);
  const sum = wide.sub(shift).exp_().sum(dims, { keepdim });
  return castTo(sum.log_().add_(shift.reshape(sum.shape)), info);
}

const RUNNING_LOG_SUM = reduceKernel({
  start: "lowest",
  step: addExponentials,
});

// Stands for the logarithm of 0 in the rule: with -Infinity, differences of
// infinities would come of it.
const LOWEST = -3.4028234663852886e38;

/** Both parts of a sum whose terms have two signs, each by way of logarithms. */
function bySign(g: Tensor, part: (sizes: Tensor) => Tensor): Tensor {
  const sizes = g.abs().log();
  return part(sizes.where(g.gt(0), LOWEST))
    .sub(part(sizes.where(g.lt(0), LOWEST)));
}

/**
 * What a change of the elements does to the logarithms:
 * `sum over i <= j of v[i] * exp(x[i] - y[j])`. This and its counterpart are
 * linear in what they are of, but logarithms are not: hence rules of their own.
 */
const PUSHED = defineKernel<ScanContext>({
  name: "logcumsumexpPushed",
  node: "SubBackward0",
  forward: ([v, x, y], { dim }) =>
    bySign(v!, (sizes) => sizes.add(x!).logcumsumexp(dim).sub(y!).exp()),
  vjps: [
    (g, n, o) => run(PULLED, [g, n.input(1), n.input(2)], o),
    (g, n, o) => run(PULLED, [g, n.input(1), n.input(2)], o).mul(n.input(0)),
    (g, n) => g.mul(n.output()).neg(),
  ],
  saves: [IN1 | IN2, IN0 | IN1 | IN2, OUT],
});

/** The way back: `sum over j >= i of g[j] * exp(x[i] - y[j])`. */
const PULLED: KernelOp<ScanContext> = defineKernel<ScanContext>({
  name: "logcumsumexpPulled",
  node: "SubBackward0",
  forward: ([g, x, y], { dim }) =>
    bySign(
      g!,
      (sizes) =>
        sizes.sub(y!).flip([dim]).logcumsumexp(dim).flip([dim]).add(x!).exp(),
    ),
  vjps: [
    (v, n, o) => run(PUSHED, [v, n.input(1), n.input(2)], o),
    (v, n) => v.mul(n.output()),
    (v, n, o) =>
      run(PUSHED, [v, n.input(1), n.input(2)], o).mul(n.input(0)).neg(),
  ],
  saves: [IN1 | IN2, OUT, IN0 | IN1 | IN2],
});

const LOGCUMSUMEXP = defineKernel<ScanContext>({
  name: "logcumsumexp",
  forward: ([x], { dim, info }) => scanAlong(RUNNING_LOG_SUM, info, x!, dim),
  vjps: [
    (g, n, o) =>
      g.shape.length === 0 || g.count === 0
        ? g
        : run(PULLED, [g, n.input(0), n.output()], o),
  ],
  saves: [IN0 | OUT],
});

/**
 * Logarithm of the running sum of exponentials along a dimension, without
 * overflow. Takes floating-point tensors. See `torch.logcumsumexp`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1000, -Infinity]);
 * assertEquals(x.logcumsumexp(0).tolist(), [1000, 1000]);
 * ```
 */
export function logcumsumexp(x: Tensor, dim: number): Tensor {
  const o = scanContext(x, dim, x.info);
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `"logcumsumexp_out_cpu" not implemented for '${x.info.scalarName}'`,
      'convert it with to("float32") first',
    );
  }
  return run(LOGCUMSUMEXP, [x], o);
}
