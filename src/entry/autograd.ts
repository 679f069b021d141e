/**
 * Gradients as functions, custom functions and checks, as an entry point of
 * their own: `@dinograd/dinograd/autograd`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../grad/autograd.ts";
