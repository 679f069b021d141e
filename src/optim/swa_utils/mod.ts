/**
 * Averages of weights along a training: PyTorch's `torch.optim.swa_utils`.
 *
 * @module
 */
// The namespace `dg.optim.swaUtils`; nothing is defined here.

export { SWALR, type SWALROptions } from "./swa_lr.ts";
