/**
 * Optimizers: PyTorch's `torch.optim`.
 *
 * @module
 */
// The namespace `dg.optim`; nothing is defined here.

export { SGD, type SGDGroup, type SGDOptions } from "./sgd.ts";
