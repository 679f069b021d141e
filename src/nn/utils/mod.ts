/**
 * What works on modules and parameters: PyTorch's `torch.nn.utils`.
 *
 * @module
 */
// The namespace `dg.nn.utils`; nothing is defined here.

export * as rnn from "./rnn.ts";
