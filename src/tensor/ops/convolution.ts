// Convolutions and transposed convolutions over one to three dimensions.

import { RuntimeError } from "../errors.ts";
import { type KernelOp, run } from "../kernel_op.ts";
import { commonDeviceOf } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { checkRank } from "./convolution_checks.ts";
import {
  type ConvolutionOptions,
  type Placement,
  placeTransposed,
  placeWindows,
  type TransposedConvolutionOptions,
} from "./convolution_geometry.ts";
import { CONVOLUTION, TRANSPOSED } from "./convolution_relation.ts";

export type {
  ConvolutionOptions,
  TransposedConvolutionOptions,
} from "./convolution_geometry.ts";

/** Refuses operands of different types, or of one that has no products. */
function checkTypes(x: Tensor, w: Tensor, bias: Tensor | null): void {
  if (bias !== null && bias.info !== x.info) {
    throw new RuntimeError(
      `Input type (${x.info.cName}) and bias type (${bias.info.cName}) should be the same`,
      `convert one of them, for example with to("${x.info.name}")`,
    );
  }
  if (x.info !== w.info) {
    throw new RuntimeError(
      `expected scalar type ${x.info.scalarName} but found ${w.info.scalarName}`,
      `convert one of them, for example with to("${x.info.name}")`,
    );
  }
  if (x.info.category === 0) {
    throw new RuntimeError(
      "\"slow_conv2d_cpu\" not implemented for 'Bool'",
      "convert the masks to numbers, for example with float()",
    );
  }
}

/** An image with a batch dimension. */
function asBatch(x: Tensor, fn: string, rank: number): Tensor {
  checkRank(x.shape, fn, rank);
  return x.shape.length === rank + 2 ? x : x.unsqueeze(0);
}

/** What the functions have in common once the windows are placed: the other checks, the call. */
function apply(
  op: KernelOp<Placement>,
  x: Tensor,
  batch: Tensor,
  w: Tensor,
  bias: Tensor | null,
  windows: Placement,
): Tensor {
  checkTypes(x, w, bias);
  const inputs = bias === null ? [batch, w] : [batch, w, bias];
  commonDeviceOf(inputs);
  // Without input channels PyTorch gives a result without channels.
  if (batch.shape[1] === 0 && op === CONVOLUTION) {
    inputs[1] = w.narrow(0, 0, 0);
    inputs.length = 2;
  }
  const out = run(op, inputs, windows);
  return batch === x ? out : out.squeeze(0);
}

function convolve(
  x: Tensor,
  w: Tensor,
  options: ConvolutionOptions,
  fn: string,
  rank: number,
): Tensor {
  const batch = asBatch(x, fn, rank);
  const windows = placeWindows(batch.shape, w.shape, options, fn, rank);
  return apply(CONVOLUTION, x, batch, w, options.bias ?? null, windows);
}

function transpose(
  x: Tensor,
  w: Tensor,
  options: TransposedConvolutionOptions,
  fn: string,
  rank: number,
): Tensor {
  const batch = asBatch(x, fn, rank);
  const windows = placeTransposed(batch.shape, w.shape, options, fn, rank);
  return apply(TRANSPOSED, x, batch, w, options.bias ?? null, windows);
}

/**
 * Convolves over 1 dimension: each element of the result is the sum of a window
 * of `x` times the weight of its channel, which is not flipped. `x` has the
 * shape `[batch, channels, length]`, batch optional; the weight
 * `[result channels, channels / groups, ...window]`; all have one type. See
 * `torch.nn.functional.conv1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2, 3]]);
 * const weight = dg.tensor([[[1, 10]]]);
 * assertEquals(dg.conv1d(x, weight).tolist(), [[21, 32]]);
 * const padded = dg.conv1d(x, weight, { padding: 1, stride: 2 });
 * assertEquals(padded.tolist(), [[10, 32]]);
 * ```
 */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  options: ConvolutionOptions = {},
): Tensor {
  return convolve(x, weight, options, "conv1d", 1);
}

/**
 * Convolves over 2 dimensions: each element of the result is the sum of a window
 * of `x` times the weight of its channel, which is not flipped. `x` has the
 * shape `[batch, channels, height, width]`, batch optional; the weight
 * `[result channels, channels / groups, ...window]`; all have one type. See
 * `torch.nn.functional.conv2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 1, 3, 3]);
 * const weight = dg.ones([1, 1, 2, 2]);
 * const out = dg.conv2d(x, weight, { bias: dg.tensor([0.5]) });
 * assertEquals(out.tolist(), [[[[4.5, 4.5], [4.5, 4.5]]]]);
 * assertEquals(dg.conv2d(x, weight, { padding: "same" }).shape, [1, 1, 3, 3]);
 * ```
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  options: ConvolutionOptions = {},
): Tensor {
  return convolve(x, weight, options, "conv2d", 2);
}

/**
 * Convolves over 3 dimensions: each element of the result is the sum of a window
 * of `x` times the weight of its channel, which is not flipped. `x` has the
 * shape `[batch, channels, depth, height, width]`, batch optional; the weight
 * `[result channels, channels / groups, ...window]`; all have one type. See
 * `torch.nn.functional.conv3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 2, 4, 4, 4]);
 * const weight = dg.ones([3, 2, 2, 2, 2]);
 * const out = dg.conv3d(x, weight, { stride: [2, 1, 1] });
 * assertEquals(out.shape, [1, 3, 2, 3, 3]);
 * assertEquals(out.max().item(), 16);
 * ```
 */
export function conv3d(
  x: Tensor,
  weight: Tensor,
  options: ConvolutionOptions = {},
): Tensor {
  return convolve(x, weight, options, "conv3d", 3);
}

/**
 * Convolves transposed, over 1 dimension: each element of `x` adds a window of
 * the weight, times itself, to the result. It is the gradient of
 * {@linkcode conv1d} with respect to its input. `x` has the shape
 * `[batch, channels, length]`, batch optional; the weight
 * `[channels, result channels / groups, ...window]`. See `torch.nn.functional.conv_transpose1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2]]);
 * const weight = dg.tensor([[[1, 10]]]);
 * assertEquals(dg.convTranspose1d(x, weight).tolist(), [[1, 12, 20]]);
 * const wide = dg.convTranspose1d(x, weight, { stride: 2 });
 * assertEquals(wide.tolist(), [[1, 10, 2, 20]]);
 * ```
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  options: TransposedConvolutionOptions = {},
): Tensor {
  return transpose(x, weight, options, "convTranspose1d", 1);
}

/**
 * Convolves transposed, over 2 dimensions: each element of `x` adds a window of
 * the weight, times itself, to the result. It is the gradient of
 * {@linkcode conv2d} with respect to its input. `x` has the shape
 * `[batch, channels, height, width]`, batch optional; the weight
 * `[channels, result channels / groups, ...window]`. See `torch.nn.functional.conv_transpose2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[[[1, 2]]]]);
 * const weight = dg.tensor([[[[1], [10]]]]);
 * const out = dg.convTranspose2d(x, weight, { bias: dg.tensor([5]) });
 * assertEquals(out.tolist(), [[[[6, 7], [15, 25]]]]);
 * ```
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  options: TransposedConvolutionOptions = {},
): Tensor {
  return transpose(x, weight, options, "convTranspose2d", 2);
}

/**
 * Convolves transposed, over 3 dimensions: each element of `x` adds a window of
 * the weight, times itself, to the result. It is the gradient of
 * {@linkcode conv3d} with respect to its input. `x` has the shape
 * `[batch, channels, depth, height, width]`, batch optional; the weight
 * `[channels, result channels / groups, ...window]`. See `torch.nn.functional.conv_transpose3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 2, 3, 3, 3]);
 * const weight = dg.ones([2, 4, 2, 2, 2]);
 * const out = dg.convTranspose3d(x, weight, { stride: 2 });
 * assertEquals(out.shape, [1, 4, 6, 6, 6]);
 * ```
 */
export function convTranspose3d(
  x: Tensor,
  weight: Tensor,
  options: TransposedConvolutionOptions = {},
): Tensor {
  return transpose(x, weight, options, "convTranspose3d", 3);
}
