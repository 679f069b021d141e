// Making tensors that hold one value everywhere, or ones on the diagonal.

import {
  allocateLike,
  CREATE_KEYS,
  type CreateOptions,
  finish,
} from "./create.ts";
import { type Complex, isComplexNumber } from "./complex_number.ts";
import { BOOL, complexInfo, defaultDtypeInfo, INT64 } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { checkFits } from "./number_range.ts";
import { complexScalar, stridedLike } from "./op.ts";
import { checkOptions, type Size, toShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** A value that fills a tensor. */
export type FullValue = number | bigint | boolean | Complex;

/** Fills fresh memory, after the range check. */
export function filled(x: Tensor, value: FullValue): Tensor {
  if (isComplexNumber(value)) {
    x.storage.device.copy(x, complexScalar(value, x.info));
    return x;
  }
  // PyTorch lets only the 16-bit types overflow to infinity here.
  if (x.info.bytes > 2 || x.info.category !== 2) checkFits(value, x.info);
  x.storage.device.fill(x, typeof value === "boolean" ? Number(value) : value);
  return x;
}

/**
 * Makes a tensor filled with one value; a boolean makes bool, a bigint int64, a
 * number the default type. See `torch.full`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.full([2], 7).tolist(), [7, 7]);
 * assertEquals(dg.full([], true).dtype, "bool");
 * ```
 */
export function full(
  size: Size,
  value: FullValue,
  options: CreateOptions = {},
): Tensor {
  checkOptions(options, CREATE_KEYS, "full");
  const info = typeof value === "boolean"
    ? BOOL
    : typeof value === "bigint"
    ? INT64
    : isComplexNumber(value)
    ? complexInfo(defaultDtypeInfo())
    : defaultDtypeInfo();
  return finish(
    filled(allocateLike(toShape(size), info, options), value),
    options,
  );
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
  checkOptions(options, CREATE_KEYS, "zeros");
  const lengths: readonly unknown[] = Array.isArray(size) ? size : [size];
  if (lengths.some((n) => typeof n === "number" && n < 0)) {
    throw new RuntimeError("zeros: Dimension size must be non-negative.");
  }
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
  checkOptions(options, CREATE_KEYS, "ones");
  return full(size, 1, options);
}

/**
 * Makes a tensor whose elements are undefined until something is stored there.
 * See `torch.empty`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.empty([2, 3]).shape, [2, 3]);
 * ```
 */
export function empty(size: Size, options: CreateOptions = {}): Tensor {
  checkOptions(options, CREATE_KEYS, "empty");
  return finish(
    allocateLike(toShape(size), defaultDtypeInfo(), options),
    options,
  );
}

/** A fresh tensor with the shape, and unless the options differ the type and device, of another. */
function like(x: Tensor, options: CreateOptions, name: string): Tensor {
  checkOptions(options, CREATE_KEYS, name);
  return allocateLike(x.shape, x.info, { device: x.device, ...options });
}

/**
 * Zeros in the shape and type of another tensor. See `torch.zeros_like`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.zerosLike(dg.tensor([1, 2])).tolist(), [0, 0]);
 * ```
 */
export function zerosLike(x: Tensor, options: CreateOptions = {}): Tensor {
  return finish(filled(like(x, options, "zerosLike"), 0), options);
}

/**
 * Ones in the shape and type of another tensor. See `torch.ones_like`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.onesLike(dg.tensor([1, 2])).tolist(), [1, 1]);
 * ```
 */
export function onesLike(x: Tensor, options: CreateOptions = {}): Tensor {
  return finish(filled(like(x, options, "onesLike"), 1), options);
}

/**
 * One value in the shape and type of another tensor. See `torch.full_like`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fullLike(dg.tensor([1, 2]), 5).tolist(), [5, 5]);
 * ```
 */
export function fullLike(
  x: Tensor,
  value: FullValue,
  options: CreateOptions = {},
): Tensor {
  return finish(filled(like(x, options, "fullLike"), value), options);
}

/**
 * A tensor in the shape and type of another, its elements undefined. See `torch.empty_like`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.emptyLike(dg.zeros([2, 3])).shape, [2, 3]);
 * ```
 */
export function emptyLike(x: Tensor, options: CreateOptions = {}): Tensor {
  return finish(like(x, options, "emptyLike"), options);
}

/**
 * A matrix of zeros with ones on the diagonal; square where `m` is not given.
 * See `torch.eye`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.eye(2).tolist(), [[1, 0], [0, 1]]);
 * assertEquals(dg.eye(1, 2, { dtype: "int64" }).tolist(), [[1, 0]]);
 * ```
 */
export function eye(n: number, options?: CreateOptions): Tensor;
/** A matrix of `n` rows and `m` columns. */
export function eye(
  n: number,
  m: number | undefined,
  options?: CreateOptions,
): Tensor;
export function eye(
  n: number,
  m?: number | CreateOptions,
  last: CreateOptions = {},
): Tensor {
  const options = typeof m === "object" ? m : last;
  const columns = typeof m === "number" ? m : n;
  checkOptions(options, CREATE_KEYS, "eye");
  if (n < 0) {
    throw new RuntimeError(`n must be greater or equal to 0, got ${n}`);
  }
  if (columns < 0) {
    throw new RuntimeError(`m must be greater or equal to 0, got ${columns}`);
  }
  const shape = toShape([n, columns]);
  const out = filled(allocateLike(shape, defaultDtypeInfo(), options), 0);
  const length = Math.min(n, columns);
  out.storage.device.fill(
    stridedLike(out, [length], [columns + 1], 0, length < 2),
    1,
  );
  return finish(out, options);
}
