/**
 * Special functions: PyTorch's `torch.special`.
 *
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 1, 2]);
 * assertEquals(dg.special.expit(x).equal(x.sigmoid()), true);
 * ```
 *
 * @module
 */
// The namespace `dg.special`; nothing is defined here.

export {
  logit,
  type LogitOptions,
  logSoftmax,
  sigmoid as expit,
  softmax,
  type SoftmaxOptions,
} from "../tensor/ops/activation.ts";
export {
  besselJ0,
  besselJ1,
  besselY0,
  besselY1,
  sphericalBesselJ0,
} from "../tensor/ops/bessel.ts";
export {
  i0,
  i0e,
  i1,
  i1e,
  modifiedBesselI0,
  modifiedBesselI1,
  modifiedBesselK0,
  modifiedBesselK1,
  scaledModifiedBesselK0,
  scaledModifiedBesselK1,
} from "../tensor/ops/bessel_modified.ts";
export { entr, xlog1py } from "../tensor/ops/entropy.ts";
export { exp2, expm1 } from "../tensor/ops/exponential.ts";
export {
  digamma,
  digamma as psi,
  lgamma as gammaln,
  mvlgamma as multigammaln,
  polygamma,
} from "../tensor/ops/gamma.ts";
export {
  igamma as gammainc,
  igammac as gammaincc,
  zeta,
} from "../tensor/ops/incomplete_gamma.ts";
export { log1p } from "../tensor/ops/logarithm.ts";
export { logsumexp } from "../tensor/ops/log_sum_exp.ts";
export {
  erfcx,
  logNdtr,
  ndtr,
  ndtri,
} from "../tensor/ops/normal_distribution.ts";
export { round, type RoundOptions } from "../tensor/ops/rounding.ts";
export {
  erf,
  erfc,
  erfinv,
  sinc,
  xlogy,
} from "../tensor/ops/special_functions.ts";
