/**
 * Neural networks: PyTorch's `torch.nn`.
 *
 * @module
 */
// The namespace `dg.nn`; nothing is defined here.

export * as functional from "./functional.ts";
