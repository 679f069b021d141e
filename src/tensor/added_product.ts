// What products added to a tensor share: `beta * x + alpha * product`, where a
// `beta` of 0 ignores `x` altogether, NaN included.

import { checkRealFactor } from "./arguments.ts";
import { RuntimeError } from "./errors.ts";
import { adviseType, checkProduct } from "./product_checks.ts";
import { checkOptions, sameShape, type Shape, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Options of `addmm` and its kin. */
export interface AddProductOptions {
  /** Factor of the tensor that is added to; 1 where not given, and 0 ignores it, NaN included. */
  readonly beta?: number;
  /** Factor of the product; 1 where not given. */
  readonly alpha?: number;
}

/** The known options, for error messages. */
export const KEYS: readonly string[] = ["beta", "alpha"];

/** The factors of a call. */
export interface Factors {
  /** Factor of the tensor that is added to. */
  readonly beta: number;
  /** Factor of the product. */
  readonly alpha: number;
}

const ONES: Factors = { beta: 1, alpha: 1 };

/** Reads the options as a call on elements of the type of `x` means them. */
export function factors(
  options: AddProductOptions | undefined,
  name: string,
  x: Tensor,
): Factors {
  if (options === undefined) return ONES;
  checkOptions(options, KEYS, name);
  const { beta = 1, alpha = 1 } = options;
  checkRealFactor(name, "beta", beta);
  checkRealFactor(name, "alpha", alpha);
  // As PyTorch does, which converts the factors to the type of the elements.
  return x.info.category >= 2
    ? { beta, alpha }
    : { beta: Math.trunc(beta), alpha: Math.trunc(alpha) };
}

/** Multiplies by a factor that may be 1. */
export function scaled(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : x.mul(factor);
}

/** Fails where a result of another shape would be stored in `x`. */
export function checkTarget(x: Tensor, shape: Shape): void {
  if (sameShape(x.shape, shape)) return;
  throw new RuntimeError(
    `Bad in-place call: input tensor size ${
      showShape(x.shape)
    } and output tensor size ${showShape(shape)} should match`,
    "an op in place cannot change the shape; use the form without the trailing underscore",
  );
}

/** Fails, as `expand` does, where `x` does not broadcast to a shape. */
export function checkExpands(x: Tensor, shape: Shape): void {
  if (!sameShape(x.shape, shape)) x.detach().expand(shape);
}

/** Fails where the product of two matrices and what it is added to differ in type, or have one without a product. */
export function checkAddedTypes(x: Tensor, mat1: Tensor, mat2: Tensor): void {
  if (x.info !== mat2.info) refuseTypes("self", x, mat2);
  if (mat1.info !== mat2.info) refuseTypes("mat1", mat1, mat2);
  if (mat1.count > 0) checkProduct(mat1.info, "addmm_impl_cpu_");
}

function refuseTypes(name: string, x: Tensor, mat2: Tensor): never {
  throw new RuntimeError(
    `${name} and mat2 must have the same dtype, but got ${x.info.scalarName} and ${mat2.info.scalarName}`,
    adviseType(x, mat2),
  );
}
