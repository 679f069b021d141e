// Making one batch of many samples: tensors are stacked, containers keep their
// form.

import { shown } from "../tensor/arguments.ts";
import { tensor } from "../tensor/create.ts";
import { RuntimeError } from "../tensor/errors.ts";
import type { HostArray } from "../tensor/host_data.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { stack } from "../tensor/ops/joining.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What {@linkcode defaultCollate} makes of samples of a type. */
export type Collated<T> = T extends
  Tensor | number | bigint | boolean | HostArray ? Tensor
  : T extends string ? string[]
  : T extends null | undefined ? never
  : T extends readonly unknown[] ? { -readonly [K in keyof T]: Collated<T[K]> }
  : T extends ReadonlyMap<infer K, infer V> ? Map<K, Collated<V>>
  : T extends object ? { -readonly [K in keyof T]: Collated<T[K]> }
  : never;

/** What {@linkcode defaultConvert} makes of a sample of a type. */
export type Converted<T> = T extends Tensor | string | number | bigint | boolean
  ? T
  : T extends HostArray ? Tensor
  : T extends readonly unknown[] ? { -readonly [K in keyof T]: Converted<T[K]> }
  : T extends object ? { -readonly [K in keyof T]: Converted<T[K]> }
  : T;

function isHostArray(value: unknown): value is HostArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** An object that is only its entries. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(value: unknown): never {
  if (value instanceof Promise) {
    throw new TypeError(
      "the data set gives promises: iterate its DataLoader with for await",
    );
  }
  const kind = typeof value === "object" && value !== null
    ? value.constructor.name
    : shown(value);
  throw new TypeError(
    `default_collate: batch must contain tensors, typed arrays, numbers, objects or arrays; found ${kind}`,
  );
}

function collateArrays(batch: readonly unknown[][]): unknown[] {
  const [first] = batch;
  if (batch.some(({ length }) => length !== first!.length)) {
    throw new RuntimeError(
      "each element in list of batch should be of equal size",
    );
  }
  return first!.map((_, i) => collate(batch.map((sample) => sample[i])));
}

function collateRecords(
  batch: readonly Record<string, unknown>[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(batch[0]!)) {
    out[key] = collate(batch.map((sample) => {
      if (Object.hasOwn(sample, key)) return sample[key];
      throw new RuntimeError(`a sample has no ${JSON.stringify(key)}`);
    }));
  }
  return out;
}

function collateMaps(
  batch: readonly Map<unknown, unknown>[],
): Map<unknown, unknown> {
  const out = new Map<unknown, unknown>();
  for (const key of batch[0]!.keys()) {
    out.set(key, collate(batch.map((sample) => sample.get(key))));
  }
  return out;
}

/** Fails unless all samples are of the kind of the first. */
function checked<T>(
  batch: readonly unknown[],
  is: (value: unknown) => value is T,
): readonly T[] {
  for (const sample of batch) if (!is(sample)) refuse(sample);
  return batch as readonly T[];
}

const isNumber = (x: unknown): x is number => typeof x === "number";
const isBigInt = (x: unknown): x is bigint => typeof x === "bigint";
const isBoolean = (x: unknown): x is boolean => typeof x === "boolean";
const isString = (x: unknown): x is string => typeof x === "string";
const isArray = (x: unknown): x is unknown[] => Array.isArray(x);
const isMap = (x: unknown): x is Map<unknown, unknown> => x instanceof Map;

function collate(batch: readonly unknown[]): unknown {
  const [first] = batch;
  if (isNumber(first)) return tensor(checked(batch, isNumber));
  if (isBigInt(first)) return tensor(checked(batch, isBigInt));
  if (isBoolean(first)) return tensor(checked(batch, isBoolean));
  if (isString(first)) return [...checked(batch, isString)];
  if (isTensor(first)) {
    return stack(checked(batch, (x): x is Tensor => isTensor(x)));
  }
  if (isHostArray(first)) {
    return stack(checked(batch, isHostArray).map((x) => tensor(x)));
  }
  if (isArray(first)) return collateArrays(checked(batch, isArray));
  if (isMap(first)) return collateMaps(checked(batch, isMap));
  if (isRecord(first)) return collateRecords(checked(batch, isRecord));
  refuse(first);
}

/**
 * Makes a batch of samples: tensors and typed arrays are stacked along a new
 * first dimension; numbers become a tensor of the default type, booleans of bool
 * and bigints of int64, as by `tensor()`; texts stay an array; arrays, plain
 * objects and maps keep their form, with a batch in each place. Throws a
 * TypeError for anything else and a RuntimeError where samples differ in form.
 *
 * Where PyTorch makes int64 of Python's ints and float64 of its floats, all
 * numbers are alike here: a batch of measurements that happen to be whole must
 * have the type of the next one. Give class labels as bigints, in typed arrays
 * or tensors of integers, or convert the batch with `labels.long()`. See
 * `torch.utils.data.default_collate`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { defaultCollate } = dg.utils.data;
 * const { x, name } = defaultCollate([
 *   { x: dg.tensor([1, 2]), name: "a" },
 *   { x: dg.tensor([3, 4]), name: "b" },
 * ]);
 * assertEquals([x.tolist(), name], [[[1, 2], [3, 4]], ["a", "b"]]);
 * ```
 */
export function defaultCollate<T>(batch: readonly T[]): Collated<T> {
  if (batch.length === 0) throw new RuntimeError("a batch of no samples");
  return collate(batch) as Collated<T>;
}

/**
 * Makes tensors of the typed arrays in a sample and leaves the rest: what a
 * `DataLoader` does without batches. See `torch.utils.data.default_convert`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = dg.utils.data.defaultConvert([new Int32Array([1, 2]), "a"]);
 * assertEquals([String(x), y], ["tensor([1, 2], dtype=int32)", "a"]);
 * ```
 */
export function defaultConvert<const T>(sample: T): Converted<T> {
  return convert(sample) as Converted<T>;
}

function convert(sample: unknown): unknown {
  if (isTensor(sample)) return sample;
  if (isHostArray(sample)) return tensor(sample);
  if (Array.isArray(sample)) return sample.map(convert);
  if (!isRecord(sample)) {
    return sample instanceof Promise ? refuse(sample) : sample;
  }
  return Object.fromEntries(
    Object.entries(sample).map(([key, value]) => [key, convert(value)]),
  );
}
