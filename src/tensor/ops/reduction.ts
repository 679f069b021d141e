// Sums and means over dimensions. Floats accumulate in float64 on
// the CPU; integers and bool are summed as int64.

import { IN0 } from "../../grad/node.ts";
import { type DType, type DTypeInfo, dtypeInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call } from "../expr.ts";
import { inputInfo } from "../is_tensor.ts";
import { defineReduce, keepReduced, reduce } from "../reduce_op.ts";
import {
  checkOptions,
  type Dims,
  sameShape,
  type Shape,
  showShape,
  type Size,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of reductions. */
export interface ReduceDimOptions {
  /** Keeps reduced dimensions with length one. */
  readonly keepdim?: boolean;
  /** Type to compute in and to return. */
  readonly dtype?: DType;
}

const KEYS = ["keepdim", "dtype"];

const SUM = defineReduce({
  name: "sum",
  start: 0,
  step: (acc, x) => call("add", acc, x),
  result: "widen",
  vjp: (g, _n, o) => keepReduced(g, o).expand(o.shape),
  samples: [[1, 2, -3.5]],
});

/** As {@linkcode SUM} over named dimensions, which PyTorch records under another name. */
const SUM_DIM = { ...SUM, node: "SumBackward1" };

/**
 * Sums over all or some dimensions; integers and bool give int64. See `torch.sum`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([2, 3]);
 * assertEquals(x.sum().item(), 6);
 * assertEquals(x.sum(0, { keepdim: true }).tolist(), [[2, 2, 2]]);
 * ```
 */
export function sum(
  x: Tensor,
  dim?: Dims | null,
  options?: ReduceDimOptions,
): Tensor {
  const op = dim == null ? SUM : SUM_DIM;
  if (options === undefined) return reduce(op, x, dim);
  checkOptions(options, KEYS, "sum");
  return reduce(op, x, dim, options.keepdim, options.dtype);
}

const MEAN = defineReduce({
  name: "mean",
  start: 0,
  step: (acc, x) => call("add", acc, x),
  finish: (acc, count) => call("div", acc, count),
  result: "same",
  vjp: (g, _n, o) => keepReduced(g, o).expand(o.shape).div(o.count),
  samples: [[1, 2, -3.5]],
});

const MEAN_DIM = { ...MEAN, node: "MeanBackward1" };

/**
 * Averages over all or some dimensions; NaN where there is no element. Takes
 * floating-point tensors, or any with a floating-point `dtype`. See `torch.mean`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2, 6]).mean().item(), 3);
 * assertEquals(dg.tensor([[1, 3], [5, 9]]).mean(1).tolist(), [2, 7]);
 * ```
 */
export function mean(
  x: Tensor,
  dim?: Dims | null,
  options?: ReduceDimOptions,
): Tensor {
  const op = dim == null ? MEAN : MEAN_DIM;
  if (options === undefined) {
    checkMean(inputInfo(x, "mean"), "Input");
    return reduce(op, x, dim);
  }
  checkOptions(options, KEYS, "mean");
  const { keepdim, dtype } = options;
  if (dtype === undefined) checkMean(inputInfo(x, "mean"), "Input");
  else checkMean(dtypeInfo(dtype), "Optional");
  return reduce(op, x, dim, keepdim, dtype);
}

function checkMean(info: DTypeInfo, which: string): void {
  if (info.category >= 2) return;
  throw new RuntimeError(
    `mean(): could not infer output dtype. ${which} dtype must be either a floating point or complex dtype. Got: ${info.scalarName}`,
    'give { dtype: "float32" } to average integers',
  );
}

const NANSUM = defineReduce({
  name: "nansum",
  start: 0,
  prologue: (x) => call("select", call("ne", x, x), 0, x),
  step: (acc, x) => call("add", acc, x),
  result: "widen",
  vjp: (g, n, o) => keepReduced(g, o).mul(n.input(0).isnan().logicalNot()),
  saves: IN0,
  samples: [[1, 2, -3.5]],
});

/**
 * Sums over all or some dimensions and counts NaN as zero. See `torch.nansum`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, NaN, 2]).nansum().item(), 3);
 * ```
 */
export function nansum(
  x: Tensor,
  dim?: Dims | null,
  options: ReduceDimOptions = {},
): Tensor {
  checkOptions(options, KEYS, "nansum");
  if (inputInfo(x, "nansum").category === 3) {
    throw new RuntimeError("nansum on CPU does not support complex inputs");
  }
  return reduce(NANSUM, x, dim, options.keepdim, options.dtype);
}

/**
 * Averages over all or some dimensions without the NaNs. Takes floating-point
 * tensors. See `torch.nanmean`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, NaN, 5]).nanmean().item(), 3);
 * ```
 */
export function nanmean(
  x: Tensor,
  dim?: Dims | null,
  options: ReduceDimOptions = {},
): Tensor {
  checkOptions(options, KEYS, "nanmean");
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `nanmean(): expected input to have floating point or complex dtype but got ${x.info.scalarName}`,
    );
  }
  const { keepdim = false, dtype } = options;
  if (dtype !== undefined && dtypeInfo(dtype).category !== 2) {
    throw new RuntimeError(
      `nanmean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: ${
        dtypeInfo(dtype).scalarName
      }`,
    );
  }
  const count = x.detach().isnan().logicalNot().sum(dim, { keepdim });
  return nansum(x, dim, options).div(count);
}

/**
 * Sums a tensor down to a shape that broadcasts to its own. See `Tensor.sum_to_size`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ones([2, 3]).sumToSize([1, 3]).tolist(), [[2, 2, 2]]);
 * ```
 */
export function sumToSize(x: Tensor, size: Size): Tensor {
  return sumTo(x, typeof size === "number" ? [size] : size);
}

function sumTo(x: Tensor, size: Shape): Tensor {
  const { shape } = x;
  if (sameShape(shape, size)) return x;
  const pad = shape.length - size.length;
  let fits = pad >= 0;
  const dims: number[] = [];
  for (let d = 0; d < shape.length; d++) {
    if (d < pad || (size[d - pad] === 1 && shape[d] !== 1)) dims.push(d);
    else if (size[d - pad] !== shape[d]) fits = false;
  }
  if (!fits) {
    throw new RuntimeError(
      `size {${showShape(size)}} is not expandable to size {${
        showShape(shape)
      }}.`,
    );
  }
  if (size.length === 0) return sum(x);
  const out = dims.length === 0 ? x : sum(x, dims, KEEPDIM);
  return pad === 0 ? out : out.reshape(size);
}

const KEEPDIM: ReduceDimOptions = { keepdim: true };
