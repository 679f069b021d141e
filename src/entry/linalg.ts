/**
 * Linear algebra, as an entry point of its own: `@dinograd/dinograd/linalg`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../public/linalg_namespace.ts";
