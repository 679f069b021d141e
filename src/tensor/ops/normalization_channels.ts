// Normalisation by channels: batch norm and instance norm, with the statistics
// of the elements or of earlier ones.

import { checkRunning } from "../batching.ts";
import type { Node } from "../../grad/node.ts";
import {
  checkNormTypes,
  defineAffineNorm,
  runAffineNorm,
} from "../affine_norm_op.ts";
import {
  affineRows,
  allButChannels,
  besideChannels,
  cachedSums,
  channelBias,
  combineSpreads,
  gradientSums,
  inputRows,
  spreadOf,
  type SumsCache,
  takeSums,
  usesKernels,
} from "../channel_norm_op.ts";
import type { ChannelGradients } from "../channel_plane_op.ts";
import {
  fitsChannels,
  normalizeChannels,
  normalizeChannelsBackward,
} from "../channel_row_op.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { inputGradient, normalizedBy } from "../norm_op.ts";
import { checkOptions, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** What the rules of batch norm know. */
interface BatchContext extends SumsCache {
  readonly training: boolean;
  readonly momentum: number;
  readonly eps: number;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  /** What the forward pass normalised by, [C]. */
  mean: Tensor | null;
  scale: Tensor | null;
}

/** The input as [N, C, S], or as [N, C] where S is 1. */
function asPlanes(x: Tensor): Tensor {
  const [n, c] = x.shape as [number, number];
  const size = n * c === 0 ? 1 : x.count / (n * c);
  return x.reshape(size === 1 ? [n, c] : [n, c, size]);
}

/** Mixes new statistics into the running ones. */
function update(running: Tensor | null, value: Tensor, momentum: number): void {
  if (running === null) return;
  checkRunning(running.storage.device, value.storage.device);
  unrecorded(() => running.mul_(1 - momentum).add_(value, { alpha: momentum }));
}

function statistics(x: Tensor, o: BatchContext): [Tensor, Tensor] {
  const { runningMean, runningVar, eps, momentum } = o;
  if (!o.training) {
    return [runningMean!.clone(), runningVar!.add(eps).rsqrt()];
  }
  const count = x.count / x.shape[1]!;
  const spread = combineSpreads(spreadOf(x), x.shape[2] ?? x.shape[0]!, 0);
  const mean = spread.mean.squeeze(0);
  const squares = spread.squares.squeeze(0);
  update(runningMean, mean, momentum);
  update(runningVar, squares.div(count - 1), momentum);
  return [mean, squares.div(count).add(eps).rsqrt()];
}

function forward(
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  o: BatchContext,
): Tensor {
  if (x.count === 0) return x.clone();
  const { runningMean, runningVar } = o;
  const inputs = { weight, bias, runningMean, runningVar };
  // Running statistics come in pairs; of one alone few know.
  if (
    (runningMean === null) === (runningVar === null) &&
    fitsChannels(x, [weight, bias, runningMean, runningVar], o.training)
  ) {
    const { out, mean, scale } = normalizeChannels(x, inputs, o);
    o.mean = mean;
    o.scale = scale;
    return out;
  }
  const wide = x.info.bytes < 4 ? x.to("float32") : x;
  const planes = asPlanes(wide);
  const [mean, scale] = statistics(planes, o);
  o.mean = mean.to(wide.dtype);
  o.scale = scale.to(wide.dtype);
  const factor = weight === null ? o.scale : o.scale.mul(weight);
  const shift = bias === null ? o.scale.newZeros(1) : bias.to(wide.dtype);
  const out = affineRows(planes, o.mean, factor.to(wide.dtype), shift);
  return out.reshape(x.shape).to(x.dtype);
}

/** The normalised input and its scale, differentiable. */
function normalized(
  x: Tensor,
  o: BatchContext,
): { rest: Tensor; scale: Tensor } {
  if (o.training) return normalizedBy(x, allButChannels(x), o.eps);
  const scale = besideChannels(o.scale!, x);
  return { rest: x.sub(besideChannels(o.mean!, x)).mul(scale), scale };
}

/** All gradients at once; the sums stay for the rules of weight and bias, where they are wanted. */
function inOneCall(
  g: Tensor,
  n: Node,
  weight: Tensor | null,
  o: BatchContext,
  wanted: boolean,
): ChannelGradients {
  const given = [o.mean!, o.scale!, weight] as const;
  const { training } = o;
  const out = normalizeChannelsBackward(g, n.input(0), given, training, wanted);
  const others = n.edges.some((edge, k) => k > 0 && edge !== null);
  o.sumsOf = others ? g : null;
  o.sums = others ? out.sums : null;
  return out;
}

function inputRule(
  g: Tensor,
  n: Node,
  weight: Tensor | null,
  o: BatchContext,
): Tensor {
  const x = n.input(0);
  if (x.count === 0) return g.clone();
  if (
    usesKernels(x) && fitsChannels(x, [o.mean, o.scale, weight], o.training)
  ) {
    return inOneCall(g, n, weight, o, true).input!;
  }
  if (usesKernels(x) && o.training) {
    const planes = asPlanes(x);
    const own = asPlanes(g);
    const { mean, scale } = o as { mean: Tensor; scale: Tensor };
    const sums = cachedSums(
      o,
      g,
      () => gradientSums(own, planes, mean, scale),
    );
    const factor = weight ?? scale.newZeros(1).add(1);
    const [first, second] = sums.map((sum) =>
      sum.sum(0).mul(factor).div(x.count / x.shape[1]!)
    );
    const all = [mean, scale, factor, first!, second!];
    return inputRows(own, planes, all).reshape(x.shape);
  }
  const scaled = weight === null ? g : g.mul(besideChannels(weight, x));
  const { rest, scale } = normalized(x, o);
  if (!o.training) return scaled.mul(scale);
  return inputGradient(scaled, rest, scale, allButChannels(x));
}

function weightRule(g: Tensor, n: Node, o: BatchContext): Tensor {
  const x = n.input(0);
  if (usesKernels(x) && fitsChannels(x, [o.mean, o.scale], o.training)) {
    const compute = () => inOneCall(g, n, null, o, false).sums;
    const [, sum] = cachedSums(o, g, compute);
    // The sum is given away: a rule that asks again gets another.
    if (n.edges.length < 3 || n.edges[2] === null) takeSums(o, g);
    return sum;
  }
  if (usesKernels(x)) {
    const compute = () =>
      gradientSums(asPlanes(g), asPlanes(x), o.mean!, o.scale!);
    return cachedSums(o, g, compute)[1].sum(0);
  }
  if (x.count === 0) return g.sum(allButChannels(g));
  return g.mul(normalized(x, o).rest).sum(allButChannels(x));
}

const BATCH_NORM = defineAffineNorm<BatchContext>({
  name: "batchNorm",
  node: "NativeBatchNormBackward0",
  forward,
  inputRule,
  weightRule,
  biasRule: channelBias,
});

/** Options of {@linkcode batchNorm}. */
export interface BatchNormOptions {
  /** Factor of each channel. */
  readonly weight?: Tensor;
  /** Added to each channel. */
  readonly bias?: Tensor;
  /** Whether the batch's own statistics count, and the running ones are updated. */
  readonly training?: boolean;
  /** Share of the batch's statistics in the running ones; 0.1 where not given. */
  readonly momentum?: number;
  /** Added to the variance; 1e-5 where not given. */
  readonly eps?: number;
}

function checkLength(name: string, x: Tensor | null, channels: number): void {
  if (x === null || x.count === channels) return;
  throw new RuntimeError(
    `${name} should contain ${channels} elements not ${x.count}`,
  );
}

/** Batch norm of checked sizes. */
function normalizeBatch(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions,
): Tensor {
  const { weight, bias, training = false, momentum = 0.1, eps = 1e-5 } =
    options;
  const channels = x.shape[1] ?? 0;
  if (!training) {
    for (
      const [name, running] of [
        ["runningMean", runningMean],
        ["runningVar", runningVar],
      ] as const
    ) {
      if (running !== null) continue;
      throw new RuntimeError(
        `${name} must be defined in evaluation mode`,
        "give running statistics, or { training: true }",
      );
    }
  }
  checkLength("runningMean", runningMean, channels);
  checkLength("runningVar", runningVar, channels);
  checkLength("weight", weight ?? null, channels);
  checkLength("bias", bias ?? null, channels);
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `"batchNorm" not implemented for '${x.info.scalarName}'`,
      'convert it with to("float32") first',
    );
  }
  checkNormTypes(x, [runningMean, runningVar, weight, bias]);
  const context: BatchContext = {
    training,
    momentum,
    eps,
    runningMean,
    runningVar,
    mean: null,
    scale: null,
    sumsOf: null,
    sums: null,
  };
  return runAffineNorm(BATCH_NORM, x, weight, bias, context);
}

/**
 * Gives each channel (dimension 1) mean 0 and variance 1 over the batch, or by
 * the running statistics, then applies weight and bias. In training the running
 * statistics, where there are some, are updated in place. See
 * `torch.nn.functional.batch_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([[1], [3]]);
 * const out = F.batchNorm(x, null, null, { training: true, eps: 1e-12 });
 * assertEquals(out.tolist(), [[-1], [1]]);
 * ```
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  const known = ["weight", "bias", "training", "momentum", "eps"];
  checkOptions(options, known, "batchNorm");
  const { training = false, eps = 1e-5 } = options;
  if (training) {
    const [first = 1, , ...rest] = x.shape;
    if (rest.reduce((n, length) => n * length, first) === 1) {
      throw new ValueError(
        `Expected more than 1 value per channel when training, got input size ${
          showShape(x.shape)
        }`,
      );
    }
    if (!(eps > 0)) {
      throw new ValueError(
        `batchNorm eps must be positive during training, but got ${eps}`,
      );
    }
  } else if (eps < 0) {
    throw new ValueError(
      `batchNorm eps must be non-negative, but got ${eps}`,
    );
  }
  return normalizeBatch(x, runningMean ?? null, runningVar ?? null, options);
}

/** Options of {@linkcode instanceNorm}. */
export interface InstanceNormOptions {
  /** Running means of the channels. */
  readonly runningMean?: Tensor;
  /** Running variances of the channels. */
  readonly runningVar?: Tensor;
  /** Factor of each channel. */
  readonly weight?: Tensor;
  /** Added to each channel. */
  readonly bias?: Tensor;
  /** Whether each instance's own statistics count; true where not given. */
  readonly useInputStats?: boolean;
  /** Share of the instances' statistics in the running ones; 0.1 where not given. */
  readonly momentum?: number;
  /** Added to the variance; 1e-5 where not given. */
  readonly eps?: number;
}

/**
 * Gives each channel of each instance mean 0 and variance 1. See
 * `torch.nn.functional.instance_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([[[1, 3], [8, 4]]]);
 * const out = F.instanceNorm(x, { eps: 1e-12 });
 * assertEquals(out.tolist(), [[[-1, 1], [1, -1]]]);
 * ```
 */
export function instanceNorm(
  x: Tensor,
  options: InstanceNormOptions = {},
): Tensor {
  checkOptions(options, [
    "runningMean",
    "runningVar",
    "weight",
    "bias",
    "useInputStats",
    "momentum",
    "eps",
  ], "instanceNorm");
  const { runningMean, runningVar, useInputStats = true } = options;
  const [n = 1, c = 1, ...rest] = x.shape;
  if (useInputStats && rest.reduce((all, length) => all * length, 1) === 1) {
    throw new ValueError(
      `Expected more than 1 spatial element when training, got input size ${
        showShape(x.shape)
      }`,
    );
  }
  if (
    !useInputStats && (runningMean === undefined || runningVar === undefined)
  ) {
    throw new RuntimeError(
      "Expected runningMean and runningVar to be defined when useInputStats is false",
    );
  }
  const means = runningMean?.detach().repeat([n]) ?? null;
  const variances = runningVar?.detach().repeat([n]) ?? null;
  const { weight, bias, momentum = 0.1, eps = 1e-5 } = options;
  const out = normalizeBatch(x.reshape([1, n * c, ...rest]), means, variances, {
    training: useInputStats,
    momentum,
    eps,
    ...(weight === undefined ? {} : { weight: weight.repeat([n]) }),
    ...(bias === undefined ? {} : { bias: bias.repeat([n]) }),
  });
  if (useInputStats) {
    for (
      const [running, all] of [
        [runningMean, means],
        [runningVar, variances],
      ] as const
    ) {
      if (running === undefined || all === null) continue;
      unrecorded(() => running.copy_(all.reshape([n, c]).mean(0)));
    }
  }
  return out.reshape(x.shape);
}
