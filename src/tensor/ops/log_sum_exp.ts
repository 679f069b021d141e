// Logarithms of sums of exponentials, total and running, without overflow: the
// accumulator itself is a logarithm.

import { IN0, OUT } from "../../grad/node.ts";
import { scanAlong, type ScanContext, scanContext } from "../along_op.ts";
import { record } from "../../grad/history.ts";
import { defaultDtypeInfo, FLOAT32 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, type Expr } from "../expr.ts";
import { defineKernel, run, unrecorded } from "../kernel_op.ts";
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
// infinities would reach the second derivative.
const LOWEST = -3.4028234663852886e38;

const LOGCUMSUMEXP = defineKernel<ScanContext>({
  name: "logcumsumexp",
  forward: ([x], { dim, info }) => scanAlong(RUNNING_LOG_SUM, info, x!, dim),
  vjps: [(g, n, { dim }) => {
    if (g.shape.length === 0 || g.count === 0) return g;
    const x = n.input(0);
    const y = n.output();
    const sizes = g.abs().log();
    const part = (chosen: Tensor): Tensor =>
      sizes.where(chosen, LOWEST).sub(y).flip([dim]).logcumsumexp(dim)
        .flip([dim]).add(x).exp();
    return part(g.gt(0)).sub(part(g.lt(0)));
  }],
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
