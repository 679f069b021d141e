// Views that add or drop dimensions of length one.

import { isTracked } from "../../grad/history.ts";
import { MODE } from "../../grad/mode.ts";
import { beginReview, reviewInplace } from "../inplace.ts";
import { defineMove, move, type MoveOp } from "../move_op.ts";
import { type Dims, normalizeDim, normalizeDims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Dimensions that were dropped, in ascending order. */
type Dropped = readonly number[];

const SQUEEZE = defineMove<Dropped>({
  name: "squeeze",
  vjp: (g, _n, dropped) => dropped.reduce((x, dim) => x.unsqueeze(dim), g),
});

/** PyTorch numbers the nodes: without dims, with one, with several, and the three in place. */
const SQUEEZES: readonly MoveOp<Dropped>[] = [0, 1, 2, 3, 4, 5].map((k) => ({
  ...SQUEEZE,
  node: `SqueezeBackward${k}`,
}));

function squeezed(x: Tensor, dim: Dims | undefined, first: number): Tensor {
  const { shape, strides } = x;
  const rank = shape.length;
  let dropped: number[];
  let form = first;
  if (dim === undefined) dropped = shape.map((_, d) => d);
  else if (typeof dim === "number") {
    form += 1;
    dropped = [normalizeDim(dim, rank)];
  } else {
    form += 2;
    dropped = normalizeDims(dim, rank).sort((a, b) => a - b);
  }
  dropped = dropped.filter((d) => shape[d] === 1);
  return move(
    SQUEEZES[form]!,
    x,
    shape.filter((_, d) => !dropped.includes(d)),
    strides.filter((_, d) => !dropped.includes(d)),
    x.offset,
    dropped,
  );
}

/**
 * Drops dimensions of length one: all of them, or those named, as a view. See `torch.squeeze`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros([1, 2, 1]);
 * assertEquals(x.squeeze().shape, [2]);
 * assertEquals(x.squeeze(0).shape, [2, 1]);
 * ```
 */
export function squeeze(x: Tensor, dim?: Dims): Tensor {
  return squeezed(x, dim, 0);
}

/** Drops dimensions of `x` itself; see {@linkcode squeeze}. */
export function squeeze_(x: Tensor, dim?: Dims): Tensor {
  beginReview(x, MODE.grad && isTracked(x));
  return reviewInplace(x, squeezed(x, dim, 3));
}

const UNSQUEEZE = defineMove<number>({
  name: "unsqueeze",
  vjp: (g, _n, dim) => g.squeeze(dim),
});

const UNSQUEEZE_INTO = { ...UNSQUEEZE, node: "UnsqueezeBackward1" };

function unsqueezed(op: MoveOp<number>, x: Tensor, dim: number): Tensor {
  const { shape, strides } = x;
  const at = normalizeDim(dim, shape.length + 1);
  const stride = at < shape.length ? shape[at]! * strides[at]! : 1;
  return move(
    op,
    x,
    shape.toSpliced(at, 0, 1),
    strides.toSpliced(at, 0, stride),
    x.offset,
    at,
  );
}

/**
 * Adds a dimension of length one before position `dim`, as a view. See `torch.unsqueeze`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2]).unsqueeze(-1).tolist(), [[1], [2]]);
 * ```
 */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  return unsqueezed(UNSQUEEZE, x, dim);
}

/** Adds a dimension to `x` itself; see {@linkcode unsqueeze}. */
export function unsqueeze_(x: Tensor, dim: number): Tensor {
  beginReview(x, MODE.grad && isTracked(x));
  return reviewInplace(x, unsqueezed(UNSQUEEZE_INTO, x, dim));
}

/**
 * Gives a 0-d tensor one dimension; others stay as they are. See `torch.atleast_1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.atleast1d(dg.tensor(3)).tolist(), [3]);
 * ```
 */
export function atleast1d(x: Tensor): Tensor {
  return x.shape.length === 0 ? x.reshape([1]) : x;
}

/**
 * Adds dimensions in front until there are two. See `torch.atleast_2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.atleast2d(dg.tensor([1, 2])).tolist(), [[1, 2]]);
 * ```
 */
export function atleast2d(x: Tensor): Tensor {
  if (x.shape.length === 0) return x.reshape([1, 1]);
  return x.shape.length === 1 ? unsqueeze(x, 0) : x;
}

/**
 * Adds dimensions, a vector's elements going to the middle one, until there are
 * three. See `torch.atleast_3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.atleast3d(dg.tensor([1, 2])).shape, [1, 2, 1]);
 * ```
 */
export function atleast3d(x: Tensor): Tensor {
  if (x.shape.length === 0) return x.reshape([1, 1, 1]);
  if (x.shape.length === 1) return unsqueeze(unsqueeze(x, 0), -1);
  return x.shape.length === 2 ? unsqueeze(x, -1) : x;
}
