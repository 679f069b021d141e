/**
 * Functions of neural networks: PyTorch's `torch.nn.functional`.
 *
 * @module
 */
// The namespace `dg.nn.functional`; nothing is defined here.

export { pdist, type PdistOptions } from "../tensor/ops/distances.ts";
export { relu } from "../tensor/ops/extrema.ts";
export { tanh } from "../tensor/ops/hyperbolic.ts";
export {
  logSoftmax,
  sigmoid,
  softmax,
  type SoftmaxOptions,
} from "../tensor/ops/activation.ts";
export {
  type AlphaActivationOptions,
  celu,
  elu,
  gelu,
  type GeluOptions,
  logsigmoid,
  mish,
  selu,
  silu,
  softplus,
  type SoftplusOptions,
} from "../tensor/ops/activation_curves.ts";
export {
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  type HardtanhOptions,
  leakyRelu,
  type LeakyReluOptions,
  prelu,
  relu6,
  type ShrinkOptions,
  softshrink,
  threshold,
} from "../tensor/ops/activation_pieces.ts";
export {
  glu,
  softmin,
  softsign,
  tanhshrink,
} from "../tensor/ops/activation_composites.ts";
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
  avgPool2d,
  avgPool3d,
  type AvgPoolOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LpPoolOptions,
} from "../tensor/ops/pooling_average.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  type AdaptiveMaxOptions,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type AdaptiveSize,
} from "../tensor/ops/pooling_adaptive.ts";
export {
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type MaxUnpoolOptions,
} from "../tensor/ops/pooling_unpool.ts";
export { oneHot } from "../tensor/create_grids.ts";
export { linear, type LinearOptions } from "../tensor/ops/linear.ts";
export { pad, type PadMode, type PadOptions } from "../tensor/ops/padding.ts";
export {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  type DropoutOptions,
  featureAlphaDropout,
} from "../tensor/ops/dropout.ts";
export { embedding, type EmbeddingOptions } from "../tensor/ops/embedding.ts";
export { fold, type FoldOptions, unfold } from "../tensor/ops/folding.ts";
export {
  cosineSimilarity,
  type CosineSimilarityOptions,
  normalize,
  type NormalizeOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "../tensor/ops/similarity.ts";
export { pixelShuffle, pixelUnshuffle } from "../tensor/ops/pixel_shuffle.ts";
export {
  interpolate,
  type InterpolateMode,
  type InterpolateOptions,
} from "../tensor/ops/interpolation.ts";
export {
  gaussianNllLoss,
  type GaussianNllLossOptions,
  huberLoss,
  type HuberLossOptions,
  klDiv,
  type KlDivOptions,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  type PoissonNllLossOptions,
  smoothL1Loss,
  type SmoothL1LossOptions,
  type WeightedLossOptions,
} from "../tensor/ops/losses_regression.ts";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type BinaryLossOptions,
  type LogitsLossOptions,
  multilabelSoftMarginLoss,
  softMarginLoss,
} from "../tensor/ops/losses_binary.ts";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginLossOptions,
  marginRankingLoss,
  tripletMarginLoss,
  type TripletMarginLossOptions,
} from "../tensor/ops/losses_margin.ts";
export {
  multilabelMarginLoss,
  multiMarginLoss,
  type MultiMarginLossOptions,
} from "../tensor/ops/losses_multi_margin.ts";
export { nllLoss, type NllLossOptions } from "../tensor/ops/losses_nll.ts";
export {
  crossEntropy,
  type CrossEntropyOptions,
} from "../tensor/ops/losses_cross_entropy.ts";
export type { LossOptions, Reduction } from "../tensor/loss_op.ts";
export {
  layerNorm,
  type LayerNormOptions,
  rmsNorm,
  type RmsNormOptions,
} from "../tensor/ops/normalization.ts";
export {
  batchNorm,
  type BatchNormOptions,
  instanceNorm,
  type InstanceNormOptions,
} from "../tensor/ops/normalization_channels.ts";
export {
  groupNorm,
  type GroupNormOptions,
  localResponseNorm,
  type LocalResponseNormOptions,
} from "../tensor/ops/normalization_groups.ts";
export {
  type AttentionOptions,
  scaledDotProductAttention,
} from "../tensor/ops/attention.ts";
export { ctcLoss, type CtcLossOptions } from "../tensor/ops/losses_ctc.ts";
export {
  type BagMode,
  embeddingBag,
  type EmbeddingBagOptions,
} from "../tensor/ops/embedding_bag.ts";
export {
  affineGrid,
  type GridMode,
  type GridPadding,
  gridSample,
  type GridSampleOptions,
} from "../tensor/ops/grid_sampling.ts";
export {
  gumbelSoftmax,
  type GumbelSoftmaxOptions,
} from "../tensor/ops/gumbel.ts";
export { bilinear, type BilinearOptions } from "../tensor/ops/bilinear.ts";
export { channelShuffle } from "../tensor/ops/channel_shuffle.ts";
export { rrelu, type RreluOptions } from "../tensor/ops/rrelu.ts";
export {
  tripletMarginWithDistanceLoss,
  type TripletMarginWithDistanceLossOptions,
} from "../tensor/ops/losses_distance.ts";
export {
  type AttentionForwardOptions,
  type HeadOptions,
  multiHeadAttentionForward,
} from "./attention_forward.ts";
export {
  fractionalMaxPool2d,
  fractionalMaxPool3d,
  type FractionalMaxPoolOptions,
  type WithFractionalIndices,
} from "../tensor/ops/pooling_fractional.ts";
export {
  linearCrossEntropy,
  type LinearCrossEntropyOptions,
} from "../tensor/ops/losses_linear.ts";
