// Shapes, dimensions and broadcasting. Pure: knows nothing of storage.

import { refuseOption, refuseOptions, shown } from "./arguments.ts";
import { IndexError, RuntimeError } from "./errors.ts";

/** Length of a tensor along each dimension. */
export type Shape = readonly number[];

/** A size as callers give it: one number or an array of numbers. */
export type Size = number | Shape;

/** One dimension or several. */
export type Dims = number | readonly number[];

/** The shape of a 0-d tensor, shared. */
export const SCALAR_SHAPE: Shape = Object.freeze([]) as Shape;

/** Counts the elements of a shape. */
export function countElements(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i]!;
  return n;
}

/** Lists that {@linkcode repeated} gives again, by number and count. */
const REPEATED: (readonly number[])[] = [];
/** Numbers and counts below which lists are kept. */
const MOST_REPEATED = 16;
const MOST_COUNT = 4;

/** A number for each of `count` dimensions; nobody may change the list. */
export function repeated(value: number, count: number): readonly number[] {
  if (!(value >= 0 && value < MOST_REPEATED && count < MOST_COUNT)) {
    return new Array<number>(count).fill(value);
  }
  return REPEATED[value * MOST_COUNT + count] ??= new Array<number>(count)
    .fill(value);
}

/** Tells whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Writes a shape as error messages show it: `[2, 3]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Row-major strides of a shape, in elements. */
export function contiguousStrides(shape: Shape): readonly number[] {
  const rank = shape.length;
  if (rank === 0) return SCALAR_SHAPE;
  if (rank === 1) return ONE_STRIDE;
  const strides = new Array<number>(rank);
  let step = 1;
  for (let i = rank - 1; i >= 0; i--) {
    strides[i] = step;
    // PyTorch counts an empty dimension as one, so that strides stay positive.
    step *= Math.max(shape[i]!, 1);
  }
  return strides;
}

const ONE_STRIDE: readonly number[] = Object.freeze([1]) as readonly number[];

/** Broadcasts two shapes by the NumPy rule; errors as `torch.broadcast_shapes` does within ops. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = rank - 1; i >= 0; i--) {
    const p = a[i - rank + a.length] ?? 1;
    const q = b[i - rank + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new RuntimeError(
        `The size of tensor a (${p}) must match the size of tensor b (${q}) at non-singleton dimension ${i}`,
        `the shapes are ${showShape(a)} and ${
          showShape(b)
        }; dimensions are compared from the last one and must be equal or 1`,
      );
    }
    out[i] = p === 1 ? q : p;
  }
  return out;
}

/** Turns a dimension that may count from the end into one that counts from the start. */
export function normalizeDim(dim: number, rank: number): number {
  const limit = Math.max(rank, 1); // a 0-d tensor takes dim 0 and -1
  if (!Number.isInteger(dim)) {
    throw new TypeError(
      `a dimension must be an integer, got ${shown(dim)}${
        typeof dim === "object"
          ? "; dim comes before the options, as in sum(0, { keepdim: true })"
          : typeof dim === "string"
          ? '; the order of a norm is an option: norm(x, null, { ord: "fro" })'
          : ""
      }`,
    );
  }
  if (dim < -limit || dim >= limit) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-limit}, ${
        limit - 1
      }], but got ${dim})`,
    );
  }
  return dim < 0 ? dim + limit : dim;
}

/** Normalizes one or several dimensions, refuses a dimension given twice, and sorts nothing. */
export function normalizeDims(dims: Dims, rank: number): number[] {
  const out = isList(dims)
    ? dims.map((dim) => normalizeDim(dim, rank))
    : [normalizeDim(dims, rank)];
  for (let i = 0; i < out.length; i++) {
    if (out.indexOf(out[i]!) !== i) {
      throw new RuntimeError(
        `dim ${out[i]} appears multiple times in the list of dims`,
      );
    }
  }
  return out;
}

/** Whether there are several numbers; whatever else a caller gives counts as one and is refused as such. */
function isList(x: number | readonly number[]): x is readonly number[] {
  return Array.isArray(x);
}

/** A size given by a caller as a new list. */
function sizeList(size: Size): number[] {
  return isList(size) ? size.slice() : [size];
}

/** Checks a size given by a caller and returns it as a shape. */
export function toShape(size: Size): Shape {
  const shape = sizeList(size);
  for (const n of shape) {
    if (typeof n !== "number" || !Number.isInteger(n)) {
      throw new TypeError(`a size must hold integers, got ${String(n)}`);
    }
    if (n < 0) {
      throw new RuntimeError(
        `Trying to create tensor with negative dimension ${n}: ${
          showShape(shape)
        }`,
      );
    }
  }
  return shape;
}

/** Replaces the one `-1` of a target size by what the element count leaves for it. */
export function inferSize(size: Size, count: number): Shape {
  const shape = sizeList(size);
  let known = 1;
  let hole = -1;
  for (let i = 0; i < shape.length; i++) {
    const n = shape[i]!;
    if (typeof n !== "number" || !Number.isInteger(n)) {
      throw new TypeError(`a size must hold integers, got ${String(n)}`);
    }
    if (n === -1) {
      if (hole >= 0) {
        throw new RuntimeError("only one dimension can be inferred");
      }
      hole = i;
    } else if (n < 0) {
      throw new RuntimeError(
        `invalid shape dimension ${n} at index ${i} of shape ${
          showShape(shape)
        }`,
      );
    } else known *= n;
  }
  const fits = known === count ||
    (hole >= 0 && known > 0 && count % known === 0);
  if (!fits) {
    throw new RuntimeError(
      `shape '${showShape(shape)}' is invalid for input of size ${count}`,
    );
  }
  if (hole >= 0) {
    if (known === 0) {
      throw new RuntimeError(
        `cannot reshape tensor of 0 elements into shape ${
          showShape(shape)
        } because the unspecified dimension size -1 can be any value and is ambiguous`,
      );
    }
    shape[hole] = count / known;
  }
  return shape;
}

/** Checks the keys of an options object and names the known ones in the error. */
export function checkOptions(
  options: object,
  known: readonly string[],
  fn: string,
): void {
  if (typeof options !== "object" || options === null) {
    refuseOptions(fn, known, options);
  }
  for (const key in options) {
    if (!known.includes(key)) refuseOption(fn, known, options, key);
  }
}
