// What steps need that look at a whole tensor at once: sizes, products, and
// means over rows and columns, all stored in memory that the caller keeps. Not
// public: the optimizers call them, and nothing is recorded.

import { beginInplace } from "../inplace.ts";
import type { ReduceKernel } from "../device.ts";
import { call, type Expr, param } from "../expr.ts";
import { matrixProduct, vectorProduct } from "../matrix_kernel.ts";
import { fold, reduceKernel } from "../reduce_op.ts";
import { rowKernel, runRowsInto } from "../row_op.ts";
import type { Tensor } from "../tensor.ts";
import { defineUpdate, update, variants } from "../update_op.ts";
import {
  add,
  div,
  isFar,
  mul,
  sqrt,
  sub,
  towards,
  weightOf,
} from "./descent_terms.ts";

/** How {@linkcode sizeOf} measures. */
export type Size = "norm" | "sum" | "largest";

const SIZES: Readonly<Record<Size, ReduceKernel>> = {
  norm: reduceKernel({
    start: 0,
    step: (acc, x) => add(acc, mul(x, x)),
    finish: (acc) => sqrt(acc),
  }),
  sum: reduceKernel({
    start: 0,
    step: (acc, x) => add(acc, call("abs", x)),
  }),
  largest: reduceKernel({
    start: 0,
    step: (acc, x) => call("max", acc, call("abs", x)),
  }),
};

const MEAN = reduceKernel({
  start: 0,
  step: (acc, x) => add(acc, x),
  finish: (acc, count) => div(acc, count),
});

/** Euclid's norm, the sum of absolute values or the largest, rounded to the type of `x` in `out`, which is 0-d. */
export function sizeOf(kind: Size, x: Tensor, out: Tensor): number {
  fold(SIZES[kind], x.info, x.info, x, null, false, out);
  out.storage.version++;
  return Number(out.item());
}

/** The product of two vectors, rounded to their type in `out`, which is 0-d. */
export function dotOf(x: Tensor, y: Tensor, out: Tensor): number {
  vectorProduct(x, y, out);
  out.storage.version++;
  return Number(out.item());
}

/** `beta * x + alpha * (a @ b)` in `out`, which is dense and none of the operands; the product alone where `x` is null. */
export function productInto(
  out: Tensor,
  a: Tensor,
  b: Tensor,
  x: Tensor | null = null,
  alpha: number = 1,
  beta: number = 0,
): void {
  beginInplace(out, false);
  const to = x === null ? null : { x, factors: { alpha, beta } };
  matrixProduct(a, b, to, out);
  out.storage.version++;
}

const DIFFERENCE = defineUpdate(3, (_out, x, y) => [sub(x, y), null, null]);

/** `x - y` in `out`. */
export function differenceInto(out: Tensor, x: Tensor, y: Tensor): void {
  update(DIFFERENCE, [out, x, y], []);
}

const MULTIPLE = defineUpdate(2, (_out, x) => [mul(x, param(0)), null]);

/** `factor * x` in `out`. */
export function multipleInto(out: Tensor, x: Tensor, factor: number): void {
  update(MULTIPLE, [out, x], [factor]);
}

const SCALE = defineUpdate(1, (x) => [mul(x, param(0))]);

/** Multiplies in place, without a tensor for the factor. */
export function scaleBy(x: Tensor, factor: number): void {
  update(SCALE, [x], [factor]);
}

/** Inputs: the mean, a norm. Parameters: number of elements, weight. */
const MEAN_OF_SQUARES = variants((far: boolean) =>
  defineUpdate(2, (mean, norm) => [
    towards(mean, div(mul(norm, norm), param(0)), param(1), far),
    null,
  ])
);

/**
 * Moves the means of squares along `dim`, kept with length 1, towards those of
 * `grad`. `norms` is shaped like `mean` and has nothing to say before or after.
 */
export function followSquares(
  mean: Tensor,
  grad: Tensor,
  dim: number,
  share: number,
  norms: Tensor,
): void {
  fold(SIZES.norm, grad.info, grad.info, grad, [dim], true, norms);
  norms.storage.version++;
  const params = [grad.shape[dim]!, weightOf(share)];
  update(MEAN_OF_SQUARES(isFar(share)), [mean, norms], params);
}

/** Inputs: the mean, a gradient. Parameter: weight. */
const SQUARE = variants((far: boolean) =>
  defineUpdate(2, (mean, grad) => [
    towards(mean, mul(grad, grad), param(0), far),
    null,
  ])
);

/** Moves the mean of squares of each element towards that of `grad`. */
export function followSquare(mean: Tensor, grad: Tensor, share: number): void {
  update(SQUARE(isFar(share)), [mean, grad], [weightOf(share)]);
}

/** The mean along `dim`, which stays with length 1, in `out`. */
export function meanInto(out: Tensor, x: Tensor, dim: number): void {
  fold(MEAN, x.info, x.info, x, [dim], true, out);
  out.storage.version++;
}

/** `sign * grad / sqrt(square)`. Parameters: sign, least square, least mean. */
function scaledBy(grad: Expr, square: Expr): Expr {
  const root = sqrt(call("max", square, param(1)));
  return mul(div(1, root), mul(param(0), grad));
}

/** Rows of `way(inputs)`, and their norms. */
const wayKernel = (
  arity: number,
  way: (inputs: readonly Expr[]) => Expr,
) =>
  rowKernel({
    name: "adafactor",
    arity,
    steps: [{
      fold: "sum",
      of: (x) => mul(way(x), way(x)),
      finish: (sum) => sqrt(sum),
    }],
    result: way,
    totals: (values) => values,
  });

const PLAIN = wayKernel(2, ([grad, square]) => scaledBy(grad!, square!));

const FACTORED = wayKernel(4, ([grad, rows, columns, mean]) =>
  scaledBy(
    grad!,
    div(mul(rows!, columns!), call("max", mean!, param(2))),
  ));

/** Numbers of {@linkcode scaledInto}. */
export interface Scaling {
  /** -1 where the optimizer climbs, else 1. */
  readonly sign: number;
  /** Bounds the mean of squares from below, and, squared, each square. */
  readonly least: number;
}

/**
 * The gradient over the root of the mean of its squares in `way`, which is dense,
 * and the norms of its rows in `norms`. The squares are one tensor, those of each
 * element, or three: those of rows and columns, and the mean of the former. No
 * type may be shorter than 32 bits.
 */
export function scaledInto(
  way: Tensor,
  norms: Tensor,
  grad: Tensor,
  squares: readonly Tensor[],
  { sign, least }: Scaling,
): void {
  const kernel = squares.length === 1 ? PLAIN : FACTORED;
  const params = [sign, least * least, least];
  runRowsInto(kernel, way, [norms], [grad, ...squares], params);
}
