// Diagonals: views of them, copies of them, matrices made from them.

import { checkInteger } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { stridedLike } from "../op.ts";
import { definePart, embed, look } from "../part_op.ts";
import { checkOptions, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode diagonal} and {@linkcode diagEmbed}. */
export interface DiagonalOptions {
  /** Which diagonal: 0 the main one, positive above it, negative below. */
  readonly offset?: number;
  /** Dimension of the rows. */
  readonly dim1?: number;
  /** Dimension of the columns. */
  readonly dim2?: number;
}

const DIAGONAL_KEYS = ["offset", "dim1", "dim2"];

/** Options with everything filled in and dimensions counted from the start. */
type Diagonal = Required<DiagonalOptions>;

const DIAGONAL = definePart<Diagonal>(
  "diagonal",
  "DiagonalBackward",
  (x, { offset, dim1, dim2 }) => {
    const rows = x.shape[dim1]! + Math.min(offset, 0);
    const columns = x.shape[dim2]! - Math.max(offset, 0);
    const length = Math.max(Math.min(rows, columns), 0);
    const skip = offset >= 0
      ? offset * x.strides[dim2]!
      : -offset * x.strides[dim1]!;
    const others = (_: number, d: number) => d !== dim1 && d !== dim2;
    return {
      shape: [...x.shape.filter(others), length],
      strides: [
        ...x.strides.filter(others),
        x.strides[dim1]! + x.strides[dim2]!,
      ],
      offset: x.offset + (length === 0 ? 0 : skip),
    };
  },
);

function fillIn(
  options: DiagonalOptions,
  rank: number,
  first: number,
  second: number,
): Diagonal {
  const { offset = 0 } = options;
  checkInteger(offset, "diagonal", "offset");
  const dim1 = normalizeDim(options.dim1 ?? first, rank);
  const dim2 = normalizeDim(options.dim2 ?? second, rank);
  if (dim1 === dim2) {
    throw new RuntimeError(
      `diagonal dimensions cannot be identical ${options.dim1 ?? first}, ${
        options.dim2 ?? second
      }`,
    );
  }
  return { offset, dim1, dim2 };
}

/**
 * The diagonal of two dimensions, by default the first two, as a view whose last
 * dimension runs along it. See `torch.diagonal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(x.diagonal().tolist(), [1, 4]);
 * assertEquals(x.diagonal({ offset: 1 }).tolist(), [2]);
 * ```
 */
export function diagonal(x: Tensor, options: DiagonalOptions = {}): Tensor {
  checkOptions(options, DIAGONAL_KEYS, "diagonal");
  return look(DIAGONAL, x, fillIn(options, x.shape.length, 0, 1));
}

const DIAG_EMBED = defineKernel<Diagonal>({
  name: "diagEmbed",
  forward: ([x], options) => {
    const { offset, dim1, dim2 } = options;
    const last = x!.shape.length - 1;
    const length = x!.shape[last]! + Math.abs(offset);
    const shape = x!.shape.slice(0, last);
    shape.splice(Math.min(dim1, dim2), 0, length);
    shape.splice(Math.max(dim1, dim2), 0, length);
    const out = x!.newZeros(shape);
    const at = DIAGONAL.place(out, options);
    out.storage.device.copy(
      stridedLike(out, at.shape, at.strides, at.offset, false),
      x!,
    );
    return out;
  },
  vjps: [(g, _n, options) => g.diagonal(options)],
});

/**
 * Matrices with the last dimension on a diagonal and zeros elsewhere. See `torch.diag_embed`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2]).diagEmbed().tolist(), [[1, 0], [0, 2]]);
 * ```
 */
export function diagEmbed(x: Tensor, options: DiagonalOptions = {}): Tensor {
  checkOptions(options, DIAGONAL_KEYS, "diagEmbed");
  const filled = fillIn(options, x.shape.length + 1, -2, -1);
  return run(DIAG_EMBED, [x], filled);
}

const DIAGONAL_COPY = defineKernel<Diagonal>({
  name: "diag",
  node: "DiagonalBackward0_copy",
  forward: ([x], options) => x!.diagonal(options).clone(),
  vjps: [(g, n, options) => embed(DIAGONAL, g, n.inputShape(0), options)],
});

/** Options of {@linkcode diag}, `tril` and `triu`. */
export interface WhichDiagonalOptions {
  /** Which diagonal: 0 the main one, positive above it, negative below. */
  readonly diagonal?: number;
}

/**
 * A matrix from its diagonal, or a copy of the diagonal of a matrix. See `torch.diag`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2]).diag().tolist(), [[1, 0], [0, 2]]);
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).diag().tolist(), [1, 4]);
 * ```
 */
export function diag(x: Tensor, options: WhichDiagonalOptions = {}): Tensor {
  checkOptions(options, ["diagonal"], "diag");
  const offset = options.diagonal ?? 0;
  const rank = x.shape.length;
  if (rank === 1) return diagEmbed(x, { offset });
  if (rank !== 2) {
    throw new RuntimeError(
      `diag(): Supports 1D or 2D tensors. Got ${rank}D`,
      "diagonal() and diagEmbed() take any number of dimensions",
    );
  }
  return run(DIAGONAL_COPY, [x], { offset, dim1: 0, dim2: 1 });
}

/**
 * A matrix with all elements of a tensor on its diagonal. See `torch.diagflat`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1], [2]]).diagflat().tolist(), [[1, 0], [0, 2]]);
 * ```
 */
export function diagflat(
  x: Tensor,
  options: { readonly offset?: number } = {},
): Tensor {
  checkOptions(options, ["offset"], "diagflat");
  return diagEmbed(x.contiguous().view(-1), options);
}
