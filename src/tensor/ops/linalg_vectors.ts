// Products and tables of vectors and chains of matrices, under the names of
// `linalg`.

import { checkArray, checkInteger } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { checkFloat } from "../linalg_op.ts";
import { broadcastShapes, checkOptions, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { multiplyChain } from "./contraction.ts";
import {
  diagonal as tensorDiagonal,
  type DiagonalOptions,
} from "./diagonals.ts";
import { cat } from "./joining.ts";
import { cross as tensorCross } from "./vector_products.ts";

/**
 * The cross product of vectors of length 3 along `dim`, the last dimension where
 * none is named; the other dimensions broadcast. See `torch.linalg.cross`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = [dg.tensor([1, 0, 0]), dg.tensor([0, 1, 0])];
 * assertEquals(dg.linalg.cross(x, y).tolist(), [0, 0, 1]);
 * ```
 */
export function cross(x: Tensor, other: Tensor, dim: number = -1): Tensor {
  return tensorCross(x, other, dim);
}

/**
 * The inner product of vectors along `dim`, the last dimension where none is
 * named; shapes broadcast. See `torch.linalg.vecdot`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.linalg.vecdot(x, dg.tensor([1, 10])).tolist(), [21, 43]);
 * ```
 */
export function vecdot(x: Tensor, y: Tensor, dim: number = -1): Tensor {
  if (x.info.category < 3) checkFloat("linalg.vecdot", x);
  if (x.info !== y.info) {
    throw new RuntimeError(
      `linalg.vecdot: Expected x and y to have the same dtype, but found x of type ${x.info.scalarName} and y of type ${y.info.scalarName} instead`,
      `convert one of them, for example with to("${x.info.name}")`,
    );
  }
  if (x.shape.length === 1 && y.shape.length === 1 && x.info.category === 2) {
    normalizeDim(dim, 1);
    return x.vdot(y);
  }
  broadcastShapes(x.shape, y.shape);
  return x.conj().mul(y).sum(dim);
}

/**
 * The diagonals of matrices, as a view: in the last two dimensions where none
 * are named. See `torch.linalg.diagonal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.eye(2).expand([3, 2, 2]);
 * assertEquals(dg.linalg.diagonal(x).shape, [3, 2]);
 * ```
 */
export function diagonal(a: Tensor, options: DiagonalOptions = {}): Tensor {
  checkOptions(options, ["offset", "dim1", "dim2"], "linalg.diagonal");
  return tensorDiagonal(a, { dim1: -2, dim2: -1, ...options });
}

/** Options of {@linkcode vander}. */
export interface LinalgVanderOptions {
  /** Number of columns; that of the vectors' elements where not given. */
  readonly N?: number;
}

/**
 * The Vandermonde matrices of vectors: their powers, a column each, growing from
 * left to right. See `torch.linalg.vander`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([2, 3]);
 * assertEquals(dg.linalg.vander(x, { N: 3 }).tolist(), [[1, 2, 4], [1, 3, 9]]);
 * ```
 */
export function vander(x: Tensor, options: LinalgVanderOptions = {}): Tensor {
  checkOptions(options, ["N"], "linalg.vander");
  const { info } = x;
  if (info.category === 0 || (info.category === 2 && info.bytes < 4)) {
    throw new RuntimeError(
      `linalg.vander supports floating point, complex, and integer tensors, but got ${info.scalarName}`,
    );
  }
  const vectors = x.shape.length === 0 ? x.unsqueeze(-1) : x;
  const { N = vectors.size(-1) } = options;
  checkInteger(N, "vander", "N");
  if (N < 2) throw new RuntimeError("N must be greater than 1.");
  const powers = vectors.unsqueeze(-1).expand([...vectors.shape, N - 1])
    .cumprod(-1);
  const ones = powers.newOnes([...vectors.shape, 1]);
  return cat([ones, powers], -1);
}

/**
 * Multiplies a chain of matrices in the order that needs the fewest
 * multiplications. The first may be a vector, which counts as a row, and so may
 * the last, which counts as a column. See `torch.linalg.multi_dot`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * const y = dg.tensor([1, 10]);
 * assertEquals(dg.linalg.multiDot([y, x, y]).item(), 451);
 * ```
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  checkArray(tensors, "multiDot", "tensors");
  const n = tensors.length;
  if (n < 2) {
    throw new RuntimeError(
      `multiDot(): expected at least 2 tensors but got ${n}`,
    );
  }
  const first = tensors[0]!;
  const last = tensors[n - 1]!;
  for (const [place, x] of [["first", first], ["last", last]] as const) {
    const rank = x.shape.length;
    if (rank === 1 || rank === 2) continue;
    throw new RuntimeError(
      `multiDot(): the ${place} tensor must be 1D or 2D but got ${rank}D`,
    );
  }
  tensors.slice(1, -1).forEach((x, i) => {
    if (x.shape.length === 2) return;
    throw new RuntimeError(
      `multiDot(): tensor ${i + 1} must be 2D but got ${x.shape.length}D`,
    );
  });
  checkFit(tensors);
  const shape: number[] = [];
  if (first.shape.length === 2) shape.push(first.shape[0]!);
  if (last.shape.length === 2) shape.push(last.shape[1]!);
  const all = [...tensors];
  if (first.shape.length === 1) all[0] = first.unsqueeze(0);
  if (last.shape.length === 1) all[n - 1] = last.unsqueeze(1);
  return multiplyChain(all).view(shape);
}

/** Fails where neighbours do not fit, showing vectors as they were given. */
function checkFit(tensors: readonly Tensor[]): void {
  for (let i = 1; i < tensors.length; i++) {
    const [x, y] = [tensors[i - 1]!, tensors[i]!];
    if (x.size(-1) === y.shape[0] || x.info !== y.info) continue;
    throw new RuntimeError(
      `multiDot(): tensors ${i - 1} and ${i} with shapes [${
        x.shape.join(", ")
      }] and [${y.shape.join(", ")}] cannot be multiplied`,
    );
  }
}
