// What a device does for Fourier transforms. Knows layouts only.

import type { Strided } from "./device.ts";

/** Which transform: complex to complex, real to complex, half a spectrum to real. */
export type FourierKind = "c2c" | "r2c" | "c2r";

/**
 * A transform along one dimension of a batch of lines. Operand and result are
 * dense, not empty, and of the shape `[outer, length, inner]`. One is of
 * float32 or float64 or complex of that type, the other one accordingly.
 *
 * - `"c2c"`: either direction. The result may be the operand's memory.
 * - `"r2c"`: forward. The result has `length / 2 + 1` elements along the
 *   dimension, rounded down, or all of them.
 * - `"c2r"`: backward, from `length / 2 + 1` elements, rounded down. What would
 *   not be real of the spectrum of a real line is not read.
 */
export interface FourierTask {
  /** Which transform. */
  readonly kind: FourierKind;
  /** Whether it is the backward one, by `exp(+2 * pi * i / length)`. */
  readonly backward: boolean;
  /** Length of the lines, where they are whole. */
  readonly length: number;
  /** What results are multiplied by. */
  readonly scale: number;
}

/** The part of a device that a device need not have. */
export interface Fourier {
  /** Transforms lines, see {@linkcode FourierTask}. */
  fourier?(task: FourierTask, out: Strided, x: Strided): void;
}
