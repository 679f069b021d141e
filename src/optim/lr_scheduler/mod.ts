/**
 * Schedulers of learning rates: PyTorch's `torch.optim.lr_scheduler`.
 *
 * @module
 */
// The namespace `dg.optim.lrScheduler`; nothing is defined here.

export {
  ChainedScheduler,
  type ChainedSchedulerOptions,
  SequentialLR,
} from "./composed_lr.ts";
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from "./cosine_lr.ts";
export {
  CyclicLR,
  type CyclicLROptions,
  type CyclicMode,
  type ScaleMode,
} from "./cyclic_lr.ts";
export { LambdaLR, type LrLambda, MultiplicativeLR } from "./lambda_lr.ts";
export {
  type AnyGroups,
  LRScheduler,
  type SchedulerOptions,
  type SchedulerStateDict,
  type SchedulerValue,
} from "./lr_scheduler.ts";
export { OneCycleLR, type OneCycleLROptions } from "./one_cycle_lr.ts";
export {
  ConstantLR,
  type ConstantLROptions,
  LinearLR,
  type LinearLROptions,
  PolynomialLR,
  type PolynomialLROptions,
} from "./ramp_lr.ts";
export {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
} from "./reduce_lr_on_plateau.ts";
export {
  ExponentialLR,
  MultiStepLR,
  StepLR,
  type StepLROptions,
} from "./step_lr.ts";
