// Vector norms, of a tensor and of a difference.

import { IN0, IN1, OUT } from "../../grad/node.ts";
import type { ReduceKernel } from "../device.ts";
import {
  type DType,
  type DTypeInfo,
  dtypeInfo,
  partInfo,
  promote,
} from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { inputInfo } from "../is_tensor.ts";
import { call } from "../expr.ts";
import { defineKernel, run } from "../kernel_op.ts";
import {
  fold,
  keepReduced,
  reducedDims,
  reduceKernel,
  type ReduceOptions,
  reduceOptions,
} from "../reduce_op.ts";
import { checkFloat, checkMatrix as checkMatrices } from "../linalg_op.ts";
import { resultInfo } from "../op.ts";
import {
  broadcastShapes,
  checkOptions,
  countElements,
  type Dims,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { singularNorm } from "./linalg_singular_norm.ts";

/** Options of {@linkcode norm}. */
export interface NormOptions {
  /** The order, 2 where not given: a number, `Infinity`, `-Infinity`, 0 to count, `"fro"` for 2, or `"nuc"` for the sum of a matrix's singular values. */
  readonly p?: number | "fro" | "nuc";
  /** Keeps reduced dimensions with length one. */
  readonly keepdim?: boolean;
  /** Type to compute in and to return. */
  readonly dtype?: DType;
}

interface NormContext extends ReduceOptions {
  readonly p: number;
  readonly info: DTypeInfo;
}

/** One kernel per order that was used. */
const KERNELS: Map<number, ReduceKernel> = new Map();

function kernelOf(p: number): ReduceKernel {
  let kernel = KERNELS.get(p);
  if (kernel === undefined) {
    kernel = makeKernel(p);
    KERNELS.set(p, kernel);
  }
  return kernel;
}

function makeKernel(p: number): ReduceKernel {
  switch (p) {
    case 0:
      return reduceKernel({
        start: 0,
        step: (acc, x) =>
          call("add", acc, call("select", call("ne", x, 0), 1, 0)),
      });
    case 1:
      return reduceKernel({
        start: 0,
        step: (acc, x) => call("add", acc, call("abs", x)),
      });
    case 2:
      return reduceKernel({
        start: 0,
        step: (acc, x) => call("add", acc, call("mul", x, x)),
        finish: (acc) => call("sqrt", acc),
      });
    case Infinity:
      return reduceKernel({
        start: 0,
        step: (acc, x) => call("max", acc, call("abs", x)),
      });
    case -Infinity:
      return reduceKernel({
        start: "highest",
        step: (acc, x) => call("min", acc, call("abs", x)),
      });
    default:
      return reduceKernel({
        start: 0,
        step: (acc, x) => call("add", acc, call("pow", call("abs", x), p)),
        finish: (acc) => call("pow", acc, 1 / p),
      });
  }
}

/** The gradient of the norm `y` of `x`; zero where the norm has a kink. */
function normBackward(
  grad: Tensor,
  x: Tensor,
  norm: Tensor,
  o: NormContext,
): Tensor | null {
  const { p } = o;
  const g = keepReduced(grad, o);
  const y = keepReduced(norm, o);
  if (p === 0) return null;
  if (p === 1) return x.sign().mul(g);
  if (p === 2) return g.mul(x.div(y).maskedFill(y.eq(0), 0));
  if (Math.abs(p) === Infinity) {
    const size = x.abs();
    const mask = size.eq(y).logicalOr(size.isnan());
    const holders = mask.sum(o.dims, { keepdim: true });
    return x.sign().mul(g.div(holders).mul(mask));
  }
  if (p < 1) {
    const slope = x.sign().mul(x.abs().pow(p - 1)).maskedFill(x.eq(0), 0);
    return slope.mul(g).mul(y.pow(1 - p));
  }
  const slope = p < 2
    ? x.sign().mul(x.abs().pow(p - 1))
    : x.mul(x.abs().pow(p - 2));
  return slope.mul(g.div(y.pow(p - 1)).maskedFill(y.eq(0), 0));
}

function foldNorm(x: Tensor, o: NormContext): Tensor {
  const dims = o.dims.length === 0 ? null : o.dims;
  return fold(kernelOf(o.p), o.info, o.info, x, dims, o.keepdim);
}

const NORM = defineKernel<NormContext>({
  name: "norm",
  node: "LinalgVectorNormBackward0",
  forward: ([x], o) => foldNorm(x!, o),
  vjps: [(g, n, o) => normBackward(g, n.input(0), n.output(), o)],
  saves: [IN0 | OUT],
});

/**
 * The `p`-norm over all or some dimensions: the `p`-th root of the sum of `|x|`
 * to the `p`. Takes floating-point tensors. See `torch.norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[3, -4], [0, 2]]);
 * assertEquals(x.norm(1).tolist(), [5, 2]);
 * assertEquals(x.norm(null, { p: 1 }).item(), 9);
 * assertEquals(x.norm(0, { p: Infinity }).tolist(), [3, 4]);
 * ```
 */
export function norm(
  x: Tensor,
  dim?: Dims | null,
  options: NormOptions = {},
): Tensor {
  checkOptions(options, ["p", "keepdim", "dtype"], "norm");
  const { p: order = 2, keepdim = false, dtype } = options;
  if (order === "nuc") return nuclearNorm(x, dim, keepdim, dtype);
  const p = order === "fro" ? 2 : order;
  if (typeof p !== "number") {
    throw new RuntimeError(
      `linalg.matrixNorm: Order ${String(p)} not supported.`,
      'p is a number, "fro" or "nuc"',
    );
  }
  if (inputInfo(x, "norm").category === 3) {
    if (dtype === undefined) return norm(x.abs(), dim, options);
    const info = dtypeInfo(dtype);
    if (info.category < 3) {
      throw new RuntimeError(
        `linalg.vectorNorm: dtype should be complex for complex inputs, but got ${info.scalarName}`,
      );
    }
    const part = partInfo(info);
    checkType(partInfo(x.info), part);
    return norm(x.to(dtype).abs(), dim, { ...options, dtype: part.name });
  }
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `linalg.vectorNorm: Expected a floating point or complex tensor as input. Got ${x.info.scalarName}`,
      'convert it with to("float32") first',
    );
  }
  const info = dtype === undefined ? x.info : dtypeInfo(dtype);
  if (dtype !== undefined) checkType(x.info, info);
  if (order === "fro" || options.p === undefined) checkMatrix(dim);
  const dims = reducedDims(dim, x.shape.length);
  if (x.count === 0 && (p < 0 || p === Infinity)) {
    checkIdentity(x, p, dims);
  }
  return run(NORM, [x], { ...reduceOptions(x, dims, keepdim), p, info });
}

/** The sum of the singular values of matrices, which all dimensions are where none are named. */
function nuclearNorm(
  x: Tensor,
  dim: Dims | null | undefined,
  keepdim: boolean,
  dtype: DType | undefined,
): Tensor {
  const dims = dim == null
    ? x.shape.map((_, d) => d)
    : typeof dim === "number"
    ? [dim]
    : dim;
  checkMatrices("linalg.matrixNorm", x);
  if (dims.length !== 2) refuseDims(dims);
  checkFloat("linalg.matrixNorm", x, false);
  const pair = [dims[0]!, dims[1]!] as const;
  const typed = dtype === undefined ? x : x.to(dtype);
  return singularNorm(typed, pair, "nuc", keepdim);
}

/** As {@linkcode NORM}, under the name that PyTorch's functions which know the order record. */
const NORM_OF_ORDER: typeof NORM = { ...NORM, node: "NormBackward1" };

/** The norm of a floating-point tensor along its last dimension, for ops that are made of it. */
export function lastNorm(x: Tensor, p: number, keepdim: boolean): Tensor {
  if (x.info.category === 3) return lastNorm(x.abs(), p, keepdim);
  const dims = reducedDims(-1, x.shape.length);
  const { info } = x;
  return run(NORM_OF_ORDER, [x], {
    ...reduceOptions(x, dims, keepdim),
    p,
    info,
  });
}

/** The Frobenius norm, which is what is meant where no order is given, is that of a matrix. */
function checkMatrix(dim: Dims | null | undefined): void {
  if (dim == null || !Array.isArray(dim) || dim.length <= 2) return;
  refuseDims(dim);
}

function refuseDims(dim: readonly number[]): never {
  throw new RuntimeError(
    `linalg.matrixNorm: dim must be a 2-tuple. Got ${dim.join(" ")}`,
    "give { p: 2 } for the norm over more dimensions",
  );
}

function checkType(x: DTypeInfo, wanted: DTypeInfo): void {
  if (wanted.category !== 2) {
    throw new RuntimeError(
      `linalg.vectorNorm: dtype should be floating point or complex, but got ${wanted.scalarName}`,
    );
  }
  if (promote(x, wanted) !== wanted) {
    throw new RuntimeError(
      `linalg.vectorNorm: the dtype of the input (${x.scalarName}) should be convertible without narrowing to the specified dtype (${wanted.scalarName})`,
    );
  }
}

function nameOf(p: number): string {
  return Math.abs(p) === Infinity ? p > 0 ? "inf" : "-inf" : String(p);
}

function refuseEmpty(p: number): never {
  throw new RuntimeError(
    `linalg.vectorNorm cannot compute the ${
      nameOf(p)
    } norm on an empty tensor because the operation does not have an identity`,
  );
}

function checkIdentity(
  x: Tensor,
  p: number,
  dims: readonly number[] | null,
): void {
  if (dims === null) refuseEmpty(p);
  for (const d of dims) {
    if (x.shape[d] !== 0) continue;
    throw new RuntimeError(
      `linalg.vectorNorm cannot compute the ${
        nameOf(p)
      } norm on the dimension ${d}because this dimension is empty and the operation does not have an identity`,
    );
  }
}

/** Options of {@linkcode dist}. */
export interface DistOptions {
  /** The order of the norm; 2 where not given. */
  readonly p?: number;
}

const DIST = defineKernel<NormContext>({
  name: "dist",
  forward: ([x, y], o) => foldNorm(x!.sub(y!), o),
  vjps: [
    (g, n, o) => normBackward(g, n.input(0).sub(n.input(1)), n.output(), o),
    (g, n, o) =>
      normBackward(g, n.input(0).sub(n.input(1)), n.output(), o)?.neg() ?? null,
  ],
  saves: [IN0 | IN1 | OUT, IN0 | IN1 | OUT],
});

/**
 * The `p`-norm of the difference of two tensors, whose shapes broadcast. See
 * `torch.dist`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.dist(dg.tensor([4, 6]), dg.tensor([1, 2])).item(), 5);
 * ```
 */
export function dist(
  x: Tensor,
  other: Tensor,
  options: DistOptions = {},
): Tensor {
  checkOptions(options, ["p"], "dist");
  const info = resultInfo(x, other);
  if (info.category === 3) return norm(x.sub(other).abs(), null, options);
  if (info.category !== 2) {
    throw new RuntimeError(
      `norm(): input dtype should be either floating point or complex. Got ${info.scalarName} instead.`,
    );
  }
  const shape = broadcastShapes(x.shape, other.shape);
  const count = countElements(shape);
  const { p = 2 } = options;
  if (count === 0 && (p < 0 || p === Infinity)) refuseEmpty(p);
  const o = { dims: [], keepdim: false, shape, count, p, info };
  return run(DIST, [x, other], o);
}
