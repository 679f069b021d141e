// The layers and losses that `dg.nn` exports; nothing is defined here.

export {
  Hardsigmoid,
  Hardswish,
  InplaceActivation,
  type InplaceOptions,
  LogSigmoid,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Softsign,
  Tanh,
  Tanhshrink,
} from "./activation_simple.ts";
export {
  CELU,
  type CELUOptions,
  ELU,
  type ELUOptions,
  Hardtanh,
  type HardtanhLayerOptions,
  LeakyReLU,
  type LeakyReLUOptions,
  RReLU,
  type RReLUOptions,
  Threshold,
} from "./activation_settings.ts";
export { GELU, Hardshrink, Softplus, Softshrink } from "./activation_shapes.ts";
export {
  GLU,
  LogSoftmax,
  PReLU,
  type PReLUOptions,
  RowActivation,
  Softmax,
  Softmax2d,
  Softmin,
} from "./activation_rows.ts";
export {
  Bilinear,
  Identity,
  Linear,
  type LinearLayerOptions,
} from "./linear.ts";
export {
  Conv1d,
  Conv2d,
  Conv3d,
  Convolution,
  type ConvolutionLayerOptions,
  type ConvOptions,
  type PaddingMode,
  PlainConvolution,
} from "./convolution.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
  type OutputSizeOptions,
  TransposedConvolution,
} from "./convolution_transposed.ts";
export {
  MaxPool,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type MaxPoolLayerOptions,
  MaxUnpool,
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
  type MaxUnpoolLayerOptions,
} from "./pooling_max.ts";
export {
  AvgPool,
  AvgPool1d,
  type AvgPool1dLayerOptions,
  AvgPool2d,
  AvgPool3d,
  type AvgPoolLayerOptions,
  LPPool,
  LPPool1d,
  LPPool2d,
  LPPool3d,
  type LPPoolLayerOptions,
} from "./pooling_average.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  AdaptivePool,
} from "./pooling_adaptive.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  Padding,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./padding.ts";
export {
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ConstantPadding,
} from "./padding_constant.ts";
export {
  BatchNorm,
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  ChannelNorm,
  type ChannelNormOptions,
} from "./norm_batch.ts";
export {
  InstanceNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
} from "./norm_instance.ts";
export {
  GroupNorm,
  type GroupNormLayerOptions,
  LayerNorm,
  type LayerNormLayerOptions,
  LocalResponseNorm,
  RMSNorm,
  type RMSNormLayerOptions,
} from "./norm_layer.ts";
export {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  DropoutLayer,
  type DropoutLayerOptions,
  FeatureAlphaDropout,
} from "./dropout.ts";
export {
  type BagOptions,
  Embedding,
  EmbeddingBag,
  type EmbeddingBagLayerOptions,
  type EmbeddingLayerOptions,
  type FreezeOptions,
  Table,
} from "./embedding.ts";
export {
  ChannelShuffle,
  Flatten,
  type FlattenLayerOptions,
  Fold,
  PixelShuffle,
  PixelUnshuffle,
  Unflatten,
  Unfold,
} from "./shapes.ts";
export {
  Upsample,
  type UpsampleOptions,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
  type UpsamplingOptions,
} from "./sampling.ts";
export { CosineSimilarity, PairwiseDistance } from "./distances.ts";
export {
  Loss,
  type LossLayerOptions,
  WeightedLoss,
  type WeightedLossLayerOptions,
} from "./loss.ts";
export {
  GaussianNLLLoss,
  HuberLoss,
  type HuberLossLayerOptions,
  KLDivLoss,
  L1Loss,
  MSELoss,
  PoissonNLLLoss,
  SmoothL1Loss,
} from "./losses_regression.ts";
export {
  CosineEmbeddingLoss,
  HingeEmbeddingLoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiMarginLoss,
  type MultiMarginLossLayerOptions,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from "./losses_margin.ts";
export {
  BCELoss,
  BCEWithLogitsLoss,
  type BCEWithLogitsLossLayerOptions,
  CrossEntropyLoss,
  type CrossEntropyLossLayerOptions,
  CTCLoss,
  MultiLabelSoftMarginLoss,
  NLLLoss,
  type NLLLossLayerOptions,
} from "./losses_classification.ts";
export type { FactoryOptions } from "./factory.ts";

export {
  FractionalMaxPool,
  FractionalMaxPool2d,
  FractionalMaxPool3d,
  type FractionalMaxPoolLayerOptions,
} from "./pooling_fractional.ts";
export {
  type AdaptiveLogSoftmaxOptions,
  AdaptiveLogSoftmaxWithLoss,
} from "./adaptive_softmax.ts";
export {
  LinearCrossEntropyLoss,
  type LinearCrossEntropyLossLayerOptions,
} from "./losses_linear.ts";

// Options that layers share with the functions of `dg.nn.functional`.
export type { AlphaActivationOptions } from "../tensor/ops/activation_curves.ts";
export type {
  HardtanhOptions,
  LeakyReluOptions,
} from "../tensor/ops/activation_pieces.ts";
export type { InterpolateMode } from "../tensor/ops/interpolation.ts";
export type { LossOptions, Reduction } from "../tensor/loss_op.ts";
export type {
  GaussianNllLossOptions,
  KlDivOptions,
  PoissonNllLossOptions,
  SmoothL1LossOptions,
} from "../tensor/ops/losses_regression.ts";
export type {
  MarginLossOptions,
  TripletMarginLossOptions,
} from "../tensor/ops/losses_margin.ts";
export type { TripletMarginWithDistanceLossOptions } from "../tensor/ops/losses_distance.ts";
export type { CtcLossOptions } from "../tensor/ops/losses_ctc.ts";
export type { ModuleStates } from "./module_states.ts";
export type { ModuleTree } from "./module_tree.ts";
export { LazyLinear } from "./linear_lazy.ts";
export {
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
} from "./convolution_lazy.ts";
export {
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
} from "./norm_lazy.ts";
export { CrossMapLRN2d } from "./norm_cross_map.ts";
