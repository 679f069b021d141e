/**
 * Special functions, as an entry point of their own:
 * `@dinograd/dinograd/special`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../public/special_namespace.ts";
