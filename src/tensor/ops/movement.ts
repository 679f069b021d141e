// Views that keep the order of elements: the same memory under another shape,
// and dimensions of length one that repeat without copying.

import { checkArray, checkIntegers } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { defineMove, move } from "../move_op.ts";
import {
  broadcastShapes,
  checkOptions,
  inferSize,
  normalizeDim,
  sameShape,
  type Shape,
  showShape,
  type Size,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { viewStrides } from "../view.ts";

const VIEW = defineMove<null>({
  name: "view",
  vjp: (g, n) => g.reshape(n.inputShape(0)),
});

/** As {@linkcode VIEW}, where `reshape` made a view of a tensor with gaps. */
const RESHAPE_ALIAS = {
  ...VIEW,
  name: "reshape",
  node: "ReshapeAliasBackward0",
};

/** As {@linkcode VIEW}, where `reshape` had to copy: nobody else sees the memory, so the result is no view. */
const UNSAFE_VIEW = { ...VIEW, name: "reshape", node: "UnsafeViewBackward0" };

/**
 * Looks at the same memory under another shape, of which one length may be `-1`.
 * Throws a RuntimeError where the strides do not allow it; see {@linkcode reshape}.
 * See `Tensor.view`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const x = dg.arange(6).view([2, 3]);
 * assertEquals(x.tolist(), [[0, 1, 2], [3, 4, 5]]);
 * assertThrows(() => x.t().view(6), dg.RuntimeError, "Use .reshape(...)");
 * ```
 */
export function view(x: Tensor, shape: Size): Tensor {
  if (typeof shape === "string") {
    throw new TypeError(
      `view() cannot read the memory as ${shape}: a tensor keeps its element type; to() converts the elements`,
    );
  }
  const wanted = inferSize(shape, x.count);
  const strides = viewStrides(x.shape, x.strides, wanted);
  if (strides === null) {
    throw new RuntimeError(
      "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      `the tensor has shape ${showShape(x.shape)} and strides ${
        showShape(x.strides)
      }; reshape() copies where it must`,
    );
  }
  return move(VIEW, x, wanted, strides, x.offset, null);
}

/**
 * Looks at the same memory under the shape of `other`. See `Tensor.view_as`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ones(4).viewAs(dg.zeros([2, 2])).shape, [2, 2]);
 * ```
 */
export function viewAs(x: Tensor, other: Tensor): Tensor {
  return view(x, other.shape);
}

/**
 * Gives a tensor another shape, as a view where strides allow, else as a copy.
 * One length may be `-1`. See `torch.reshape`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(6).reshape([2, -1]).tolist(), [[0, 1, 2], [3, 4, 5]]);
 * ```
 */
export function reshape(x: Tensor, shape: Size): Tensor {
  const wanted = inferSize(shape, x.count);
  const strides = viewStrides(x.shape, x.strides, wanted);
  if (strides !== null) {
    return move(
      x.dense ? VIEW : RESHAPE_ALIAS,
      x,
      wanted,
      strides,
      x.offset,
      null,
    );
  }
  const copy = x.clone();
  const dense = viewStrides(copy.shape, copy.strides, wanted)!;
  const out = move(UNSAFE_VIEW, copy, wanted, dense, 0, null);
  out.viewInfo = null;
  return out;
}

/**
 * Gives a tensor the shape of `other`. See `Tensor.reshape_as`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ones(4).reshapeAs(dg.zeros([2, 2])).shape, [2, 2]);
 * ```
 */
export function reshapeAs(x: Tensor, other: Tensor): Tensor {
  return reshape(x, other.shape);
}

/** Options of {@linkcode flatten}. */
export interface FlattenOptions {
  /** First dimension to join; 0 where not given. */
  readonly startDim?: number;
  /** Last dimension to join; -1 where not given. */
  readonly endDim?: number;
}

const FLATTEN_KEYS = ["startDim", "endDim"];

/**
 * Joins neighbouring dimensions into one, all of them where no options are
 * given. See `torch.flatten`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros([2, 3, 4]);
 * assertEquals(x.flatten().shape, [24]);
 * assertEquals(x.flatten({ startDim: 1 }).shape, [2, 12]);
 * ```
 */
export function flatten(x: Tensor, options: FlattenOptions = {}): Tensor {
  checkOptions(options, FLATTEN_KEYS, "flatten");
  const rank = x.shape.length;
  const start = normalizeDim(options.startDim ?? 0, rank);
  const end = normalizeDim(options.endDim ?? -1, rank);
  if (start > end) {
    throw new RuntimeError(
      "flatten() has invalid args: startDim cannot come after endDim",
    );
  }
  if (rank === 0) return reshape(x, [1]);
  if (start === end) return x;
  let joined = 1;
  for (let d = start; d <= end; d++) joined *= x.shape[d]!;
  return reshape(x, x.shape.toSpliced(start, end - start + 1, joined));
}

/**
 * Joins all dimensions into one; copies only where strides demand it. See `torch.ravel`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).t().ravel().tolist(), [1, 3, 2, 4]);
 * ```
 */
export function ravel(x: Tensor): Tensor {
  return view(x.contiguous(), x.count);
}

/**
 * Splits one dimension into several; one of `sizes` may be `-1`. See `torch.unflatten`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(4).unflatten(0, [2, -1]).tolist(), [[0, 1], [2, 3]]);
 * ```
 */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  const at = normalizeDim(dim, x.shape.length);
  if (sizes.length === 0) {
    throw new RuntimeError("unflatten: sizes must be non-empty");
  }
  const have = x.shape[at] ?? 1;
  const known = sizes.reduce((n, size) => size === -1 ? n : n * size, 1);
  const holes = sizes.filter((size) => size === -1).length;
  const fits = holes === 0 ? known === have : known > 0 && have % known === 0;
  if (!fits) {
    throw new RuntimeError(
      `unflatten: Provided sizes ${
        showShape(sizes)
      } don't multiply up to the size of dim ${at} (${have}) in the input tensor`,
    );
  }
  return view(x, x.shape.toSpliced(at, 1, ...inferSize(sizes, have)));
}

const EXPAND = defineMove<null>({
  name: "expand",
  vjp: (g, n) => g.sumToSize(n.inputShape(0)),
});

/**
 * Repeats dimensions of length one without copying; `-1` keeps a length. See `Tensor.expand`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1], [2]]).expand([2, 3]).tolist(), [[1, 1, 1], [2, 2, 2]]);
 * ```
 */
export function expand(x: Tensor, size: Size): Tensor {
  checkIntegers(size, "expand", "size");
  const wanted = typeof size === "number" ? [size] : size;
  const pad = wanted.length - x.shape.length;
  if (pad < 0) {
    throw new RuntimeError(
      `expand(${x.info.scalarName}Tensor{${showShape(x.shape)}}, size=${
        showShape(wanted)
      }): the number of sizes provided (${wanted.length}) must be greater or equal to the number of dimensions in the tensor (${x.shape.length})`,
    );
  }
  const shape = new Array<number>(wanted.length);
  const strides = new Array<number>(wanted.length);
  for (let d = wanted.length - 1; d >= 0; d--) {
    const own = d < pad ? 1 : x.shape[d - pad]!;
    const n = wanted[d]! === -1 ? own : wanted[d]!;
    if (wanted[d] === -1 && d < pad) {
      throw new RuntimeError(
        `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${d}`,
      );
    }
    if (own !== 1 && own !== n || n < 0) {
      throw new RuntimeError(
        `The expanded size of the tensor (${n}) must match the existing size (${own}) at non-singleton dimension ${d}.  Target sizes: ${
          showShape(wanted)
        }.  Tensor sizes: ${showShape(x.shape)}`,
      );
    }
    shape[d] = n;
    if (own !== n) strides[d] = 0;
    else if (d >= pad) strides[d] = x.strides[d - pad]!;
    else {
      const last = d === wanted.length - 1;
      strides[d] = last ? 1 : shape[d + 1]! * strides[d + 1]!;
    }
  }
  return move(EXPAND, x, shape, strides, x.offset, null);
}

/**
 * Repeats dimensions of length one, without copying, up to the shape of `other`.
 * See `Tensor.expand_as`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2]).expandAs(dg.ones([2, 2])).tolist(), [[1, 2], [1, 2]]);
 * ```
 */
export function expandAs(x: Tensor, other: Tensor): Tensor {
  return expand(x, other.shape);
}

/**
 * Broadcasts a tensor to a shape, without copying. See `torch.broadcast_to`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2]).broadcastTo([2, 2]).tolist(), [[1, 2], [1, 2]]);
 * ```
 */
export function broadcastTo(x: Tensor, size: Size): Tensor {
  return expand(x, size);
}

/**
 * Broadcasts tensors to their common shape, without copying. See `torch.broadcast_tensors`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = dg.broadcastTensors([dg.ones([2, 1]), dg.ones(3)]);
 * assertEquals([x!.shape, y!.shape], [[2, 3], [2, 3]]);
 * ```
 */
export function broadcastTensors(tensors: readonly Tensor[]): Tensor[] {
  checkArray(tensors, "broadcastTensors", "tensors");
  let shape: Shape = [];
  for (const x of tensors) shape = broadcastShapes(shape, x.shape);
  return tensors.map((x) => sameShape(x.shape, shape) ? x : expand(x, shape));
}
