// What losses share: how they are reduced, and those that are one expression of
// the elements: computed and summed in one pass, without a tensor in between.

import { MODE } from "../grad/mode.ts";
import { IN0 } from "../grad/node.ts";
import type { RowKernel } from "./device.ts";
import type { DTypeInfo } from "./dtype.ts";
import { FLOAT32 } from "./dtype.ts";
import { RuntimeError, ValueError } from "./errors.ts";
import { call, type Expr, param } from "./expr.ts";
import { reshaped } from "./along_op.ts";
import { defineKernel, type KernelOp, run } from "./kernel_op.ts";
import { map3 } from "./map_op.ts";
import { castTo, emptyTensor, resultInfoOf, toDense } from "./op.ts";
import { fitsRow, rowKernel, runRows, runRowsOver } from "./row_op.ts";
import { broadcastShapes, type Shape } from "./shape.ts";
import { slopeOp } from "./slope_op.ts";
import type { Tensor } from "./tensor.ts";

/** How the losses of all elements become the result: `"none"` leaves them. */
export type Reduction = "none" | "mean" | "sum";

/** Options of losses that have no others. */
export interface LossOptions {
  /** How the losses of all elements become the result; `"mean"` where not given. */
  readonly reduction?: Reduction;
}

/** Checks the name of a reduction. */
export function checkReduction(reduction: string): Reduction {
  if (
    reduction === "none" || reduction === "mean" || reduction === "sum"
  ) return reduction;
  throw new ValueError(
    `${reduction} is not a valid value for reduction`,
    'it is one of "none", "mean" and "sum"',
  );
}

/** Reduces a tensor of losses, recorded as what it is. */
export function reduceLoss(loss: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return loss;
  return reduction === "sum" ? loss.sum() : loss.mean();
}

/** What the rules of a loss know. */
export interface LossContext {
  /** How the losses become the result. */
  readonly reduction: Reduction;
  /** Number of losses. */
  readonly count: number;
  /** Shape of all losses. */
  readonly shape: Shape;
  /** Numbers given at the call. */
  readonly params: readonly number[];
}

/** The gradient of an input, given those of the losses: a tensor like them, or a 0-d one for all. */
export type LossRule = (
  g: Tensor,
  x: readonly Tensor[],
  params: readonly number[],
) => Tensor;

/** What a caller of {@linkcode defineLoss} gives. */
export interface LossInit {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node. */
  readonly node: string;
  /** Number of inputs. */
  readonly arity: number;
  /** The loss of an element; numbers given at the call are params. */
  readonly element: (...x: Expr[]) => Expr;
  /** The gradient for each input, of those of the losses, of the inputs and of the params; null where PyTorch has none. */
  readonly rules: readonly (LossRule | null)[];
  /** The same as expressions of one or two inputs, step by step, for passes that are not recorded. */
  readonly slopes?: readonly ((g: Expr, x: Expr, y: Expr) => Expr)[];
}

/** Place of the number of losses among the numbers of a call: there are two others at most. */
const COUNT = 2;

/** The numbers of a call, and what its sum is divided by: by one, it is itself. */
function numbersOf(
  params: readonly number[],
  reduction: Reduction,
  count: number,
): number[] {
  const out = [...params, 1, 1].slice(0, COUNT);
  out.push(reduction === "mean" ? count : 1);
  return out;
}

/** Whether the losses are best summed by one call. */
function fits(inputs: readonly Tensor[], count: number): boolean {
  const [first] = inputs;
  return count > 0 && fitsRow(first!, count) &&
    inputs.every((x) => x.info === first!.info);
}

/** From so many elements on rows are long enough. */
const ROW = 2048;

/** A shape of two dimensions for dense memory, of which the last is long. */
function inRows(shape: Shape): Shape {
  let n = 1;
  let m = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (n < ROW) n *= shape[d]!;
    else m *= shape[d]!;
  }
  return [m, n];
}

/** A stretch of dense memory as rows: where it begins, how many they are, and how long. */
type Stretch = readonly [from: number, rows: number, length: number];

/** All of the memory as rows, or nearly all and the rest where a device had better not get one so long. */
function stretchesOf(x: Tensor, shape: Shape): Stretch[] {
  const [m, n] = inRows(shape) as [number, number];
  const { mostInRow } = x.storage.device;
  if (mostInRow === undefined || n <= mostInRow) return [[0, m, n]];
  const rest = m * n % ROW;
  const whole = m * n - rest;
  const out: Stretch[] = [[0, whole / ROW, ROW]];
  if (rest > 0) out.push([whole, 1, rest]);
  return out;
}

/** One of the stretches of dense memory. */
function rowsOf(x: Tensor, [from, rows, length]: Stretch): Tensor {
  const count = rows * length;
  const all = reshaped(x, [x.count]);
  const own = x.count === count ? all : all.narrow(0, from, count);
  return reshaped(own, [rows, length]);
}

/** The elements of all, one after the other. */
function joined(all: readonly Tensor[]): Tensor {
  const { info, storage: { device } } = all[0]!;
  const count = all.reduce((sum, x) => sum + x.count, 0);
  const out = emptyTensor(device, info, [count]);
  let from = 0;
  for (const x of all) {
    out.narrow(0, from, x.count).copy_(reshaped(x, [x.count]));
    from += x.count;
  }
  return out;
}

/** The type that inputs are computed in; 16-bit floats are computed in float32. */
function wideInfo(info: DTypeInfo): DTypeInfo {
  return info.bytes < 4 ? FLOAT32 : info;
}

/** Defines a loss that is one expression of the elements. */
export function defineLoss(init: LossInit): KernelOp<LossContext> {
  const { name, node, arity, element, rules } = init;
  const losses = rowKernel({
    name,
    arity,
    steps: [],
    result: (x) => element(...x),
  });
  const total = rowKernel({
    name,
    arity,
    steps: [{ fold: "sum", of: (x) => element(...x) }],
    totals: ([sum]) => [sum!],
  });
  const mean = rowKernel({
    name,
    arity,
    steps: [{ fold: "sum", of: (x) => element(...x) }],
    totals: ([sum]) => [call("div", sum!, param(COUNT))],
  });
  const slopes = init.slopes?.map((slope) =>
    slopeOp(
      name,
      3,
      (g, x, y) => slope(call("div", g, param(COUNT)), x!, y!),
    )
  );
  let all = 0;
  for (let k = 0; k < arity; k++) all |= IN0 << k;
  return defineKernel<LossContext>({
    name,
    node,
    forward: (inputs, { reduction, count, shape, params }) => {
      const info = resultInfoOf(inputs);
      if (reduction !== "none" && fits(inputs, count)) {
        const numbers = numbersOf(params, reduction, count);
        const dims = shape.map((_, d) => d);
        return runRowsOver(mean, shape, dims, inputs, numbers).totals[0]!;
      }
      const stretches = stretchesOf(inputs[0]!, shape);
      const operands = inputs.map((x) =>
        toDense(castTo(x.expand(shape), wideInfo(info)))
      );
      const pieces = (kernel: RowKernel) =>
        stretches.map((each) => {
          const own = operands.map((x) => rowsOf(x, each));
          const [, rows, length] = each;
          return runRows(kernel, [rows, length], 1, own, params);
        });
      if (reduction === "none") {
        const all = pieces(losses).map(({ out }) => out!);
        const out = all.length === 1 ? all[0]! : joined(all);
        return castTo(reshaped(out, shape), info);
      }
      const sum = pieces(total)
        .map(({ totals }) => totals[0]!.sum())
        .reduce((a, b) => a.add(b));
      return castTo(reduction === "sum" ? sum : sum.div(count), info);
    },
    vjps: rules.map((rule, k) =>
      rule === null ? null : (g, n, { reduction, count, params }) => {
        const inputs: Tensor[] = [];
        for (let k = 0; k < arity; k++) inputs.push(n.input(k));
        const slope = slopes?.[k];
        if (
          slope !== undefined && !MODE.grad && g.info.bytes >= 4 &&
          inputs.every((x) => x.info === g.info)
        ) {
          const numbers = numbersOf(params, reduction, count);
          return map3(slope, g, inputs[0]!, inputs[1]!, numbers);
        }
        const each = reduction === "mean" ? g.div(count) : g;
        return rule(each, inputs, params);
      }
    ),
    saves: rules.map((rule) => rule === null ? 0 : all),
  });
}

const NONE: readonly number[] = [];

/** Applies a loss; the inputs broadcast. */
export function loss(
  op: KernelOp<LossContext>,
  inputs: readonly Tensor[],
  reduction: Reduction,
  params: readonly number[] = NONE,
): Tensor {
  let shape: Shape = inputs[0]!.shape;
  let count = 1;
  for (const x of inputs) shape = broadcastShapes(shape, x.shape);
  for (const n of shape) count *= n;
  for (const x of inputs) {
    if (x.info.category === 2) continue;
    throw new RuntimeError(
      `"${op.name}" not implemented for '${x.info.scalarName}'`,
      'convert it with to("float32") first',
    );
  }
  return run(op, inputs, { reduction, count, shape, params });
}
