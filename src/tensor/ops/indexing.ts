// Indexing: integers and slices give views, tensors and arrays give copies.
// Writing is a copy into the view, or indexPut.

import { shown } from "../arguments.ts";
import { INT64 } from "../dtype.ts";
import { IndexError } from "../errors.ts";
import { readIndexed } from "../index_op.ts";
import { checkIndexCount, type Indices } from "../index_plan.ts";
import { outOfBounds, rangeHint } from "../index_range.ts";
import {
  type Index,
  type ParsedIndex,
  parseIndex,
  sliceRange,
} from "../indexing.ts";
import { isTensor } from "../is_tensor.ts";
import { defineMove, move } from "../move_op.ts";
import { checkFits } from "../number_range.ts";
import { type Complex, isComplexNumber } from "../complex_number.ts";
import { complexScalar, emptyTensor } from "../op.ts";
import { selectDim, sliceDim } from "../part_op.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { indexPut_ } from "./index_put.ts";

const ALIAS = defineMove<null>({ name: "alias", vjp: (g) => g });

function alias(x: Tensor): Tensor {
  return move(ALIAS, x, x.shape, x.strides, x.offset, null);
}

/** How many dimensions an index uses up. */
function dimensionsOf(item: ParsedIndex): number {
  switch (item.kind) {
    case "integer":
    case "slice":
      return 1;
    case "tensor":
      return item.mask ? item.tensor.shape.length : 1;
    default:
      return 0;
  }
}

/** An index of a dimension of length one: `[0]` for true, `[]` for false. */
function flagIndex(x: Tensor, flag: boolean): Tensor {
  const out = emptyTensor(x.storage.device, INT64, [flag ? 1 : 0]);
  x.storage.device.fill(out, 0);
  return out;
}

function selectAt(x: Tensor, dim: number, at: number, place: number): Tensor {
  const size = x.shape[dim]!;
  if (at < -size || at >= size) {
    throw new IndexError(outOfBounds(at, place, size), rangeHint(size, true));
  }
  return selectDim(x, dim, at < 0 ? at + size : at);
}

/** What integers, slices and new axes see, and the tensors that are left to index it with. */
interface Viewed {
  readonly view: Tensor;
  readonly indices: Indices;
}

function applyViews(
  x: Tensor,
  items: readonly ParsedIndex[],
  reads: boolean,
): Viewed {
  let specified = 0;
  for (const item of items) specified += dimensionsOf(item);
  const rank = x.shape.length;
  if (rank === 0 && items.length === 1) refuseScalar(items[0]!);
  checkIndexCount(specified, rank);
  const indices: (Tensor | null)[] = [];
  // A mask is one entry of the list and several dimensions.
  let masked = 0;
  let dim = 0;
  let view = x;
  let skipped = rank - specified;
  const put = (index: Tensor, span: number): void => {
    while (indices.length < dim - masked) indices.push(null);
    indices.push(index);
    masked += span - 1;
    dim += span;
  };
  for (const [place, item] of items.entries()) {
    switch (item.kind) {
      case "integer":
        view = selectAt(view, dim, item.value, place);
        break;
      case "slice": {
        const n = view.shape[dim]!;
        const [start, length] = sliceRange(item, n);
        // PyTorch makes no node for a slice written as a whole dimension,
        // unless it is read and the only index.
        const whole = (item.start ?? 0) === 0 && (item.stop ?? n) >= n &&
          item.step === 1;
        if (!whole || (reads && items.length === 1)) {
          view = sliceDim(view, dim, start, length, item.step);
        }
        dim++;
        break;
      }
      case "ellipsis":
        dim += skipped;
        skipped = 0;
        break;
      case "newAxis":
        view = view.unsqueeze(dim);
        dim++;
        break;
      case "flag":
        view = view.unsqueeze(dim);
        put(flagIndex(view, item.value), 1);
        break;
      case "tensor":
        put(item.tensor, item.mask ? item.tensor.shape.length : 1);
    }
  }
  return { view, indices };
}

function refuseScalar(item: ParsedIndex): void {
  if (item.kind === "integer") {
    throw new IndexError(
      "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number",
      "item() reads the number",
    );
  }
  if (item.kind === "slice") {
    throw new IndexError("slice() cannot be applied to a 0-dim tensor.");
  }
}

/**
 * Reads by NumPy's rules, as `x[...]` in PyTorch. Integers, slices, `"..."` and
 * null give a view; tensors, arrays and booleans give a copy. Gradients flow
 * through both. See `torch.Tensor.__getitem__`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2, 3], [4, 5, 6]]);
 * assertEquals(x.at(0, -1).item(), 3);
 * assertEquals(x.at(":", "1:").tolist(), [[2, 3], [5, 6]]);
 * assertEquals(x.at([1, 0, 1]).shape, [3, 3]);
 * assertEquals(x.at(x.gt(3)).tolist(), [4, 5, 6]);
 * ```
 */
export function at(x: Tensor, ...index: Index[]): Tensor {
  if (
    index.length === 1 && typeof index[0] === "number" && x.shape.length > 0
  ) {
    const only = index[0];
    if (Number.isInteger(only)) return selectAt(x, 0, only, 0);
  }
  const { device } = x.storage;
  const items = index.map((item) => parseIndex(item, device));
  const { view, indices } = applyViews(x, items, true);
  if (indices.length > 0) return readIndexed(view, indices);
  return view === x ? alias(x) : view;
}

/** What `setAt_` stores. */
export type IndexValue = number | bigint | boolean | Complex | Tensor;

/**
 * Writes by NumPy's rules, as `x[index] = value` in PyTorch; several indices
 * come as an array. The value broadcasts. Recorded, also through views. See
 * `torch.Tensor.__setitem__`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros([2, 3]);
 * x.setAt_([0, "1:"], 5).setAt_(1, dg.tensor([7, 8, 9]));
 * assertEquals(x.tolist(), [[0, 5, 5], [7, 8, 9]]);
 * x.setAt_(x.gt(6), -1);
 * assertEquals(x.tolist(), [[0, 5, 5], [-1, -1, -1]]);
 * ```
 */
export function setAt_(
  x: Tensor,
  index: Index | readonly Index[],
  value: IndexValue,
): Tensor {
  if (isComplexNumber(value)) value = complexScalar(value, x.info);
  checkValue(value);
  const { device } = x.storage;
  const list = Array.isArray(index) ? index as Index[] : [index as Index];
  const items = list.map((item) => parseIndex(item, device));
  const { view, indices } = applyViews(x, items, false);
  if (indices.length === 0) {
    store(
      view,
      typeof value === "object" || view !== x
        ? value
        // PyTorch wraps numbers, which shows in the name of the node.
        : constant(x, value),
    );
    return x;
  }
  const values = typeof value === "object"
    ? withoutLeadingOnes(value)
    : constant(view, value);
  indexPut_(view, indices, values);
  return x;
}

/** Refuses more than an index and a value, which Python's habit of `x[0, 1]` suggests. */
export function refuseSeveralIndices(): never {
  throw new TypeError(
    "setAt_() takes an index and a value; several indices are one array: x.setAt_([0, 1], 5)",
  );
}

function checkValue(value: IndexValue): void {
  const kind = typeof value;
  if (
    kind === "number" || kind === "boolean" || kind === "bigint" ||
    isTensor(value)
  ) return;
  throw new TypeError(
    `setAt_(): the value must be a tensor or a number, not ${shown(value)}${
      Array.isArray(value) ? "; make a tensor of it with tensor()" : ""
    }`,
  );
}

/** Stores a value, broadcast, in all of a tensor. */
function store(x: Tensor, value: Exclude<IndexValue, Complex>): void {
  if (typeof value !== "object") x.fill_(value);
  else if (sameShape(value.shape, x.shape)) x.copy_(value);
  else if (value.shape.length === 0) x.fill_(value);
  else x.copy_(withoutLeadingOnes(value).expand(x.shape));
}

/** A 0-d tensor of the type and on the device of another. */
function constant(x: Tensor, value: number | bigint | boolean): Tensor {
  checkFits(value, x.info);
  const out = emptyTensor(x.storage.device, x.info, []);
  x.storage.device.fill(
    out,
    typeof value === "boolean" ? Number(value) : value,
  );
  return out;
}

/** Drops dimensions of length one from the front, which PyTorch allows a value to have. */
function withoutLeadingOnes(value: Tensor): Tensor {
  let drop = 0;
  while (value.shape[drop] === 1) drop++;
  return drop === 0 ? value : value.reshape(value.shape.slice(drop));
}

/** The rows of a tensor, one after the other; see `torch.Tensor.__iter__`. */
export function rows(x: Tensor): Iterator<Tensor> {
  if (x.shape.length === 0) {
    throw new TypeError("iteration over a 0-d tensor");
  }
  return x.unbind(0)[Symbol.iterator]();
}
