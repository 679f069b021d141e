// The family of reductions: dimensions drop or stay with length one, a start
// value and a step say the rest. Scans share the kernels.

import { isTracked, record } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Vjp } from "../grad/node.ts";
import type { ReduceKernel } from "./device.ts";
import {
  BOOL,
  defaultDtypeInfo,
  type DType,
  type DTypeInfo,
  dtypeInfo,
  INT64,
  UINT8,
} from "./dtype.ts";
import { IndexError, RuntimeError } from "./errors.ts";
import { type Expr, input, param } from "./expr.ts";
import { inputInfo } from "./is_tensor.ts";
import {
  castTo,
  checkHasType,
  emptyTensor,
  nodeName,
  type Op,
  register,
  type Sample,
  stridedLike,
} from "./op.ts";
import {
  type Dims,
  normalizeDim,
  normalizeDims,
  type Shape,
  showShape,
} from "./shape.ts";
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
      return x.category >= 2 ? x : INT64;
    case "float":
      return x.category >= 2 ? x : defaultDtypeInfo();
    case "bool":
      // PyTorch keeps uint8, its bool of old.
      return x === UINT8 ? x : BOOL;
    case "int64":
      return INT64;
  }
}

/** Which dimensions a caller named, from the start; null for all of them. */
export function reducedDims(
  dims: Dims | undefined | null,
  rank: number,
): readonly number[] | null {
  if (dims == null) return null;
  if (typeof dims === "number") {
    const dim = normalizeDim(dims, rank);
    return rank === 0 ? null : [dim];
  }
  if (dims.length === 0) return null;
  const list = normalizeDims(dims, rank);
  return rank === 0 ? null : list;
}

const NOTHING: readonly number[] = Object.freeze([]) as readonly number[];

/**
 * Reduces over `dims` (all where null), computing in `compute` and storing
 * `info`, in `into` where that is given, which is dense; not recorded.
 */
export function fold(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  info: DTypeInfo,
  x: Tensor,
  dims: readonly number[] | null,
  keepdim: boolean,
  into?: Tensor,
): Tensor {
  const { device } = x.storage;
  const rank = x.shape.length;
  if (dims === null) {
    const shape = keepdim && rank > 0 ? x.shape.map(() => 1) : NOTHING;
    const out = into ?? emptyTensor(device, info, shape);
    device.reduce(kernel, compute, out, x, rank);
    return out;
  }
  const outShape: number[] = [];
  const shape: number[] = [];
  const strides: number[] = [];
  for (let d = 0; d < rank; d++) {
    if (!dims.includes(d)) {
      outShape.push(x.shape[d]!);
      shape.push(x.shape[d]!);
      strides.push(x.strides[d]!);
    } else if (keepdim) outShape.push(1);
  }
  for (let d = 0; d < rank; d++) {
    if (!dims.includes(d)) continue;
    shape.push(x.shape[d]!);
    strides.push(x.strides[d]!);
  }
  const out = into ?? emptyTensor(device, info, outShape);
  const dense = x.dense && isDense(shape, strides);
  device.reduce(
    kernel,
    compute,
    out,
    stridedLike(x, shape, strides, x.offset, dense),
    dims.length,
  );
  return out;
}

/** What a rule must know of a reduction over `dims`. */
export function reduceOptions(
  x: Tensor,
  dims: readonly number[] | null,
  keepdim: boolean,
): ReduceOptions {
  let count = x.count;
  if (dims !== null) {
    count = 1;
    for (const d of dims) count *= x.shape[d]!;
  }
  return { dims: dims ?? NOTHING, keepdim, shape: x.shape, count };
}

/** Applies a reduction. Without `dims`, or with an empty list, it reduces over all of them. */
export function reduce(
  op: ReduceOp,
  x: Tensor,
  dims?: Dims | null,
  keepdim = false,
  dtype?: DType,
): Tensor {
  const own = inputInfo(x, op.name);
  const info = dtype === undefined ? resultInfo(op, own) : dtypeInfo(dtype);
  if (dtype !== undefined) checkHasType(x.storage.device, info);
  if (own.category === 3 && dtype !== undefined && info.category < 3) {
    // A gradient flows through the conversion.
    return reduce(op, x.to(dtype), dims, keepdim, dtype);
  }
  const compute = op.result === "bool" || op.result === "int64" ? own : info;
  const list = reducedDims(dims, x.shape.length);
  if (op.needsElements && x.count === 0) checkElements(op.name, x, list);
  // Elements are converted as they are read; only what a wider sum would see
  // differently is converted first.
  const source = compute.category < own.category ? castTo(x, compute) : x;
  const out = fold(op.kernel, compute, info, source, list, keepdim);
  if (MODE.grad && op.vjps.length > 0 && isTracked(x)) {
    checkDifferentiable(info);
    record(op, [x], out, reduceOptions(x, list, keepdim));
  }
  return out;
}

/** Fails where a tensor that requires a gradient would become one that cannot have any. */
export function checkDifferentiable(info: DTypeInfo): void {
  if (info.category >= 2) return;
  throw new RuntimeError(
    `Autograd not support dtype: ${info.scalarName}`,
    "detach() the tensor first where no gradient is wanted",
  );
}

/** Fails where a reduction without a start value has no elements. */
export function checkElements(
  name: string,
  x: Tensor,
  dims: readonly number[] | null,
): void {
  if (x.count > 0) return;
  if (dims === null) {
    throw new RuntimeError(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  }
  for (const d of dims) {
    if (x.shape[d] === 0) {
      throw new IndexError(
        `${name}(): Expected reduction dim ${d} to have non-zero size.`,
        `the shape is ${showShape(x.shape)}`,
      );
    }
  }
}

/** Gives reduced dimensions back their place with length one, so that a result broadcasts to the input. */
export function keepReduced(g: Tensor, options: ReduceOptions): Tensor {
  const { keepdim, dims, shape } = options;
  if (keepdim || dims.length === 0) return g;
  return g.reshape(shape.map((n, d) => dims.includes(d) ? 1 : n));
}
