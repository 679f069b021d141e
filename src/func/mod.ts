/**
 * Functions that make functions: gradients, Jacobians and their products with
 * vectors. PyTorch's `torch.func`.
 *
 * @module
 */
// The namespace `dg.func`; nothing is defined here.

export * from "./gradient.ts";
export * from "./jacobians.ts";
export {
  jvp,
  type JvpTransformOptions,
  vjp,
  type VjpCallOptions,
  type VjpFunction,
  type VjpTransformOptions,
} from "./products.ts";
export { type Dims, type Randomness, vmap, type VmapOptions } from "./vmap.ts";
export type {
  Argnums,
  ArgumentAt,
  GradientsBy,
  HessiansBy,
  JacobiansBy,
  MapTensors,
  Selected,
} from "./types.ts";
export {
  functionalCall,
  type FunctionalCallOptions,
  stackModuleState,
  type TensorDict,
} from "./functional_call.ts";
