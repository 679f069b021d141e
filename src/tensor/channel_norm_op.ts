// What normalisations by channels share: tensors [N, C, S] whose statistics are
// those of channels or of groups of channels. A pass over the elements goes by
// rows of S; what comes of it, [N, C], is combined by public ops. Tensors
// [N, C] count as [1, C, N]: a pass goes along N and gives [1, C].

import { MODE } from "../grad/mode.ts";
import type { Node } from "../grad/node.ts";
import { call, param } from "./expr.ts";
import { rowKernel, runRows, runRowsOver } from "./row_op.ts";
import type { Tensor } from "./tensor.ts";

/** Mean and sum of squared distances from it, of each row. */
const SPREAD = rowKernel({
  name: "channelNorm",
  arity: 1,
  steps: [
    {
      fold: "sum",
      of: ([x]) => x!,
      finish: (sum) => call("div", sum, param(0)),
    },
    {
      fold: "sum",
      of: ([x], [mean]) => {
        const rest = call("sub", x!, mean!);
        return call("mul", rest, rest);
      },
    },
  ],
  totals: (values) => values,
});

/** Means and sums of squared distances from them of [N, C, S], which has elements: [N, C]. */
export function spreadOf(x: Tensor): [Tensor, Tensor] {
  const dim = x.shape.length === 3 ? 2 : 0;
  const { totals } = runRows(SPREAD, x.shape, dim, [x], [x.shape[dim]!]);
  return totals.map((y) => dim === 0 ? y.unsqueeze(0) : y) as [Tensor, Tensor];
}

/** Combines the statistics of rows of `size` elements along `dim`, exactly: the means differ. */
export function combineSpreads(
  [means, squares]: readonly [Tensor, Tensor],
  size: number,
  dim: number,
): { mean: Tensor; squares: Tensor } {
  if (means.shape[dim] === 1) return { mean: means, squares };
  const mean = means.mean(dim, { keepdim: true });
  const between = means.sub(mean);
  const more = between.mul(between).sum(dim, { keepdim: true }).mul(size);
  return { mean, squares: squares.sum(dim, { keepdim: true }).add(more) };
}

/** A number of each channel as it stands beside `x`. */
function placed(y: Tensor, x: Tensor): Tensor {
  return x.shape.length === 3 ? y.unsqueeze(-1) : y;
}

const AFFINE = rowKernel({
  name: "channelNorm",
  arity: 4,
  steps: [],
  result: ([x, mean, factor, shift]) =>
    call("add", call("mul", call("sub", x!, mean!), factor!), shift!),
});

/** `(x - mean) * factor + shift` of [N, C, S]; the others are [N, C] or broadcast to it. */
export function affineRows(
  x: Tensor,
  mean: Tensor,
  factor: Tensor,
  shift: Tensor,
): Tensor {
  const inputs = [mean, factor, shift].map((y) => placed(y, x));
  return runRows(AFFINE, x.shape, x.shape.length - 1, [x, ...inputs]).out!;
}

/** Of each row, the sum of gradients and that of their products with what was normalised. */
const SUMS = rowKernel({
  name: "channelNormBackward",
  arity: 4,
  steps: [
    { fold: "sum", of: ([g]) => g! },
    {
      fold: "sum",
      of: ([g, x, mean, scale]) =>
        call("mul", g!, call("mul", call("sub", x!, mean!), scale!)),
    },
  ],
  totals: (values) => values,
});

/** What one rule found out for those that follow, of one gradient. */
export interface SumsCache {
  /** The gradient; null where nothing is known. */
  sumsOf: Tensor | null;
  /** What {@linkcode gradientSums} gave. */
  sums: readonly [Tensor, Tensor] | null;
}

/** As {@linkcode gradientSums}, once for all rules that get the same gradient. */
export function cachedSums(
  cache: SumsCache,
  g: Tensor,
  compute: () => readonly [Tensor, Tensor],
): readonly [Tensor, Tensor] {
  if (cache.sumsOf !== g || cache.sums === null) {
    cache.sums = compute();
    cache.sumsOf = g;
  }
  return cache.sums;
}

/** What an earlier rule left of a gradient; forgets it. */
export function takeSums(
  cache: SumsCache,
  g: Tensor,
): readonly [Tensor, Tensor] | null {
  const found = cache.sumsOf === g ? cache.sums : null;
  cache.sums = null;
  cache.sumsOf = null;
  return found;
}

/** Sums of gradients [N, C, S] and of their products with the normalised input: [N, C]. */
export function gradientSums(
  g: Tensor,
  x: Tensor,
  mean: Tensor,
  scale: Tensor,
): [Tensor, Tensor] {
  const inputs = [g, x, placed(mean, x), placed(scale, x)];
  const dim = x.shape.length === 3 ? 2 : 0;
  const { totals } = runRows(SUMS, x.shape, dim, inputs);
  return totals.map((y) => dim === 0 ? y.unsqueeze(0) : y) as [Tensor, Tensor];
}

/** The same over any dimensions, to which the statistics broadcast, for devices on which such rows fit. */
export function gradientSumsOver(
  g: Tensor,
  x: Tensor,
  mean: Tensor,
  scale: Tensor,
  dims: readonly number[],
): readonly [Tensor, Tensor] {
  const { totals } = runRowsOver(SUMS, x.shape, dims, [g, x, mean, scale]);
  return totals as [Tensor, Tensor];
}

const INPUT = rowKernel({
  name: "channelNormBackward",
  arity: 7,
  steps: [],
  result: ([g, x, mean, scale, weight, first, second]) => {
    const rest = call("mul", call("sub", x!, mean!), scale!);
    const own = call("sub", call("mul", g!, weight!), first!);
    return call("mul", call("sub", own, call("mul", rest, second!)), scale!);
  },
});

/** The gradient of the input, by the averages of gradients and of their products. */
export function inputRows(
  g: Tensor,
  x: Tensor,
  statistics: readonly Tensor[],
): Tensor {
  const inputs = statistics.map((y) => placed(y, x));
  return runRows(INPUT, x.shape, x.shape.length - 1, [g, x, ...inputs]).out!;
}

/** Whether rules use kernels: not where they are to be differentiated themselves. */
export function usesKernels(x: Tensor): boolean {
  return !MODE.grad && x.count > 0 && x.info.bytes >= 4;
}

/** A vector in the place of the channels of `x`. */
export function besideChannels(y: Tensor, x: Tensor): Tensor {
  return y.reshape(x.shape.map((_, d) => d === 1 ? -1 : 1));
}

/** All dimensions but that of channels. */
export function allButChannels(x: Tensor): number[] {
  return x.shape.map((_, d) => d).filter((d) => d !== 1);
}

/** The gradient of a bias of channels, which an earlier rule may have found. */
export function channelBias(g: Tensor, _: Node, cache: SumsCache): Tensor {
  const found = takeSums(cache, g)?.[0];
  if (found === undefined) return g.sum(allButChannels(g));
  return found.shape.length === 1 ? found : found.sum(0);
}
