/**
 * What goes around the tensors: PyTorch's `torch.utils`.
 *
 * @module
 */
// The namespace `dg.utils`; nothing is defined here.

export * as checkpoint from "../grad/checkpoint.ts";
export * as data from "../data/mod.ts";
