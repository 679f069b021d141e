/**
 * PyTorch's tensors and autograd for Deno.
 *
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 3], { requiresGrad: true });
 * x.mul(x).sum().backward();
 * assertEquals(x.grad!.tolist(), [2, 4, 6]);
 * ```
 *
 * @module
 */
export { cpu } from "./src/cpu/cpu_device.ts";
export * from "./src/tensor/ops/arithmetic.ts";
export * from "./src/tensor/ops/comparison.ts";
export * from "./src/tensor/ops/exponential.ts";
export * from "./src/tensor/ops/logarithm.ts";
export * from "./src/tensor/ops/trigonometric.ts";
export * from "./src/tensor/ops/hyperbolic.ts";
export * from "./src/tensor/ops/special_functions.ts";
export * from "./src/tensor/ops/gamma.ts";
export * from "./src/tensor/ops/activation.ts";
export * from "./src/tensor/ops/reduction.ts";
export * from "./src/tensor/ops/movement.ts";
export * from "./src/tensor/ops/conversion.ts";
export { full, ones, tensor, zeros } from "./src/tensor/create.ts";
export { Tensor } from "./src/tensor/tensor.ts";
export * from "./src/tensor/errors.ts";
export * from "./src/grad/mode.ts";
