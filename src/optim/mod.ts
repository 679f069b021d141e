/**
 * Optimizers: PyTorch's `torch.optim`.
 *
 * @module
 */
// The namespace `dg.optim`; nothing is defined here.

export {
  Adadelta,
  type AdadeltaGroup,
  type AdadeltaOptions,
  type AdadeltaState,
} from "./adadelta.ts";
export {
  Adafactor,
  type AdafactorGroup,
  type AdafactorOptions,
  type AdafactorState,
} from "./adafactor.ts";
export {
  Adagrad,
  type AdagradGroup,
  type AdagradOptions,
  type AdagradState,
} from "./adagrad.ts";
export {
  Adam,
  type AdamGroup,
  type AdamOptions,
  type AdamState,
  AdamW,
  type AdamWOptions,
} from "./adam.ts";
export {
  Adamax,
  type AdamaxGroup,
  type AdamaxOptions,
  type AdamaxState,
} from "./adamax.ts";
export {
  ASGD,
  type ASGDGroup,
  type ASGDOptions,
  type ASGDState,
} from "./asgd.ts";
export {
  LBFGS,
  type LBFGSGroup,
  type LBFGSOptions,
  type LBFGSState,
} from "./lbfgs.ts";
export * as lrScheduler from "./lr_scheduler/mod.ts";
export {
  Muon,
  type MuonGroup,
  type MuonOptions,
  type MuonState,
} from "./muon.ts";
export {
  NAdam,
  type NAdamGroup,
  type NAdamOptions,
  type NAdamState,
} from "./nadam.ts";
export {
  type Implementation,
  Optimizer,
  type OptimizerHook,
  type OptimizerState,
  type ParamGroup,
  type ParamGroupInit,
  type ParamList,
  type ParamsLike,
  type Settings,
  type ZeroGradOptions,
} from "./optimizer.ts";
export {
  RAdam,
  type RAdamGroup,
  type RAdamOptions,
  type RAdamState,
} from "./radam.ts";
export {
  RMSprop,
  type RMSpropGroup,
  type RMSpropOptions,
  type RMSpropState,
} from "./rmsprop.ts";
export {
  Rprop,
  type RpropGroup,
  type RpropOptions,
  type RpropState,
} from "./rprop.ts";
export { SGD, type SGDGroup, type SGDOptions, type SGDState } from "./sgd.ts";
export type {
  GroupValue,
  OptimizerStateDict,
  PackedGroup,
  StateValue,
} from "./state_dict.ts";
export * as swaUtils from "./swa_utils/mod.ts";
