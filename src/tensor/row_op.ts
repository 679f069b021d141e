// Fused work on rows: a few sums or maxima along one dimension and an
// expression of their results for every element, in one call of the device.

import { dimLast, shapeWithout } from "./along_op.ts";
import type { Device, RowKernel, Strided } from "./device.ts";
import { type Expr, input } from "./expr.ts";
import { broadcastStrides } from "./geometry.ts";
import { commonDeviceOf, emptyTensor, NO_PARAMS, stridedLike } from "./op.ts";
import { sameShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** A step as {@linkcode rowKernel} takes it; the values are those of the steps before. */
export interface StepInit {
  /** How elements are combined. */
  readonly fold: "sum" | "max";
  /** What is combined, of the input elements and the values of earlier steps. */
  readonly of: (
    x: readonly Expr[],
    values: readonly Expr[],
    position: Expr,
  ) => Expr;
  /** Makes the value of the step of what came out. */
  readonly finish?: (folded: Expr, values: readonly Expr[]) => Expr;
  /** Whether the combined elements stay, for the result. */
  readonly kept?: boolean;
}

/** Names of kernels, for those who look at what ran. */
export const ROW_NAMES: Map<object, string> = new Map();

/** What a caller of {@linkcode rowKernel} gives. */
export interface RowInit {
  /** What those who look at what ran call it; `"rows"` where not given. */
  readonly name?: string;
  /** Number of inputs. */
  readonly arity: number;
  /** The steps, in order. */
  readonly steps: readonly StepInit[];
  /** The result of each element, of the input elements, the values of the steps, and the elements that were kept. */
  readonly result?: (
    x: readonly Expr[],
    values: readonly Expr[],
    kept: Expr,
    position: Expr,
  ) => Expr;
  /** The results of each row, of the values of the steps and of inputs that are single. */
  readonly totals?: (
    values: readonly Expr[],
    x: readonly Expr[],
  ) => readonly Expr[];
  /** Inputs of which a row repeats one element. */
  readonly single?: readonly number[];
  /** What becomes of such inputs, by input; null where they stay. */
  readonly changes?: (
    values: readonly Expr[],
    x: readonly Expr[],
  ) => readonly (Expr | null)[];
}

let kernels = 0;

/** Makes the kernel of a fused computation on rows. */
export function rowKernel(init: RowInit): RowKernel {
  const { arity } = init;
  const x = Array.from({ length: arity }, (_, k) => input(k));
  const values: Expr[] = [];
  const folded = input(arity + init.steps.length);
  const position = input(arity + init.steps.length + 1);
  const steps = init.steps.map(({ fold, of, finish, kept = false }, k) => {
    const known = values.slice();
    values.push(input(arity + k));
    return {
      fold,
      of: of(x, known, position),
      finish: finish?.(folded, known) ?? null,
      kept,
    };
  });
  const kernel: RowKernel = {
    id: kernels++,
    arity,
    steps,
    result: init.result?.(x, values, folded, position) ?? null,
    totals: init.totals?.(values, x) ?? [],
    single: init.single ?? [],
    changes: (init.changes?.(values, x) ?? []).flatMap((to, input) =>
      to === null ? [] : [{ input, to }]
    ),
  };
  if (init.name !== undefined) ROW_NAMES.set(kernel, init.name);
  return kernel;
}

/** An operand seen with the dimension last, stretched to `shape`. */
function operand(x: Tensor, shape: readonly number[], dim: number): Strided {
  if (sameShape(x.shape, shape)) return dimLast(x, dim);
  const strides = broadcastStrides(x, shape);
  return dimLast(stridedLike(x, shape, strides, x.offset, false), dim);
}

/** The device of the inputs: most often they have one. */
function deviceFor(inputs: readonly Tensor[]): Device {
  const { device } = inputs[0]!.storage;
  for (let k = 1; k < inputs.length; k++) {
    if (inputs[k]!.storage.device !== device) return commonDeviceOf(inputs);
  }
  return device;
}

/** What {@linkcode runRows} gives. */
export interface RowResults {
  /** A result for each element; null where the kernel has none. */
  readonly out: Tensor | null;
  /** Results for each row: tensors without the dimension. */
  readonly totals: readonly Tensor[];
}

/**
 * Runs a kernel along `dim` of `shape`, to which the inputs are broadcast; all
 * have one floating-point type. Totals lack the dimension, or have it with
 * length one. Not recorded.
 */
export function runRows(
  kernel: RowKernel,
  shape: readonly number[],
  dim: number,
  inputs: readonly Tensor[],
  params: readonly number[] = NO_PARAMS,
  keepdim = false,
): RowResults {
  const { info } = inputs[0]!;
  const device = deviceFor(inputs);
  const out = kernel.result === null ? null : emptyTensor(device, info, shape);
  const totals: Tensor[] = [];
  if (kernel.totals.length > 0) {
    const reduced = shapeWithout(shape, dim, keepdim);
    for (let k = 0; k < kernel.totals.length; k++) {
      totals.push(emptyTensor(device, info, reduced));
    }
  }
  const operands: Strided[] = [];
  for (let k = 0; k < inputs.length; k++) {
    operands.push(operand(inputs[k]!, shape, dim));
  }
  const target = out === null ? null : dimLast(out, dim);
  device.rows(kernel, target, totals, operands, params, 1);
  return { out, totals };
}

/** Whether rows of `count` elements are best done by one call, over several dimensions too. */
export function fitsRow(x: Tensor, count: number): boolean {
  const { mostInRow } = x.storage.device;
  return mostInRow !== undefined && count <= mostInRow;
}

/** Rows that keep a device busy, and elements of a row that are too many for one call however many there are. */
const MANY_ROWS = 64;
const LONG_ROW = 2 ** 20;

/** Whether rows of `count` elements are best done step by step, each of them by reductions and maps: few, and longer than what fits. */
export function outgrowsRow(x: Tensor, count: number): boolean {
  const { mostInRow } = x.storage.device;
  return mostInRow !== undefined && count > mostInRow &&
    (count > LONG_ROW || x.count < count * MANY_ROWS);
}

/** A tensor stretched to `shape`, with the dimensions of rows last. */
function turned(
  x: Tensor,
  shape: readonly number[],
  order: readonly number[],
  to: readonly number[],
): Strided {
  const pad = shape.length - x.shape.length;
  const strides = order.map((d) =>
    d < pad || (x.shape[d - pad] === 1 && shape[d] !== 1)
      ? 0
      : x.strides[d - pad]!
  );
  return stridedLike(x, to, strides, x.offset, false);
}

/** As {@linkcode runRows}, for rows of the dimensions `dims`, in order; for devices on which they fit ({@linkcode fitsRow}). */
export function runRowsOver(
  kernel: RowKernel,
  shape: readonly number[],
  dims: readonly number[],
  inputs: readonly Tensor[],
  params: readonly number[] = NO_PARAMS,
  keepdim = false,
): RowResults {
  const { info } = inputs[0]!;
  const device = deviceFor(inputs);
  const order: number[] = [];
  for (let d = 0; d < shape.length; d++) if (!dims.includes(d)) order.push(d);
  const reduced = keepdim
    ? shape.map((n, d) => dims.includes(d) ? 1 : n)
    : order.map((d) => shape[d]!);
  order.push(...dims);
  const to = order.map((d) => shape[d]!);
  const out = kernel.result === null ? null : emptyTensor(device, info, shape);
  const totals = kernel.totals.map(() => emptyTensor(device, info, reduced));
  device.rows(
    kernel,
    out === null ? null : turned(out, shape, order, to),
    totals,
    inputs.map((x) => turned(x, shape, order, to)),
    params,
    dims.length,
  );
  return { out, totals };
}

/**
 * Runs a kernel along the last dimension of `out`, to which the inputs are
 * broadcast, and stores its results in `out` and `totals`, which are dense. Not
 * recorded.
 */
export function runRowsInto(
  kernel: RowKernel,
  out: Tensor,
  totals: readonly Tensor[],
  inputs: readonly Tensor[],
  params: readonly number[] = NO_PARAMS,
): void {
  const { shape, storage: { device } } = out;
  const last = shape.length - 1;
  const operands = inputs.map((x) => operand(x, shape, last));
  device.rows(kernel, out, totals, operands, params, 1);
  out.storage.version++;
  for (const total of totals) total.storage.version++;
}
