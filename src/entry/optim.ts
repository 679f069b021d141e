/**
 * Optimizers, as an entry point of their own: `@dinograd/dinograd/optim`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../optim/mod.ts";
