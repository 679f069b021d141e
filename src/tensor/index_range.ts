// Indices as devices take them: checked against the length of a dimension,
// counted from the start, int32. Nothing here is recorded.

import { makeTensor } from "./fields.ts";
import type { Strided } from "./device.ts";
import { INT32, INT64 } from "./dtype.ts";
import { IndexError, RuntimeError } from "./errors.ts";
import { emptyTensor } from "./op.ts";
import { SCOPE } from "./scope.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Tells whether a tensor holds the integers that most ops take as indices. */
export function isIndexType(index: Tensor): boolean {
  return index.info === INT64 || index.info === INT32;
}

/** What to throw for an index that is out of range. */
export type RangeFailure = (bad: number, size: number) => Error;

/** Checked indices, dense, to be read at once: they may be the caller's own. Negative ones count from the end if `wraps`, else they are out of range. */
export function plainIndex(
  index: Tensor,
  size: number,
  wraps: boolean,
  fail: RangeFailure,
): Tensor {
  const { device } = index.storage;
  if (device.knowsIndex?.(index, size) === true) return index;
  const out = emptyTensor(device, INT32, index.shape);
  const bad = device.foldIndex(out, index, size, wraps, 1, false);
  if (bad !== null) throw fail(bad, size);
  return out;
}

/**
 * Indices that the library made, and made to lie below `size`: nobody looks for
 * others. Those of each run of `run`, `step` apart, differ.
 */
export function inRange(
  index: Tensor,
  size: number,
  run?: number,
  step?: number,
): Tensor {
  index.storage.device.vouch?.(index, size, run, step);
  return index;
}

/** "index 5 is out of bounds for dimension 0 with size 3", as most ops say it. */
export function outOfBounds(bad: number, dim: number, size: number): string {
  return `index ${bad} is out of bounds for dimension ${dim} with size ${size}`;
}

/** A hint with the range of valid indices. */
export function rangeHint(size: number, wraps: boolean): string {
  if (size === 0) return "the dimension is empty";
  return `valid indices run from ${wraps ? -size : 0} to ${size - 1}`;
}

/** The out-of-bounds failure of ops that raise an IndexError and allow negative indices. */
export function indexFailure(dim: number): RangeFailure {
  return (bad, size) =>
    new IndexError(outOfBounds(bad, dim, size), rangeHint(size, true));
}

/** The out-of-bounds failure of gather and scatter. */
export function gatherFailure(dim: number): RangeFailure {
  return (bad, size) =>
    new RuntimeError(outOfBounds(bad, dim, size), rangeHint(size, false));
}

/** The same memory with one dimension where there was none. */
export function atLeast1d(x: Strided): Strided {
  if (x.shape.length > 0) return x;
  return window(x, [1], [1]);
}

/** A dense-or-not look at the first memory of `x` under another shape. */
export function window(
  x: Strided,
  shape: Shape,
  strides: readonly number[],
): Strided {
  let count = 1;
  for (let d = 0; d < shape.length; d++) count *= shape[d]!;
  return {
    storage: x.storage,
    info: x.info,
    shape,
    strides,
    offset: x.offset,
    count,
    dense: false,
  };
}

/** A vector of indices stretched to a shape: position `dim` varies, the others repeat. */
export function alongDim(index: Strided, shape: Shape, dim: number): Strided {
  const strides = shape.map((_, d) => d === dim ? 1 : 0);
  return window(index, shape, strides);
}

/** "out of range: tried to access index 6 on a tensor of 6 elements." */
export const takeFailure: RangeFailure = (bad, size) =>
  new IndexError(
    `out of range: tried to access index ${bad} on a tensor of ${size} elements.`,
    rangeHint(size, true),
  );

/** Row-major positions at which a tensor is not zero, int32; not recorded. */
export function positionsOf(mask: Tensor): Tensor {
  const storage = mask.storage.device.nonzero(mask);
  if (SCOPE.current !== null) SCOPE.current.add(storage);
  const n = storage.length;
  return inRange(
    makeTensor(storage, INT32, [n], [1], 0, n, true),
    mask.count,
    n,
  );
}

/** 0, 1, 2, … as many as a vector has elements, for its place in a longer one. */
export function firstPositions(x: Tensor): Tensor {
  const out = emptyTensor(x.storage.device, INT32, [x.count]);
  const list = new Int32Array(x.count);
  for (let i = 0; i < list.length; i++) list[i] = i;
  x.storage.device.write(out, list);
  return out;
}
