// Batch norms in evaluation mode, folded into the layer before them.

import { noGrad } from "../../grad/mode.ts";
import { RuntimeError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Convolution } from "../convolution.ts";
import type { Linear } from "../linear.ts";
import type { BatchNorm } from "../norm_batch.ts";
import { Parameter } from "../parameter.ts";

/** What a batch norm knows: its statistics, and its factors and offsets where it has some. */
export interface NormStatistics {
  /** Running means. */
  readonly mean: Tensor;
  /** Running variances. */
  readonly variance: Tensor;
  /** Added to the variances. */
  readonly eps: number;
  /** Factors, or null. */
  readonly weight: Tensor | null;
  /** Offsets, or null. */
  readonly bias: Tensor | null;
}

/** Weight and bias of a layer with a batch norm folded in; `dim` is that of the channels in the weight. */
function fused(
  weight: Tensor,
  bias: Tensor | null,
  norm: NormStatistics,
  dim: number,
): [Parameter, Parameter] {
  return noGrad(() => {
    const scale = norm.variance.add(norm.eps).rsqrt();
    const factor = norm.weight === null ? scale : scale.mul(norm.weight);
    const shape = weight.shape.map((_, d) => d === dim ? -1 : 1);
    const start = bias ?? norm.mean.newZeros(norm.mean.shape);
    const moved = start.sub(norm.mean).mul(factor);
    const offset = norm.bias === null ? moved : moved.add(norm.bias);
    const { requiresGrad } = weight;
    return [
      new Parameter(weight.mul(factor.reshape(shape)).to(weight.dtype), {
        requiresGrad,
      }),
      new Parameter(offset.to(bias?.dtype ?? weight.dtype), {
        requiresGrad: bias?.requiresGrad ?? requiresGrad,
      }),
    ];
  });
}

function statisticsOf(
  layer: { readonly training: boolean },
  norm: BatchNorm,
): NormStatistics {
  if (layer.training || norm.training) {
    throw new RuntimeError(
      "Fusion only for eval!",
      "call eval() on both modules first",
    );
  }
  const { runningMean, runningVar, eps, weight, bias } = norm;
  if (runningMean === null || runningVar === null) {
    throw new RuntimeError("bn.runningMean and bn.runningVar must not be null");
  }
  return { mean: runningMean, variance: runningVar, eps, weight, bias };
}

/**
 * The weight and bias of a convolution that does what a convolution and a batch
 * norm in evaluation mode do. See `torch.nn.utils.fuse_conv_bn_weights`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const one = dg.ones(1);
 * const norm = { mean: one, variance: one, eps: 0, weight: null, bias: null };
 * const weight = dg.ones([1, 1, 1, 1]);
 * const [, bias] = dg.nn.utils.fuseConvBnWeights(weight, null, norm);
 * assertEquals(bias.tolist(), [-1]);
 * ```
 */
export function fuseConvBnWeights(
  weight: Tensor,
  bias: Tensor | null,
  norm: NormStatistics,
  options: { readonly transpose?: boolean } = {},
): [Parameter, Parameter] {
  return fused(weight, bias, norm, options.transpose ? 1 : 0);
}

/**
 * The weight and bias of a linear layer that does what a linear layer and a
 * batch norm in evaluation mode do. See `torch.nn.utils.fuse_linear_bn_weights`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const one = dg.ones(1);
 * const norm = { mean: one, variance: one, eps: 0, weight: null, bias: null };
 * const [, bias] = dg.nn.utils.fuseLinearBnWeights(dg.ones([1, 1]), null, norm);
 * assertEquals(bias.tolist(), [-1]);
 * ```
 */
export function fuseLinearBnWeights(
  weight: Tensor,
  bias: Tensor | null,
  norm: NormStatistics,
): [Parameter, Parameter] {
  return fused(weight, bias, norm, 0);
}

/**
 * A convolution that does what `conv` and the batch norm after it do, both in
 * evaluation mode; `transpose` says that it is a transposed one. See
 * `torch.nn.utils.fuse_conv_bn_eval`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const conv = new dg.nn.Conv2d(1, 2, 3).eval();
 * const norm = new dg.nn.BatchNorm2d(2).eval();
 * const both = dg.nn.utils.fuseConvBnEval(conv, norm);
 * const x = dg.randn([1, 1, 4, 4]);
 * const expected = norm.call(conv.call(x));
 * assertEquals(dg.allclose(both.call(x), expected, { atol: 1e-5 }), true);
 * ```
 */
export function fuseConvBnEval<C extends Convolution>(
  conv: C,
  norm: BatchNorm,
  options: { readonly transpose?: boolean } = {},
): C {
  const statistics = statisticsOf(conv, norm);
  const out = conv.deepCopy();
  [out.weight, out.bias] = fuseConvBnWeights(
    conv.weight,
    conv.bias,
    statistics,
    options,
  );
  return out;
}

/**
 * A linear layer that does what `linear` and the batch norm after it do, both in
 * evaluation mode. See `torch.nn.utils.fuse_linear_bn_eval`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const linear = new dg.nn.Linear(3, 2).eval();
 * const norm = new dg.nn.BatchNorm1d(2).eval();
 * const both = dg.nn.utils.fuseLinearBnEval(linear, norm);
 * const x = dg.randn([4, 3]);
 * const expected = norm.call(linear.call(x));
 * assertEquals(dg.allclose(both.call(x), expected, { atol: 1e-5 }), true);
 * ```
 */
export function fuseLinearBnEval(linear: Linear, norm: BatchNorm): Linear {
  const statistics = statisticsOf(linear, norm);
  if (linear.outFeatures !== norm.numFeatures && norm.numFeatures !== 1) {
    throw new RuntimeError(
      `To fuse, linear.outFeatures == bn.numFeatures or bn.numFeatures == 1, got linear.outFeatures=${linear.outFeatures} and bn.numFeatures=${norm.numFeatures}`,
    );
  }
  const out = linear.deepCopy();
  [out.weight, out.bias] = fuseLinearBnWeights(
    linear.weight,
    linear.bias,
    statistics,
  );
  return out;
}
