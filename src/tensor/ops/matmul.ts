// Products of vectors and matrices, and `matmul`, which chooses among them by
// the ranks of its operands as PyTorch does. Strides go to the device as they
// are: neither a transposed nor a repeated operand is copied.

import { MODE } from "../../grad/mode.ts";
import { isTracked, record } from "../../grad/history.ts";
import { IN0, IN1 } from "../../grad/node.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel } from "../kernel_op.ts";
import {
  batchProduct,
  type Layout,
  layoutOf,
  leftGradient,
  matrixProduct,
  matrixVector,
  rightGradient,
  unsafeView,
  vectorProduct,
} from "../matrix_kernel.ts";
import { commonDevice } from "../op.ts";
import {
  checkBatches,
  checkBatchType,
  checkInner,
  checkMatrixVector,
  checkProduct,
  checkSameType,
} from "../product_checks.ts";
import { broadcastShapes, countElements, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { viewStrides } from "../view.ts";

const DOT = defineKernel<null>({
  name: "dot",
  forward: ([x, y]) => vectorProduct(x!, y!),
  vjps: [(g, n) => g.mul(n.input(1)), (g, n) => g.mul(n.input(0))],
  saves: [IN1, IN0],
});

/** As {@linkcode DOT} of the conjugate of the first. */
const VDOT = defineKernel<null>({
  name: "vdot",
  forward: ([x, y]) => vectorProduct(x!.conj(), y!),
  vjps: [
    (g, n) => g.conj().mul(n.input(1)),
    (g, n) => g.mul(n.input(0)),
  ],
  saves: [IN1, IN0],
  complexRules: true,
});

function applyDot(op: typeof DOT, x: Tensor, y: Tensor): Tensor {
  if (x.shape.length !== 1 || y.shape.length !== 1) {
    throw new RuntimeError(
      `1D tensors expected, but got ${x.shape.length}D and ${y.shape.length}D tensors`,
      "matmul() multiplies tensors of any number of dimensions",
    );
  }
  if (x.info !== y.info) {
    throw new RuntimeError(
      `dot : expected both vectors to have same dtype, but found ${x.info.scalarName} and ${y.info.scalarName}`,
      `convert one of them, for example with to("${x.info.name}")`,
    );
  }
  if (x.count !== y.count) {
    throw new RuntimeError(
      `inconsistent tensor size, expected tensor ${
        showShape(x.shape)
      } and src ${
        showShape(y.shape)
      } to have the same number of elements, but got ${x.count} and ${y.count} elements respectively`,
    );
  }
  commonDevice(x, y);
  checkProduct(x.info, "dot");
  const out = vectorProduct(op === VDOT ? x.conj() : x, y);
  if (MODE.grad) record(op, [x, y], out, null);
  return out;
}

/**
 * Multiplies two vectors: the sum of the products of their elements. Both have
 * the same length and type. See `torch.dot`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.dot(dg.tensor([2, 3]), dg.tensor([2, 1])).item(), 7);
 * ```
 */
export function dot(x: Tensor, other: Tensor): Tensor {
  return applyDot(DOT, x, other);
}

/**
 * Multiplies two vectors, the first of them conjugated; the same as
 * {@linkcode dot} for real numbers. See `torch.vdot`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.vdot(dg.tensor([2, 3]), dg.tensor([2, 1])).item(), 7);
 * ```
 */
export function vdot(x: Tensor, other: Tensor): Tensor {
  return applyDot(VDOT, x, other);
}

const MV = defineKernel<null>({
  name: "mv",
  forward: ([x, vec]) => matrixVector(x!, vec!, null),
  vjps: [(g, n) => g.outer(n.input(1)), (g, n) => n.input(0).t().mv(g)],
  saves: [IN1, IN0],
});

/**
 * Multiplies a matrix of shape `[m, k]` and a vector of length `k`. See
 * `torch.mv`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.mv(x, dg.tensor([1, 10])).tolist(), [21, 43]);
 * ```
 */
export function mv(x: Tensor, vec: Tensor): Tensor {
  checkMatrixVector(null, [x.shape[0] ?? 1], x, vec);
  commonDevice(x, vec);
  const out = matrixVector(x, vec, null);
  if (MODE.grad) record(MV, [x, vec], out, null);
  return out;
}

const MM = defineKernel<Layout>({
  name: "mm",
  forward: ([x, y]) => matrixProduct(x!, y!, null),
  vjps: [
    (g, n, layout) => leftGradient(g, n.input(1), layout),
    (g, n, layout) => rightGradient(g, n.input(0), layout),
  ],
  saves: [IN1, IN0],
});

/**
 * Multiplies two matrices, of shapes `[m, k]` and `[k, n]` and of one type.
 * See `torch.mm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.mm(x, dg.tensor([[1], [10]])).tolist(), [[21], [43]]);
 * ```
 */
export function mm(x: Tensor, mat2: Tensor): Tensor {
  if (x.shape.length !== 2) throw new RuntimeError("self must be a matrix");
  if (mat2.shape.length !== 2) throw new RuntimeError("mat2 must be a matrix");
  checkInner(x, mat2);
  checkSameType(x, mat2);
  commonDevice(x, mat2);
  const out = matrixProduct(x, mat2, null);
  if (MODE.grad) record(MM, [x, mat2], out, layoutOf(x, mat2));
  return out;
}

const BMM = defineKernel<null>({
  name: "bmm",
  forward: ([x, y]) => batchProduct(x!, y!, null),
  vjps: [
    (g, n) => multiplyBatches(g, n.input(1).transpose(-2, -1)),
    (g, n) => multiplyBatches(n.input(0).transpose(-2, -1), g),
  ],
  saves: [IN1, IN0],
});

/** As `bmm`, over any number of equal leading dimensions. */
function multiplyBatches(x: Tensor, y: Tensor): Tensor {
  const out = batchProduct(x, y, null);
  if (MODE.grad) record(BMM, [x, y], out, null);
  return out;
}

/**
 * Multiplies the matrices of two batches, of shapes `[b, m, k]` and
 * `[b, k, n]` and of one type. See `torch.bmm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[[1, 2]], [[3, 4]]]);
 * const y = dg.tensor([[[1], [10]], [[1], [1]]]);
 * assertEquals(dg.bmm(x, y).tolist(), [[[21]], [[7]]]);
 * ```
 */
export function bmm(x: Tensor, mat2: Tensor): Tensor {
  checkBatches(x, mat2);
  checkBatchType(x, mat2, "bmm");
  return multiplyBatches(x, mat2);
}

/**
 * Multiplies tensors: inner product of vectors, product of matrix and vector,
 * of matrices, and of batches of them, whose leading dimensions broadcast. See
 * `torch.matmul`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.matmul(x, x).tolist(), [[7, 10], [15, 22]]);
 * assertEquals(x.matmul(dg.tensor([1, 10])).tolist(), [21, 43]);
 * assertEquals(dg.ones([5, 2, 2]).matmul(x).shape, [5, 2, 2]);
 * ```
 */
export function matmul(x: Tensor, other: Tensor): Tensor {
  const p = x.shape.length;
  const q = other.shape.length;
  if (p === 2 && q === 2) return mm(x, other);
  if (p === 0 || q === 0) {
    throw new RuntimeError(
      `both arguments to matmul need to be at least 1D, but they are ${p}D and ${q}D`,
      "mul() multiplies by a single number",
    );
  }
  if (p === 1 && q === 1) return dot(x, other);
  if (p === 2 && q === 1) return mv(x, other);
  if (p === 1 && q === 2) return x.unsqueeze(0).mm(other).squeeze_(0);
  if (folds(x, other)) return foldedMatmul(x, other);
  return batchedMatmul(x, other);
}

/**
 * Whether the larger operand is best seen as one tall matrix. That depends on
 * `requiresGrad` as in PyTorch, where the graph shows the choice.
 */
function folds(x: Tensor, y: Tensor): boolean {
  const first = x.shape.length >= y.shape.length;
  const large = first ? x : y;
  const small = first ? y : x;
  if (large.shape.length < 3 || small.shape.length > 2) return false;
  if (isTracked(small)) return true;
  if (x.shape.length === 2) return false;
  if (large.count === 0) return true;
  const rank = large.shape.length;
  const strides = large.strides.slice();
  const shape = large.shape.slice();
  if (!first) {
    // The matrices are read transposed.
    strides[rank - 1] = large.strides[rank - 2]!;
    strides[rank - 2] = large.strides[rank - 1]!;
    shape[rank - 1] = large.shape[rank - 2]!;
    shape[rank - 2] = large.shape[rank - 1]!;
  }
  for (let d = 0; d < rank - 2; d++) {
    if (strides[d] !== strides[d + 1]! * shape[d + 1]!) return false;
  }
  return true;
}

/** One product with all matrices of the larger operand on top of each other. */
function foldedMatmul(x: Tensor, y: Tensor): Tensor {
  const turned = y.shape.length > x.shape.length;
  const large = turned ? y.transpose(-2, -1) : x;
  const small = !turned ? y : x.shape.length === 2 ? x.t() : x;
  const shape = large.shape.slice(0, -1);
  const inner = large.shape[large.shape.length - 1]!;
  const tall = large.reshape([countElements(shape), inner]);
  if (small.shape.length === 1) return unsafeView(tall.mv(small), shape);
  shape.push(small.shape[1]!);
  const out = unsafeView(tall.mm(small), shape);
  return turned ? out.transpose(-2, -1).contiguous() : out;
}

/** Products of all pairs of matrices over broadcast leading dimensions. */
function batchedMatmul(x: Tensor, y: Tensor): Tensor {
  const p = x.shape.length;
  const q = y.shape.length;
  if (p === 3 && q === 3 && x.shape[0] !== y.shape[0]) {
    if (x.shape[0] === 1 && isTracked(x)) return matmul(x.squeeze(0), y);
    if (y.shape[0] === 1 && isTracked(y)) return matmul(x, y.squeeze(0));
  }
  const lead = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2));
  const rows = p > 1 ? x.shape[p - 2]! : 1;
  const columns = q > 1 ? y.shape[q - 1]! : 1;
  const inner = x.shape[p - 1]!;
  const yInner = q > 1 ? y.shape[q - 2]! : y.shape[0]!;
  const count = countElements(lead);
  const left = x.expand([...lead, rows, inner]);
  const right = (q > 1 ? y : y.unsqueeze(1))
    .expand([...lead, yInner, columns]);
  const shape = lead.slice();
  if (p > 1) shape.push(rows);
  if (q > 1) shape.push(columns);
  if (inner !== yInner) {
    throw new RuntimeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${count}, ${inner}] but got: [${count}, ${yInner}].`,
      `the shapes are ${showShape(x.shape)} and ${showShape(y.shape)}`,
    );
  }
  checkBatchType(x, y, "bmm");
  const xShape = [count, rows, inner];
  const yShape = [count, yInner, columns];
  const flat = viewStrides(left.shape, left.strides, xShape) !== null &&
    viewStrides(right.shape, right.strides, yShape) !== null;
  // PyTorch copies where a repeated operand has no flat view; we walk it.
  const out = flat
    ? multiplyBatches(left.reshape(xShape), right.reshape(yShape))
    : multiplyBatches(left, right);
  return unsafeView(out, shape);
}
