/**
 * Files, as an entry point of their own: `@dinograd/dinograd/io`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../io/mod.ts";
