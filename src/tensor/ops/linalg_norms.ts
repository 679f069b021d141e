// Norms of vectors and of matrices.

import { type DType, type DTypeInfo, dtypeInfo, promote } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { checkFloat, checkMatrix } from "../linalg_op.ts";
import { checkOptions, type Dims, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { singularNorm } from "./linalg_singular_norm.ts";
import { norm as tensorNorm } from "./norm.ts";

/** Options of {@linkcode vectorNorm}. */
export interface VectorNormOptions {
  /** The order, 2 where not given: a number, `Infinity`, `-Infinity`, or 0 to count. */
  readonly ord?: number;
  /** Keeps reduced dimensions with length one. */
  readonly keepdim?: boolean;
  /** Type to compute in and to return. */
  readonly dtype?: DType;
}

const KEYS = ["ord", "keepdim", "dtype"] as const;

/**
 * The norm of vectors, over all or some dimensions: the root of order `ord` of
 * the sum of the absolute values to that power. See `torch.linalg.vector_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, -4], [0, 2]]);
 * assertEquals(dg.linalg.vectorNorm(x, 1).tolist(), [5, 2]);
 * assertEquals(dg.linalg.vectorNorm(x, null, { ord: Infinity }).item(), 4);
 * ```
 */
export function vectorNorm(
  x: Tensor,
  dim?: Dims | null,
  options: VectorNormOptions = {},
): Tensor {
  checkOptions(options, KEYS, "linalg.vectorNorm");
  const { ord = 2, ...others } = options;
  if (typeof ord !== "number") {
    throw new TypeError(
      `vectorNorm(): argument 'ord' must be Number, not ${String(ord)}`,
    );
  }
  return tensorNorm(x, dim, { p: ord, ...others });
}

/** The order of a matrix norm. */
export type MatrixNormOrder = number | "fro" | "nuc";

/** Options of {@linkcode matrixNorm}. */
export interface MatrixNormOptions {
  /** The order, `"fro"` where not given: `"nuc"`, 1, -1, 2, -2, `Infinity` or `-Infinity` are the others. */
  readonly ord?: MatrixNormOrder;
  /** Keeps reduced dimensions with length one. */
  readonly keepdim?: boolean;
  /** Type to compute in and to return. */
  readonly dtype?: DType;
}

/** Dimensions as a list; null where none are named. */
function listOf(
  dim: Dims | null | undefined,
  rank: number,
): readonly number[] | null {
  if (dim == null) return null;
  if (typeof dim === "object" && Array.isArray(dim)) return dim;
  // Options in the place of the dimension are refused by its check.
  normalizeDim(dim as number, rank);
  return [dim as number];
}

function twoDims(dim: Dims | null | undefined, rank: number): [number, number] {
  const dims = listOf(dim, rank) ?? [-2, -1];
  if (dims.length !== 2) {
    throw new RuntimeError(
      `linalg.matrixNorm: dim must be a 2-tuple. Got ${dims.join(" ")}`,
      "vectorNorm() takes any dimensions",
    );
  }
  const [p, q] = dims as [number, number];
  const pair: [number, number] = [normalizeDim(p, rank), normalizeDim(q, rank)];
  if (pair[0] === pair[1]) {
    throw new RuntimeError(
      `linalg.matrixNorm: dims must be different. Got (${p}, ${q})`,
    );
  }
  return pair;
}

function checkDType(x: DTypeInfo, wanted: DTypeInfo): void {
  if (wanted.category !== 2) {
    throw new RuntimeError(
      `linalg.matrixNorm: dtype should be floating point or complex, but got ${wanted.scalarName}`,
    );
  }
  if (promote(x, wanted) !== wanted) {
    throw new RuntimeError(
      `linalg.matrixNorm: the dtype of the input (${x.scalarName}) should be convertible without narrowing to the specified dtype (${wanted.scalarName})`,
    );
  }
}

/**
 * The norm of matrices in two dimensions, the last ones where none are named:
 * `"fro"`, the root of the sum of squares; `"nuc"`, the sum of the singular
 * values; 2 and -2, the largest and the smallest of these; 1 and -1, those of
 * the sums of columns; `Infinity` and `-Infinity`, those of the sums of rows.
 * See `torch.linalg.matrix_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, 0], [4, 0]]);
 * assertEquals(dg.linalg.matrixNorm(x).item(), 5);
 * assertEquals(dg.linalg.matrixNorm(x, null, { ord: 1 }).item(), 7);
 * ```
 */
export function matrixNorm(
  a: Tensor,
  dim?: Dims | null,
  options: MatrixNormOptions = {},
): Tensor {
  const name = "linalg.matrixNorm";
  checkOptions(options, KEYS, name);
  const { ord = "fro", keepdim = false, dtype } = options;
  checkMatrix(name, a);
  const dims = twoDims(dim, a.shape.length);
  const singular = ord === "nuc" || Math.abs(Number(ord)) === 2;
  // Absolute values are enough for the others.
  if (singular || a.info.category !== 3) checkFloat(name, a, !singular);
  if (dtype !== undefined) checkDType(a.info, dtypeInfo(dtype));
  const type = dtype ?? a.dtype;
  const shared = {
    keepdim,
    ...(a.info.category === 3 ? {} : { dtype: type }),
  };
  if (ord === "fro") return tensorNorm(a, dims, { p: 2, ...shared });
  if (ord === "nuc" || ord === 2 || ord === -2) {
    return singularNorm(a.to(type), dims, ord, keepdim);
  }
  if (Math.abs(ord) !== 1 && Math.abs(ord) !== Infinity) {
    throw new RuntimeError(`${name}: Order ${ord} not supported.`);
  }
  const [along, other] = Math.abs(ord) === 1 ? dims : [dims[1], dims[0]];
  const sums = tensorNorm(a, along, { p: 1, ...shared });
  const left = !keepdim && along < other ? other - 1 : other;
  // The norm of a matrix without elements is 0.
  if (ord > 0 && sums.shape[left] === 0) {
    return sums.detach().sum(left, { keepdim });
  }
  return ord > 0 ? sums.amax(left, { keepdim }) : sums.amin(left, { keepdim });
}

/** Options of {@linkcode norm}. */
export interface LinalgNormOptions {
  /** The order of the norm of a vector, or of a matrix; see {@linkcode vectorNorm} and {@linkcode matrixNorm}. */
  readonly ord?: MatrixNormOrder;
  /** Keeps reduced dimensions with length one. */
  readonly keepdim?: boolean;
  /** Type to compute in and to return. */
  readonly dtype?: DType;
}

/**
 * The norm of a vector or a matrix. Where an order is given and two dimensions
 * are reduced, it is that of a matrix; else that of a vector, of order 2 if none
 * is given. See `torch.linalg.norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.linalg.norm(dg.tensor([3, 4])).item(), 5);
 * const x = dg.tensor([[3, 0], [4, 0]]);
 * assertEquals(dg.linalg.norm(x, null, { ord: Infinity }).item(), 4);
 * ```
 */
export function norm(
  a: Tensor,
  dim?: Dims | null,
  options: LinalgNormOptions = {},
): Tensor {
  checkOptions(options, KEYS, "linalg.norm");
  const { ord, ...others } = options;
  const rank = a.shape.length;
  const dims = listOf(dim, rank);
  if (dims === null && ord !== undefined && rank !== 1 && rank !== 2) {
    throw new RuntimeError(
      `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${rank}D.`,
    );
  }
  if (typeof ord === "string") {
    return matrixNorm(a, dims ?? [-2, -1], { ord, ...others });
  }
  if (dims !== null && dims.length !== 1 && dims.length !== 2) {
    throw new RuntimeError(
      `linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${
        dims.join(", ")
      }]`,
    );
  }
  if (ord === undefined) return vectorNorm(a, dims, others);
  return (dims === null ? rank : dims.length) === 2
    ? matrixNorm(a, dims ?? [0, 1], { ord, ...others })
    : vectorNorm(a, dims, { ord, ...others });
}
