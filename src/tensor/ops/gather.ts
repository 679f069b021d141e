// Reading single elements by position: along a dimension, or from the tensor
// as if it were flat.

import { IN1 } from "../../grad/node.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import {
  atLeast1d,
  gatherFailure,
  isIndexType,
  plainIndex,
  takeFailure,
} from "../index_range.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { broughtBack } from "../picked_op.ts";
import { emptyTensor, indexHint, isLong, toDense } from "../op.ts";
import { broadcastShapes, normalizeDim, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const GATHER = defineKernel<number>({
  name: "gather",
  forward: ([x, index], dim) => {
    const { device } = x!.storage;
    const out = emptyTensor(device, x!.info, index!.shape);
    if (out.count === 0) return out;
    const from = atLeast1d(x!);
    const fail = gatherFailure(dim);
    const where = plainIndex(index!, from.shape[dim]!, false, fail);
    device.gather(atLeast1d(out), from, dim, atLeast1d(where));
    return out;
  },
  vjps: [
    (g, n, dim) =>
      broughtBack(g, n.inputShape(0), dim, n.input(1), "scatterAdd"),
    null,
  ],
  saves: [IN1],
});

/**
 * Picks elements along a dimension: `out[i][j] = x[index[i][j]][j]` for
 * dimension 0. `index` (int64 or int32) has as many dimensions as `x` and gives
 * the result its shape. See `torch.gather`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * const index = dg.tensor([[0, 0], [1, 0]], { dtype: "int64" });
 * assertEquals(dg.gather(x, 1, index).tolist(), [[1, 1], [4, 3]]);
 * ```
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  checkTensor(index, "gather", "index");
  const at = normalizeDim(dim, x.shape.length);
  if (index.count > 0) {
    if (!isIndexType(index)) {
      throw new RuntimeError(
        "gather(): Expected dtype int32/int64 for index",
        indexHint(index),
      );
    }
    checkGatherShape(x, at, index);
  }
  return run(GATHER, [x, index], at);
}

function checkGatherShape(x: Tensor, dim: number, index: Tensor): void {
  const rank = Math.max(x.shape.length, 1);
  if (rank !== Math.max(index.shape.length, 1)) {
    throw new RuntimeError(
      "Index tensor must have the same number of dimensions as input tensor",
      `the index has shape ${showShape(index.shape)}, the input ${
        showShape(x.shape)
      }; takeAlongDim() broadcasts them`,
    );
  }
  for (let d = 0; d < rank; d++) {
    if (d !== dim && (index.shape[d] ?? 1) > (x.shape[d] ?? 1)) {
      throw new RuntimeError(
        `Size does not match at dimension ${d} expected index ${
          showShape(index.shape)
        } to be no larger than self ${
          showShape(x.shape)
        } apart from dimension ${dim}`,
      );
    }
  }
}

/**
 * Picks elements along a dimension as {@linkcode gather} does, broadcasting `x`
 * and `indices` elsewhere; without `dim` from the flat tensor. Made for the
 * results of `argmax` and `argsort`. See `torch.take_along_dim`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, 1, 2], [5, 6, 4]]);
 * const order = x.argsort(1);
 * assertEquals(dg.takeAlongDim(x, order, 1).tolist(), [[1, 2, 3], [4, 5, 6]]);
 * ```
 */
export function takeAlongDim(
  x: Tensor,
  indices: Tensor,
  dim?: number | null,
): Tensor {
  if (!isLong(indices)) {
    throw new RuntimeError(
      `takeAlongDim(): dtype of indices should be Long but got ${indices.info.scalarName}`,
      indexHint(indices),
    );
  }
  if (dim == null) {
    const all = x.reshape(-1);
    return gather(all, 0, wrapped(indices.reshape(-1), all.count));
  }
  if (x.shape.length === 0) {
    throw new IndexError(
      `Dimension specified as ${dim} but tensor has no dimensions`,
    );
  }
  if (x.shape.length !== indices.shape.length) {
    throw new RuntimeError(
      `takeAlongDim(): input and indices should have the same number of dimensions, but got ${x.shape.length} dimensions for input, and ${indices.shape.length} dimensions for indices`,
    );
  }
  const at = normalizeDim(dim, x.shape.length);
  const own = x.shape.slice();
  const theirs = indices.shape.slice();
  const [n, m] = [own[at]!, theirs[at]!];
  own[at] = theirs[at] = 1;
  const from = broadcastShapes(own, theirs).slice();
  const to = from.slice();
  from[at] = n;
  to[at] = m;
  return gather(x.expand(from), at, wrapped(indices.expand(to), n));
}

/** PyTorch takes any index here and counts it around the dimension. */
function wrapped(indices: Tensor, n: number): Tensor {
  return n === 0 ? indices : indices.remainder(n);
}

const TAKE = defineKernel<null>({
  name: "take",
  forward: ([x, index]) => {
    const { device } = x!.storage;
    const out = emptyTensor(device, x!.info, index!.shape);
    const where = plainIndex(index!, x!.count, true, takeFailure);
    const flat = toDense(x!).reshape(-1);
    device.gather(out.reshape(-1), flat, 0, where.reshape(-1));
    return out;
  },
  vjps: [
    (g, n) => {
      const zeros = g.newZeros(n.inputShape(0));
      return zeros.put(n.input(1), g, { accumulate: true });
    },
    null,
  ],
  saves: [IN1],
});

/**
 * Picks elements of the flat tensor; negative positions count from the end. The
 * result has the shape of `index` (int64). See `torch.take`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * const index = dg.tensor([3, -4], { dtype: "int64" });
 * assertEquals(dg.take(x, index).tolist(), [4, 1]);
 * ```
 */
export function take(x: Tensor, index: Tensor): Tensor {
  if (!isLong(index)) {
    throw new RuntimeError(
      `take(): Expected a long tensor for index, but got ${index.info.scalarName}`,
      indexHint(index),
    );
  }
  if (x.count === 0 && index.count !== 0) {
    throw new IndexError("take(): tried to take from an empty tensor");
  }
  return run(TAKE, [x, index], null);
}
