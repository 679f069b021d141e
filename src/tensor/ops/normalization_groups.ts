// Normalisation of groups of channels, and by neighbouring channels.

import { checkNotComplex } from "../complex_refusal.ts";
import type { Node } from "../../grad/node.ts";
import {
  checkNormTypes,
  defineAffineNorm,
  runAffineNorm,
  wantsGradient,
} from "../affine_norm_op.ts";
import {
  affineRows,
  allButChannels,
  besideChannels,
  cachedSums,
  channelBias,
  combineSpreads,
  gradientSums,
  gradientSumsOver,
  inputRows,
  spreadOf,
  type SumsCache,
  usesKernels,
} from "../channel_norm_op.ts";
import { reshaped } from "../along_op.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import {
  inputGradient,
  normalizedBy,
  normalizeOver,
  normalizeOverBackward,
  normalizeRows,
  normalizeRowsBackward,
  weightGradient,
} from "../norm_op.ts";
import { fitsRow } from "../row_op.ts";
import { checkOptions, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";

/** What the rules of group norm know. */
interface GroupContext extends SumsCache {
  readonly groups: number;
  readonly eps: number;
  /** Whether a gradient may be wanted. */
  readonly tracked: boolean;
  /** What the forward pass normalised by: [N, C]; [N, G, 1] where there is one element for each channel; [N, G, 1, 1] where a group is a row. */
  mean: Tensor | null;
  scale: Tensor | null;
}

/** The input as [N, C, S]. */
function asPlanes(x: Tensor): Tensor {
  const [n, c] = x.shape as [number, number];
  return x.reshape([n, c, x.count / (n * c)]);
}

/** A number of each group, [N, G, 1], for each of its channels: [N, C]. */
function perChannel(y: Tensor, channels: number): Tensor {
  const [n, groups] = y.shape as [number, number];
  return y.expand([n, groups, channels / groups]).reshape([n, channels]);
}

function forward(
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  o: GroupContext,
): Tensor {
  if (x.count === 0) return x.clone();
  if (fitsGroups(x, weight, bias, o)) {
    return forwardGroups(x, weight, bias, o);
  }
  const wide = asPlanes(x.info.bytes < 4 ? x.to("float32") : x);
  const [n, c, size] = wide.shape as [number, number, number];
  if (size === 1) return forwardRows(x, wide, weight, bias, o);
  const [means, squares] = spreadOf(wide).map((y) =>
    y.reshape([n, o.groups, -1])
  );
  const spread = combineSpreads([means!, squares!], size, 2);
  const count = c / o.groups * size;
  o.mean = perChannel(spread.mean, c);
  o.scale = perChannel(spread.squares.div(count).add(o.eps).rsqrt(), c);
  const factor = weight === null ? o.scale : o.scale.mul(weight.to(wide.dtype));
  const shift = bias === null ? o.scale.newZeros(1) : bias.to(wide.dtype);
  const out = affineRows(wide, o.mean, factor, shift);
  return out.reshape(x.shape).to(x.dtype);
}

/** Whether a group is best done as one row, and a channel as well. */
function fitsGroups(
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  { groups }: GroupContext,
): boolean {
  const [n, c] = x.shape as [number, number];
  return fitsRow(x, x.count / Math.min(n * groups, c)) && x.info.bytes >= 4 &&
    (weight ?? x).info === x.info && (bias ?? x).info === x.info;
}

/** Whether the forward pass did so. */
function isRows({ mean }: GroupContext): boolean {
  return mean?.shape.length === 4;
}

/** The input as [N, G, C / G, S]. */
function asRows(x: Tensor, { groups }: GroupContext): Tensor {
  const [n, c] = x.shape as [number, number];
  return x.reshape([n, groups, c / groups, x.count / (n * c)]);
}

/** A vector of channels as it stands beside those. */
function besideRows(y: Tensor, { groups }: GroupContext): Tensor {
  return y.reshape([groups, -1, 1]);
}

/** The forward pass in one call. */
function forwardGroups(
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  o: GroupContext,
): Tensor {
  const { out, mean, scale } = normalizeOver(
    asRows(x, o),
    [2, 3],
    weight === null ? null : besideRows(weight, o),
    bias === null ? null : besideRows(bias, o),
    o.eps,
    o.tracked,
  );
  o.mean = mean;
  o.scale = scale;
  return reshaped(out, x.shape);
}

/** The forward pass of [N, C]: a group is a row. */
function forwardRows(
  x: Tensor,
  wide: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  o: GroupContext,
): Tensor {
  const [w, b] = [weight, bias].map((y) =>
    y === null ? null : y.to(wide.dtype).reshape([o.groups, -1])
  );
  const rows = asGroups(wide, o);
  const norm = normalizeRows(rows, 2, w!, b!, o.eps, o.tracked);
  o.mean = norm.mean;
  o.scale = norm.scale;
  return norm.out.reshape(x.shape).to(x.dtype);
}

/** The input as [N, G, rest]. */
function asGroups(x: Tensor, { groups }: GroupContext): Tensor {
  return x.reshape([x.shape[0]!, groups, -1]);
}

/** Whether there is one element for each channel. */
function isFlat(x: Tensor): boolean {
  return x.count === x.shape[0]! * x.shape[1]!;
}

/** The normalised input, [N, G, rest], differentiable. */
function normalized(x: Tensor, o: GroupContext) {
  return normalizedBy(asGroups(x, o), [2], o.eps);
}

function inputRule(
  g: Tensor,
  n: Node,
  weight: Tensor | null,
  o: GroupContext,
): Tensor {
  const x = n.input(0);
  const [rows, c] = x.shape as [number, number];
  if (usesKernels(x) && isRows(o)) {
    const [own, all] = [asRows(g, o), asRows(x, o)];
    const factor = weight === null ? null : besideRows(weight, o);
    const { mean, scale } = o as { mean: Tensor; scale: Tensor };
    const out = normalizeOverBackward(own, all, mean, scale, factor, [2, 3]);
    return reshaped(out, x.shape);
  }
  if (usesKernels(x) && isFlat(x)) {
    return normalizeRowsBackward(
      asGroups(g, o),
      asGroups(x, o),
      o.mean!,
      o.scale!,
      weight === null ? null : weight.reshape([o.groups, -1]),
      2,
    ).reshape(x.shape);
  }
  if (usesKernels(x)) {
    const planes = asPlanes(x);
    const own = asPlanes(g);
    const { mean, scale } = o as { mean: Tensor; scale: Tensor };
    const factor = weight ?? scale.newZeros(1).add(1);
    const count = x.count / (rows * o.groups);
    const compute = () => gradientSums(own, planes, mean, scale);
    const [first, second] = cachedSums(o, g, compute).map((sum) =>
      perChannel(
        sum.mul(factor).reshape([rows, o.groups, -1])
          .sum(2, { keepdim: true }).div(count),
        c,
      )
    );
    const all = [mean, scale, factor, first!, second!];
    return inputRows(own, planes, all).reshape(x.shape);
  }
  if (x.count === 0) return g.clone();
  const scaled = weight === null ? g : g.mul(besideChannels(weight, x));
  const { rest, scale } = normalized(x, o);
  return inputGradient(scaled.reshape(rest.shape), rest, scale, [2])
    .reshape(x.shape);
}

function weightRule(g: Tensor, n: Node, o: GroupContext): Tensor {
  const x = n.input(0);
  if (usesKernels(x) && isRows(o)) {
    const { mean, scale } = o as { mean: Tensor; scale: Tensor };
    const channels = [x.shape[1]!];
    const [bias, factor] = gradientSumsOver(
      asRows(g, o),
      asRows(x, o),
      mean,
      scale,
      [0, 3],
    );
    if (n.needs(2)) {
      o.sumsOf = g;
      o.sums = [reshaped(bias, channels), factor];
    }
    return reshaped(factor, channels);
  }
  if (usesKernels(x) && isFlat(x)) {
    const [own, rows] = [asGroups(g, o), asGroups(x, o)];
    return weightGradient(own, rows, o.mean!, o.scale!, 0).reshape(-1);
  }
  if (usesKernels(x)) {
    const compute = () =>
      gradientSums(asPlanes(g), asPlanes(x), o.mean!, o.scale!);
    return cachedSums(o, g, compute)[1].sum(0);
  }
  if (x.count === 0) return g.sum(allButChannels(g));
  return g.mul(normalized(x, o).rest.reshape(x.shape)).sum(allButChannels(x));
}

const GROUP_NORM = defineAffineNorm<GroupContext>({
  name: "groupNorm",
  node: "NativeGroupNormBackward0",
  forward,
  inputRule,
  weightRule,
  biasRule: channelBias,
});

/** Options of {@linkcode groupNorm}. */
export interface GroupNormOptions {
  /** Factor of each channel. */
  readonly weight?: Tensor;
  /** Added to each channel. */
  readonly bias?: Tensor;
  /** Added to the variance; 1e-5 where not given. */
  readonly eps?: number;
}

function checkVector(name: string, y: Tensor | undefined, x: Tensor): void {
  if (
    y === undefined || (y.shape.length === 1 && y.count === x.shape[1])
  ) return;
  throw new RuntimeError(
    `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${
      showShape(y.shape)
    } and input of shape ${showShape(x.shape)}`,
  );
}

/**
 * Gives each of `numGroups` groups of channels (dimension 1) of each instance
 * mean 0 and variance 1, then applies weight and bias. See
 * `torch.nn.functional.group_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.tensor([[1, 3, 8, 4]]);
 * const out = F.groupNorm(x, 2, { eps: 0 });
 * assertEquals(out.tolist(), [[-1, 1, 1, -1]]);
 * ```
 */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  options: GroupNormOptions = {},
): Tensor {
  checkOptions(options, ["weight", "bias", "eps"], "groupNorm");
  const { weight, bias, eps = 1e-5 } = options;
  const { shape } = x;
  if (shape.length < 2) {
    throw new RuntimeError(
      `Expected at least 2 dimensions for input tensor but received ${shape.length}`,
    );
  }
  const [n, c, ...rest] = shape as [number, number, ...number[]];
  if (!Number.isInteger(numGroups) || numGroups < 1) {
    throw new RuntimeError(
      `Expected num groups to be greater than 0, got ${numGroups}`,
    );
  }
  const perGroup = n * Math.floor(c / numGroups);
  if (rest.reduce((all, length) => all * length, perGroup) === 1) {
    throw new ValueError(
      `Expected more than 1 value per channel when training, got input size ${
        showShape([perGroup, numGroups, ...rest])
      }`,
    );
  }
  if (c % numGroups !== 0) {
    throw new RuntimeError(
      `Expected number of channels in input to be divisible by numGroups, but got input of shape ${
        showShape(shape)
      } and numGroups=${numGroups}`,
    );
  }
  checkVector("weight", weight, x);
  checkVector("bias", bias, x);
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `"GroupNormKernelImpl" not implemented for '${x.info.scalarName}'`,
      'convert it with to("float32") first',
    );
  }
  checkNormTypes(x, [weight, bias]);
  const context = {
    groups: numGroups,
    eps,
    tracked: wantsGradient(x, weight, bias),
    mean: null,
    scale: null,
    sumsOf: null,
    sums: null,
  };
  return runAffineNorm(GROUP_NORM, x, weight, bias, context);
}

/** Options of {@linkcode localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** Factor of the mean square; 1e-4 where not given. */
  readonly alpha?: number;
  /** The power; 0.75 where not given. */
  readonly beta?: number;
  /** Added to the mean square; 1 where not given. */
  readonly k?: number;
}

/**
 * Divides by a power of the mean square of `size` neighbouring channels
 * (dimension 1). See `torch.nn.functional.local_response_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const options = { alpha: 3, beta: 1 };
 * const out = F.localResponseNorm(dg.ones([1, 1, 1]), 1, options);
 * assertEquals(out.item(), 0.25);
 * ```
 */
export function localResponseNorm(
  x: Tensor,
  size: number,
  options: LocalResponseNormOptions = {},
): Tensor {
  checkOptions(options, ["alpha", "beta", "k"], "localResponseNorm");
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (x.count > 0) checkNotComplex("avg_pool2d", x.info);
  const { shape } = x;
  if (shape.length < 3) {
    throw new ValueError(
      `Expected 3D or higher dimensionality                          input (got ${shape.length} dimensions)`,
    );
  }
  if (x.count === 0) return x;
  const edge = (n: number) => x.newZeros(shape.with(1, n));
  const squares = x.mul(x);
  const before = Math.floor(size / 2);
  const after = Math.floor((size - 1) / 2);
  const padded = cat([edge(before), squares, edge(after)], 1);
  const sums = padded.unfold(1, size, 1).sum(-1);
  return x.div(sums.mul(alpha / size).add(k).pow(beta));
}
