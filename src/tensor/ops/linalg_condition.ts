// What the singular values of matrices tell: rank and condition.

import { checkNotComplex } from "../complex_refusal.ts";
import { RuntimeError } from "../errors.ts";
import { batchShape, checkFactors, checkSquare } from "../linalg_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { eigvalsh } from "./linalg_eigh.ts";
import { invEx } from "./linalg_inverse.ts";
import { matrixNorm, type MatrixNormOrder } from "./linalg_norms.ts";
import { svdvals } from "./linalg_svd.ts";

/** Options of {@linkcode cond}. */
export interface CondOptions {
  /** The order of the norm, 2 where not given; see `linalg.matrixNorm`. */
  readonly p?: MatrixNormOrder;
}

/**
 * The condition number of matrices: the norm times that of the inverse;
 * `Infinity` where there is none. Orders 2 and -2 take matrices of any shape and
 * divide singular values. See `torch.linalg.cond`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[4, 0], [0, 2]]);
 * assertEquals(dg.linalg.cond(x).item(), 2);
 * assertEquals(dg.linalg.cond(dg.ones([2, 2]), { p: 1 }).item(), Infinity);
 * ```
 */
export function cond(a: Tensor, options: CondOptions = {}): Tensor {
  checkOptions(options, ["p"], "linalg.cond");
  const { p = 2 } = options;
  if (a.shape.length < 2) {
    throw new RuntimeError(
      "linalg.cond: The input tensor must have at least 2 dimensions.",
    );
  }
  const size = typeof p === "string" ? p : Math.abs(p);
  const known = ["fro", "nuc", 1, 2, Infinity].includes(size);
  const shown = String(p).replace("Infinity", "inf");
  checkNotComplex("linalg.cond", a.info);
  if (known && a.numel() === 0) return a.newZeros(batchShape(a));
  if (typeof p === "string" ? size !== "nuc" : known && size !== 2) {
    checkSquare(`linalg.cond(ord=${shown})`, a);
  }
  if (!known) {
    throw new RuntimeError(`linalg.cond got an invalid norm type: ${shown}`);
  }
  if (size === 2 || size === "nuc") {
    checkFactors(a.storage.device, "linalg.cond");
  }
  if (size === 2) {
    const values = svdvals(a);
    const first = values.narrow(-1, 0, 1);
    const last = values.narrow(-1, values.size(-1) - 1, 1);
    return (p === 2 ? first.div(last) : last.div(first)).squeeze(-1);
  }
  if (size === "nuc") {
    const values = svdvals(a);
    return values.sum(-1).mul(values.reciprocal().sum(-1));
  }
  const { inverse, info } = invEx(a);
  const singular = info.gt(0).unsqueeze(-1).unsqueeze(-1);
  const finite = inverse.maskedFill(singular, Infinity);
  const out = matrixNorm(a, null, { ord: p })
    .mul(matrixNorm(finite, null, { ord: p }));
  // Zero times infinity.
  return out.nanToNum({ nan: Infinity, posinf: Infinity, neginf: -Infinity });
}

/** Which singular values count as zero. */
export interface RankOptions {
  /** Those up to this number; 0 where not given. One for each matrix if it is a tensor. */
  readonly atol?: number | Tensor;
  /** Those up to this multiple of the largest; where neither is given, the type's precision times the longer side. */
  readonly rtol?: number | Tensor;
  /** Whether the matrices are symmetric; one triangle is read then. */
  readonly hermitian?: boolean;
}

/** Up to where singular values count as zero, given the largest of each matrix. */
export function cutoff(
  a: Tensor,
  largest: Tensor,
  { atol, rtol }: RankOptions,
): Tensor {
  const epsilon = a.info.bytes === 8 ? 2 ** -52 : 2 ** -23;
  const fallback = epsilon * Math.max(a.size(-1), a.size(-2));
  // A given absolute tolerance takes the place of the relative one.
  const given = atol !== undefined && atol !== 0;
  const relative = rtol ?? (given && typeof atol === "number" ? 0 : null);
  let factor: number | Tensor = relative ?? fallback;
  if (relative === null && given && typeof atol === "object") {
    factor = atol.gt(0).logicalNot().mul(fallback);
  }
  const bound = largest.mul(factor);
  if (atol === undefined) return bound;
  return typeof atol === "number"
    ? bound.clamp({ min: atol })
    : bound.maximum(atol);
}

/**
 * The number of singular values of matrices that do not count as zero, int64.
 * See `torch.linalg.matrix_rank`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.linalg.matrixRank(dg.ones([3, 2])).item(), 1);
 * assertEquals(dg.linalg.matrixRank(dg.eye(3)).item(), 3);
 * ```
 */
export function matrixRank(a: Tensor, options: RankOptions = {}): Tensor {
  checkOptions(options, ["atol", "rtol", "hermitian"], "linalg.matrixRank");
  if (a.shape.length < 2) {
    throw new RuntimeError(
      "torch.linalg.matrixRank: The input tensor input must have at least 2 dimensions.",
    );
  }
  if (a.info.category !== 2 || a.info.bytes < 4) {
    throw new RuntimeError(
      "This function doesn't handle types other than float and double",
      'convert it with to("float32") first',
    );
  }
  checkFactors(a.storage.device, "linalg.matrixRank");
  const x = a.detach();
  if (a.numel() === 0) {
    return a.newZeros(batchShape(a), {
      dtype: a.storage.device.indexInfo.name,
    });
  }
  const values = options.hermitian ? eigvalsh(x).abs() : svdvals(x);
  const bound = cutoff(x, values.amax(-1), options);
  return values.gt(bound.unsqueeze(-1)).sum(-1);
}
