// What all products share below the ops: calling the device on operands of any
// rank without copying them, and looking at a result under another shape.

import { record } from "../grad/history.ts";
import type { Node } from "../grad/node.ts";
import type { Factors } from "./added_product.ts";
import type { Device, Epilogue, Strided } from "./device.ts";
import { makeTensor } from "./fields.ts";
import { defineKernel } from "./kernel_op.ts";
import { commonDevice, emptyTensor, toDense } from "./op.ts";
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

/** A tensor that a product is added to, and the factors of both. */
export interface Addition {
  /** What is added to. */
  readonly x: Tensor;
  /** The factors. */
  readonly factors: Factors;
}

/** `beta * x + alpha * sums` as a device does it; `x` broadcasts to the shape of the product. */
function adding(to: Addition | null, shape: Shape): Epilogue | null {
  if (to === null) return null;
  const { x, factors: { alpha, beta } } = to;
  if (beta === 0) {
    return alpha === 1 ? null : { alpha, addend: null, beta, relu: false };
  }
  const missing = shape.length - x.shape.length;
  const strides = shape.map((_, d) =>
    d < missing || x.shape[d - missing] === 1 ? 0 : x.strides[d - missing]!
  );
  // The results of a vector are a column.
  const column = shape.length === 1;
  const addend = column
    ? batchOf(x, [1, shape[0]!, 1], [0, strides[0]!, 0], x.offset)
    : batchOf(x, shape, strides, x.offset);
  return { alpha, addend, beta, relu: false };
}

/** What a device left to do: see `Device.matmul`. */
function add(out: Tensor, to: Addition | null): void {
  if (to === null) return;
  const { x, factors: { alpha, beta } } = to;
  if (alpha !== 1) out.mul_(alpha);
  if (beta === 1) out.add_(x);
  else if (beta !== 0) out.add_(x, { alpha: beta });
}

/** Which operands of a product lie by columns. */
export interface Layout {
  /** The left one. */
  readonly left: boolean;
  /** The right one. */
  readonly right: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { left: false, right: false },
  { left: false, right: true },
  { left: true, right: false },
  { left: true, right: true },
];

function byColumns({ shape, strides }: Tensor): boolean {
  return strides[0] === 1 && strides[1] === shape[0];
}

/** How the operands of a product lie. */
export function layoutOf(x: Tensor, y: Tensor): Layout {
  return LAYOUTS[(byColumns(x) ? 2 : 0) + (byColumns(y) ? 1 : 0)]!;
}

/**
 * The gradient of a product's left operand, which lies as the operand does: what
 * transposed a weight then hands on a dense gradient, which nobody copies.
 */
export function leftGradient(g: Tensor, y: Tensor, layout: Layout): Tensor {
  return layout.left ? y.mm(g.t()).t() : g.mm(y.t());
}

/** The gradient of a product's right operand; see {@linkcode leftGradient}. */
export function rightGradient(g: Tensor, x: Tensor, layout: Layout): Tensor {
  return layout.right ? g.t().mm(x).t() : x.t().mm(g);
}

/** The device of a product: most often its operands have one. */
function deviceFor(x: Tensor, y: Tensor): Device {
  const { device } = x.storage;
  return y.storage.device === device ? device : commonDevice(x, y);
}

/** The product of two vectors; both have `k` elements. Stored in `out`, which is 0-d, where there is one. */
export function vectorProduct(x: Tensor, y: Tensor, into?: Tensor): Tensor {
  const k = x.shape[0]!;
  const device = deviceFor(x, y);
  const out = into ?? emptyTensor(device, x.info, []);
  device.matmul(
    batchOf(out, [1, 1, 1], [1, 1, 1], out.offset),
    batchOf(x, [1, 1, k], [0, 0, x.strides[0]!], x.offset),
    batchOf(y, [1, k, 1], [0, y.strides[0]!, 0], y.offset),
    null,
  );
  return out;
}

/** The product of a matrix and a vector, added to something if wanted. */
export function matrixVector(
  x: Tensor,
  y: Tensor,
  to: Addition | null,
): Tensor {
  const m = x.shape[0]!;
  const k = x.shape[1]!;
  const device = deviceFor(x, y);
  const out = emptyTensor(device, x.info, [m]);
  const done = device.matmul(
    batchOf(out, [1, m, 1], [m, 1, 1], 0),
    batchOf(x, [1, m, k], [0, x.strides[0]!, x.strides[1]!], x.offset),
    batchOf(y, [1, k, 1], [0, y.strides[0]!, 0], y.offset),
    adding(to, [m]),
  );
  if (!done) add(out, to);
  return out;
}

/**
 * The product of two matrices, added to something if wanted. Stored in `into`,
 * which is dense and none of the operands, where there is one.
 */
export function matrixProduct(
  x: Tensor,
  y: Tensor,
  to: Addition | null,
  into?: Tensor,
): Tensor {
  const m = x.shape[0]!;
  const k = x.shape[1]!;
  const n = y.shape[1]!;
  const device = deviceFor(x, y);
  const out = into ?? emptyTensor(device, x.info, [m, n]);
  const done = device.matmul(
    batchOf(out, [1, m, n], [0, n, 1], out.offset),
    batchOf(x, [1, m, k], [0, x.strides[0]!, x.strides[1]!], x.offset),
    batchOf(y, [1, k, n], [0, y.strides[0]!, y.strides[1]!], y.offset),
    adding(to, [1, m, n]),
  );
  if (!done) add(out, to);
  return out;
}

/**
 * Products of matrices, one by one, over equal leading dimensions; a stride of 0
 * repeats a matrix. Added to something if wanted, where there is one such
 * dimension.
 */
export function batchProduct(
  x: Tensor,
  y: Tensor,
  to: Addition | null,
): Tensor {
  const rank = x.shape.length;
  const m = x.shape[rank - 2]!;
  const k = x.shape[rank - 1]!;
  const n = y.shape[rank - 1]!;
  const device = deviceFor(x, y);
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
  const epilogue = adding(to, outShape);
  // The device takes one leading dimension; the others are walked here.
  const index = new Array<number>(rank - 3).fill(0);
  let xAt = x.offset;
  let yAt = y.offset;
  let done = true;
  for (let at = 0; at < out.count; at += batch * m * n) {
    done = device.matmul(
      batchOf(out, outShape, outStrides, at),
      batchOf(x, xShape, xStrides, xAt),
      batchOf(y, yShape, yStrides, yAt),
      epilogue,
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
  if (!done) add(out, to);
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
