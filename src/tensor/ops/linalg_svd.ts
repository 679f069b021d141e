// Singular values and vectors of matrices.

import { isTracked } from "../../grad/history.ts";
import { OUT, OUT1 } from "../../grad/node.ts";
import { INT32 } from "../dtype.ts";
import { LinAlgError } from "../errors.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import {
  batchShape,
  checkFactors,
  checkFloat,
  checkKernel,
  checkMatrix,
  firstFailure,
  isRecording,
  resultLike,
  runTask,
  turn,
} from "../linalg_op.ts";
import { type Named, named, type Three } from "../results.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { diagonalMask } from "./linalg_eigh.ts";

/** Options of {@linkcode svd}. */
export interface SvdOptions {
  /** Whether U and Vh are square; else they have no more vectors than there are values. True where not given. */
  readonly fullMatrices?: boolean;
}

interface SvdContext {
  readonly full: boolean;
  readonly vectors: boolean;
}

function matrixShape(
  shape: readonly number[],
  rows: number,
  columns: number,
): number[] {
  return [...shape, rows, columns];
}

const SVD = defineMulti<SvdContext>({
  name: "linalgSvd",
  forward: ([a], { full, vectors }) => {
    const x = a!;
    const lead = batchShape(x);
    const [m, n] = x.shape.slice(-2) as [number, number];
    const k = Math.min(m, n);
    const u = resultLike(
      x,
      vectors ? matrixShape(lead, m, full ? m : k) : matrixShape(lead, 0, 0),
    );
    const s = resultLike(x, [...lead, k]);
    const vh = resultLike(
      x,
      vectors ? matrixShape(lead, full ? n : k, n) : matrixShape(lead, 0, 0),
    );
    const info = resultLike(x, lead, INT32);
    runTask({ name: "svd" }, "linalg.svd", [u, s, vh, info], [x]);
    refuse(info, k);
    return [u, s, vh];
  },
  vjps: [(_g, n) => {
    const [gu, gs, gvh] = n.grads!;
    const s = n.output(1);
    const k = s.size(-1);
    const u = n.output(0).narrow(-1, 0, k);
    const vh = n.output(2).narrow(-2, 0, k);
    if (gu == null && gvh == null) {
      return u.mul(gs!.unsqueeze(-2)).matmul(vh);
    }
    return backward(
      gu?.narrow(-1, 0, k) ?? null,
      gs ?? null,
      gvh?.narrow(-2, 0, k) ?? null,
      u,
      s,
      vh,
    );
  }],
  saves: [OUT | OUT1 | OUT << 2],
});

function backward(
  gu: Tensor | null,
  gs: Tensor | null,
  gvh: Tensor | null,
  u: Tensor,
  s: Tensor,
  vh: Tensor,
): Tensor {
  const v = turn(vh);
  const skew = (x: Tensor) => x.sub(turn(x));
  const across = s.unsqueeze(-2);
  const down = s.unsqueeze(-1);
  const square = across.mul(across).sub(down.mul(down));
  const e = square.maskedFill(diagonalMask(square), 1);
  const parts: Tensor[] = [];
  if (gu !== null) parts.push(skew(turn(u).matmul(gu)).div(e).mul(across));
  if (gvh !== null) parts.push(skew(vh.matmul(turn(gvh))).div(e).mul(down));
  if (gs !== null) parts.push(gs.diagEmbed());
  let middle = parts[0]!;
  for (const more of parts.slice(1)) middle = middle.add(more);
  const [m, k, n] = [u.size(-2), s.size(-1), vh.size(-1)];
  if (m > k && gu !== null) {
    // What of U's gradient lies outside of its columns.
    const scaled = gu.div(across);
    const outside = scaled.sub(u.matmul(turn(u).matmul(scaled)));
    return u.matmul(middle).add(outside).matmul(vh);
  }
  if (n > k && gvh !== null) {
    const scaled = gvh.div(down);
    const outside = scaled.sub(scaled.matmul(v).matmul(vh));
    return u.matmul(middle.matmul(vh).add(outside));
  }
  return m >= n ? u.matmul(middle.matmul(vh)) : u.matmul(middle).matmul(vh);
}

function refuse(info: Tensor, count: number): void {
  const found = firstFailure(info);
  if (found === null) return;
  const why = found.code > count
    ? "contained non-finite values."
    : `is ill-conditioned or has too many repeated singular values (error code: ${found.code}).`;
  throw new LinAlgError(
    `linalg.svd: ${found.batch}The algorithm failed to converge because the input matrix ${why}`,
  );
}

function decompose(
  a: Tensor,
  full: boolean,
  vectors: boolean,
): [u: Tensor, s: Tensor, vh: Tensor] {
  checkMatrix("linalg.svd", a);
  checkFloat("linalg.svd", a);
  checkKernel("linalg_svd_cpu", a);
  const [u, s, vh] = runMulti(SVD, [a], { full, vectors });
  return [u!, s!, vh!];
}

/**
 * Singular values, descending, and vectors of batches of matrices:
 * `a = U @ diag(S) @ Vh`, where the columns of U and the rows of Vh are
 * orthonormal. The signs of a pair of vectors are not determined, nor are those
 * with equal values. Float32 and float64. See `torch.linalg.svd`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const x = dg.tensor([[3, 0], [4, 5], [0, 0]]);
 * const { U, S, Vh } = dg.linalg.svd(x, { fullMatrices: false });
 * assert(dg.allclose(S, dg.tensor([45, 5]).sqrt()));
 * assert(dg.allclose(U.mul(S).matmul(Vh), x, { atol: 1e-6 }));
 * ```
 */
export function svd(
  a: Tensor,
  options: SvdOptions = {},
): Named<"U" | "S" | "Vh", Three> {
  checkOptions(options, ["fullMatrices"], "linalg.svd");
  const [U, S, Vh] = decompose(a, options.fullMatrices ?? true, true);
  return named({ U, S, Vh }, "linalg_svd");
}

/**
 * Singular values of batches of matrices, descending. Their derivative exists
 * where {@linkcode svd}'s does not. See `torch.linalg.svdvals`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const values = dg.linalg.svdvals(dg.tensor([[0, 2], [3, 0]]));
 * assert(dg.allclose(values, dg.tensor([3, 2])));
 * ```
 */
export function svdvals(a: Tensor): Tensor {
  checkFactors(a.storage.device, "linalg.svdvals");
  return decompose(a, false, isTracked(a) && isRecording())[1];
}
