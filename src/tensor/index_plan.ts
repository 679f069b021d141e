// Indexing by tensors, NumPy's rules: which elements are meant, and where they
// go. Makes one vector of memory distances out of all indices; nothing here is
// recorded.

import { hostDevice, type Strided } from "./device.ts";
import { INT32, INT64 } from "./dtype.ts";
import { IndexError, RuntimeError } from "./errors.ts";
import {
  alongDim,
  indexFailure,
  isIndexType,
  outOfBounds,
  plainIndex,
  positionsOf,
  rangeHint,
  window,
} from "./index_range.ts";
import { isMask, refuseIndexType } from "./indexing.ts";
import { emptyTensor, toDense } from "./op.ts";
import { countElements, sameShape, type Shape, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { viewStrides } from "./view.ts";

/** One tensor of indices per dimension; null where a dimension is taken whole. A mask stands for as many dimensions as it has. */
export type Indices = readonly (Tensor | null)[];

/** Indices of neighbouring dimensions. */
interface Group {
  /** The first dimension. */
  readonly dim: number;
  /** How many dimensions. */
  readonly span: number;
  /** Integers, or the row-major positions where a mask is true. */
  readonly index: Tensor;
}

/** What an index means for one tensor. */
interface IndexPlan {
  /** Shape of the result. */
  readonly shape: Shape;
  /** The result with the dimensions of the indices as one, at {@linkcode IndexPlan.dim}. */
  readonly folded: Shape;
  /** Which dimension of `folded` the indices give. */
  readonly dim: number;
  /** The indexed tensor with the indexed dimensions as one of stride 1. */
  readonly target: Strided;
  /** Distances along it, shaped like `folded`. */
  readonly along: Strided;
}

/** The distance in memory between neighbours in the dimensions that a mask covers, taken as one; null where it varies. */
function stepOf(x: Tensor, dim: number, span: number): number | null {
  let step: number | null = null;
  let expected = 0;
  for (let d = dim + span - 1; d >= dim; d--) {
    // The stride of a dimension of length one may be anything.
    const n = x.shape[d]!;
    if (n === 1) continue;
    if (step === null) step = expected = x.strides[d]!;
    if (x.strides[d] !== expected) return null;
    expected *= n;
  }
  return step ?? 0;
}

/** Fails where there are more indices than dimensions. */
export function checkIndexCount(specified: number, rank: number): void {
  if (specified > rank) {
    throw new IndexError(`too many indices for tensor of dimension ${rank}`);
  }
}

function groupsOf(x: Tensor, indices: Indices): Group[] {
  const groups: Group[] = [];
  let dim = 0;
  for (const index of indices) {
    if (index === null) {
      dim++;
      continue;
    }
    const mask = isMask(index);
    if (!mask && index.info !== INT64 && index.info !== INT32) {
      refuseIndexType(index);
    }
    const span = mask ? index.shape.length : 1;
    checkIndexCount(dim + span, x.shape.length);
    if (mask) checkMask(x, dim, index);
    groups.push({ dim, span, index: mask ? positionsOf(index) : index });
    dim += span;
  }
  checkIndexCount(dim, x.shape.length);
  return groups;
}

/** Indices on the device of the tensor; those on the host are moved there. */
export function indicesBeside(x: Tensor, indices: Indices): Indices {
  const { device } = x.storage;
  for (const index of indices) {
    if (index !== null && index.storage.device !== device) {
      return indices.map((each) => each && beside(x, each));
    }
  }
  return indices;
}

function beside(x: Tensor, index: Tensor): Tensor {
  const { device } = x.storage;
  const from = index.storage.device;
  if (from === device || from.lift !== undefined) return index;
  // Under vmap, what is not mapped stays the same for all samples.
  if (device.holds?.(from) === true) return index;
  if (from !== hostDevice()) {
    throw new RuntimeError(
      `indices should be either on cpu or on the same device as the indexed tensor (${device.type})`,
      `the index is on ${from.type}: move it with to(device)`,
    );
  }
  const out = emptyTensor(device, index.info, index.shape);
  device.copy(out, index);
  return out;
}

function checkMask(x: Tensor, dim: number, mask: Tensor): void {
  mask.shape.forEach((n, j) => {
    if (n === x.shape[dim + j]) return;
    throw new IndexError(
      `The shape of the mask ${
        showShape(mask.shape)
      } at index ${j} does not match the shape of the indexed tensor ${
        showShape(x.shape)
      } at index ${dim + j}`,
    );
  });
}

/** The shape that the indices broadcast to. */
function broadcastIndices(groups: readonly Group[]): Shape {
  let out: number[] = [];
  for (const { index: { shape } } of groups) {
    if (sameShape(out, shape)) continue;
    const [long, short] = shape.length > out.length
      ? [shape.slice(), out]
      : [out, shape];
    const pad = long.length - short.length;
    for (let d = 0; d < short.length; d++) {
      const p = long[pad + d]!;
      const q = short[d]!;
      if (p !== q && p !== 1 && q !== 1) mismatch(groups);
      long[pad + d] = p === 1 ? q : p;
    }
    out = long;
  }
  return out;
}

function mismatch(groups: readonly Group[]): never {
  const shapes = groups.flatMap(({ index, span }) =>
    new Array<string>(span).fill(showShape(index.shape))
  );
  throw new IndexError(
    `shape mismatch: indexing tensors could not be broadcast together with shapes ${
      shapes.join(", ")
    }`,
    "index tensors are matched element by element; unsqueeze() one of them to combine all rows with all columns",
  );
}

/** Distances in memory of the elements that the indices name. */
function distances(
  x: Tensor,
  groups: readonly Group[],
  shape: Shape,
): Tensor {
  const { device } = x.storage;
  const out = emptyTensor(device, INT32, shape);
  let number = 0;
  for (const [k, { dim, span, index }] of groups.entries()) {
    const size = countElements(x.shape.slice(dim, dim + span));
    const step = stepOf(x, dim, span)!;
    const bad = device.foldIndex(out, index, size, true, step, k > 0);
    if (bad !== null) {
      throw new IndexError(
        outOfBounds(bad, number, size),
        rangeHint(size, true),
      );
    }
    number += span;
  }
  return out;
}

/** Tells whether the elements can be named in the memory of `x` itself; a mask may need a dense copy. */
export function canPlan(x: Tensor, indices: Indices): boolean {
  return x.dense || !indices.some((index) => index !== null && isMask(index));
}

/** Says what an index means; `x` is copied where a mask covers dimensions that memory does not hold in order. */
function planIndex(input: Tensor, indices: Indices): IndexPlan {
  const groups = groupsOf(input, indices);
  const even = groups.every(({ dim, span }) =>
    stepOf(input, dim, span) !== null
  );
  const x = even ? input : toDense(input);
  const common = broadcastIndices(groups);
  const adjacent = groups.every((group, k) => {
    const next = groups[k + 1];
    return next === undefined || next.dim === group.dim + group.span;
  });
  const used = (d: number) =>
    groups.some(({ dim, span }) => d >= dim && d < dim + span);
  const rest = x.shape.map((_, d) => d).filter((d) => !used(d));
  const first = groups[0]!.dim;
  const before = adjacent ? rest.filter((d) => d < first) : [];
  const after = rest.slice(before.length);
  const lengths = (dims: number[]) => dims.map((d) => x.shape[d]!);
  const steps = (dims: number[]) => dims.map((d) => x.strides[d]!);
  const count = countElements(common);
  const shape = [...lengths(before), ...common, ...lengths(after)];
  const folded = [...lengths(before), count, ...lengths(after)];
  checkEmpty(x, groups, count);
  const where = countElements(folded) === 0
    ? emptyTensor(x.storage.device, INT32, common)
    : distances(x, groups, common);
  const dim = before.length;
  return {
    shape,
    folded,
    dim,
    target: window(x, folded, [...steps(before), 1, ...steps(after)]),
    along: alongDim(where, folded, dim),
  };
}

function checkEmpty(x: Tensor, groups: readonly Group[], count: number): void {
  if (count === 0) return;
  const empty = groups.some(({ dim, span }) =>
    x.shape.slice(dim, dim + span).includes(0)
  );
  if (!empty) return;
  throw new IndexError("index is out of bounds for dimension with size 0");
}

/** Rows by a vector of integers: the common case, without a plan. */
function rowsAt(x: Tensor, index: Tensor): Tensor {
  const { device } = x.storage;
  const shape = x.shape.slice();
  shape[0] = index.count;
  const out = emptyTensor(device, x.info, shape);
  if (out.count === 0) return out;
  const where = plainIndex(index, x.shape[0]!, true, indexFailure(0));
  device.gather(out, x, 0, alongDim(where, shape, 0));
  return out;
}

/** Reads what the indices name. */
export function indexed(x: Tensor, indices: Indices): Tensor {
  const { device } = x.storage;
  const [only] = indices;
  if (
    indices.length === 1 && only!.shape.length === 1 && isIndexType(only!) &&
    x.shape.length > 0 && x.shape[0] !== 0
  ) {
    return rowsAt(x, only!);
  }
  const plan = planIndex(x, indices);
  const out = emptyTensor(device, x.info, plan.shape);
  if (out.count > 0) {
    device.gather(fold(out, plan), plan.target, plan.dim, plan.along);
  }
  return out;
}

/** A tensor shaped like the result of a plan, with the dimensions of the indices as one. */
function fold(x: Tensor, plan: IndexPlan): Strided {
  const strides = viewStrides(x.shape, x.strides, plan.folded);
  if (strides !== null) return window(x, plan.folded, strides);
  return fold(toDense(x), plan);
}

/** Writes values where the indices point, into `x` itself; see {@linkcode canPlan}. */
export function writeIndexed(
  x: Tensor,
  indices: Indices,
  values: Tensor,
  accumulate: boolean,
): void {
  const plan = planIndex(x, indices);
  const all = stretch(values, plan.shape);
  if (all.count === 0) return;
  const mode = accumulate ? "sum" : "set";
  const { device } = x.storage;
  device.scatter(plan.target, plan.dim, plan.along, fold(all, plan), mode);
}

function stretch(values: Tensor, shape: Shape): Tensor {
  const pad = shape.length - values.shape.length;
  const fits = pad >= 0 &&
    values.shape.every((n, d) => n === 1 || n === shape[pad + d]);
  if (fits) return values.expand(shape);
  throw new RuntimeError(
    `shape mismatch: value tensor of shape ${
      showShape(values.shape)
    } cannot be broadcast to indexing result of shape ${showShape(shape)}`,
  );
}
