// Making tensors from values and sizes.

import { checkOptions, type Shape, type Size, toShape } from "./shape.ts";
import { defaultDevice, type Device, hostDevice } from "./device.ts";
import {
  BOOL,
  defaultDtypeInfo,
  type DType,
  type DTypeInfo,
  dtypeInfo,
  INT64,
} from "./dtype.ts";
import { ValueError } from "./errors.ts";
import { emptyTensor } from "./op.ts";
import type { Nested } from "./core.ts";
import type { Tensor } from "./tensor.ts";

/** Options of functions that make tensors. */
export interface CreateOptions {
  /** Element type. */
  readonly dtype?: DType;
  /** Where the tensor lives; the default device where not given. */
  readonly device?: Device | "cpu";
  /** Whether gradients are accumulated for the tensor. */
  readonly requiresGrad?: boolean;
}

/** The known options, for error messages. */
export const CREATE_KEYS: readonly string[] = [
  "dtype",
  "device",
  "requiresGrad",
];

/** Makes an uninitialised tensor as the options say. */
export function allocateLike(
  shape: Shape,
  info: DTypeInfo,
  options: CreateOptions,
): Tensor {
  const { device } = options;
  const where = device === undefined
    ? defaultDevice()
    : device === "cpu"
    ? hostDevice()
    : device;
  return emptyTensor(
    where,
    options.dtype === undefined ? info : dtypeInfo(options.dtype),
    shape,
  );
}

/** Applies `requiresGrad`, which every maker of tensors takes. */
export function finish(x: Tensor, options: CreateOptions): Tensor {
  return options.requiresGrad ? x.requiresGrad_() : x;
}

/**
 * Makes a tensor from a number, a boolean, a bigint, nested arrays of them or a
 * typed array. Numbers make float32, booleans bool, bigints int64; typed arrays
 * keep their type. See `torch.tensor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).shape, [2, 2]);
 * assertEquals(dg.tensor([1, 2], { dtype: "int64" }).dtype, "int64");
 * ```
 */
export function tensor(data: Nested, options: CreateOptions = {}): Tensor {
  checkOptions(options, CREATE_KEYS, "tensor");
  const shape: number[] = [];
  for (let row: Nested = data; Array.isArray(row); row = row[0]!) {
    shape.push(row.length);
    if (row.length === 0) break;
  }
  const flat: (number | bigint | boolean)[] = [];
  const visit = (value: Nested, dim: number): void => {
    if (!Array.isArray(value)) {
      if (dim !== shape.length) {
        throw new ValueError(
          `expected sequence of length ${shape[dim]} at dim ${dim}`,
        );
      }
      flat.push(value as number | bigint | boolean);
      return;
    }
    if (value.length !== shape[dim]) {
      throw new ValueError(
        `expected sequence of length ${
          shape[dim]
        } at dim ${dim} (got ${value.length})`,
      );
    }
    for (const item of value) visit(item, dim + 1);
  };
  visit(data, 0);
  const info = flat.length > 0 && flat.every((v) => typeof v === "boolean")
    ? BOOL
    : flat.length > 0 && flat.every((v) => typeof v === "bigint")
    ? INT64
    : defaultDtypeInfo();
  const out = allocateLike(shape, info, options);
  out.storage.device.write(out, flat.map(Number));
  return finish(out, options);
}

/**
 * Makes a tensor filled with one value. See `torch.full`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.full([2], 7).tolist(), [7, 7]);
 * ```
 */
export function full(
  size: Size,
  value: number | bigint | boolean,
  options: CreateOptions = {},
): Tensor {
  checkOptions(options, CREATE_KEYS, "full");
  const info = typeof value === "boolean"
    ? BOOL
    : typeof value === "bigint"
    ? INT64
    : defaultDtypeInfo();
  const out = allocateLike(toShape(size), info, options);
  out.storage.device.fill(
    out,
    typeof value === "boolean" ? Number(value) : value,
  );
  return finish(out, options);
}

/**
 * Makes a tensor of zeros. See `torch.zeros`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.zeros([2, 1]).tolist(), [[0], [0]]);
 * ```
 */
export function zeros(size: Size, options: CreateOptions = {}): Tensor {
  return full(size, 0, options);
}

/**
 * Makes a tensor of ones. See `torch.ones`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.ones(2).tolist(), [1, 1]);
 * ```
 */
export function ones(size: Size, options: CreateOptions = {}): Tensor {
  return full(size, 1, options);
}
