// Products over dimensions and running products. Their rules are exact beside
// zeros, at every order.

import { anywhere } from "../batching.ts";
import { IN0, type Node, OUT } from "../../grad/node.ts";
import {
  cumsumFromEnd,
  scan,
  scanAlong,
  type ScanContext,
  scanInto,
} from "../along_op.ts";
import { shown } from "../arguments.ts";
import { call } from "../expr.ts";
import { defineKernel } from "../kernel_op.ts";
import {
  defineReduce,
  keepReduced,
  reduce,
  reduceKernel,
  type ReduceOptions,
} from "../reduce_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";
import type { ReduceDimOptions } from "./reduction.ts";
import type { ScanOptions } from "./scan.ts";

const PROD = defineReduce({
  name: "prod",
  start: 1,
  step: (acc, x) => call("mul", acc, x),
  result: "widen",
  vjp: prodBackward,
  saves: IN0 | OUT,
  samples: [[1, 2, -3.5], [2, 0, 3]],
});

const PROD_DIM = { ...PROD, node: "ProdBackward1" };

/** `g * result / x` where nothing is zero, else the products of all other elements. */
function prodBackward(
  g: Tensor,
  n: Node,
  o: ReduceOptions,
): Tensor {
  const x = n.input(0);
  const grad = keepReduced(g, o);
  if (o.shape.length === 0) return grad;
  if (!anywhere(x.detach().eq(0))) {
    return grad.mul(keepReduced(n.output(), o).div(x));
  }
  if (o.dims.length === 1) return grad.mul(productOfOthers(x, o.dims[0]!));
  return grad.mul(productOfOthers(x.reshape(-1), 0).reshape(o.shape));
}

/** For each element the product of the others along `dim`: those before times those after. */
function productOfOthers(x: Tensor, dim: number): Tensor {
  const after = productsBefore(x.flip([dim]), dim).flip([dim]);
  return productsBefore(x, dim).mul(after);
}

/**
 * Multiplies all elements, or those along one dimension; integers and bool give
 * int64. See `torch.prod`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(x.prod().item(), 24);
 * assertEquals(x.prod(0).tolist(), [3, 8]);
 * ```
 */
export function prod(
  x: Tensor,
  dim?: number | null,
  options: ReduceDimOptions = {},
): Tensor {
  checkOptions(options, ["keepdim", "dtype"], "prod");
  if (dim != null && typeof dim !== "number") {
    throw new TypeError(
      `prod(): argument 'dim' must be int, not ${shown(dim)}`,
    );
  }
  const op = dim == null ? PROD : PROD_DIM;
  return reduce(op, x, dim, options.keepdim, options.dtype);
}

const RUNNING_PRODUCT = reduceKernel({
  start: 1,
  step: (acc, x) => call("mul", acc, x),
});

const CUMPROD = defineKernel<ScanContext>({
  name: "cumprod",
  forward: ([x], { dim, info }) => scanAlong(RUNNING_PRODUCT, info, x!, dim),
  vjps: [(g, n, { dim }) => cumprodBackward(g, n, dim)],
  saves: [IN0 | OUT],
});

function cumprodBackward(g: Tensor, n: Node, dim: number): Tensor {
  const x = n.input(0);
  if (x.count <= 1 || x.shape[dim] === 1) return g;
  if (!anywhere(x.detach().eq(0))) {
    return cumsumFromEnd(n.output().mul(g), dim).div(x);
  }
  // Beside a zero nothing may be divided. With S[k] = g[k] + x[k + 1] S[k + 1],
  // the gradient is the product of all before k times S[k].
  const length = x.shape[dim]!;
  const sums = new Array<Tensor>(length);
  let sum = g.narrow(dim, length - 1, 1);
  sums[length - 1] = sum;
  for (let k = length - 2; k >= 0; k--) {
    sum = g.narrow(dim, k, 1).add(x.narrow(dim, k + 1, 1).mul(sum));
    sums[k] = sum;
  }
  return productsBefore(x, dim).mul(cat(sums, dim));
}

/** For each element the product of those before it along `dim`. */
function productsBefore(x: Tensor, dim: number): Tensor {
  const first = x.newOnes(x.shape.with(dim, 1));
  const others = x.narrow(dim, 0, x.shape[dim]! - 1);
  return cat([first, others], dim).cumprod(dim);
}

/**
 * Running product along a dimension; integers and bool give int64. The
 * gradient is exact beside zeros too. See `torch.cumprod`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2, 3]).cumprod(0).tolist(), [1, 2, 6]);
 * ```
 */
export function cumprod(
  x: Tensor,
  dim: number,
  options: ScanOptions = {},
): Tensor {
  return scan(CUMPROD, x, dim, options);
}

/** Makes `x` its running product in place; see {@linkcode cumprod}. */
export function cumprod_(
  x: Tensor,
  dim: number,
  options: ScanOptions = {},
): Tensor {
  return scanInto(cumprod, x, dim, options);
}
