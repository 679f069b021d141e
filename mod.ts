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
import "./src/public/modules.ts";

export { cpu } from "./src/cpu/cpu_device.ts";
export { getDefaultDevice, setDefaultDevice } from "./src/tensor/device.ts";
export { read } from "./src/tensor/core_reading.ts";
export { isTensor } from "./src/tensor/is_tensor.ts";
export { Tensor } from "./src/tensor/tensor.ts";
export { IndexError, RuntimeError, ValueError } from "./src/tensor/errors.ts";

export * from "./src/public/creation.ts";
export * from "./src/public/elementwise.ts";
export * from "./src/public/reductions.ts";
export * from "./src/public/shapes.ts";
export * from "./src/public/indexing.ts";
export * from "./src/public/products.ts";
export * from "./src/public/linear_algebra.ts";
export * from "./src/public/neural.ts";
export * from "./src/public/engine.ts";
export * from "./src/public/gpu.ts";
export type * from "./src/public/types.ts";

export * as autograd from "./src/grad/autograd.ts";
export * as fft from "./src/public/fft_namespace.ts";
export * as func from "./src/func/mod.ts";
export * as io from "./src/io/mod.ts";
export { load, type LoadFileOptions, save } from "./src/io/save_load.ts";
export * as linalg from "./src/public/linalg_namespace.ts";
export * as nn from "./src/nn/mod.ts";
export * as optim from "./src/optim/mod.ts";
export * as special from "./src/public/special_namespace.ts";
export * as utils from "./src/public/utils_namespace.ts";
export {
  type AnomalyOptions,
  detectAnomaly,
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  ModeGuard,
  noGrad,
  setGradEnabled,
} from "./src/grad/mode.ts";

export {
  bfloat16,
  bool,
  complex128,
  complex64,
  float16,
  float32,
  float64,
  getDefaultDtype,
  int16,
  int32,
  int64,
  int8,
  setDefaultDtype,
  uint8,
} from "./src/tensor/dtype.ts";
export {
  type ActivePrintOptions,
  getPrintoptions,
  type PrintOptions,
  pythonFloat,
  setPrintoptions,
} from "./src/tensor/format.ts";
