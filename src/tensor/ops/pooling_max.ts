// Max pooling over sliding windows, in one to three dimensions.

import type { MultiOp } from "../kernel_op.ts";
import {
  defineMaxPooling,
  type MaxOptions,
  runMaxPooling,
} from "../max_pool_op.ts";
import { poolGeometry, poolWindows } from "../pool_geometry.ts";
import type { Named } from "../results.ts";
import { checkOptions, type Size } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode maxPool1d}, {@linkcode maxPool2d} and {@linkcode maxPool3d}. */
export interface MaxPoolOptions {
  /** Distance between windows; where not given, the length of a window. */
  readonly stride?: Size;
  /** Positions that are added on both sides, which never win; at most half a window. */
  readonly padding?: Size;
  /** Distance between the positions of a window. */
  readonly dilation?: Size;
  /** Whether a last window may reach beyond the end. */
  readonly ceilMode?: boolean;
  /** Whether the positions of the largest elements are wanted as well. */
  readonly returnIndices?: boolean;
}

/** Options that ask for the positions too. */
export interface WithIndices {
  /** The positions are wanted as well. */
  readonly returnIndices: true;
}

const KEYS = ["stride", "padding", "dilation", "ceilMode", "returnIndices"];

const MAX_POOL_2D = defineMaxPooling("maxPool2d", "MaxPool2DWithIndices");
const MAX_POOL_3D = defineMaxPooling("maxPool3d", "MaxPool3DWithIndices");

/** Largest elements and their positions. */
function pool(
  name: string,
  op: MultiOp<MaxOptions>,
  rank: number,
  x: Tensor,
  kernelSize: Size,
  options: MaxPoolOptions,
): Tensor | Named<"values" | "indices"> {
  checkOptions(options, KEYS, name);
  const g = poolGeometry(name, x, rank, {
    kernelSize,
    stride: options.stride ?? kernelSize,
    padding: options.padding ?? 0,
    dilation: options.dilation ?? 1,
    ceilMode: options.ceilMode ?? false,
  });
  return runMaxPooling(
    name,
    op,
    x,
    poolWindows(g),
    options.returnIndices === true,
  );
}

/**
 * Takes the largest element of windows along the last dimension of `x`, of
 * shape `[batch, channels, length]` or `[channels, length]`. A NaN counts as
 * largest. With `returnIndices` their positions come too (int64). See
 * `torch.nn.functional.max_pool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 5, 2, 3]]);
 * assertEquals(dg.maxPool1d(x, 2).tolist(), [[5, 3]]);
 * assertEquals(dg.maxPool1d(x, 2, { stride: 1 }).tolist(), [[5, 5, 3]]);
 * ```
 */
export function maxPool1d(
  x: Tensor,
  kernelSize: Size,
  options: MaxPoolOptions & WithIndices,
): Named<"values" | "indices">;
/** Takes the largest element of windows along the last dimension. */
export function maxPool1d(
  x: Tensor,
  kernelSize: Size,
  options?: MaxPoolOptions,
): Tensor;
export function maxPool1d(
  x: Tensor,
  kernelSize: Size,
  options: MaxPoolOptions = {},
): Tensor | Named<"values" | "indices"> {
  return pool("maxPool1d", MAX_POOL_2D, 1, x, kernelSize, options);
}

/**
 * Takes the largest element of windows over the last two dimensions of `x`, of
 * shape `[batch, channels, height, width]` or without the batch. A NaN counts
 * as largest. With `returnIndices` their row-major positions in the plane come
 * too (int64). See `torch.nn.functional.max_pool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 4, 4]);
 * assertEquals(dg.maxPool2d(x, 2).tolist(), [[[5, 7], [13, 15]]]);
 * const { indices } = dg.maxPool2d(x, [4, 2], { returnIndices: true });
 * assertEquals(indices.tolist(), [[[13, 15]]]);
 * ```
 */
export function maxPool2d(
  x: Tensor,
  kernelSize: Size,
  options: MaxPoolOptions & WithIndices,
): Named<"values" | "indices">;
/** Takes the largest element of windows over the last two dimensions. */
export function maxPool2d(
  x: Tensor,
  kernelSize: Size,
  options?: MaxPoolOptions,
): Tensor;
export function maxPool2d(
  x: Tensor,
  kernelSize: Size,
  options: MaxPoolOptions = {},
): Tensor | Named<"values" | "indices"> {
  return pool("maxPool2d", MAX_POOL_2D, 2, x, kernelSize, options);
}

/**
 * Takes the largest element of windows over the last three dimensions of `x`,
 * of shape `[batch, channels, depth, height, width]` or without the batch. A
 * NaN counts as largest. With `returnIndices` their row-major positions in the
 * volume come too (int64). See `torch.nn.functional.max_pool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 2, 2, 4]);
 * assertEquals(dg.maxPool3d(x, 2).tolist(), [[[[13, 15]]]]);
 * ```
 */
export function maxPool3d(
  x: Tensor,
  kernelSize: Size,
  options: MaxPoolOptions & WithIndices,
): Named<"values" | "indices">;
/** Takes the largest element of windows over the last three dimensions. */
export function maxPool3d(
  x: Tensor,
  kernelSize: Size,
  options?: MaxPoolOptions,
): Tensor;
export function maxPool3d(
  x: Tensor,
  kernelSize: Size,
  options: MaxPoolOptions = {},
): Tensor | Named<"values" | "indices"> {
  return pool("maxPool3d", MAX_POOL_3D, 3, x, kernelSize, options);
}
