/**
 * Discrete Fourier transforms: PyTorch's `torch.fft`. Functions take float32,
 * float64, complex64 and complex128 tensors of any shape, and have derivatives
 * of every order. They run on the CPU.
 *
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const signal = dg.arange(8).mul(Math.PI / 2).cos();
 * const strength = dg.fft.rfft(signal).abs();
 * assertEquals(strength.argmax().item(), 2);
 * assertEquals(dg.fft.rfftfreq(8).at(2).item(), 0.25);
 * ```
 *
 * @module
 */
// The namespace `dg.fft`; nothing is defined here.

export {
  fft,
  type FftOptions,
  hfft,
  ifft,
  ihfft,
  irfft,
  rfft,
} from "../tensor/ops/fft.ts";
export type { FourierNorm } from "../tensor/ops/fft_checks.ts";
export {
  fftfreq,
  fftshift,
  type FrequencyOptions,
  ifftshift,
  rfftfreq,
} from "../tensor/ops/fft_frequencies.ts";
export {
  fftn,
  type FftnOptions,
  hfftn,
  ifftn,
  ihfftn,
  irfftn,
  rfftn,
} from "../tensor/ops/fft_several.ts";
export {
  fft2,
  hfft2,
  ifft2,
  ihfft2,
  irfft2,
  rfft2,
} from "../tensor/ops/fft_two.ts";
