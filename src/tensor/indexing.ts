// What users write as an index: integers, slices as strings, new axes, masks,
// tensors and arrays. Turns it into tagged values; knows nothing of views or
// gradients.

import type { Device } from "./device.ts";
import { BOOL, INT64, UINT8 } from "./dtype.ts";
import { IndexError, ValueError } from "./errors.ts";
import { emptyTensor, indexHint } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** Integers or booleans in nested arrays, as an index. */
export type IndexArray = readonly (number | bigint | boolean | IndexArray)[];

/**
 * One index of `at` and `setAt_`: an integer (negative from the end), a slice
 * such as `"1:3"`, `"::2"` or `":"`, `"..."`, null for a new axis, an integer or
 * bool tensor, an array of integers or booleans, or a boolean.
 */
export type Index =
  | number
  | bigint
  | string
  | boolean
  | null
  | Tensor
  | IndexArray;

/** A slice as it was written; null where nothing was. */
export interface Slice {
  /** Tells slices from tensors. */
  readonly kind: "slice";
  /** First position; negative from the end. */
  readonly start: number | null;
  /** Position after the last; negative from the end. */
  readonly stop: number | null;
  /** Distance between neighbours, positive. */
  readonly step: number;
}

/** One index, read. */
export type ParsedIndex =
  | { readonly kind: "integer"; readonly value: number }
  | Slice
  | { readonly kind: "ellipsis" }
  | { readonly kind: "newAxis" }
  | { readonly kind: "flag"; readonly value: boolean }
  | {
    readonly kind: "tensor";
    readonly tensor: Tensor;
    readonly mask: boolean;
  };

const ELLIPSIS: ParsedIndex = { kind: "ellipsis" };
const NEW_AXIS: ParsedIndex = { kind: "newAxis" };
const NUMBER = "\\s*([+-]?\\d+)?\\s*";
const SLICE = new RegExp(`^${NUMBER}:${NUMBER}(?::${NUMBER})?$`);

/** Reading the same few strings again and again is most of what a loop does. */
const SLICES = new Map<string, ParsedIndex>();
const MANY_SLICES = 500;

/** Reads a string index. */
export function parseString(text: string): ParsedIndex {
  const known = SLICES.get(text);
  if (known !== undefined) return known;
  const parsed = readString(text);
  if (SLICES.size >= MANY_SLICES) SLICES.clear();
  SLICES.set(text, parsed);
  return parsed;
}

function readString(text: string): ParsedIndex {
  if (text.trim() === "...") return ELLIPSIS;
  const parts = SLICE.exec(text);
  if (parts === null) {
    throw new ValueError(
      `invalid index ${JSON.stringify(text)}`,
      'a string index is a slice such as ":", "1:3", "::2" or "-2:", or "..." for all dimensions in between; an integer is a number, not a string',
    );
  }
  const [start = null, stop = null, step = 1] = parts.slice(1).map((part) =>
    part === undefined ? undefined : Number(part)
  );
  if (step === 0) throw new ValueError("slice step cannot be zero");
  if (step < 0) {
    throw new ValueError(
      "step must be greater than zero",
      "flip() reverses a dimension",
    );
  }
  return { kind: "slice", start, stop, step };
}

/** Which positions of a dimension of length `n` a slice names: the first, and how many. */
export function sliceRange(slice: Slice, n: number): [number, number] {
  const start = bound(slice.start ?? 0, n);
  const stop = bound(slice.stop ?? n, n);
  return [start, Math.max(Math.ceil((stop - start) / slice.step), 0)];
}

function bound(position: number, n: number): number {
  const from = position < 0 ? position + n : position;
  return Math.min(Math.max(from, 0), n);
}

/** Reads one index; arrays become tensors on `device`. */
export function parseIndex(index: Index, device: Device): ParsedIndex {
  switch (typeof index) {
    case "number":
      if (!Number.isInteger(index)) notAnIndex("float");
      return { kind: "integer", value: index };
    case "bigint":
      return { kind: "integer", value: Number(index) };
    case "string":
      return parseString(index);
    case "boolean":
      return { kind: "flag", value: index };
    case "object":
      if (index === null) return NEW_AXIS;
      return parseTensor(
        "storage" in index ? index : arrayTensor(index, device),
      );
    default:
      notAnIndex(typeof index);
  }
}

function notAnIndex(got: string): never {
  throw new IndexError(
    `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${got})`,
    'slices are strings such as "1:3"; null stands for None',
  );
}

/** Whether a tensor is a mask as an index. */
export function isMask(x: Tensor): boolean {
  return x.info === BOOL || x.info === UINT8;
}

function parseTensor(tensor: Tensor): ParsedIndex {
  const mask = isMask(tensor);
  if (tensor.shape.length > 0) return { kind: "tensor", tensor, mask };
  if (tensor.info.category >= 2) refuseIndexType(tensor);
  // Under vmap it is another number for each sample.
  if (tensor.storage.device.lift !== undefined && !mask) {
    return { kind: "tensor", tensor, mask };
  }
  const value = tensor.item<number | boolean>();
  return mask
    ? { kind: "flag", value: Boolean(value) }
    : { kind: "integer", value: Number(value) };
}

/** Fails for a tensor of a type that is no index. */
export function refuseIndexType(tensor: Tensor): never {
  throw new IndexError(
    "tensors used as indices must be long, int, byte or bool tensors",
    indexHint(tensor),
  );
}

function arrayTensor(array: IndexArray, device: Device): Tensor {
  const shape: number[] = [];
  for (let row: unknown = array; Array.isArray(row); row = row[0]) {
    shape.push(row.length);
    if (row.length === 0) break;
  }
  const flat: number[] = [];
  let flags = 0;
  const visit = (value: unknown, dim: number): void => {
    if (Array.isArray(value)) {
      if (value.length !== shape[dim]) {
        throw new ValueError(
          `expected sequence of length ${
            shape[dim] ?? 0
          } at dim ${dim} (got ${value.length})`,
        );
      }
      for (const item of value) visit(item, dim + 1);
      return;
    }
    if (dim !== shape.length) {
      throw new ValueError(
        `expected sequence of length ${shape[dim]} at dim ${dim}`,
      );
    }
    if (typeof value === "boolean") flags++;
    else if (typeof value !== "bigint" && !Number.isInteger(value)) {
      notAnIndex(typeof value === "number" ? "float" : typeof value);
    }
    flat.push(Number(value));
  };
  visit(array, 0);
  const info = flags > 0 && flags === flat.length ? BOOL : INT64;
  const out = emptyTensor(device, info, shape);
  device.write(out, flat);
  return out;
}
