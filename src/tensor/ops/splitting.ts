// Splitting a tensor along a dimension into views of its parts.

import { recordAll } from "../../grad/history.ts";
import { checkInteger, checkIntegers } from "../arguments.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { defineMulti, type MultiOp } from "../kernel_op.ts";
import { viewOf } from "../move_op.ts";
import { sliceDim } from "../part_op.ts";
import { normalizeDim, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat, stack } from "./joining.ts";
import { isLong } from "../op.ts";

/** Views that one node makes at once; they may not be changed in place, as in PyTorch. */
function views<O>(op: MultiOp<O>, x: Tensor, options: O): Tensor[] {
  const out = op.forward([x], options);
  recordAll(op, [x], out, options);
  return out;
}

/** Where a dimension is cut. */
interface SplitOptions {
  readonly dim: number;
  readonly sizes: readonly number[];
}

const SPLIT = defineMulti<SplitOptions>({
  name: "split",
  forward: ([x], { dim, sizes }) => {
    let start = 0;
    return sizes.map((size) => {
      const offset = x!.offset + start * x!.strides[dim]!;
      start += size;
      const shape = x!.shape.with(dim, size);
      return viewOf(x!, shape, x!.strides, offset, "split", "multiple");
    });
  },
  vjps: [(g, n, { dim, sizes }) =>
    cat(
      sizes.map((_, k) => n.grads![k] ?? g.newZeros(n.meta(k).shape)),
      dim,
    )],
});

const SPLIT_SIZES = { ...SPLIT, node: "SplitWithSizesBackward0" };

/**
 * Splits a dimension into parts of one size, the last one smaller where it does
 * not divide, or of the sizes given; all are views. See `torch.split`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(5);
 * assertEquals(x.split(2).map(String), ["tensor([0., 1.])", "tensor([2., 3.])", "tensor([4.])"]);
 * assertEquals(x.split([1, 4])[1]!.tolist(), [1, 2, 3, 4]);
 * ```
 */
export function split(
  x: Tensor,
  splitSize: number | readonly number[],
  dim = 0,
): Tensor[] {
  if (Array.isArray(splitSize)) return splitWithSizes(x, splitSize, dim);
  return splitEqually(x, splitSize as number, dim);
}

function splitEqually(x: Tensor, splitSize: number, dim: number): Tensor[] {
  checkInteger(splitSize, "split", "splitSize");
  const at = splitDim("split", x, dim);
  const have = x.shape[at]!;
  if (splitSize < 0) {
    throw new RuntimeError(
      `split expects splitSize be non-negative, but got splitSize=${splitSize}`,
    );
  }
  if (splitSize === 0 && have !== 0) {
    throw new RuntimeError(
      `splitSize can only be 0 if dimension size is 0, but got dimension size of ${have}`,
    );
  }
  const count = splitSize === 0 ? 1 : Math.max(Math.ceil(have / splitSize), 1);
  const sizes = Array.from(
    { length: count },
    (_, k) => Math.min(splitSize, have - k * splitSize),
  );
  return views(SPLIT, x, { dim: at, sizes });
}

function splitDim(name: string, x: Tensor, dim: number): number {
  if (x.shape.length === 0) {
    throw new RuntimeError(`${name} expects at least a 1-dimensional tensor`);
  }
  return normalizeDim(dim, x.shape.length);
}

/**
 * Splits a dimension into parts of the sizes given, as views. See `torch.split_with_sizes`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [head, tail] = dg.arange(5).splitWithSizes([1, 4]);
 * assertEquals([head!.tolist(), tail!.tolist()], [[0], [1, 2, 3, 4]]);
 * ```
 */
export function splitWithSizes(
  x: Tensor,
  splitSizes: readonly number[],
  dim = 0,
): Tensor[] {
  const at = splitDim("split", x, dim);
  const have = x.shape[at]!;
  checkIntegers(splitSizes, "splitWithSizes", "splitSizes");
  if (splitSizes.some((size) => size < 0)) {
    throw new RuntimeError(
      `splitWithSizes expects splitSizes have only non-negative entries, but got splitSizes=${
        showShape(splitSizes)
      }`,
    );
  }
  if (splitSizes.reduce((a, b) => a + b, 0) !== have) {
    throw new RuntimeError(
      `splitWithSizes expects splitSizes to sum exactly to ${have} (input tensor's size at dimension ${at}), but got splitSizes=${
        showShape(splitSizes)
      }`,
    );
  }
  return views(SPLIT_SIZES, x, { dim: at, sizes: splitSizes.slice() });
}

/**
 * Splits a dimension into a number of parts, as views; the last one is smaller
 * where it does not divide, and there may be fewer. See `torch.chunk`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(5).chunk(2).map((part) => part.tolist()), [[0, 1, 2], [3, 4]]);
 * ```
 */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  const at = splitDim("chunk", x, dim);
  checkInteger(chunks, "chunk", "chunks");
  if (chunks <= 0) {
    throw new RuntimeError(
      `chunk expects \`chunks\` to be greater than 0, got: ${chunks}`,
    );
  }
  const have = x.shape[at]!;
  if (have === 0) {
    const sizes = new Array<number>(chunks).fill(0);
    return views(SPLIT_SIZES, x, { dim: at, sizes });
  }
  return split(x, Math.ceil(have / chunks), at);
}

const UNBIND = defineMulti<number>({
  name: "unbind",
  forward: ([x], dim) => {
    const shape = x!.shape.toSpliced(dim, 1);
    const strides = x!.strides.toSpliced(dim, 1);
    const step = x!.strides[dim]!;
    return Array.from(
      { length: x!.shape[dim]! },
      (_, k) =>
        viewOf(x!, shape, strides, x!.offset + k * step, "unbind", "multiple"),
    );
  },
  vjps: [
    (g, n, dim) =>
      stack(n.grads!.map((grad) => grad ?? g.newZeros(g.shape)), dim),
  ],
});

/**
 * The positions of a dimension one by one, as views without it. See `torch.unbind`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = dg.tensor([[1, 2], [3, 4]]).unbind();
 * assertEquals([x!.tolist(), y!.tolist()], [[1, 2], [3, 4]]);
 * ```
 */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  if (x.shape.length === 0) {
    throw new IndexError(
      `Dimension specified as ${dim} but tensor has no dimensions`,
    );
  }
  return views(UNBIND, x, normalizeDim(dim, x.shape.length));
}

/** Where to cut: the number of parts, the positions of the cuts, or a tensor of either. */
export type Cuts = number | readonly number[] | Tensor;

/**
 * Splits a dimension into a number of parts whose lengths differ by one at most,
 * or at given positions, as views. See `torch.tensor_split`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(5);
 * assertEquals(x.tensorSplit(2).map((part) => part.tolist()), [[0, 1, 2], [3, 4]]);
 * assertEquals(x.tensorSplit([1, 4])[1]!.tolist(), [1, 2, 3]);
 * ```
 */
export function tensorSplit(
  x: Tensor,
  indicesOrSections: Cuts,
  dim = 0,
): Tensor[] {
  if (x.shape.length === 0) {
    throw new RuntimeError(
      "tensorSplit expected at least a 1-dimensional tensor, but got a tensor with 0 dims",
    );
  }
  const at = normalizeDim(dim, x.shape.length);
  const cuts = plainCuts(indicesOrSections);
  checkIntegers(cuts, "tensorSplit", "indicesOrSections");
  const have = x.shape[at]!;
  if (typeof cuts === "number") {
    if (cuts <= 0) {
      throw new RuntimeError(
        `number of sections must be larger than 0, got ${cuts}`,
      );
    }
    const small = Math.floor(have / cuts);
    const large = have % cuts;
    return Array.from({ length: cuts }, (_, k) => {
      const start = k * small + Math.min(k, large);
      return sliceDim(x, at, start, small + (k < large ? 1 : 0));
    });
  }
  const clip = (index: number) =>
    Math.min(Math.max(index < 0 ? index + have : index, 0), have);
  return Array.from({ length: cuts.length + 1 }, (_, k) => {
    const start = k === 0 ? 0 : clip(cuts[k - 1]!);
    const end = k === cuts.length ? have : clip(cuts[k]!);
    return sliceDim(x, at, start, Math.max(end - start, 0));
  });
}

function plainCuts(cuts: Cuts): number | readonly number[] {
  if (typeof cuts !== "object" || !("storage" in cuts)) return cuts;
  if (cuts.shape.length > 1) {
    throw new RuntimeError(
      `tensorSplit expected tensorIndicesOrSections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${cuts.shape.length} dims`,
    );
  }
  if (!isLong(cuts)) {
    throw new RuntimeError(
      `tensorSplit expected tensorIndicesOrSections to have dtype of long, but got ${cuts.info.scalarName}`,
    );
  }
  return cuts.tolist();
}

/** Splits along a dimension; a number of parts must divide its length. */
function splitEvenly(
  name: string,
  x: Tensor,
  cuts: number | readonly number[],
  dim: number,
  rank: number,
): Tensor[] {
  const { shape } = x;
  if (shape.length < rank) {
    throw new RuntimeError(
      `${name} requires a tensor with at least ${rank} dimension, but got a tensor with ${shape.length} dimensions!`,
    );
  }
  checkIntegers(cuts, name, "indicesOrSections");
  if (typeof cuts === "number" && (cuts === 0 || shape[dim]! % cuts !== 0)) {
    throw new RuntimeError(
      `${name} attempted to split along dimension ${dim}, but the size of the dimension ${
        shape[dim]
      } is not divisible by the splitSize ${cuts}!`,
    );
  }
  return tensorSplit(x, cuts, dim);
}

/**
 * Splits columns, or a vector's elements, into equal parts or at given
 * positions, as views. See `torch.hsplit`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).hsplit(2)[0]!.tolist(), [[1], [3]]);
 * ```
 */
export function hsplit(
  x: Tensor,
  indicesOrSections: number | readonly number[],
): Tensor[] {
  const dim = x.shape.length === 1 ? 0 : 1;
  return splitEvenly("hsplit", x, indicesOrSections, dim, 1);
}

/**
 * Splits rows into equal parts or at given positions, as views. See `torch.vsplit`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).vsplit(2)[0]!.tolist(), [[1, 2]]);
 * ```
 */
export function vsplit(
  x: Tensor,
  indicesOrSections: number | readonly number[],
): Tensor[] {
  return splitEvenly("vsplit", x, indicesOrSections, 0, 2);
}

/**
 * Splits the third dimension into equal parts or at given positions, as views.
 * See `torch.dsplit`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.zeros([2, 2, 4]).dsplit(2)[0]!.shape, [2, 2, 2]);
 * ```
 */
export function dsplit(
  x: Tensor,
  indicesOrSections: number | readonly number[],
): Tensor[] {
  return splitEvenly("dsplit", x, indicesOrSections, 2, 3);
}
