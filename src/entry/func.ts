/**
 * Functions that make functions, as an entry point of their own:
 * `@dinograd/dinograd/func`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../func/mod.ts";
