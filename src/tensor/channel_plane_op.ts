// Normalisation by channels in three calls of the device, for planes of any
// size: statistics of planes, what they say of channels, then all elements.

import { reshaped } from "./along_op.ts";
import {
  affineRows,
  gradientSums,
  inputRows,
  spreadOf,
} from "./channel_norm_op.ts";
import type { RowKernel, Strided } from "./device.ts";
import { call, type Expr, param } from "./expr.ts";
import { beginInplace } from "./inplace.ts";
import { emptyTensor, stridedLike } from "./op.ts";
import { rowKernel } from "./row_op.ts";
import type { Tensor } from "./tensor.ts";

/** What a normalisation is given besides its input; vectors of channels. */
export interface ChannelInputs {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
}

/** What the statistics are made with. */
export interface ChannelOptions {
  /** Whether they are the input's own, and update the running ones. */
  readonly training: boolean;
  readonly momentum: number;
  readonly eps: number;
}

/** What came out; statistics are vectors of channels. */
export interface NormalizedChannels {
  readonly out: Tensor;
  readonly mean: Tensor;
  readonly scale: Tensor;
}

/** What `normalizeChannelsBackward` finds. */
export interface ChannelGradients {
  /** The gradient of the input; null where it was not wanted. */
  readonly input: Tensor | null;
  /** Those of bias and weight. */
  readonly sums: readonly [Tensor, Tensor];
}

/** One over the root of a variance. */
export function reciprocalRoot(variance: Expr): Expr {
  return call("div", 1, call("sqrt", variance));
}

/** Numbers of a call of the forward pass: elements of a channel, what is added to the variance, and three that running statistics and variances take. */
export const SIZE: Expr = param(0);
export const EPS: Expr = param(1);
const MOMENTUM: Expr = param(2);
const REST: Expr = param(3);
export const FREE: Expr = param(4);

/** A running statistic with its share of a new one. */
export function mixed(old: Expr, value: Expr): Expr {
  return call("add", call("mul", old, REST), call("mul", value, MOMENTUM));
}

/** The input as [N, C, S]. */
function asPlanes(x: Tensor): Tensor {
  return x.reshape([x.shape[0]!, x.shape[1]!, -1]);
}

/** Elements of a plane, and planes of a channel; the numbers of {@linkcode forwardKernel} come before. */
const PLANE = param(5);
const PLANES = param(6);

/** Inputs: means and squares of planes, running mean and variance, weight, as far as there are. */
function combineKernel(running: boolean, weighted: boolean): RowKernel {
  const first = running ? 4 : 2;
  const arity = first + (weighted ? 1 : 0);
  const scaleOf = (squares: Expr) =>
    reciprocalRoot(call("add", call("div", squares, SIZE), EPS));
  return rowKernel({
    name: "batchNorm",
    arity,
    single: Array.from({ length: arity - 2 }, (_, k) => k + 2),
    steps: [
      {
        fold: "sum",
        of: ([mean]) => mean!,
        finish: (sum) => call("div", sum, PLANES),
      },
      {
        fold: "sum",
        of: ([own, squares], [mean]) => {
          const rest = call("sub", own!, mean!);
          const between = call("mul", call("mul", rest, rest), PLANE);
          return call("add", squares!, between);
        },
      },
    ],
    totals: ([mean, squares], x) => {
      const scale = scaleOf(squares!);
      const statistics = [mean!, scale];
      return weighted
        ? [...statistics, call("mul", scale, x[first]!)]
        : statistics;
    },
    changes: ([mean, squares], x) =>
      !running ? [] : [
        null,
        null,
        mixed(x[2]!, mean!),
        mixed(x[3]!, call("div", squares!, FREE)),
      ],
  });
}

const COMBINE: (RowKernel | undefined)[] = [];

/** A tensor [N, C] with the channels first, or a vector of them beside it. */
function byChannel(y: Tensor, shape: readonly number[]): Strided {
  const [step = 0, own = 0] = y.strides;
  const strides = y.shape.length === 2 ? [own, step] : [step, 0];
  return stridedLike(y, shape, strides, y.offset, false);
}

/** As `normalizeChannels`, in training, for any number of elements in a plane. */
export function normalizeInThree(
  x: Tensor,
  { weight, bias, runningMean, runningVar }: ChannelInputs,
  { momentum, eps }: ChannelOptions,
): NormalizedChannels {
  const planes = asPlanes(x);
  const [n, channels, size] = planes.shape as [number, number, number];
  const vectors = [...spreadOf(planes)];
  const running = runningMean !== null && runningVar !== null
    ? [runningMean, runningVar]
    : [];
  for (const y of running) beginInplace(y, false);
  vectors.push(...running);
  if (weight !== null) vectors.push(weight);
  const kernel = COMBINE[(running.length > 0 ? 2 : 0) + (weight ? 1 : 0)] ??=
    combineKernel(running.length > 0, weight !== null);
  const { storage: { device }, info } = x;
  const totals = kernel.totals.map(() => emptyTensor(device, info, [channels]));
  const shape = [channels, n];
  const all = n * size;
  device.rows(
    kernel,
    null,
    totals,
    vectors.map((y) => byChannel(y, shape)),
    [all, eps, momentum, 1 - momentum, all - 1, size, n],
    1,
  );
  for (const y of running) y.storage.version++;
  const [mean, scale, factor = scale!] = totals as [Tensor, Tensor, Tensor?];
  const out = affineRows(planes, mean, factor, bias ?? scale.newZeros(1));
  return { out: reshaped(out, x.shape), mean, scale };
}

/** Inputs: sums of gradients and of their products, of planes, and weight if there is one. */
function sumsKernel(weighted: boolean): RowKernel {
  return rowKernel({
    name: "batchNormBackward",
    arity: weighted ? 3 : 2,
    single: weighted ? [2] : [],
    steps: [
      { fold: "sum", of: ([own]) => own! },
      { fold: "sum", of: ([, product]) => product! },
    ],
    totals: (sums, [, , weight]) => [
      ...sums,
      ...sums.map((sum) => {
        const average = call("div", sum, SIZE);
        return weighted ? call("mul", average, weight!) : average;
      }),
    ],
  });
}

const SUMS = [sumsKernel(false), sumsKernel(true)];

/** The gradients of {@linkcode normalizeInThree}. */
export function backwardInThree(
  g: Tensor,
  x: Tensor,
  [mean, scale, weight]: readonly [Tensor, Tensor, Tensor | null],
  wanted: boolean,
): ChannelGradients {
  const [own, planes] = [asPlanes(g), asPlanes(x)];
  const [n, channels, size] = planes.shape as [number, number, number];
  const vectors = [...gradientSums(own, planes, mean, scale)];
  if (weight !== null) vectors.push(weight);
  const kernel = SUMS[weight === null ? 0 : 1]!;
  const { storage: { device }, info } = x;
  const totals = kernel.totals.map(() => emptyTensor(device, info, [channels]));
  const shape = [channels, n];
  const seen = vectors.map((y) => byChannel(y, shape));
  device.rows(kernel, null, totals, seen, [n * size], 1);
  const [bias, factor, first, second] = totals as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  if (!wanted) return { input: null, sums: [bias, factor] };
  const slope = weight ?? scale.newZeros(1).add(1);
  const input = inputRows(own, planes, [mean, scale, slope, first, second]);
  return { input: reshaped(input, x.shape), sums: [bias, factor] };
}
