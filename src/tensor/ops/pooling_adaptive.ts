// Pooling to a size of the result that is given: the windows share the input
// as evenly as they can.

import { checkIntegers } from "../arguments.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import type { KernelOp, MultiOp } from "../kernel_op.ts";
import {
  defineMaxPooling,
  type MaxOptions,
  runMaxPooling,
} from "../max_pool_op.ts";
import type { Named } from "../results.ts";
import { checkOptions, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  applyWindowing,
  defineWindowing,
  type Windowing,
} from "../window_op.ts";
import { adaptiveWindows } from "../windows.ts";
import { products } from "./pooling_average.ts";
import type { WithIndices } from "./pooling_max.ts";

/** Size of the result: one length for every dimension, or one each; null keeps a length. */
export type AdaptiveSize = number | readonly (number | null)[];

/** Options of the adaptive max poolings. */
export interface AdaptiveMaxOptions {
  /** Whether the positions of the largest elements are wanted as well. */
  readonly returnIndices?: boolean;
}

const ADAPTIVE_AVG_2D = defineWindowing(
  "adaptiveAvgPool2d",
  "AdaptiveAvgPool2D",
);
const ADAPTIVE_AVG_3D = defineWindowing(
  "adaptiveAvgPool3d",
  "AdaptiveAvgPool3D",
);
const ADAPTIVE_MAX_2D = defineMaxPooling(
  "adaptiveMaxPool2d",
  "AdaptiveMaxPool2D",
);
const ADAPTIVE_MAX_3D = defineMaxPooling(
  "adaptiveMaxPool3d",
  "AdaptiveMaxPool3D",
);

/** The size of the result by dimension. */
function sizeOf(
  name: string,
  x: Tensor,
  outputSize: AdaptiveSize,
  rank: number,
): Shape {
  checkRank(name, x, rank);
  if (typeof outputSize === "number") {
    checkIntegers(outputSize, name, "outputSize");
    return new Array<number>(rank).fill(outputSize);
  }
  if (x.shape.length <= outputSize.length) {
    throw new ValueError(
      `Input dimension should be at least ${outputSize.length + 1}`,
    );
  }
  const first = x.shape.length - outputSize.length;
  const out = outputSize.map((n, k) => n ?? x.shape[first + k]!);
  checkIntegers(out, name, "outputSize");
  if (out.length === 1) return new Array<number>(rank).fill(out[0]!);
  if (out.length === rank) return out;
  throw new RuntimeError(
    rank === 1
      ? `${name}() argument 'outputSize' should contain one int (got ${out.length})`
      : name.includes("Max")
      ? `${name}(): internal error: outputSize.size() must be ${rank}`
      : `${name}: outputSize must be ${rank}`,
  );
}

function checkRank(name: string, x: Tensor, rank: number): void {
  const r = x.shape.length;
  if (r === rank + 1 || r === rank + 2) return;
  if (rank === 1) {
    throw new RuntimeError(
      `Expected 2 to 3 dimensions, but got ${r}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`,
    );
  }
  throw new RuntimeError(
    `${name}(): Expected ${rank + 1}D or ${rank + 2}D tensor, but got${
      name.includes("Max") ? ":" : ""
    } ${showShape(x.shape)}`,
  );
}

/** Fails where there is nothing to pool; `first` is the first dimension that must not be empty. */
function checkEmpty(name: string, shape: Shape, first: number): void {
  const at = shape.findIndex((n, d) => d >= first && n === 0);
  if (at < 0) return;
  throw new RuntimeError(
    `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${
      showShape(shape)
    } with dimension ${at} being empty`,
  );
}

function checkFloat(name: string, x: Tensor): void {
  if (x.info.category === 2) return;
  throw new RuntimeError(
    `"${name.replace("1d", "2d")}" not implemented for '${x.info.scalarName}'`,
    'convert it with to("float32") first',
  );
}

function average(
  name: string,
  op: KernelOp<Windowing>,
  rank: number,
  x: Tensor,
  outputSize: AdaptiveSize,
): Tensor {
  const out = sizeOf(name, x, outputSize, rank);
  if (rank === 1) {
    const wide = average("adaptiveAvgPool2d", op, 2, x.unsqueeze(-2), [
      1,
      out[0]!,
    ]);
    return wide.squeeze(-2);
  }
  if (out.some((n) => n < 0)) {
    throw new RuntimeError(
      `${name}: elements of outputSize must be greater than or equal to 0 but received {${
        rank === 2 ? out.join(", ") : `${out[0]}, ${out[1]},${out[2]}`
      }}`,
    );
  }
  const first = x.shape.length - rank;
  if (out.every((n) => n === 1)) {
    return x.mean(out.map((_, k) => k - rank), { keepdim: true });
  }
  checkEmpty(name, x.shape, first);
  checkFloat(name, x);
  const size = x.shape.slice(first);
  const windows = size.map((n, k) => adaptiveWindows(n, out[k]!));
  const divisor = products(windows.map(({ lengths }) => lengths));
  return applyWindowing(op, x, { size, windows, divisor });
}

function largest(
  name: string,
  op: MultiOp<MaxOptions>,
  rank: number,
  x: Tensor,
  outputSize: AdaptiveSize,
  options: AdaptiveMaxOptions,
): Tensor | Named<"values" | "indices"> {
  checkOptions(options, ["returnIndices"], name);
  const out = sizeOf(name, x, outputSize, rank);
  const first = x.shape.length - rank;
  checkEmpty(name, x.shape, first - 1);
  if (out.some((n) => n < 0)) {
    const shape = [...x.shape.slice(0, first), ...out];
    if (rank === 1) shape.splice(-1, 0, 1);
    throw new RuntimeError(
      `Trying to create tensor with negative dimension ${
        out.find((n) => n < 0)
      }: ${showShape(shape)}`,
    );
  }
  checkFloat(name, x);
  const windows = out.map((n, k) => adaptiveWindows(x.shape[first + k]!, n));
  return runMaxPooling(name, op, x, windows, options.returnIndices === true);
}

/**
 * Averages the last dimension of `x`, of shape `[batch, channels, length]` or
 * `[channels, length]`, down (or up) to a length. See
 * `torch.nn.functional.adaptive_avg_pool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2, 3, 4, 5]]);
 * assertEquals(dg.adaptiveAvgPool1d(x, 2).tolist(), [[2, 4]]);
 * ```
 */
export function adaptiveAvgPool1d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return average("adaptiveAvgPool1d", ADAPTIVE_AVG_2D, 1, x, outputSize);
}

/**
 * Averages the last two dimensions of `x`, of shape
 * `[batch, channels, height, width]` or without the batch, down (or up) to a
 * size. See `torch.nn.functional.adaptive_avg_pool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 4, 4]);
 * const y = dg.nn.functional.adaptiveAvgPool2d(x, [2, null]);
 * assertEquals(y.tolist(), [[[2, 3, 4, 5], [10, 11, 12, 13]]]);
 * ```
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return average("adaptiveAvgPool2d", ADAPTIVE_AVG_2D, 2, x, outputSize);
}

/**
 * Averages the last three dimensions of `x`, of shape
 * `[batch, channels, depth, height, width]` or without the batch, down (or up)
 * to a size. See `torch.nn.functional.adaptive_avg_pool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 2, 2, 4]);
 * const y = dg.nn.functional.adaptiveAvgPool3d(x, [1, 1, 2]);
 * assertEquals(y.tolist(), [[[[6.5, 8.5]]]]);
 * ```
 */
export function adaptiveAvgPool3d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return average("adaptiveAvgPool3d", ADAPTIVE_AVG_3D, 3, x, outputSize);
}

/**
 * Takes the largest elements of the last dimension of `x`, of shape
 * `[batch, channels, length]` or `[channels, length]`, so that so many remain.
 * With `returnIndices` their positions come too (int64). See
 * `torch.nn.functional.adaptive_max_pool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2, 3, 5, 4]]);
 * assertEquals(dg.nn.functional.adaptiveMaxPool1d(x, 2).tolist(), [[3, 5]]);
 * ```
 */
export function adaptiveMaxPool1d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options: AdaptiveMaxOptions & WithIndices,
): Named<"values" | "indices">;
/** Takes the largest elements of the last dimension, so that so many remain. */
export function adaptiveMaxPool1d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options?: AdaptiveMaxOptions,
): Tensor;
export function adaptiveMaxPool1d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options: AdaptiveMaxOptions = {},
): Tensor | Named<"values" | "indices"> {
  return largest(
    "adaptiveMaxPool1d",
    ADAPTIVE_MAX_2D,
    1,
    x,
    outputSize,
    options,
  );
}

/**
 * As `nn.functional.adaptiveMaxPool1d` with indices: values and positions
 * always, as PyTorch has it outside of that namespace. See
 * `torch.adaptive_max_pool1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { indices } = dg.adaptiveMaxPool1d(dg.tensor([[1, 2, 3, 5, 4]]), 2);
 * assertEquals(indices.tolist(), [[2, 3]]);
 * ```
 */
export function adaptiveMaxPool1dWithIndices(
  x: Tensor,
  outputSize: AdaptiveSize,
): Named<"values" | "indices"> {
  return adaptiveMaxPool1d(x, outputSize, { returnIndices: true });
}

/**
 * Takes the largest elements over the last two dimensions of `x`, of shape
 * `[batch, channels, height, width]` or without the batch, so that a size
 * remains. With `returnIndices` their row-major positions in the plane come too
 * (int64). See `torch.nn.functional.adaptive_max_pool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 4, 4]);
 * const y = dg.nn.functional.adaptiveMaxPool2d(x, [2, 1]);
 * assertEquals(y.tolist(), [[[7], [15]]]);
 * ```
 */
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options: AdaptiveMaxOptions & WithIndices,
): Named<"values" | "indices">;
/** Takes the largest elements over the last two dimensions, so that a size remains. */
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options?: AdaptiveMaxOptions,
): Tensor;
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options: AdaptiveMaxOptions = {},
): Tensor | Named<"values" | "indices"> {
  return largest(
    "adaptiveMaxPool2d",
    ADAPTIVE_MAX_2D,
    2,
    x,
    outputSize,
    options,
  );
}

/**
 * Takes the largest elements over the last three dimensions of `x`, of shape
 * `[batch, channels, depth, height, width]` or without the batch, so that a
 * size remains. With `returnIndices` their row-major positions in the volume
 * come too (int64). See `torch.nn.functional.adaptive_max_pool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(16).reshape([1, 2, 2, 4]);
 * const y = dg.nn.functional.adaptiveMaxPool3d(x, [2, 1, 1]);
 * assertEquals(y.tolist(), [[[[7]], [[15]]]]);
 * ```
 */
export function adaptiveMaxPool3d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options: AdaptiveMaxOptions & WithIndices,
): Named<"values" | "indices">;
/** Takes the largest elements over the last three dimensions, so that a size remains. */
export function adaptiveMaxPool3d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options?: AdaptiveMaxOptions,
): Tensor;
export function adaptiveMaxPool3d(
  x: Tensor,
  outputSize: AdaptiveSize,
  options: AdaptiveMaxOptions = {},
): Tensor | Named<"values" | "indices"> {
  return largest(
    "adaptiveMaxPool3d",
    ADAPTIVE_MAX_3D,
    3,
    x,
    outputSize,
    options,
  );
}
