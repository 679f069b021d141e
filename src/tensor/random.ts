// Making tensors of samples: `rand`, `randn`, `randint` and their kin. A seed
// gives PyTorch's numbers, on every device.

import { BATCHING, sampleCount, sampleDevice } from "./batching.ts";
import { allocateLike, finish } from "./create.ts";
import { fillNormal, fillUniform, type RandomArray } from "./distributions.ts";
import { deviceOf } from "./device.ts";
import {
  defaultDtypeInfo,
  type DTypeInfo,
  dtypeInfo,
  INT64,
  partInfo,
} from "./dtype.ts";
import type { Generator } from "./generator.ts";
import {
  generatorOf,
  hostArray,
  memoryOrder,
  RANDOM_KEYS,
  type RandomOptions,
  writeSamples,
} from "./random_fill.ts";
import { fillRandomFromTo, fillRandperm } from "./random_integers.ts";
import { checkOptions, type Size, toShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export type { RandomOptions } from "./random_fill.ts";

/** Fills an array with samples of an element type. */
type Fill = (
  generator: Generator,
  out: RandomArray,
  info: DTypeInfo,
  count: number,
) => void;

/** The same options, with the device where samples go. */
function placed(options: RandomOptions): RandomOptions {
  if (BATCHING.samples === null) return options;
  return { ...options, device: sampleDevice(deviceOf(options.device)) };
}

function sampled(
  size: Size,
  info: DTypeInfo,
  options: RandomOptions,
  fill: Fill,
  parts = false,
): Tensor {
  const out = allocateLike(toShape(size), info, placed(options));
  // Both parts of a complex number are samples.
  const pairs = parts && out.info.category === 3;
  const of = pairs ? partInfo(out.info) : out.info;
  const samples = hostArray(of, sampleCount(out) * (pairs ? 2 : 1));
  fill(generatorOf(options), samples, of, out.count);
  writeSamples(out, samples, null);
  return finish(out, options);
}

/** As {@linkcode sampled}; the samples come in the order of the memory of `x`. */
function sampledLike(
  x: Tensor,
  options: RandomOptions,
  fill: (
    generator: Generator,
    out: RandomArray,
    info: DTypeInfo,
    scattered: boolean,
  ) => void,
): Tensor {
  const { device } = x.storage;
  const out = allocateLike(x.shape, x.info, placed({ device, ...options }));
  const order = memoryOrder(x);
  const samples = hostArray(out.info, sampleCount(out));
  fill(generatorOf(options), samples, out.info, order !== null);
  writeSamples(out, samples, order);
  return finish(out, options);
}

/**
 * Makes a tensor of uniform samples of [0, 1), both parts of complex numbers
 * included. See `torch.rand`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * assertEquals(String(dg.rand(3)), "tensor([0.4963, 0.7682, 0.0885])");
 * ```
 */
export function rand(size: Size, options: RandomOptions = {}): Tensor {
  checkOptions(options, RANDOM_KEYS, "rand");
  return sampled(
    size,
    defaultDtypeInfo(),
    options,
    (generator, out, info) => fillUniform(generator, out, info),
    true,
  );
}

/**
 * Makes a tensor of samples of the standard normal distribution; each part of
 * a complex number has the variance 1/2. See `torch.randn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * assertEquals(String(dg.randn(3)), "tensor([ 1.5410, -0.2934, -2.1788])");
 * ```
 */
export function randn(size: Size, options: RandomOptions = {}): Tensor {
  checkOptions(options, RANDOM_KEYS, "randn");
  const info = defaultDtypeInfo();
  const { dtype = info.name } = options;
  // The variance of a complex number is that of both parts together.
  const std = dtypeInfo(dtype).category === 3 ? Math.SQRT1_2 : 1;
  return sampled(
    size,
    info,
    options,
    (generator, out, of) => fillNormal(generator, out, of, 0, std),
    true,
  );
}

/** Bounds of `randint` as PyTorch takes them: integers. */
function checkInteger(fn: string, name: string, at: number, n: unknown): void {
  if (typeof n === "bigint" || Number.isInteger(n)) return;
  throw new TypeError(
    `${fn}(): argument '${name}' (position ${at}) must be int, not ${
      typeof n === "number" ? "float" : typeof n
    }`,
  );
}

/**
 * Makes an int64 tensor of integers of `[low, high)`, or of `[0, high)`. See
 * `torch.randint`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * assertEquals(dg.randint(10, [4]).tolist(), [4, 9, 3, 0]);
 * assertEquals(dg.randint(-5, 5, [2, 3]).shape, [2, 3]);
 * ```
 */
export function randint(
  high: number | bigint,
  size: Size,
  options?: RandomOptions,
): Tensor;
/** Makes an int64 tensor of integers of `[low, high)`. */
export function randint(
  low: number | bigint,
  high: number | bigint,
  size: Size,
  options?: RandomOptions,
): Tensor;
export function randint(
  first: number | bigint,
  second: number | bigint | Size,
  third?: Size | RandomOptions,
  fourth?: RandomOptions,
): Tensor {
  const both = typeof third === "number" || Array.isArray(third);
  const low = both ? first : 0;
  const high = both ? second as number | bigint : first;
  const size = (both ? third : second) as Size;
  const options = (both ? fourth : third as RandomOptions | undefined) ?? {};
  checkOptions(options, RANDOM_KEYS, "randint");
  if (both) checkInteger("randint", "low", 1, low);
  checkInteger("randint", "high", both ? 2 : 1, high);
  return sampled(
    size,
    INT64,
    options,
    (generator, out, info) => fillRandomFromTo(generator, out, info, low, high),
  );
}

/**
 * Makes an int64 tensor of the integers from 0 to `n - 1` in random order. See
 * `torch.randperm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * assertEquals(dg.randperm(4).tolist(), [0, 1, 3, 2]);
 * ```
 */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  checkOptions(options, RANDOM_KEYS, "randperm");
  checkInteger("randperm", "n", 1, n);
  return sampled(n, INT64, options, (generator, out, info, count) => {
    // Under vmap there may be several.
    for (let at = 0; at < out.length; at += count) {
      fillRandperm(generator, out.subarray(at, at + count), info);
    }
  });
}

/** Whether the result is complex, and its samples come in row-major order. */
function isPairs(x: Tensor, { dtype = x.dtype }: RandomOptions): boolean {
  return dtypeInfo(dtype).category === 3 && x.dense;
}

/** The options, with type and device of a tensor where they name none. */
function alike(x: Tensor, options: RandomOptions): RandomOptions {
  return { dtype: x.dtype, device: x.device, ...options };
}

/**
 * Makes a tensor like `x` of uniform samples of [0, 1). See `torch.rand_like`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.randLike(dg.zeros([2, 3])).shape, [2, 3]);
 * ```
 */
export function randLike(x: Tensor, options: RandomOptions = {}): Tensor {
  checkOptions(options, RANDOM_KEYS, "randLike");
  if (isPairs(x, options)) return rand(x.shape, alike(x, options));
  return sampledLike(
    x,
    options,
    (generator, out, info) => fillUniform(generator, out, info),
  );
}

/**
 * Makes a tensor like `x` of samples of the standard normal distribution. See
 * `torch.randn_like`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros(3, { dtype: "float64" });
 * assertEquals(dg.randnLike(x).dtype, "float64");
 * ```
 */
export function randnLike(x: Tensor, options: RandomOptions = {}): Tensor {
  checkOptions(options, RANDOM_KEYS, "randnLike");
  if (isPairs(x, options)) return randn(x.shape, alike(x, options));
  return sampledLike(
    x,
    options,
    (generator, out, info, scattered) =>
      fillNormal(generator, out, info, 0, 1, scattered),
  );
}

/**
 * Makes a tensor like `x` of integers of `[low, high)`, or of `[0, high)`. See
 * `torch.randint_like`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.randintLike(dg.zeros(2), 5, 6).tolist(), [5, 5]);
 * ```
 */
export function randintLike(
  x: Tensor,
  high: number | bigint,
  options?: RandomOptions,
): Tensor;
/** Makes a tensor like `x` of integers of `[low, high)`. */
export function randintLike(
  x: Tensor,
  low: number | bigint,
  high: number | bigint,
  options?: RandomOptions,
): Tensor;
export function randintLike(
  x: Tensor,
  first: number | bigint,
  second?: number | bigint | RandomOptions,
  third?: RandomOptions,
): Tensor {
  const both = typeof second === "number" || typeof second === "bigint";
  const low = both ? first : 0;
  const high = both ? second : first;
  const options = (both ? third : second as RandomOptions | undefined) ?? {};
  checkOptions(options, RANDOM_KEYS, "randintLike");
  return sampledLike(
    x,
    options,
    (generator, out, info) => fillRandomFromTo(generator, out, info, low, high),
  );
}
