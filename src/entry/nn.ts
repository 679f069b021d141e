/**
 * Neural networks, as an entry point of their own: `@dinograd/dinograd/nn`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../nn/mod.ts";
