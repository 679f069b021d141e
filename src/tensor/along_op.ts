// What ops along one dimension share: looking at that dimension as the last
// one, where devices work, and bringing gradients back to selected elements.

import { isTracked } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import { hostDevice, type ReduceKernel, type Strided } from "./device.ts";
import { type DType, type DTypeInfo, dtypeInfo, INT64 } from "./dtype.ts";
import { IndexError, RuntimeError } from "./errors.ts";
import { inRange } from "./index_range.ts";
import { inplace } from "./inplace.ts";
import { type KernelOp, run } from "./kernel_op.ts";
import { castTo, checkHasType, emptyTensor, stridedLike } from "./op.ts";
import { checkDifferentiable } from "./reduce_op.ts";
import {
  checkOptions,
  contiguousStrides,
  normalizeDim,
  sameShape,
  type Shape,
  showShape,
} from "./shape.ts";
import { makeTensor } from "./fields.ts";
import type { Tensor } from "./tensor.ts";
import { isDense } from "./view.ts";

/** What the rules of ops along one dimension know. */
export interface AlongOptions {
  /** The dimension, from the start. */
  readonly dim: number;
  /** Whether a reduced dimension stays with length one. */
  readonly keepdim: boolean;
  /** Shape of the input. */
  readonly shape: Shape;
}

/** Checks the dimension of an op that reduces along it and needs an element there. */
export function alongOptions(
  name: string,
  x: Tensor,
  dim: number,
  keepdim: boolean,
): AlongOptions {
  const along = normalizeDim(dim, x.shape.length);
  if (x.shape[along] === 0) {
    throw new IndexError(
      `${name}(): Expected reduction dim ${along} to have non-zero size.`,
      `the shape is ${showShape(x.shape)}`,
    );
  }
  return { dim: along, keepdim, shape: x.shape };
}

/** The same memory with dimension `dim` moved to the end. */
export function dimLast(x: Strided, dim: number): Strided {
  const last = x.shape.length - 1;
  if (dim >= last) return x;
  const shape = new Array<number>(last + 1);
  const strides = new Array<number>(last + 1);
  for (let d = 0; d <= last; d++) {
    const from = d < dim ? d : d < last ? d + 1 : dim;
    shape[d] = x.shape[from]!;
    strides[d] = x.strides[from]!;
  }
  return stridedLike(x, shape, strides, x.offset, isDense(shape, strides));
}

/** Shape of a reduction along `dim`. */
export function shapeWithout(
  shape: Shape,
  dim: number,
  keepdim: boolean,
): Shape {
  const rank = shape.length;
  if (rank === 0) return shape;
  const out = new Array<number>(keepdim ? rank : rank - 1);
  let n = 0;
  for (let d = 0; d < rank; d++) {
    if (d !== dim) out[n++] = shape[d]!;
    else if (keepdim) out[n++] = 1;
  }
  return out;
}

/** Positions of the largest or smallest elements along `dim`; not recorded. */
export function argAlong(
  x: Tensor,
  largest: boolean,
  dim: number,
  keepdim: boolean,
): Tensor {
  const { device } = x.storage;
  const out = emptyTensor(
    device,
    INT64,
    shapeWithout(x.shape, dim, keepdim),
  );
  device.argReduce(largest, out, dimLast(x, dim), null);
  return inRange(out, x.shape[dim] ?? 1);
}

/** The largest or smallest elements along `dim` and their positions; not recorded. */
export function extremesAlong(
  x: Tensor,
  largest: boolean,
  { dim, keepdim }: AlongOptions,
): Tensor[] {
  const { device } = x.storage;
  const shape = shapeWithout(x.shape, dim, keepdim);
  const values = emptyTensor(device, x.info, shape);
  const indices = emptyTensor(device, INT64, shape);
  if (!device.argReduce(largest, indices, dimLast(x, dim), values)) {
    pickInto(values, x, dim, indices);
  }
  return [values, inRange(indices, x.shape[dim] ?? 1)];
}

/** The element of each row along `dim` that `indices`, a reduced tensor, points to; not recorded. */
export function pick(x: Tensor, dim: number, indices: Tensor): Tensor {
  const out = emptyTensor(x.storage.device, x.info, indices.shape);
  pickInto(out, x, dim, indices);
  return out;
}

function pickInto(out: Tensor, x: Tensor, dim: number, indices: Tensor): void {
  const kept = shapeWithout(x.shape, dim, true);
  const { device } = x.storage;
  device.gather(reshaped(out, kept), x, dim, reshaped(indices, kept));
}

/** Dense memory under another shape; not recorded, and not a view of a tensor that anyone holds. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const strides = contiguousStrides(shape);
  return makeTensor(x.storage, x.info, shape, strides, x.offset, x.count, true);
}

/** Splits the gradient of an extreme value evenly among the elements that have it. */
export function evenlyBackward(g: Tensor, x: Tensor, value: Tensor): Tensor {
  const input = x.detach();
  const extreme = value.detach();
  // Asking a GPU whether it is NaN would stop everything until it is there.
  const mask = x.storage.device !== hostDevice()
    ? input.eq(extreme).logicalOr(input.isnan().logicalAnd(extreme.isnan()))
    : extreme.isnan().item<boolean>()
    ? input.isnan()
    : input.eq(extreme);
  return g.div(mask.sum()).mul(mask);
}

/** Running reduction along `dim`; not recorded. */
export function scanAlong(
  kernel: ReduceKernel,
  compute: DTypeInfo,
  x: Tensor,
  dim: number,
): Tensor {
  const { device } = x.storage;
  const out = emptyTensor(device, compute, x.shape);
  const turned = dimLast(x, dim);
  if (turned === x) {
    device.scan(kernel, compute, out, x);
    return out;
  }
  const scanned = emptyTensor(device, compute, turned.shape);
  device.scan(kernel, compute, scanned, turned);
  device.copy(dimLast(out, dim), scanned);
  return out;
}

/** What the rules of scans know. */
export interface ScanContext {
  /** The dimension, from the start. */
  readonly dim: number;
  /** Type of the result. */
  readonly info: DTypeInfo;
  /** Shape of the input. */
  readonly shape: Shape;
}

/** Checks the dimension of a scan and gathers what its rule needs. */
export function scanContext(
  x: Tensor,
  dim: number,
  info: DTypeInfo,
): ScanContext {
  return { dim: normalizeDim(dim, x.shape.length), info, shape: x.shape };
}

/** Applies a running sum or product: integers and bool give int64 where no type is asked for. */
export function scan(
  op: KernelOp<ScanContext>,
  x: Tensor,
  dim: number,
  options: { readonly dtype?: DType },
): Tensor {
  checkOptions(options, ["dtype"], op.name);
  const { dtype } = options;
  const info = dtype !== undefined
    ? dtypeInfo(dtype)
    : x.info.category >= 2
    ? x.info
    : INT64;
  if (dtype !== undefined) checkHasType(x.storage.device, info);
  const context = scanContext(x, dim, info);
  if (MODE.grad && isTracked(x)) checkDifferentiable(info);
  // Of a complex number, a gradient flows to the part that is left.
  const source = info.category >= x.info.category
    ? x
    : x.info.category === 3
    ? x.to(info.name)
    : castTo(x, info);
  return run(op, [source], context);
}

/** Applies a running sum or product in place; the type of `x` stays. */
export function scanInto(
  op: (x: Tensor, dim: number, options: { dtype: DType }) => Tensor,
  x: Tensor,
  dim: number,
  options: { readonly dtype?: DType },
): Tensor {
  const { dtype = x.dtype } = options;
  if (dtype !== x.dtype) {
    throw new RuntimeError(
      `Bad in-place call: input tensor dtype ${x.info.cName} and output tensor dtype ${
        dtypeInfo(dtype).cName
      } should match`,
    );
  }
  return inplace(x, [], (y) => op(y, dim, { ...options, dtype }));
}

/** Running sum from the end. */
export function cumsumFromEnd(x: Tensor, dim: number): Tensor {
  return x.flip([dim]).cumsum(dim).flip([dim]);
}
