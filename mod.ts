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
export * from "./src/tensor/ops/division.ts";
export * from "./src/tensor/ops/power.ts";
export * from "./src/tensor/ops/root.ts";
export * from "./src/tensor/ops/sign.ts";
export * from "./src/tensor/ops/extrema.ts";
export * from "./src/tensor/ops/comparison.ts";
export * from "./src/tensor/ops/comparison_names.ts";
export * from "./src/tensor/ops/classification.ts";
export * from "./src/tensor/ops/logical.ts";
export * from "./src/tensor/ops/where.ts";
export * from "./src/tensor/ops/rounding.ts";
export * from "./src/tensor/ops/clamping.ts";
export * from "./src/tensor/ops/nan_to_num.ts";
export * from "./src/tensor/ops/composite_arithmetic.ts";
export * from "./src/tensor/ops/bitwise.ts";
export * from "./src/tensor/ops/closeness.ts";
export * from "./src/tensor/ops/exponential.ts";
export * from "./src/tensor/ops/logarithm.ts";
export * from "./src/tensor/ops/trigonometric.ts";
export * from "./src/tensor/ops/hyperbolic.ts";
export * from "./src/tensor/ops/special_functions.ts";
export * from "./src/tensor/ops/gamma.ts";
export * from "./src/tensor/ops/activation.ts";
export * from "./src/tensor/ops/reduction.ts";
export * from "./src/tensor/ops/product.ts";
export * from "./src/tensor/ops/logic_reduction.ts";
export * from "./src/tensor/ops/extremum.ts";
export * from "./src/tensor/ops/scan.ts";
export * from "./src/tensor/ops/norm.ts";
export * from "./src/tensor/ops/variance.ts";
export * from "./src/tensor/ops/order_statistics.ts";
export * from "./src/tensor/ops/quantile.ts";
export * from "./src/tensor/ops/calculus.ts";
export * from "./src/tensor/ops/log_sum_exp.ts";
export * from "./src/tensor/ops/movement.ts";
export * from "./src/tensor/ops/copying.ts";
export * from "./src/tensor/ops/dimensions.ts";
export * from "./src/tensor/ops/unit_dimensions.ts";
export * from "./src/tensor/ops/slicing.ts";
export * from "./src/tensor/ops/joining.ts";
export * from "./src/tensor/ops/flipping.ts";
export * from "./src/tensor/ops/splitting.ts";
export * from "./src/tensor/ops/repeating.ts";
export * from "./src/tensor/ops/diagonals.ts";
export * from "./src/tensor/ops/triangles.ts";
export * from "./src/tensor/ops/matmul.ts";
export * from "./src/tensor/ops/products.ts";
export * from "./src/tensor/ops/batch_products.ts";
export * from "./src/tensor/ops/contraction.ts";
export * from "./src/tensor/ops/vector_products.ts";
export * from "./src/tensor/ops/einsum.ts";
export * from "./src/tensor/ops/conversion.ts";
export * from "./src/tensor/ops/sorting.ts";
export * from "./src/tensor/ops/histogram.ts";
export * from "./src/tensor/ops/unique.ts";
export * from "./src/tensor/ops/searching.ts";
export * from "./src/tensor/ops/scatter_reduce.ts";
export * from "./src/tensor/ops/put.ts";
export * from "./src/tensor/ops/masks.ts";
export * from "./src/tensor/ops/scatter.ts";
export * from "./src/tensor/ops/gather.ts";
export * from "./src/tensor/ops/index_fill.ts";
export * from "./src/tensor/ops/index_select.ts";
export * from "./src/tensor/ops/index_put.ts";
export type { Index, IndexArray } from "./src/tensor/indexing.ts";
export type { IndexValue } from "./src/tensor/ops/indexing.ts";
export {
  asTensor,
  type AsTensorOptions,
  type CreateOptions,
  fromTypedArray,
  tensor,
} from "./src/tensor/create.ts";
export {
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  type FullValue,
  ones,
  onesLike,
  zeros,
  zerosLike,
} from "./src/tensor/create_filled.ts";
export * from "./src/tensor/create_grids.ts";
export * from "./src/tensor/create_ranges.ts";
export type { HostArray, TensorData } from "./src/tensor/host_data.ts";
export * from "./src/tensor/random.ts";
export * from "./src/tensor/random_inplace.ts";
export * from "./src/tensor/random_sample.ts";
export {
  defaultGenerator,
  Generator,
  initialSeed,
  manualSeed,
  seed,
} from "./src/tensor/generator.ts";
export type { Four, Named, Three, Two } from "./src/tensor/results.ts";
export { Tensor } from "./src/tensor/tensor.ts";
export * from "./src/tensor/errors.ts";
export * as autograd from "./src/grad/autograd.ts";
export * as optim from "./src/optim/mod.ts";
export * from "./src/grad/mode.ts";

// How tensors are shown.
export {
  type ActivePrintOptions,
  getPrintoptions,
  type PrintOptions,
  pythonFloat,
  setPrintoptions,
} from "./src/tensor/format.ts";

// Element types, shapes and devices.
export {
  bfloat16,
  bool,
  type Category,
  type DType,
  type DTypeInfo,
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
export type { Dims, Shape, Size } from "./src/tensor/shape.ts";
export type * from "./src/tensor/device.ts";

// The classes that Tensor is made of, a theme each, for the documentation.
export type { Differentiation } from "./src/tensor/surface/differentiation.ts";
export type { Creation } from "./src/tensor/surface/creation.ts";
export type { Sampling } from "./src/tensor/surface/sampling.ts";
export type { Products } from "./src/tensor/surface/products.ts";
export type { Sorting } from "./src/tensor/surface/sorting.ts";
export type { Scattering } from "./src/tensor/surface/scattering.ts";
export type { Indexing } from "./src/tensor/surface/indexing.ts";
export type { Conversion } from "./src/tensor/surface/conversion.ts";
export type { Splitting } from "./src/tensor/surface/splitting.ts";
export type { Movement } from "./src/tensor/surface/movement.ts";
export type { Scan } from "./src/tensor/surface/scan.ts";
export type { Statistics } from "./src/tensor/surface/statistics.ts";
export type { Reduction } from "./src/tensor/surface/reduction.ts";
export type { Activation } from "./src/tensor/surface/activation.ts";
export type { Special } from "./src/tensor/surface/special.ts";
export type { Transcendental } from "./src/tensor/surface/transcendental.ts";
export type { Logic } from "./src/tensor/surface/logic.ts";
export type { Comparison } from "./src/tensor/surface/comparison.ts";
export type { Rounding } from "./src/tensor/surface/rounding.ts";
export type { Power } from "./src/tensor/surface/power.ts";
export type { Arithmetic } from "./src/tensor/surface/arithmetic.ts";
export type { Core } from "./src/tensor/core.ts";
export type { Reading } from "./src/tensor/core_reading.ts";
export type { Fields } from "./src/tensor/fields.ts";
export type { Operand } from "./src/tensor/op.ts";
export type { ConditionFn, Expr, Fn, NumberFn } from "./src/tensor/expr.ts";
export type * from "./src/grad/node.ts";
export type * from "./src/grad/history.ts";
export type { BackwardOptions } from "./src/grad/backward.ts";
export type * from "./src/grad/hooks.ts";
export type * from "./src/tensor/ops/as_strided.ts";
