// Filling whole slices by a vector of positions along one dimension.

import { IN1 } from "../../grad/node.ts";
import { type Complex, isComplexNumber } from "../complex_number.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import {
  alongDim,
  atLeast1d,
  indexFailure,
  plainIndex,
} from "../index_range.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { checkFits } from "../number_range.ts";
import { normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { complexScalar, indexHint, isLong } from "../op.ts";

function fill(inputs: readonly Tensor[], dim: number, value: Tensor): Tensor {
  const [x, index] = inputs;
  const out = x!.clone();
  const target = atLeast1d(out);
  const size = target.shape[dim]!;
  const where = plainIndex(index!, size, true, indexFailure(dim));
  const shape = target.shape.slice();
  shape[dim] = where.count;
  const along = alongDim(where, shape, dim);
  const repeated = value.expand(shape);
  x!.storage.device.scatter(target, dim, along, repeated, "set");
  return out;
}

/** What the rule of {@linkcode indexFill} with a number knows. */
interface FillOptions {
  readonly dim: number;
  readonly value: number | boolean;
}

const INDEX_FILL = defineKernel<FillOptions>({
  name: "indexFill",
  forward: (inputs, { dim, value }) =>
    fill(inputs, dim, inputs[0]!.newFull([], value)),
  vjps: [(g, n, { dim }) => g.indexFill(dim, n.input(1), 0), null],
  saves: [IN1],
});

const INDEX_FILL_TENSOR = defineKernel<number>({
  name: "indexFill",
  node: "IndexFillBackward1",
  forward: (inputs, dim) => fill(inputs, dim, inputs[2]!.to(inputs[0]!.dtype)),
  vjps: [
    (g, n, dim) => g.indexFill(dim, n.input(1), 0),
    null,
    // A position named twice holds the value once.
    (g, n, dim) => g.indexSelect(dim, n.input(1).unique()).sum(),
  ],
  saves: [IN1, 0, IN1],
});

/**
 * Fills the slices at the positions that `index` (int64) names along a
 * dimension with a number or a 0-d tensor. See `torch.index_fill`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([0, -1], { dtype: "int64" });
 * assertEquals(dg.indexFill(dg.zeros(3), 0, index, 7).tolist(), [7, 0, 7]);
 * ```
 */
export function indexFill(
  x: Tensor,
  dim: number,
  index: Tensor,
  value: number | boolean | Complex | Tensor,
): Tensor {
  if (isComplexNumber(value)) value = complexScalar(value, x.info);
  if (typeof value === "object" && value.shape.length > 0) {
    throw new RuntimeError(
      `indexFill_ only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
      "indexCopy() takes a value per slice",
    );
  }
  const at = normalizeDim(dim, x.shape.length);
  if (!isLong(index)) {
    throw new IndexError(
      "indexFill_(): Expected dtype int64 for index.",
      indexHint(index),
    );
  }
  if (index.shape.length > 1) {
    throw new RuntimeError("Index has to be a vector/scalar");
  }
  if (typeof value !== "object") checkFits(value, x.info);
  else if (value.info.category === 3 && x.info.category < 3) {
    throw new RuntimeError(
      "indexFill_(): Converting complex Scalar to non-complex type is not supported",
    );
  }
  return typeof value === "object"
    ? run(INDEX_FILL_TENSOR, [x, index, value], at)
    : run(INDEX_FILL, [x, index], { dim: at, value });
}

/** Fills slices in place; see {@linkcode indexFill}. */
export function indexFill_(
  x: Tensor,
  dim: number,
  index: Tensor,
  value: number | boolean | Complex | Tensor,
): Tensor {
  const stored = isComplexNumber(value) ? complexScalar(value, x.info) : value;
  return inplace(x, [stored], (x) => indexFill(x, dim, index, stored));
}
