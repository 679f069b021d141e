/**
 * Fourier transforms, as an entry point of its own: `@dinograd/dinograd/fft`.
 *
 * @module
 */
import "../cpu/cpu_device.ts";
import "../tensor/tensor.ts";

export * from "../public/fft_namespace.ts";
