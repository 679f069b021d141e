// Products of a matrix and a vector, of matrices and of vectors, added to a
// tensor.

import { checkRealFactor } from "../arguments.ts";
import { IN1, IN2 } from "../../grad/node.ts";
import {
  type AddProductOptions,
  checkAddedTypes,
  checkExpands,
  checkTarget,
  type Factors,
  factors,
  KEYS,
  scaled,
} from "../added_product.ts";
import { RuntimeError } from "../errors.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import {
  type Layout,
  layoutOf,
  leftGradient,
  matrixProduct,
  matrixVector,
  rightGradient,
} from "../matrix_kernel.ts";
import { commonDeviceOf, resultInfo, resultInfoOf } from "../op.ts";
import { checkOptions, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { checkInner, checkMatrixVector } from "../product_checks.ts";

export type { AddProductOptions } from "../added_product.ts";

const ADDMM = defineKernel<Factors & Layout>({
  name: "addmm",
  forward: ([x, a, b], factors) => matrixProduct(a!, b!, { x: x!, factors }),
  vjps: [
    (g, _n, f) => scaled(g, f.beta),
    (g, n, f) => scaled(leftGradient(g, n.input(2), f), f.alpha),
    (g, n, f) => scaled(rightGradient(g, n.input(1), f), f.alpha),
  ],
  saves: [0, IN2, IN1],
});

function addmmTo(
  x: Tensor,
  mat1: Tensor,
  mat2: Tensor,
  options: AddProductOptions | undefined,
  bound: boolean,
): Tensor {
  const f = factors(options, "addmm", x);
  checkMatrix("mat1", mat1);
  checkMatrix("mat2", mat2);
  checkInner(mat1, mat2);
  checkAddedTypes(x, mat1, mat2);
  commonDeviceOf([x, mat1, mat2]);
  const shape = [mat1.shape[0]!, mat2.shape[1]!];
  if (bound) checkTarget(x, shape);
  checkExpands(x, shape);
  return run(ADDMM, [x, mat1, mat2], { ...f, ...layoutOf(mat1, mat2) });
}

function checkMatrix(name: string, x: Tensor): void {
  if (x.shape.length === 2) return;
  throw new RuntimeError(
    `${name} must be a matrix, got ${x.shape.length}-D tensor`,
  );
}

/**
 * Adds a product of matrices: `beta * x + alpha * (mat1 @ mat2)`; `x`
 * broadcasts to the product's shape. See `torch.addmm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * const bias = dg.tensor([10, 20]);
 * assertEquals(dg.addmm(bias, x, x).tolist(), [[17, 30], [25, 42]]);
 * ```
 */
export function addmm(
  x: Tensor,
  mat1: Tensor,
  mat2: Tensor,
  options?: AddProductOptions,
): Tensor {
  return addmmTo(x, mat1, mat2, options, false);
}

/** Adds a product of matrices to `x` in place; see {@linkcode addmm}. */
export function addmm_(
  x: Tensor,
  mat1: Tensor,
  mat2: Tensor,
  options?: AddProductOptions,
): Tensor {
  return inplace(
    x,
    [mat1, mat2],
    (self) => addmmTo(self, mat1, mat2, options, true),
  );
}

const ADDMV = defineKernel<Factors>({
  name: "addmv",
  forward: ([x, a, b], factors) => matrixVector(a!, b!, { x: x!, factors }),
  vjps: [
    (g, _n, f) => scaled(g, f.beta),
    (g, n, f) => scaled(g.outer(n.input(2)), f.alpha),
    (g, n, f) => scaled(n.input(1).t().mv(g), f.alpha),
  ],
  saves: [0, IN2, IN1],
});

function addmvTo(
  x: Tensor,
  mat: Tensor,
  vec: Tensor,
  options: AddProductOptions | undefined,
  bound: boolean,
): Tensor {
  const f = factors(options, "addmv", x);
  checkMatrixVector(x, x.shape, mat, vec);
  commonDeviceOf([x, mat, vec]);
  if (bound) checkTarget(x, [mat.shape[0]!]);
  return run(ADDMV, [x, mat, vec], f);
}

/**
 * Adds the product of a matrix and a vector: `beta * x + alpha * (mat @ vec)`;
 * `x` broadcasts to the product's shape. See `torch.addmv`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const mat = dg.tensor([[1, 2], [3, 4]]);
 * const x = dg.tensor([1, 1]);
 * assertEquals(dg.addmv(x, mat, x, { beta: 10 }).tolist(), [13, 17]);
 * ```
 */
export function addmv(
  x: Tensor,
  mat: Tensor,
  vec: Tensor,
  options?: AddProductOptions,
): Tensor {
  return addmvTo(x, mat, vec, options, false);
}

/** Adds the product of a matrix and a vector to `x` in place; see {@linkcode addmv}. */
export function addmv_(
  x: Tensor,
  mat: Tensor,
  vec: Tensor,
  options?: AddProductOptions,
): Tensor {
  return inplace(
    x,
    [mat, vec],
    (self) => addmvTo(self, mat, vec, options, true),
  );
}

const ADDR = defineKernel<Factors>({
  name: "addr",
  forward: ([x, a, b], f) => outerSum(x!, a!.outer(b!), f),
  vjps: [
    (g, _n, f) => scaled(g, f.beta),
    (g, n, f) => scaled(g.mv(n.input(2)), f.alpha),
    (g, n, f) => scaled(g.t().mv(n.input(1)), f.alpha),
  ],
  saves: [0, IN2, IN1],
});

/** As {@linkcode accumulate}, with promotion of types. */
function outerSum(x: Tensor, product: Tensor, f: Factors): Tensor {
  const right = scaled(product, f.alpha);
  if (f.beta !== 0) return scaled(x, f.beta).add(right);
  return right.to(resultInfo(x, right).name);
}

function addrTo(
  x: Tensor,
  vec1: Tensor,
  vec2: Tensor,
  options: AddProductOptions = {},
): Tensor {
  checkOptions(options, KEYS, "addr");
  for (const [name, vec] of [["vec1", vec1], ["vec2", vec2]] as const) {
    if (vec.shape.length === 1) continue;
    throw new RuntimeError(
      `addr: Expected 1-D argument ${name}, but got ${vec.shape.length}-D`,
    );
  }
  const { beta = 1, alpha = 1 } = options;
  const info = resultInfoOf([x, vec1, vec2]);
  for (const [name, factor] of [["beta", beta], ["alpha", alpha]] as const) {
    checkRealFactor("addr", name, factor);
    if (info.category >= 2 || Number.isInteger(factor)) continue;
    throw new RuntimeError(
      `For integral input tensors, argument ${name} must not be a floating point number.`,
    );
  }
  const f = info.category === 0
    ? { beta: Number(beta !== 0), alpha: Number(alpha !== 0) }
    : { beta, alpha };
  commonDeviceOf([x, vec1, vec2]);
  checkExpands(x, [vec1.shape[0]!, vec2.shape[0]!]);
  return run(ADDR, [x, vec1, vec2], f);
}

/**
 * Adds an outer product: `beta * x + alpha * outer(vec1, vec2)`; `x` broadcasts
 * to the product's shape, types promote. See `torch.addr`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(dg.addr(dg.ones([2, 2]), x, x).tolist(), [[2, 3], [3, 5]]);
 * ```
 */
export function addr(
  x: Tensor,
  vec1: Tensor,
  vec2: Tensor,
  options?: AddProductOptions,
): Tensor {
  return addrTo(x, vec1, vec2, options);
}

/** Adds an outer product to `x` in place; see {@linkcode addr}. */
export function addr_(
  x: Tensor,
  vec1: Tensor,
  vec2: Tensor,
  options?: AddProductOptions,
): Tensor {
  if (x.shape.length !== 2) {
    throw new RuntimeError(
      `2D tensor expected, got ${x.shape.length}D tensor for input`,
    );
  }
  const vectors = vec1.shape.length === 1 && vec2.shape.length === 1;
  if (
    vectors && (x.shape[0] !== vec1.shape[0] || x.shape[1] !== vec2.shape[0])
  ) {
    throw new RuntimeError(
      `size mismatch, input: ${showShape(x.shape)}, v1: ${
        showShape(vec1.shape)
      }, v2: ${showShape(vec2.shape)}`,
    );
  }
  return inplace(x, [vec1, vec2], (self) => addrTo(self, vec1, vec2, options));
}
