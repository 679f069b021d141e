// What all products share below the ops: calling the device on operands of any
// rank without copying them, and looking at a result under another shape.

import { record } from "../grad/history.ts";
import type { Node } from "../grad/node.ts";
import type { Strided } from "./device.ts";
import { makeTensor } from "./fields.ts";
import { defineKernel } from "./kernel_op.ts";
import { emptyTensor, toDense } from "./op.ts";
import { contiguousStrides, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { viewStrides } from "./view.ts";

/** A batch of matrices at a place in the memory of `x`. */
function batchOf(
  x: Strided,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): Strided {
  return {
    storage: x.storage,
    info: x.info,
    shape,
    strides,
    offset,
    count: shape[0]! * shape[1]! * shape[2]!,
    // A device looks at the strides of a product's operands.
    dense: false,
  };
}

/** The product of two vectors; both have `k` elements. */
export function vectorProduct(x: Tensor, y: Tensor): Tensor {
  const k = x.shape[0]!;
  const { device } = x.storage;
  const out = emptyTensor(device, x.info, []);
  device.matmul(
    batchOf(out, [1, 1, 1], [1, 1, 1], 0),
    batchOf(x, [1, 1, k], [0, 0, x.strides[0]!], x.offset),
    batchOf(y, [1, k, 1], [0, y.strides[0]!, 0], y.offset),
  );
  return out;
}

/** The product of a matrix and a vector. */
export function matrixVector(x: Tensor, y: Tensor): Tensor {
  const m = x.shape[0]!;
  const k = x.shape[1]!;
  const { device } = x.storage;
  const out = emptyTensor(device, x.info, [m]);
  device.matmul(
    batchOf(out, [1, m, 1], [m, 1, 1], 0),
    batchOf(x, [1, m, k], [0, x.strides[0]!, x.strides[1]!], x.offset),
    batchOf(y, [1, k, 1], [0, y.strides[0]!, 0], y.offset),
  );
  return out;
}

/** The product of two matrices. */
export function matrixProduct(x: Tensor, y: Tensor): Tensor {
  const m = x.shape[0]!;
  const k = x.shape[1]!;
  const n = y.shape[1]!;
  const { device } = x.storage;
  const out = emptyTensor(device, x.info, [m, n]);
  device.matmul(
    batchOf(out, [1, m, n], [0, n, 1], 0),
    batchOf(x, [1, m, k], [0, x.strides[0]!, x.strides[1]!], x.offset),
    batchOf(y, [1, k, n], [0, y.strides[0]!, y.strides[1]!], y.offset),
  );
  return out;
}

/** Products of matrices, one by one, over equal leading dimensions; a stride of 0 repeats a matrix. */
export function batchProduct(x: Tensor, y: Tensor): Tensor {
  const rank = x.shape.length;
  const m = x.shape[rank - 2]!;
  const k = x.shape[rank - 1]!;
  const n = y.shape[rank - 1]!;
  const { device } = x.storage;
  const shape = x.shape.slice();
  shape[rank - 1] = n;
  const out = emptyTensor(device, x.info, shape);
  if (out.count === 0) return out;
  const batch = x.shape[rank - 3]!;
  const xShape = [batch, m, k];
  const yShape = [batch, k, n];
  const outShape = [batch, m, n];
  const xStrides = x.strides.slice(rank - 3);
  const yStrides = y.strides.slice(rank - 3);
  const outStrides = out.strides.slice(rank - 3);
  // The device takes one leading dimension; the others are walked here.
  const index = new Array<number>(rank - 3).fill(0);
  let xAt = x.offset;
  let yAt = y.offset;
  for (let at = 0; at < out.count; at += batch * m * n) {
    device.matmul(
      batchOf(out, outShape, outStrides, at),
      batchOf(x, xShape, xStrides, xAt),
      batchOf(y, yShape, yStrides, yAt),
    );
    for (let d = rank - 4; d >= 0; d--) {
      index[d]!++;
      xAt += x.strides[d]!;
      yAt += y.strides[d]!;
      if (index[d]! < shape[d]!) break;
      xAt -= x.strides[d]! * shape[d]!;
      yAt -= y.strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return out;
}

const UNSAFE_VIEW = defineKernel<Shape>({
  name: "unsafeView",
  forward: ([x], shape) => sameMemory(x!, shape),
  vjps: [(g: Tensor, n: Node): Tensor => g.reshape(n.inputShape(0))],
});

function sameMemory(x: Tensor, shape: Shape): Tensor {
  const own = viewStrides(x.shape, x.strides, shape);
  const source = own === null ? toDense(x) : x;
  const strides = own ?? contiguousStrides(shape);
  return makeTensor(
    source.storage,
    x.info,
    shape,
    strides,
    source.offset,
    x.count,
    source.dense,
  );
}

/**
 * Gives a result that nobody else holds another shape. Unlike `reshape` it
 * makes no view, so that the result may be changed in place like any other.
 */
export function unsafeView(x: Tensor, shape: Shape): Tensor {
  const out = sameMemory(x, shape);
  record(UNSAFE_VIEW, [x], out, shape);
  return out;
}
