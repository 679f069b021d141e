/**
 * Data sets and batches, as an entry point of their own:
 * `@dinograd/dinograd/data`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../data/mod.ts";
