// What may take heavy work off the CPU: before a matrix product or a
// convolution the CPU asks what is installed here, which by default is nothing.
// The CPU does not know what an accelerator is; that does not know the CPU.

import type { ConvolutionGeometry, Strided } from "./device.ts";

/** Computes on another device what is worth the way there and back. */
export interface Accelerator {
  /** A product of `Device.matmul`, without its epilogue; returns whether `out` holds it now. */
  matmul(out: Strided, x: Strided, y: Strided): boolean;
  /** A convolution of `Device.convolve`; returns whether `out` holds it now. */
  convolve(
    out: Strided,
    x: Strided,
    w: Strided,
    bias: Strided | null,
    geometry: ConvolutionGeometry,
  ): boolean;
  /** Why the latest call was taken or declined. */
  readonly reason: string;
}

/** The accelerator of this program; null, as it is by default, where there is none. */
export const ACCELERATOR: { current: Accelerator | null } = { current: null };
