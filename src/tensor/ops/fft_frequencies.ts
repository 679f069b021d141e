// The frequencies that a Fourier transform's results belong to, and their order.

import { checkInteger, checkNumber } from "../arguments.ts";
import { type DeviceLike, deviceOf } from "../device.ts";
import { defaultDtypeInfo, type DType, dtypeInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { emptyTensor } from "../op.ts";
import { checkOptions, type Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { roll } from "./flipping.ts";
import { dimOf } from "./fft_checks.ts";

/** Options of {@linkcode fftfreq} and {@linkcode rfftfreq}. */
export interface FrequencyOptions {
  /** Distance of the samples; 1 where not given. */
  readonly d?: number;
  /** Element type: a floating-point one. */
  readonly dtype?: DType;
  /** Where the tensor lives; the default device where not given. */
  readonly device?: DeviceLike;
  /** Whether gradients are accumulated for the tensor. */
  readonly requiresGrad?: boolean;
}

const KEYS = ["d", "dtype", "device", "requiresGrad"];

/** Whole numbers divided by the length of the signal. */
function frequencies(
  name: string,
  n: number,
  options: FrequencyOptions,
  wholes: number[],
): Tensor {
  const { d = 1, dtype, device, requiresGrad = false } = options;
  checkNumber(d, name, "d");
  const info = dtype === undefined ? defaultDtypeInfo() : dtypeInfo(dtype);
  if (info.category < 2) {
    throw new RuntimeError(
      `${name} requires a floating point or complex dtype`,
      `got ${info.name}`,
    );
  }
  if (info.category > 2) {
    throw new RuntimeError(
      `"arange_cpu" not implemented for '${info.scalarName}'`,
      "convert the result, for example with to()",
    );
  }
  const home = deviceOf(device);
  const out = unrecorded(() => {
    const x = emptyTensor(home, info, [wholes.length]);
    home.write(x, wholes);
    return x.mul_(1 / (n * d));
  });
  return requiresGrad ? out.requiresGrad_() : out;
}

/** Whole numbers from `from` to below `to`. */
function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);
}

/**
 * The frequencies that the results of {@linkcode fft} belong to, in cycles per
 * unit of `d`: those from 0 on, then the negative ones. See
 * `torch.fft.fftfreq`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fft.fftfreq(4).tolist(), [0, 0.25, -0.5, -0.25]);
 * assertEquals(dg.fft.fftfreq(4, { d: 0.25 }).tolist(), [0, 1, -2, -1]);
 * ```
 */
export function fftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.fftfreq");
  checkInteger(n, "fftfreq", "n");
  if (n < 0) {
    throw new RuntimeError(
      `Trying to create tensor with negative dimension ${n}: [${n}]`,
    );
  }
  const middle = Math.ceil(n / 2);
  const wholes = [...range(0, middle), ...range(middle - n, 0)];
  return frequencies("fftfreq", n, options, wholes);
}

/**
 * The frequencies that the results of {@linkcode rfft} belong to, in cycles per
 * unit of `d`. See `torch.fft.rfftfreq`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fft.rfftfreq(4).tolist(), [0, 0.25, 0.5]);
 * ```
 */
export function rfftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.rfftfreq");
  checkInteger(n, "rfftfreq", "n");
  const wholes = range(0, Math.floor(n / 2) + 1);
  return frequencies("rfftfreq", n, options, wholes);
}

function shifted(
  x: Tensor,
  dim: Dims | undefined,
  by: (length: number) => number,
): Tensor {
  const dims = dim === undefined
    ? x.shape.map((_, d) => d)
    : (typeof dim === "number" ? [dim] : dim).map((d) => dimOf(x, d));
  return roll(x, dims.map((d) => by(x.shape[d]!)), dims);
}

/**
 * Brings the result for frequency 0 to the middle, along all dimensions where
 * none are given. See `torch.fft.fftshift`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.fft.fftshift(dg.fft.fftfreq(4));
 * assertEquals(x.tolist(), [-0.5, -0.25, 0, 0.25]);
 * ```
 */
export function fftshift(x: Tensor, dim?: Dims): Tensor {
  return shifted(x, dim, (length) => Math.floor(length / 2));
}

/**
 * The way back from {@linkcode fftshift}. See `torch.fft.ifftshift`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(5);
 * const middle = dg.fft.fftshift(x);
 * assertEquals(dg.fft.ifftshift(middle).tolist(), [0, 1, 2, 3, 4]);
 * ```
 */
export function ifftshift(x: Tensor, dim?: Dims): Tensor {
  return shifted(x, dim, (length) => Math.ceil(length / 2));
}
