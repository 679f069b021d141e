// What normalisations share: rows with mean 0 and variance 1, forward and
// backward, each in one call of the device, or of public ops where the
// derivative itself is to be differentiated.

import { call, type Expr, param } from "./expr.ts";
import type { RowKernel } from "./device.ts";
import { rowKernel, type RowResults, runRows, runRowsOver } from "./row_op.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** A normalised tensor and what it was normalised by; statistics have the dimensions, with length 1. */
export interface Normalized {
  /** The result. */
  readonly out: Tensor;
  /** Means of the rows; null where nobody wants to know. */
  readonly mean: Tensor | null;
  /** Reciprocals of the standard deviations. */
  readonly scale: Tensor | null;
}

function affine(value: Expr, weight?: Expr, bias?: Expr): Expr {
  const scaled = weight === undefined ? value : call("mul", value, weight);
  return bias === undefined ? scaled : call("add", scaled, bias);
}

/** Params: elements of a row, what is added to the variance. */
function forwardKernel(arity: number, statistics: boolean): RowKernel {
  return rowKernel({
    name: "norm",
    arity,
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
        finish: (sum) => {
          const variance = call("div", sum, param(0));
          return call("div", 1, call("sqrt", call("add", variance, param(1))));
        },
      },
    ],
    result: ([x, weight, bias], [mean, scale]) =>
      affine(call("mul", call("sub", x!, mean!), scale!), weight, bias),
    totals: (values) => statistics ? values : [],
  });
}

/** By number of inputs, those that keep the statistics, which only gradients read, and those that do not. */
const FORWARD = [1, 2, 3].map((arity) => forwardKernel(arity, true));
const FORWARD_ONLY = [1, 2, 3].map((arity) => forwardKernel(arity, false));

/** Normalises along `dim`; weight and bias broadcast. */
export function normalizeRows(
  x: Tensor,
  dim: number,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
  statistics: boolean,
): Normalized {
  return normalizeOver(x, [dim], weight, bias, eps, statistics);
}

/** The same along several dimensions, for devices on which such rows fit. */
export function normalizeOver(
  x: Tensor,
  dims: readonly number[],
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
  statistics: boolean,
): Normalized {
  const inputs = [x];
  if (weight !== null) inputs.push(weight);
  if (weight !== null && bias !== null) inputs.push(bias);
  const kernel = (statistics ? FORWARD : FORWARD_ONLY)[inputs.length - 1]!;
  const { out, totals } = runOver(kernel, x.shape, dims, inputs, [eps]);
  if (weight === null && bias !== null) out!.add_(bias);
  return { out: out!, mean: totals[0] ?? null, scale: totals[1] ?? null };
}

/** Runs a kernel along one dimension or several; its first number is how many elements a row has. */
function runOver(
  kernel: RowKernel,
  shape: Shape,
  dims: readonly number[],
  inputs: readonly Tensor[],
  params: readonly number[],
): RowResults {
  let count = 1;
  for (const d of dims) count *= shape[d]!;
  const numbers = [count, ...params];
  return dims.length === 1
    ? runRows(kernel, shape, dims[0]!, inputs, numbers, true)
    : runRowsOver(kernel, shape, dims, inputs, numbers, true);
}

/** Inputs: gradient, input, mean, scale, weight if there is one. */
function backwardKernel(arity: 4 | 5): RowKernel {
  const rest = ([, x, mean, scale]: readonly Expr[]): Expr =>
    call("mul", call("sub", x!, mean!), scale!);
  const weighted = ([g, , , , weight]: readonly Expr[]): Expr =>
    affine(g!, weight);
  const average = (sum: Expr): Expr => call("div", sum, param(0));
  return rowKernel({
    name: "normBackward",
    arity,
    single: [2, 3],
    steps: [
      { fold: "sum", of: weighted, finish: average },
      {
        fold: "sum",
        of: (x) => call("mul", weighted(x), rest(x)),
        finish: average,
      },
    ],
    result: (x, [first, second]) => {
      const own = call("sub", weighted(x), first!);
      return call(
        "mul",
        call("sub", own, call("mul", rest(x), second!)),
        x[3]!,
      );
    },
  });
}

const BACKWARD = [backwardKernel(4), backwardKernel(5)];

/** The gradient of the input of {@linkcode normalizeRows}; statistics have the dimension, with length 1. */
export function normalizeRowsBackward(
  g: Tensor,
  x: Tensor,
  mean: Tensor,
  scale: Tensor,
  weight: Tensor | null,
  dim: number,
): Tensor {
  return normalizeOverBackward(g, x, mean, scale, weight, [dim]);
}

/** The same of {@linkcode normalizeOver}. */
export function normalizeOverBackward(
  g: Tensor,
  x: Tensor,
  mean: Tensor,
  scale: Tensor,
  weight: Tensor | null,
  dims: readonly number[],
): Tensor {
  const inputs = [g, x, mean, scale];
  if (weight !== null) inputs.push(weight);
  const kernel = BACKWARD[inputs.length - 4]!;
  return runOver(kernel, x.shape, dims, inputs, []).out!;
}

/** The gradient of a weight: a sum along `dim`. */
const WEIGHT = rowKernel({
  name: "normBackward",
  arity: 4,
  steps: [
    {
      fold: "sum",
      of: ([g, x, mean, scale]) =>
        call("mul", g!, call("mul", call("sub", x!, mean!), scale!)),
    },
  ],
  totals: (values) => values,
});

/** The gradient of a weight that repeats along `dim`. */
export function weightGradient(
  g: Tensor,
  x: Tensor,
  mean: Tensor,
  scale: Tensor,
  dim: number,
): Tensor {
  const inputs = [g, x, mean, scale];
  return runRows(WEIGHT, x.shape, dim, inputs).totals[0]!;
}

/** The normalised input by public ops, over any dimensions; statistics keep them. */
export function normalizedBy(
  x: Tensor,
  dims: readonly number[],
  eps: number,
): { rest: Tensor; scale: Tensor } {
  const options = { keepdim: true } as const;
  const centred = x.sub(x.mean(dims, options));
  const scale = centred.mul(centred).mean(dims, options).add(eps).rsqrt();
  return { rest: centred.mul(scale), scale };
}

/** The gradient of the input by public ops: of `g`, which the weight is part of. */
export function inputGradient(
  g: Tensor,
  rest: Tensor,
  scale: Tensor,
  dims: readonly number[],
): Tensor {
  const options = { keepdim: true } as const;
  const own = g.sub(g.mean(dims, options));
  return own.sub(rest.mul(g.mul(rest).mean(dims, options))).mul(scale);
}
