// Average pooling over sliding windows, and pooling by other power means, in
// one to three dimensions.

import { RuntimeError } from "../errors.ts";
import type { KernelOp } from "../kernel_op.ts";
import type { Windows } from "../device.ts";
import {
  areWhole,
  paddedLengths,
  type PoolGeometry,
  poolGeometry,
  poolWindows,
} from "../pool_geometry.ts";
import { isLong } from "../op.ts";
import { checkOptions, countElements, type Size } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  applyWindowing,
  defineWindowing,
  type Windowing,
} from "../window_op.ts";
import { maxPool1d, maxPool2d, maxPool3d } from "./pooling_max.ts";

/** Options of {@linkcode avgPool1d}. */
export interface AvgPool1dOptions {
  /** Distance between windows; where not given, the length of a window. */
  readonly stride?: Size;
  /** Zeros that are added on both sides; at most half a window. */
  readonly padding?: Size;
  /** Whether a last window may reach beyond the end. */
  readonly ceilMode?: boolean;
  /** Whether padding counts as elements; true where not given. */
  readonly countIncludePad?: boolean;
}

/** Options of {@linkcode avgPool2d} and {@linkcode avgPool3d}. */
export interface AvgPoolOptions extends AvgPool1dOptions {
  /** What each sum is divided by, in place of the number of elements. */
  readonly divisorOverride?: number | null;
}

const KEYS_1D = ["stride", "padding", "ceilMode", "countIncludePad"];
const KEYS = [...KEYS_1D, "divisorOverride"];

const AVG_POOL_2D = defineWindowing("avgPool2d", "AvgPool2D");
const AVG_POOL_3D = defineWindowing("avgPool3d", "AvgPool3D");

/** Numbers of elements per window: one number where all are equal. */
export function products(
  lengths: readonly ArrayLike<number>[],
): number | Float64Array {
  const first = lengths.map((list) => list[0] ?? 1);
  if (
    lengths.every((list, k) => Array.from(list).every((n) => n === first[k]))
  ) {
    return countElements(first);
  }
  let out = new Float64Array([1]);
  for (const list of lengths) {
    const next = new Float64Array(out.length * list.length);
    for (let i = 0; i < next.length; i++) {
      next[i] = out[Math.floor(i / list.length)]! * list[i % list.length]!;
    }
    out = next;
  }
  return out;
}

/** What the sums of windows are divided by. */
function divisorOf(
  g: PoolGeometry,
  windows: readonly Windows[],
  { ceilMode = false, countIncludePad = true, divisorOverride = null }:
    AvgPoolOptions,
): number | Float64Array {
  if (divisorOverride !== null) {
    if (divisorOverride === 0) {
      throw new RuntimeError("divisor must be not zero");
    }
    return divisorOverride;
  }
  if (areWhole(g, ceilMode, countIncludePad)) {
    return countElements(g.kernelSize);
  }
  return products(
    countIncludePad
      ? windows.map((_, k) => paddedLengths(g, k))
      : windows.map(({ lengths }) => lengths),
  );
}

function pool(
  name: string,
  op: KernelOp<Windowing>,
  rank: number,
  x: Tensor,
  kernelSize: Size,
  options: AvgPoolOptions,
): Tensor {
  checkOptions(options, rank === 1 ? KEYS_1D : KEYS, name);
  const g = poolGeometry(name, x, rank, {
    kernelSize,
    stride: options.stride ?? kernelSize,
    padding: options.padding ?? 0,
    dilation: 1,
    ceilMode: options.ceilMode ?? false,
  });
  if (x.info.category !== 2 && !isLong(x)) {
    const kernel = rank === 3 ? "avg_pool3d_out_frame" : "avgPool2d";
    throw new RuntimeError(
      `"${kernel}" not implemented for '${x.info.scalarName}'`,
      'convert it with to("float32") first',
    );
  }
  const windows = poolWindows(g);
  const o = { size: g.size, windows, divisor: divisorOf(g, windows, options) };
  if (rank > 1) return applyWindowing(op, x, o);
  return applyWindowing(op, x.unsqueeze(-2), o).squeeze(-2);
}

/**
 * Averages windows along the last dimension of `x`, of shape
 * `[batch, channels, length]` or `[channels, length]`. See
 * `torch.nn.functional.avg_pool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 5, 2, 4]]);
 * assertEquals(dg.avgPool1d(x, 2).tolist(), [[3, 3]]);
 * ```
 */
export function avgPool1d(
  x: Tensor,
  kernelSize: Size,
  options: AvgPool1dOptions = {},
): Tensor {
  return pool("avgPool1d", AVG_POOL_2D, 1, x, kernelSize, options);
}

/**
 * Averages windows over the last two dimensions of `x`, of shape
 * `[batch, channels, height, width]` or without the batch. See
 * `torch.nn.functional.avg_pool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 4, 4]);
 * const y = dg.nn.functional.avgPool2d(x, 2);
 * assertEquals(y.tolist(), [[[2.5, 4.5], [10.5, 12.5]]]);
 * ```
 */
export function avgPool2d(
  x: Tensor,
  kernelSize: Size,
  options: AvgPoolOptions = {},
): Tensor {
  return pool("avgPool2d", AVG_POOL_2D, 2, x, kernelSize, options);
}

/**
 * Averages windows over the last three dimensions of `x`, of shape
 * `[batch, channels, depth, height, width]` or without the batch. See
 * `torch.nn.functional.avg_pool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 2, 2, 4]);
 * assertEquals(dg.nn.functional.avgPool3d(x, 2).tolist(), [[[[6.5, 8.5]]]]);
 * ```
 */
export function avgPool3d(
  x: Tensor,
  kernelSize: Size,
  options: AvgPoolOptions = {},
): Tensor {
  return pool("avgPool3d", AVG_POOL_3D, 3, x, kernelSize, options);
}

/** Options of {@linkcode lpPool1d}, {@linkcode lpPool2d} and {@linkcode lpPool3d}. */
export interface LpPoolOptions {
  /** Distance between windows; where not given, the length of a window. */
  readonly stride?: Size;
  /** Whether a last window may reach beyond the end. */
  readonly ceilMode?: boolean;
}

type Pool = (x: Tensor, kernelSize: Size, options: LpPoolOptions) => Tensor;

/** The p-norm of windows, from their average. */
function lpPool(
  name: string,
  rank: number,
  average: Pool,
  largest: Pool,
  x: Tensor,
  normType: number,
  kernelSize: Size,
  options: LpPoolOptions,
): Tensor {
  checkOptions(options, ["stride", "ceilMode"], name);
  if (normType === Infinity) return largest(x.abs(), kernelSize, options);
  if (normType === -Infinity) {
    return largest(x.abs().neg(), kernelSize, options).neg();
  }
  const out = average(x.pow(normType), kernelSize, options);
  const count = typeof kernelSize === "number"
    ? kernelSize ** rank
    : countElements(kernelSize);
  return out.sign().mul(out.abs().relu()).mul(count).pow(1 / normType);
}

/**
 * Takes the `normType`-norm of windows along the last dimension of `x`. See
 * `torch.nn.functional.lp_pool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, 4, 1, 0]]);
 * assertEquals(dg.nn.functional.lpPool1d(x, 2, 2).tolist(), [[5, 1]]);
 * ```
 */
export function lpPool1d(
  x: Tensor,
  normType: number,
  kernelSize: Size,
  options: LpPoolOptions = {},
): Tensor {
  return lpPool(
    "lpPool1d",
    1,
    avgPool1d,
    maxPool1d,
    x,
    normType,
    kernelSize,
    options,
  );
}

/**
 * Takes the `normType`-norm of windows over the last two dimensions of `x`. See
 * `torch.nn.functional.lp_pool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 4, 4]);
 * assertEquals(dg.nn.functional.lpPool2d(x, 2, 4).tolist(), [[[4]]]);
 * ```
 */
export function lpPool2d(
  x: Tensor,
  normType: number,
  kernelSize: Size,
  options: LpPoolOptions = {},
): Tensor {
  return lpPool(
    "lpPool2d",
    2,
    avgPool2d,
    maxPool2d,
    x,
    normType,
    kernelSize,
    options,
  );
}

/**
 * Takes the `normType`-norm of windows over the last three dimensions of `x`.
 * See `torch.nn.functional.lp_pool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 2, 2, 2]);
 * assertEquals(dg.nn.functional.lpPool3d(x, 1, 2).tolist(), [[[[8]]]]);
 * ```
 */
export function lpPool3d(
  x: Tensor,
  normType: number,
  kernelSize: Size,
  options: LpPoolOptions = {},
): Tensor {
  return lpPool(
    "lpPool3d",
    3,
    avgPool3d,
    maxPool3d,
    x,
    normType,
    kernelSize,
    options,
  );
}
