// Views that reorder dimensions, and that add or drop dimensions of length one.

import { isTracked } from "../../grad/history.ts";
import { MODE } from "../../grad/mode.ts";
import { checkArray, checkIntegers } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { beginReview, reviewInplace } from "../inplace.ts";
import { defineMove, move, type MoveOp } from "../move_op.ts";
import { type Dims, normalizeDim, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The same view as the in-place form records it, under PyTorch's other name. */
function renamed<O>(op: MoveOp<O>, node: string): MoveOp<O> {
  return { ...op, node };
}

/** Changes the geometry of `x` itself. */
function review(x: Tensor, view: (x: Tensor) => Tensor): Tensor {
  beginReview(x, MODE.grad && isTracked(x));
  return reviewInplace(x, view(x));
}

const TRANSPOSE = defineMove<readonly [number, number]>({
  name: "transpose",
  vjp: (g, _n, [a, b]) => g.transpose(a, b),
});

function transposed(
  op: MoveOp<readonly [number, number]>,
  x: Tensor,
  dim0: number,
  dim1: number,
): Tensor {
  const rank = x.shape.length;
  const a = normalizeDim(dim0, rank);
  const b = normalizeDim(dim1, rank);
  const shape = x.shape.slice();
  const strides = x.strides.slice();
  if (rank > 0) {
    shape[a] = x.shape[b]!;
    shape[b] = x.shape[a]!;
    strides[a] = x.strides[b]!;
    strides[b] = x.strides[a]!;
  }
  return move(op, x, shape, strides, x.offset, [a, b]);
}

/**
 * Swaps two dimensions, as a view. See `torch.transpose`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2, 3]]).transpose(0, 1).tolist(), [[1], [2], [3]]);
 * ```
 */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  return transposed(TRANSPOSE, x, dim0, dim1);
}

const TRANSPOSE_INTO = renamed(TRANSPOSE, "TransposeBackward1");

/** Swaps two dimensions of `x` itself; see {@linkcode transpose}. */
export function transpose_(x: Tensor, dim0: number, dim1: number): Tensor {
  return review(x, (x) => transposed(TRANSPOSE_INTO, x, dim0, dim1));
}

/**
 * Swaps two dimensions, as a view: {@linkcode transpose} under NumPy's name. See `torch.swapaxes`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.zeros([2, 3]).swapaxes(0, 1).shape, [3, 2]);
 * ```
 */
export function swapaxes(x: Tensor, axis0: number, axis1: number): Tensor {
  return transpose(x, axis0, axis1);
}

/** Swaps two dimensions of `x` itself; see {@linkcode transpose}. */
export function swapaxes_(x: Tensor, axis0: number, axis1: number): Tensor {
  return transpose_(x, axis0, axis1);
}

/**
 * Swaps two dimensions, as a view: another name of {@linkcode transpose}. See `torch.swapdims`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.zeros([2, 3]).swapdims(0, 1).shape, [3, 2]);
 * ```
 */
export function swapdims(x: Tensor, dim0: number, dim1: number): Tensor {
  return transpose(x, dim0, dim1);
}

/** Swaps two dimensions of `x` itself; see {@linkcode transpose}. */
export function swapdims_(x: Tensor, dim0: number, dim1: number): Tensor {
  return transpose_(x, dim0, dim1);
}

const T = defineMove<null>({
  name: "t",
  node: "TBackward0",
  vjp: (g) => g.t(),
});

function flipped(op: MoveOp<null>, x: Tensor): Tensor {
  if (x.shape.length > 2) {
    throw new RuntimeError(
      `${
        op === T ? "t" : "t_"
      }() expects a tensor with <= 2 dimensions, but self is ${x.shape.length}D`,
      "use mT, transpose() or permute() where there are more dimensions",
    );
  }
  return move(
    op,
    x,
    x.shape.toReversed(),
    x.strides.toReversed(),
    x.offset,
    null,
  );
}

/**
 * Transposes a matrix, as a view; fewer dimensions stay as they are. See `torch.t`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).t().tolist(), [[1, 3], [2, 4]]);
 * ```
 */
export function t(x: Tensor): Tensor {
  return flipped(T, x);
}

const T_INTO = renamed(T, "TBackward1");

/** Transposes the matrix `x` itself; see {@linkcode t}. */
export function t_(x: Tensor): Tensor {
  return review(x, (x) => flipped(T_INTO, x));
}

const PERMUTE = defineMove<readonly number[]>({
  name: "permute",
  vjp: (g, _n, dims) => {
    const back = new Array<number>(dims.length);
    dims.forEach((dim, d) => back[dim] = d);
    return g.permute(back);
  },
});

function permuted(x: Tensor, dims: readonly number[]): Tensor {
  return move(
    PERMUTE,
    x,
    dims.map((d) => x.shape[d]!),
    dims.map((d) => x.strides[d]!),
    x.offset,
    dims,
  );
}

/**
 * Reorders all dimensions, as a view. See `torch.permute`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.zeros([2, 3, 4]).permute([2, 0, 1]).shape, [4, 2, 3]);
 * ```
 */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  checkArray(dims, "permute", "dims");
  const rank = x.shape.length;
  if (dims.length !== rank) {
    throw new RuntimeError(
      `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}`,
      `name all ${rank} dimensions; transpose() swaps two`,
    );
  }
  const order = dims.map((dim) => normalizeDim(dim, rank));
  if (new Set(order).size !== rank) {
    throw new RuntimeError("permute(): duplicate dims are not allowed.");
  }
  return permuted(x, order);
}

const ALIAS = defineMove<null>({ name: "alias", vjp: (g) => g });

/**
 * Moves dimensions to other places, as a view; the others keep their order. See `torch.movedim`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros([2, 3, 4]);
 * assertEquals(x.movedim(0, -1).shape, [3, 4, 2]);
 * assertEquals(x.movedim([0, 1], [1, 2]).shape, [4, 2, 3]);
 * ```
 */
export function movedim(x: Tensor, source: Dims, destination: Dims): Tensor {
  checkIntegers(source, "movedim", "source");
  checkIntegers(destination, "movedim", "destination");
  const from = typeof source === "number" ? [source] : source;
  const to = typeof destination === "number" ? [destination] : destination;
  if (from.length !== to.length) {
    throw new RuntimeError(
      `movedim: Invalid source or destination dims: source (${
        showShape(from)
      } dims) should contain the same number of dims as destination (${
        showShape(to)
      } dims)`,
    );
  }
  const rank = x.shape.length;
  const sources = distinct(from, rank, "source");
  const targets = distinct(to, rank, "destination");
  if (rank === 0) return move(ALIAS, x, x.shape, x.strides, x.offset, null);
  const order = new Array<number>(rank).fill(-1);
  targets.forEach((place, k) => order[place] = sources[k]!);
  const others = x.shape.map((_, d) => d).filter((d) => !sources.includes(d));
  return permuted(x, order.map((d) => d < 0 ? others.shift()! : d));
}

function distinct(dims: Shape, rank: number, name: string): number[] {
  const out = dims.map((dim) => normalizeDim(dim, rank));
  if (new Set(out).size !== out.length) {
    throw new RuntimeError(
      `movedim: repeated dim in \`${name}\` (${showShape(dims)})`,
    );
  }
  return out;
}

/**
 * Moves dimensions to other places, as a view: {@linkcode movedim} under NumPy's name. See `torch.moveaxis`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.zeros([2, 3, 4]).moveaxis(0, 2).shape, [3, 4, 2]);
 * ```
 */
export function moveaxis(x: Tensor, source: Dims, destination: Dims): Tensor {
  return movedim(x, source, destination);
}
