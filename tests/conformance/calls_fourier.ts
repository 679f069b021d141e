// Calls of Fourier transforms: pairs of real numbers stand for complex ones, so
// that finite differences check both parts of every gradient.

import * as dg from "@dinograd/dinograd";
import { call, type Calls } from "./call.ts";

const { fft } = dg;

/** Complex numbers whose parts stand beside each other in the last dimension. */
function z(x: dg.Tensor): dg.Tensor {
  return dg.complex(x.select(-1, 0), x.select(-1, 1));
}

/** The calls, by op. */
export const FOURIER_CALLS: Calls = {
  fftC2c: [
    call([[5, 2]], (x) => dg.viewAsReal(fft.fft(z(x)))),
    call([[2, 4, 2]], (x) => dg.viewAsReal(fft.ifft(z(x), 0))),
    call(
      [[2, 3, 2]],
      (x) => dg.viewAsReal(fft.fftn(z(x), [1, 0], { norm: "ortho" })),
    ),
  ],
  fftR2c: [
    call([[5]], (x) => dg.viewAsReal(fft.rfft(x))),
    call([[2, 4]], (x) => dg.viewAsReal(fft.fft(x, 1))),
    call(
      [[3, 4]],
      (x) => dg.viewAsReal(fft.rfftn(x, [1, 0], { norm: "forward" })),
    ),
  ],
  fftC2r: [
    call([[3, 2]], (x) => fft.irfft(z(x))),
    call([[3, 2, 2]], (x) => fft.irfft(z(x), 0, { n: 5 })),
    call([[3, 3, 2]], (x) => fft.hfftn(z(x))),
  ],
};
