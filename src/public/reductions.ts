// What the package exports: reductions, scans and statistics. In-place forms
// are methods only, as in PyTorch; what ops share among themselves stays
// inside.

export {
  mean,
  nanmean,
  nansum,
  type ReduceDimOptions,
  sum,
  sumToSize,
} from "../tensor/ops/reduction.ts";
export { cumprod, prod } from "../tensor/ops/product.ts";
export { all, any, countNonzero } from "../tensor/ops/logic_reduction.ts";
export {
  amax,
  amin,
  aminmax,
  argmax,
  argmin,
  type KeepdimOptions,
  max,
  min,
} from "../tensor/ops/extremum.ts";
export {
  cummax,
  cummin,
  cumsum,
  type ScanOptions,
} from "../tensor/ops/scan.ts";
export {
  dist,
  type DistOptions,
  norm,
  type NormOptions,
} from "../tensor/ops/norm.ts";
export {
  cdist,
  type CdistComputeMode,
  type CdistOptions,
  pdist,
  type PdistOptions,
} from "../tensor/ops/distances.ts";
export { corrcoef, cov, type CovOptions } from "../tensor/ops/covariance.ts";
export {
  std,
  stdMean,
  var,
  type VarianceOptions,
  varMean,
} from "../tensor/ops/variance.ts";
export {
  kthvalue,
  median,
  mode,
  nanmedian,
} from "../tensor/ops/order_statistics.ts";
export {
  type Interpolation,
  nanquantile,
  quantile,
  type QuantileOptions,
} from "../tensor/ops/quantile.ts";
export {
  cumulativeTrapezoid,
  diff,
  type DiffOptions,
  trapezoid,
  type TrapezoidOptions,
  trapz,
} from "../tensor/ops/calculus.ts";
export { gradient, type GradientOptions } from "../tensor/ops/slopes.ts";
export { renorm } from "../tensor/ops/renorm.ts";
export { logcumsumexp, logsumexp } from "../tensor/ops/log_sum_exp.ts";
