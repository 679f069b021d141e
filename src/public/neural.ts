// What the package exports: the functions of neural networks that PyTorch has
// outside of `torch.nn.functional` as well.

export {
  conv1d,
  conv2d,
  conv3d,
  type ConvolutionOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type TransposedConvolutionOptions,
} from "../tensor/ops/convolution.ts";
export {
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type MaxPoolOptions,
  type WithIndices,
} from "../tensor/ops/pooling_max.ts";
export {
  avgPool1d,
  type AvgPool1dOptions,
} from "../tensor/ops/pooling_average.ts";
export {
  adaptiveAvgPool1d,
  adaptiveMaxPool1dWithIndices as adaptiveMaxPool1d,
  type AdaptiveSize,
} from "../tensor/ops/pooling_adaptive.ts";
export {
  cosineSimilarity,
  type CosineSimilarityOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "../tensor/ops/similarity.ts";
export { pixelShuffle, pixelUnshuffle } from "../tensor/ops/pixel_shuffle.ts";
