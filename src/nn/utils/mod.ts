/**
 * What works on modules and parameters: PyTorch's `torch.nn.utils`.
 *
 * @module
 */
// The namespace `dg.nn.utils`; nothing is defined here.

export {
  clipGradNorm_,
  clipGradsWithNorm_,
  clipGradValue_,
  getTotalNorm,
  parametersToVector,
  type TensorOrTensors,
  type TotalNormOptions,
  vectorToParameters,
} from "./clipping.ts";
export {
  fuseConvBnEval,
  fuseConvBnWeights,
  fuseLinearBnEval,
  fuseLinearBnWeights,
  type NormStatistics,
} from "./fusion.ts";
export * as parametrizations from "./parametrizations.ts";
export * as parametrize from "./parametrize.ts";
export * as prune from "./pruning.ts";
export * as rnn from "./rnn.ts";
export {
  type FieldOptions,
  removeSpectralNorm,
  removeWeightNorm,
  spectralNorm,
  type SpectralNormOptions,
  weightNorm,
  type WeightNormOptions,
} from "./weight_norms.ts";
