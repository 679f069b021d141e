// Finding elements: where a tensor is not zero, and where values belong in
// sorted ones. The results are integers and have no gradient.

import { checkNotComplex } from "../complex_refusal.ts";
import { INT32, INT64 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { plainIndex, positionsOf } from "../index_range.ts";
import { unrecorded } from "../kernel_op.ts";
import {
  castTo,
  commonDevice,
  emptyTensor,
  isLong,
  type Operand,
  stridedLike,
  toTensor,
} from "../op.ts";
import { checkOptions, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The coordinate along each dimension of row-major positions, int32. */
function coordinates(positions: Tensor, shape: readonly number[]): Tensor[] {
  return unrecorded(() => {
    const out = new Array<Tensor>(shape.length);
    let step = 1;
    for (let d = shape.length - 1; d >= 0; d--) {
      const above = step === 1
        ? positions
        : positions.div(step, { roundingMode: "floor" });
      out[d] = d === 0 ? above : above.remainder(shape[d]!);
      step *= shape[d]!;
    }
    return out;
  });
}

/** Options of {@linkcode nonzero}. */
export interface NonzeroOptions {
  /** Gives a list of vectors, one per dimension, fit to index with. */
  readonly asTuple?: boolean;
}

/** A matrix of coordinates, or a list of vectors with `asTuple`. */
export type NonzeroResult<O> = O extends { readonly asTuple: true } ? Tensor[]
  : Tensor;

/**
 * Finds the elements that are not zero: a row of coordinates (int64) for each,
 * in row-major order; with `asTuple` a vector per dimension. See
 * `torch.nonzero`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 0], [0, 4]]);
 * assertEquals(dg.nonzero(x).tolist(), [[0, 0], [1, 1]]);
 * const [rows, columns] = dg.nonzero(x, { asTuple: true });
 * assertEquals(x.at(rows!, columns!).tolist(), [1, 4]);
 * ```
 */
export function nonzero<const O extends NonzeroOptions>(
  x: Tensor,
  options: O = {} as O,
): NonzeroResult<O> {
  return found(x, options) as NonzeroResult<O>;
}

function found(x: Tensor, options: NonzeroOptions): Tensor | Tensor[] {
  checkOptions(options, ["asTuple"], "nonzero");
  const positions = positionsOf(x);
  if (options.asTuple === true) {
    // PyTorch counts a 0-d tensor as a vector here.
    const shape = x.shape.length === 0 ? [1] : x.shape;
    return coordinates(positions, shape).map((c) => castTo(c, INT64));
  }
  const rank = x.shape.length;
  const n = positions.count;
  const { device } = x.storage;
  const out = emptyTensor(device, INT64, [n, rank]);
  coordinates(positions, x.shape).forEach((column, d) =>
    device.copy(stridedLike(out, [n], [rank], d, false), column)
  );
  return out;
}

/**
 * Finds the elements that are not zero: a row of coordinates (int64) for each.
 * See `torch.argwhere`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.argwhere(dg.tensor([0, 3, 5])).tolist(), [[1], [2]]);
 * ```
 */
export function argwhere(x: Tensor): Tensor {
  return nonzero(x);
}

/** Options of {@linkcode bucketize}. */
export interface BucketizeOptions {
  /** Puts a value that equals a boundary after it. */
  readonly right?: boolean;
  /** Gives int32 in place of int64. */
  readonly outInt32?: boolean;
}

/** Options of {@linkcode searchsorted}. */
export interface SearchsortedOptions extends BucketizeOptions {
  /** `"right"` is the same as `right`. */
  readonly side?: "left" | "right";
  /** The order that sorts the sequence, as `argsort` gives it. */
  readonly sorter?: Tensor;
}

/**
 * Finds where each value would have to be inserted into the sorted rows of
 * `sortedSequence`: its first place, or its last with `right`. One sequence
 * serves values of any shape; else all dimensions but the last must agree. See
 * `torch.searchsorted`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const edges = dg.tensor([1, 3, 5]);
 * const x = dg.tensor([0, 3, 9]);
 * assertEquals(dg.searchsorted(edges, x).tolist(), [0, 1, 3]);
 * assertEquals(dg.searchsorted(edges, x, { right: true }).tolist(), [0, 2, 3]);
 * ```
 */
export function searchsorted(
  sortedSequence: Tensor,
  values: Operand,
  options: SearchsortedOptions = {},
): Tensor {
  checkOptions(
    options,
    ["right", "outInt32", "side", "sorter"],
    "searchsorted",
  );
  const { side, sorter, outInt32 = false } = options;
  if (side !== undefined && side !== "left" && side !== "right") {
    throw new RuntimeError(
      `searchsorted(): side can only be 'left' or 'right' but got ${side}`,
    );
  }
  if (side === "left" && options.right === true) {
    throw new RuntimeError(
      "searchsorted(): side and right can't be set to opposites, got side of left while right was True",
    );
  }
  const right = side === "right" || options.right === true;
  const wanted = toTensor(values, sortedSequence);
  checkRows(sortedSequence, wanted);
  if (wanted.count > 0) {
    checkNotComplex("searchsorted_out_cpu", sortedSequence.info, wanted.info);
  }
  const rows = sorter === undefined
    ? sortedSequence
    : reordered(sortedSequence, sorter);
  const device = commonDevice(rows, wanted);
  const out = emptyTensor(device, outInt32 ? INT32 : INT64, wanted.shape);
  if (out.count > 0) device.searchSorted(out, rows, wanted, right);
  return out;
}

function checkRows(sorted: Tensor, values: Tensor): void {
  const p = sorted.shape;
  const q = values.shape;
  if (q.length === 0 && p.length !== 1) {
    throw new RuntimeError(
      `searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${p.length}) and input value's dim(${q.length}) numel(${values.count})`,
    );
  }
  if (p.length === 0) {
    throw new RuntimeError(
      "searchsorted(): boundaries tensor should have positive dimension",
    );
  }
  const fits = p.length === 1 ||
    p.length === q.length &&
      p.every((n, d) => d === p.length - 1 || n === q[d]);
  if (fits) return;
  throw new RuntimeError(
    `searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${
      showShape(p)
    } and input value tensor ${showShape(q)}`,
  );
}

function reordered(sorted: Tensor, sorter: Tensor): Tensor {
  if (sorter.shape.some((n, d) => n !== sorted.shape[d])) {
    throw new RuntimeError(
      `searchsorted(): boundary and sorter must have the same size, but got boundary tensor ${
        showShape(sorted.shape)
      }and got sorter tensor ${showShape(sorter.shape)}`,
    );
  }
  if (!isLong(sorter)) {
    throw new RuntimeError(
      `searchsorted(): sorter must be a tensor of long dtype but got dtype ${sorter.info.scalarName}`,
    );
  }
  const last = sorted.shape.length - 1;
  const order = plainIndex(
    sorter,
    sorted.shape[last]!,
    false,
    () => new RuntimeError("searchsorted(): sorter index out of range"),
  );
  return sorted.detach().gather(last, order);
}

/**
 * Tells in which bucket each value falls: the place of the first of the sorted
 * `boundaries` that is not below it. See `torch.bucketize`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const edges = dg.tensor([1, 3, 5]);
 * assertEquals(dg.bucketize(dg.tensor([0, 3, 4]), edges).tolist(), [0, 1, 2]);
 * ```
 */
export function bucketize(
  x: Operand,
  boundaries: Tensor,
  options: BucketizeOptions = {},
): Tensor {
  checkOptions(options, ["right", "outInt32"], "bucketize");
  if (boundaries.shape.length !== 1) {
    throw new RuntimeError(
      `boundaries tensor must be 1 dimension, but got dim(${boundaries.shape.length})`,
    );
  }
  return searchsorted(boundaries, x, options);
}
