// Norms of matrices that are made of singular values.

import { IndexError } from "../errors.ts";
import { turn } from "../linalg_op.ts";
import { normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { svdvals } from "./linalg_svd.ts";

/** Puts two dimensions last; what comes back puts them where they were. */
function lastTwo(
  x: Tensor,
  rows: number,
  columns: number,
): [x: Tensor, back: number[]] {
  const all = x.shape.map((_, d) => d);
  const order = [
    ...all.filter((d) => d !== rows && d !== columns),
    rows,
    columns,
  ];
  return [x.permute(order), all.map((d) => order.indexOf(d))];
}

/** The sum (`"nuc"`), the largest (2) or the smallest (-2) of the singular values of matrices. */
export function singularNorm(
  x: Tensor,
  dims: readonly [number, number],
  ord: "nuc" | 2 | -2,
  keepdim: boolean,
): Tensor {
  const rank = x.shape.length;
  const rows = normalizeDim(dims[0], rank);
  const columns = normalizeDim(dims[1], rank);
  const [matrices, back] = lastTwo(x, rows, columns);
  // As exact either way, and a tall matrix needs no copy.
  const values = svdvals(
    matrices.size(-2) < matrices.size(-1) && matrices.strides[rank - 2] === 1
      ? turn(matrices)
      : matrices,
  );
  if (ord === -2 && values.size(-1) === 0) {
    throw new IndexError(
      "amin(): Expected reduction dim -1 to have non-zero size.",
    );
  }
  const kept = { keepdim };
  const out = ord === "nuc"
    ? values.sum(-1, kept)
    : ord === 2 && values.size(-1) === 0
    // The norm of a matrix without elements is 0.
    ? values.detach().sum(-1, kept)
    : ord === 2
    ? values.amax(-1, kept)
    : values.amin(-1, kept);
  return keepdim ? out.unsqueeze(-1).permute(back) : out;
}
