// What the package exports as types only: what public symbols name.

export type { Category, DType, DTypeInfo } from "../tensor/dtype.ts";
export type { Dims, Shape, Size } from "../tensor/shape.ts";
export type {
  ConvolutionGeometry,
  Device,
  DeviceLike,
  Epilogue,
  MapKernel,
  MatrixTask,
  Overlay,
  ReduceKernel,
  RowChange,
  RowKernel,
  RowStep,
  ScatterMode,
  Storage,
  Strided,
  TypedArray,
  UpdateKernel,
  WindowMeans,
  Windows,
} from "../tensor/device.ts";
export type {
  Fourier,
  FourierKind,
  FourierTask,
} from "../tensor/device_fourier.ts";
export type { Sliding } from "../tensor/device_geometry.ts";
export type { AddProductOptions } from "../tensor/added_product.ts";
export type { GeneratorOptions, RandomOptions } from "../tensor/random_fill.ts";
export type { Four, Named, Three, Two } from "../tensor/results.ts";
export type { Operand, RealOperand } from "../tensor/op.ts";
export type { ConditionFn, Expr, Fn, NumberFn } from "../tensor/expr.ts";
export type {
  Differentiable,
  Hook,
  Node,
  OutputMeta,
  Saved,
  Vjp,
} from "../grad/node.ts";
export type { Layout, ViewInfo, ViewKind, ViewPlace } from "../grad/history.ts";
export type { GradHook, HookHandle } from "../grad/hooks.ts";
export type { BackwardOptions } from "../grad/backward.ts";

// The classes that Tensor is made of, a theme each.
export type { Differentiation } from "../tensor/surface/differentiation.ts";
export type { Creation } from "../tensor/surface/creation.ts";
export type { Sampling } from "../tensor/surface/sampling.ts";
export type { LinearAlgebra } from "../tensor/surface/linear_algebra.ts";
export type { Products } from "../tensor/surface/products.ts";
export type { Sorting } from "../tensor/surface/sorting.ts";
export type { Scattering } from "../tensor/surface/scattering.ts";
export type { Indexing } from "../tensor/surface/indexing.ts";
export type { Conversion } from "../tensor/surface/conversion.ts";
export type { Splitting } from "../tensor/surface/splitting.ts";
export type { Movement } from "../tensor/surface/movement.ts";
export type { Scan } from "../tensor/surface/scan.ts";
export type { Statistics } from "../tensor/surface/statistics.ts";
export type { Reduction } from "../tensor/surface/reduction.ts";
export type { Activation } from "../tensor/surface/activation.ts";
export type { Special } from "../tensor/surface/special.ts";
export type { Transcendental } from "../tensor/surface/transcendental.ts";
export type { Logic } from "../tensor/surface/logic.ts";
export type { Comparison } from "../tensor/surface/comparison.ts";
export type { Rounding } from "../tensor/surface/rounding.ts";
export type { Power } from "../tensor/surface/power.ts";
export type { Arithmetic } from "../tensor/surface/arithmetic.ts";
export type { ComplexParts } from "../tensor/surface/complex.ts";
export type { Complex } from "../tensor/complex_number.ts";
export type { Core } from "../tensor/core.ts";
export type { Nested, Reading } from "../tensor/core_reading.ts";
export type { Fields } from "../tensor/fields.ts";
export type { PadMode } from "../tensor/ops/padding.ts";
