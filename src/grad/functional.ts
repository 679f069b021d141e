/**
 * Derivatives of a function at a point, and their products with vectors:
 * PyTorch's `torch.autograd.functional`.
 *
 * @module
 */
// The namespace `dg.autograd.functional`; nothing is defined here.

export * from "./functional_jacobian.ts";
export * from "./functional_products.ts";
export type {
  ArgumentsOf,
  ForEach,
  ProductOptions,
} from "./functional_checks.ts";
