// Reductions over dimensions: sums and means.

import { call } from "../expr.ts";
import { defineReduce, keepReduced, reduce } from "../reduce_op.ts";
import type { DType } from "../dtype.ts";
import { checkOptions, type Dims, sameShape, type Shape } from "../shape.ts";
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
  options: ReduceDimOptions = {},
): Tensor {
  checkOptions(options, KEYS, "sum");
  const op = dim == null ? SUM : SUM_DIM;
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
 * Averages over all or some dimensions. See `torch.mean`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2, 6]).mean().item(), 3);
 * ```
 */
export function mean(
  x: Tensor,
  dim?: Dims | null,
  options: ReduceDimOptions = {},
): Tensor {
  checkOptions(options, KEYS, "mean");
  const op = dim == null ? MEAN : MEAN_DIM;
  return reduce(op, x, dim, options.keepdim, options.dtype);
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
export function sumToSize(x: Tensor, size: Shape): Tensor {
  if (sameShape(x.shape, size)) return x;
  const pad = x.shape.length - size.length;
  const dims: number[] = [];
  for (let d = 0; d < x.shape.length; d++) {
    if (d < pad || (size[d - pad] === 1 && x.shape[d] !== 1)) dims.push(d);
  }
  return sum(x, dims, { keepdim: true }).reshape(size);
}

const ANY = defineReduce({
  name: "any",
  start: 0,
  prologue: (x) => call("ne", x, 0),
  step: (acc, x) => call("max", acc, x),
  result: "bool",
  samples: [[0, 2]],
});

/**
 * Tells whether any element is not zero. See `torch.any`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([0, 1]).any().item<boolean>(), true);
 * ```
 */
export function any(
  x: Tensor,
  dim?: Dims | null,
  options: { readonly keepdim?: boolean } = {},
): Tensor {
  checkOptions(options, ["keepdim"], "any");
  return reduce(ANY, x, dim, options.keepdim);
}
