/**
 * Averages of weights along a training: PyTorch's `torch.optim.swa_utils`.
 *
 * @module
 */
// The namespace `dg.optim.swaUtils`; nothing is defined here.

export { AveragedModel, type AveragedModelOptions } from "./averaged_model.ts";
export {
  type AvgFn,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAvgFn,
} from "./averages.ts";
export { SWALR, type SWALROptions } from "./swa_lr.ts";
export { updateBn, type UpdateBnOptions } from "./update_bn.ts";
