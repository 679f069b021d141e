// The family of reductions: dimensions drop or stay with length one, a start
// value and a step say the rest. Scans share the kernels.

import { record } from "../grad/history.ts";
import type { Vjp } from "../grad/node.ts";
import type { ReduceKernel } from "./device.ts";
import {
  BOOL,
  defaultDtypeInfo,
  type DType,
  type DTypeInfo,
  dtypeInfo,
  INT64,
} from "./dtype.ts";
import { type Expr, input, param } from "./expr.ts";
import {
  castTo,
  emptyTensor,
  nodeName,
  type Op,
  register,
  type Sample,
  stridedLike,
} from "./op.ts";
import { type Dims, normalizeDims, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { isDense } from "./view.ts";

/** Type of a reduction's result: the input's, int64 for integers and bool, the default float for them, or always one. */
export type ReduceResult = "same" | "widen" | "float" | "bool" | "int64";

/** A reduction over any dimensions. */
export interface ReduceOp extends Op {
  readonly family: "reduce";
  /** What devices compute. */
  readonly kernel: ReduceKernel;
  /** Type of the result. */
  readonly result: ReduceResult;
  /** Whether a reduction over no elements is an error. */
  readonly needsElements: boolean;
  /** Points at which the conformance test checks value and derivatives. */
  readonly samples: readonly Sample[];
}

/** What a reduction's rules know besides tensors. */
export interface ReduceOptions {
  /** The dimensions that were reduced, from the start; all where none was named. */
  readonly dims: readonly number[];
  /** Whether reduced dimensions stay with length one. */
  readonly keepdim: boolean;
  /** Shape of the input. */
  readonly shape: Shape;
  /** Number of elements per result. */
  readonly count: number;
}

/** What a caller of {@linkcode defineReduce} gives. */
export interface ReduceInit {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node; by default from `name`. */
  readonly node?: string;
  /** Start value. */
  readonly start: number | "lowest" | "highest";
  /** Combines the accumulator with an element. */
  readonly step: (acc: Expr, x: Expr) => Expr;
  /** Applied to each element first. */
  readonly prologue?: (x: Expr) => Expr;
  /** Applied to the accumulator last. */
  readonly finish?: (acc: Expr, count: Expr) => Expr;
  /** Type of the result. */
  readonly result: ReduceResult;
  /** Whether a reduction over no elements is an error. */
  readonly needsElements?: boolean;
  /** The gradient for the input. */
  readonly vjp?: Vjp<ReduceOptions>;
  /** The values that the rule reads. */
  readonly saves?: number;
  /** Points at which the conformance test checks value and derivatives. */
  readonly samples: readonly Sample[];
}

let kernels = 0;

/** Makes the kernel of a reduction or a scan. */
export function reduceKernel(
  init: Pick<ReduceInit, "start" | "step" | "prologue" | "finish">,
): ReduceKernel {
  return {
    id: kernels++,
    start: init.start,
    step: init.step(input(0), input(1)),
    prologue: init.prologue?.(input(0)) ?? null,
    finish: init.finish?.(input(0), param(0)) ?? null,
  };
}

/** Defines a reduction. */
export function defineReduce(init: ReduceInit): ReduceOp {
  return register({
    name: init.name,
    node: init.node ?? nodeName(init.name),
    family: "reduce",
    kernel: reduceKernel(init),
    result: init.result,
    needsElements: init.needsElements ?? false,
    vjps: init.vjp === undefined ? [] : [init.vjp],
    saves: [init.saves ?? 0],
    samples: init.samples,
  });
}

function resultInfo(op: ReduceOp, x: DTypeInfo): DTypeInfo {
  switch (op.result) {
    case "same":
      return x;
    case "widen":
      return x.category === 2 ? x : INT64;
    case "float":
      return x.category === 2 ? x : defaultDtypeInfo();
    case "bool":
      return BOOL;
    case "int64":
      return INT64;
  }
}

/** Splits dimensions into those that stay and those that are reduced. */
export function splitDims(
  dims: Dims | undefined | null,
  rank: number,
): { kept: number[]; reduced: number[] } {
  const all = Array.from({ length: rank }, (_, i) => i);
  if (dims == null || (typeof dims !== "number" && dims.length === 0)) {
    return { kept: [], reduced: all };
  }
  const reduced = normalizeDims(dims, rank).filter((d) => d < rank);
  return { kept: all.filter((d) => !reduced.includes(d)), reduced };
}

const NOTHING: readonly number[] = [];

/** Applies a reduction. Without `dims`, or with an empty list, it reduces over all of them. */
export function reduce(
  op: ReduceOp,
  x: Tensor,
  dims?: Dims | null,
  keepdim = false,
  dtype?: DType,
): Tensor {
  const rank = x.shape.length;
  const info = dtype === undefined ? resultInfo(op, x.info) : dtypeInfo(dtype);
  const compute = op.result === "bool" || op.result === "int64" ? x.info : info;
  const source = dtype === undefined || compute === x.info
    ? x
    : castTo(x, compute);
  const all = dims == null || (typeof dims !== "number" && dims.length === 0);
  if (all && x.dense) {
    // The common case: one result from memory in order.
    const shape = keepdim ? x.shape.map(() => 1) : NOTHING;
    const out = emptyTensor(x.storage.device, info, shape);
    x.storage.device.reduce(op.kernel, compute, out, source, rank);
    const options: ReduceOptions = {
      dims: NOTHING,
      keepdim,
      shape: x.shape,
      count: x.count,
    };
    record(op, [x], out, options);
    return out;
  }
  const { kept, reduced } = splitDims(dims, rank);
  const order = [...kept, ...reduced];
  const shape = order.map((d) => source.shape[d]!);
  const strides = order.map((d) => source.strides[d]!);
  const outShape = keepdim
    ? x.shape.map((n, d) => reduced.includes(d) ? 1 : n)
    : kept.map((d) => x.shape[d]!);
  const out = emptyTensor(x.storage.device, info, outShape);
  x.storage.device.reduce(
    op.kernel,
    compute,
    out,
    stridedLike(
      source,
      shape,
      strides,
      source.offset,
      isDense(shape, strides),
    ),
    reduced.length,
  );
  const options: ReduceOptions = {
    dims: reduced,
    keepdim,
    shape: x.shape,
    count: reduced.reduce((n, d) => n * x.shape[d]!, 1),
  };
  record(op, [x], out, options);
  return out;
}

/** Gives reduced dimensions back their place with length one, so that a result broadcasts to the input. */
export function keepReduced(g: Tensor, options: ReduceOptions): Tensor {
  const { keepdim, dims, shape } = options;
  if (keepdim || dims.length === 0) return g;
  return g.reshape(shape.map((n, d) => dims.includes(d) ? 1 : n));
}
