// Inverses and systems of equations of tensors that are seen as matrices.

import { checkInteger } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { checkOptions, countElements } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { inv } from "./linalg_inverse.ts";
import { solve } from "./linalg_solve.ts";

/** Options of {@linkcode tensorinv}. */
export interface TensorinvOptions {
  /** How many of the first dimensions are the rows; 2 where not given. */
  readonly ind?: number;
}

/** Fails unless the first dimensions have as many elements as the others. */
function checkHalves(x: Tensor, ind: number, called: string): number {
  const rows = countElements(x.shape.slice(0, ind));
  const columns = countElements(x.shape.slice(ind));
  if (rows === columns) return rows;
  throw new RuntimeError(
    `Expected self to satisfy the requirement prod(self.shape[${called}:]) == prod(self.shape[:${called}]), but got ${columns} != ${rows}`,
  );
}

/**
 * The inverse of a tensor for {@linkcode tensordot}: the first `ind` dimensions
 * count as rows, the others as columns, and change places in the result. See
 * `torch.linalg.tensorinv`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.eye(6).reshape([2, 3, 6]);
 * assertEquals(dg.linalg.tensorinv(x).shape, [6, 2, 3]);
 * ```
 */
export function tensorinv(a: Tensor, options: TensorinvOptions = {}): Tensor {
  checkOptions(options, ["ind"], "linalg.tensorinv");
  const { ind = 2 } = options;
  checkInteger(ind, "tensorinv", "ind");
  if (ind < 1) {
    throw new RuntimeError(
      `Expected a strictly positive integer for 'ind', but got ${ind}`,
    );
  }
  const n = checkHalves(a, ind, "ind");
  return inv(a.reshape([n, n]))
    .reshape([...a.shape.slice(ind), ...a.shape.slice(0, ind)]);
}

/**
 * Solves `tensordot(a, x, x.dim()) = b`: the first dimensions of `a`, as many as
 * `b` has, count as rows, the others as columns. `dims` of `a` are moved to the
 * end before. See `torch.linalg.tensorsolve`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const a = dg.eye(6).mul(2).reshape([2, 3, 6]);
 * const x = dg.linalg.tensorsolve(a, dg.ones([2, 3]));
 * assertEquals(x.tolist(), [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
 * ```
 */
export function tensorsolve(
  a: Tensor,
  b: Tensor,
  dims?: readonly number[] | null,
): Tensor {
  const last = (dims ?? []).map((_, i) => i - (dims ?? []).length);
  const x = dims == null ? a : a.movedim(dims, last);
  const rank = b.shape.length;
  const n = checkHalves(x, rank, "other.ndim");
  return solve(x.reshape([n, n]), b.reshape([n])).reshape(x.shape.slice(rank));
}
