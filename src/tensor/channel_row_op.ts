// Normalisation by channels in one call of the device, statistics, running
// statistics and result together, and its gradients in another: for devices
// that say of rows of several dimensions that they are best done so.

import {
  backwardInThree,
  type ChannelGradients,
  type ChannelInputs,
  type ChannelOptions,
  EPS,
  FREE,
  mixed,
  type NormalizedChannels,
  normalizeInThree,
  reciprocalRoot,
  SIZE,
} from "./channel_plane_op.ts";
import type { RowKernel, Strided } from "./device.ts";
import { call, type Expr } from "./expr.ts";
import { beginInplace } from "./inplace.ts";
import { emptyTensor, stridedLike } from "./op.ts";
import { fitsRow, rowKernel } from "./row_op.ts";
import type { Tensor } from "./tensor.ts";

/** Whether the elements of a channel are few enough for one call. */
function fitsOneCall(x: Tensor): boolean {
  return fitsRow(x, x.count / x.shape[1]!);
}

/**
 * Whether rows do it, with all operands of one kind: in one call, or in training
 * in three where a channel has too many elements: of rows, of channels, of all.
 */
export function fitsChannels(
  x: Tensor,
  others: readonly (Tensor | null)[],
  training: boolean,
): boolean {
  const { shape, info, count } = x;
  if (count === 0 || shape.length < 2) return false;
  const inThree = training && shape.length > 2 && fitsRow(x, shape[0]!);
  if (!inThree && !fitsOneCall(x)) return false;
  // Statistics have the type of the input, and 16 bits are too few for them.
  if (info.bytes < 4) return false;
  for (const y of others) {
    if (y === null) continue;
    if (y.info !== info || y.shape.length !== 1) return false;
    if (y.storage.device !== x.storage.device) return false;
  }
  return true;
}

/** The channels first, then the dimensions of their elements. */
function channelsFirst<T>(of: readonly T[]): T[] {
  const out = of.slice();
  out[0] = of[1]!;
  out[1] = of[0]!;
  return out;
}

/** Operands as a device sees them: tensors like `x`, then vectors of channels. */
function operands(
  x: Tensor,
  like: readonly Tensor[],
  vectors: readonly (Tensor | null)[],
): Strided[] {
  const shape = channelsFirst(x.shape);
  const out = like.map((y) =>
    stridedLike(y, shape, channelsFirst(y.strides), y.offset, false)
  );
  for (const y of vectors) {
    if (y === null) continue;
    const strides = shape.map(() => 0);
    strides[0] = y.strides[0]!;
    out.push(stridedLike(y, shape, strides, y.offset, false));
  }
  return out;
}

/** Inputs: what is normalised, running mean and variance, weight, bias, as far as there are. */
function forwardKernel(
  training: boolean,
  running: boolean,
  weighted: boolean,
  biased: boolean,
): RowKernel {
  const first = running ? 3 : 1;
  const arity = first + (weighted ? 1 : 0) + (biased ? 1 : 0);
  /** Mean and reciprocal standard deviation. */
  const statistics = (x: readonly Expr[], values: readonly Expr[]) =>
    training
      ? [
        values[0]!,
        reciprocalRoot(call("add", call("div", values[1]!, SIZE), EPS)),
      ]
      : [x[1]!, reciprocalRoot(call("add", x[2]!, EPS))];
  return rowKernel({
    name: "batchNorm",
    arity,
    single: Array.from({ length: arity - 1 }, (_, k) => k + 1),
    steps: !training ? [] : [
      {
        fold: "sum",
        of: ([x]) => x!,
        finish: (sum) => call("div", sum, SIZE),
      },
      {
        fold: "sum",
        of: ([x], [mean]) => {
          const rest = call("sub", x!, mean!);
          return call("mul", rest, rest);
        },
      },
    ],
    result: (x, values) => {
      const [mean, scale] = statistics(x, values);
      const factor = weighted ? call("mul", scale!, x[first]!) : scale!;
      const out = call("mul", call("sub", x[0]!, mean!), factor);
      return biased ? call("add", out, x[arity - 1]!) : out;
    },
    totals: (values, x) => statistics(x, values),
    changes: (values, x) =>
      training && running
        ? [
          null,
          mixed(x[1]!, values[0]!),
          mixed(x[2]!, call("div", values[1]!, FREE)),
        ]
        : [],
  });
}

/** By what there is, as far as asked for. */
const FORWARD: (RowKernel | undefined)[] = [];

/** Normalises, where {@linkcode fitsChannels} says so; running statistics are updated in training. */
export function normalizeChannels(
  x: Tensor,
  { weight, bias, runningMean, runningVar }: ChannelInputs,
  { training, momentum, eps }: ChannelOptions,
): NormalizedChannels {
  const running = runningMean !== null && runningVar !== null;
  if (!fitsOneCall(x)) {
    return normalizeInThree(x, { weight, bias, runningMean, runningVar }, {
      training,
      momentum,
      eps,
    });
  }
  const key = (training ? 8 : 0) + (running ? 4 : 0) + (weight ? 2 : 0) +
    (bias ? 1 : 0);
  const kernel = FORWARD[key] ??= forwardKernel(
    training,
    running,
    weight !== null,
    bias !== null,
  );
  const { storage: { device }, info, shape, count } = x;
  const channels = shape[1]!;
  const n = count / channels;
  const out = emptyTensor(device, info, shape);
  const mean = emptyTensor(device, info, [channels]);
  const scale = emptyTensor(device, info, [channels]);
  const changing = training && running ? [runningMean, runningVar] : [];
  for (const y of changing) beginInplace(y, false);
  const vectors = running
    ? [runningMean, runningVar, weight, bias]
    : [weight, bias];
  const [seen, ...inputs] = operands(x, [out, x], vectors);
  device.rows(
    kernel,
    seen!,
    [mean, scale],
    inputs,
    [n, eps, momentum, 1 - momentum, n - 1],
    shape.length - 1,
  );
  for (const y of changing) y.storage.version++;
  return { out, mean, scale };
}

/** Inputs: gradient, input, mean, reciprocal standard deviation, weight if there is one. */
function backwardKernel(
  training: boolean,
  weighted: boolean,
  wanted: boolean,
): RowKernel {
  const rest = ([, x, mean, scale]: readonly Expr[]): Expr =>
    call("mul", call("sub", x!, mean!), scale!);
  return rowKernel({
    name: "batchNormBackward",
    arity: weighted ? 5 : 4,
    single: weighted ? [2, 3, 4] : [2, 3],
    steps: [
      { fold: "sum", of: ([g]) => g! },
      { fold: "sum", of: (x) => call("mul", x[0]!, rest(x)) },
    ],
    ...(!wanted ? {} : {
      result: (x: readonly Expr[], values: readonly Expr[]) => {
        const [g, , , scale, weight] = x;
        const factor = weighted ? call("mul", scale!, weight!) : scale!;
        if (!training) return call("mul", g!, factor);
        const [first, second] = values.map((sum) => call("div", sum, SIZE));
        const own = call("sub", g!, first!);
        return call(
          "mul",
          call("sub", own, call("mul", rest(x), second!)),
          factor,
        );
      },
    }),
    totals: (values) => values,
  });
}

const BACKWARD: (RowKernel | undefined)[] = [];

/** The gradients of {@linkcode normalizeChannels}, where {@linkcode fitsChannels} says so. */
export function normalizeChannelsBackward(
  g: Tensor,
  x: Tensor,
  [mean, scale, weight]: readonly [Tensor, Tensor, Tensor | null],
  training: boolean,
  wanted: boolean,
): ChannelGradients {
  if (!fitsOneCall(x)) {
    return backwardInThree(g, x, [mean, scale, weight], wanted);
  }
  const key = (training ? 4 : 0) + (weight ? 2 : 0) + (wanted ? 1 : 0);
  const kernel = BACKWARD[key] ??= backwardKernel(
    training,
    weight !== null,
    wanted,
  );
  const { storage: { device }, info, shape, count } = x;
  const channels = shape[1]!;
  const input = wanted ? emptyTensor(device, info, shape) : null;
  const bias = emptyTensor(device, info, [channels]);
  const factor = emptyTensor(device, info, [channels]);
  const like = input === null ? [g, x] : [input, g, x];
  const seen = operands(x, like, [mean, scale, weight]);
  const out = input === null ? null : seen.shift()!;
  const n = [count / channels];
  device.rows(kernel, out, [bias, factor], seen, n, shape.length - 1);
  return { input, sums: [bias, factor] };
}
