// Fourier transforms along one dimension.

import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  checkReal,
  dimOf,
  fitted,
  type FourierNorm,
  pointsOf,
  promoted,
  scaleOf,
} from "./fft_checks.ts";
import {
  complexTransform,
  halfTransform,
  realTransform,
} from "./fft_kernels.ts";

/** Options of transforms along one dimension. */
export interface FftOptions {
  /** Number of points: what the dimension is cut to, or filled up to with zeros; its length where not given. */
  readonly n?: number;
  /** Which direction divides by the number of points; `"backward"` where not given. */
  readonly norm?: FourierNorm;
}

const KEYS = ["n", "norm"];

/** One dimension with its number of points. */
function one(dim: number, points: number) {
  return { dims: [dim], points: [points] };
}

function wholeSpectrum(
  input: Tensor,
  dim: number,
  { n, norm }: FftOptions,
  name: string,
  backward: boolean,
): Tensor {
  const x = promoted(input, name, false);
  const at = dimOf(x, dim);
  const points = pointsOf(n, x.shape[at]!, name);
  const scale = scaleOf(norm, !backward);
  const fit = fitted(x, one(at, points));
  const dims = [at];
  if (x.info.category === 3) {
    return complexTransform(fit, { name, dims, scale, backward });
  }
  const out = realTransform(fit, { name, dims, scale, whole: true });
  return backward ? out.conj() : out;
}

function halfSpectrum(
  input: Tensor,
  dim: number,
  { n, norm }: FftOptions,
  name: string,
  backward: boolean,
): Tensor {
  checkReal(input, name, `${name} expects a real input tensor, but got`);
  const x = promoted(input, name, false);
  const at = dimOf(x, dim);
  const points = pointsOf(n, x.shape[at]!, name);
  const scale = scaleOf(norm, !backward);
  const fit = fitted(x, one(at, points));
  const out = realTransform(fit, { name, dims: [at], scale, whole: false });
  return backward ? out.conj() : out;
}

function realLine(
  input: Tensor,
  dim: number,
  { n, norm }: FftOptions,
  name: string,
  forward: boolean,
): Tensor {
  const x = promoted(input, name, true);
  const at = dimOf(x, dim);
  const length = pointsOf(n, 2 * (x.shape[at]! - 1), name);
  const scale = scaleOf(norm, forward);
  const fit = fitted(x, one(at, Math.floor(length / 2) + 1));
  const half = forward ? fit.conj() : fit;
  return halfTransform(half, { name, dims: [at], scale, length });
}

/**
 * The discrete Fourier transform along a dimension, the last where none is
 * given. Float32, float64, complex64 and complex128; integers become the
 * default floating-point type. The result is complex. A dimension out of range
 * is an IndexError, a number of points below 1 a RuntimeError. See
 * `torch.fft.fft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.fft(dg.tensor([0, 1, 2, 3]));
 * assertEquals(String(spectrum), "tensor([ 6.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])");
 * ```
 */
export function fft(x: Tensor, dim = -1, options: FftOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.fft");
  return wholeSpectrum(x, dim, options, "fft", false);
}

/**
 * The way back from {@linkcode fft}, along a dimension, the last where none is
 * given. Types and errors as there. See `torch.fft.ifft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.fft(dg.tensor([1, 2, 3, 4]));
 * assertEquals(dg.fft.ifft(spectrum).real.tolist(), [1, 2, 3, 4]);
 * ```
 */
export function ifft(x: Tensor, dim = -1, options: FftOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.ifft");
  return wholeSpectrum(x, dim, options, "ifft", true);
}

/**
 * The first half of the Fourier transform of real numbers, `n / 2 + 1` elements,
 * rounded down: the second half is its mirror image. Float32 and float64; a
 * complex tensor is a RuntimeError. See `torch.fft.rfft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.rfft(dg.tensor([0, 1, 2, 3]));
 * assertEquals(String(spectrum), "tensor([ 6.+0.j, -2.+2.j, -2.+0.j])");
 * ```
 */
export function rfft(x: Tensor, dim = -1, options: FftOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.rfft");
  return halfSpectrum(x, dim, options, "rfft", false);
}

/**
 * The way back from {@linkcode rfft}: real numbers from half a spectrum. Their
 * number is `n`, which an odd number has to be given for; twice that of the
 * spectrum without its ends where it is not. See `torch.fft.irfft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 3, 4, 5], { dtype: "float64" });
 * const back = dg.fft.irfft(dg.fft.rfft(x), -1, { n: 5 });
 * assertEquals(dg.allclose(back, x), true);
 * ```
 */
export function irfft(x: Tensor, dim = -1, options: FftOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.irfft");
  return realLine(x, dim, options, "irfft", false);
}

/**
 * The Fourier transform of a signal that is its own mirror image, conjugated,
 * and given by its first half: real numbers. See `torch.fft.hfft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const half = dg.fft.ihfft(dg.tensor([0, 1, 2, 3]));
 * assertEquals(dg.fft.hfft(half).tolist(), [0, 1, 2, 3]);
 * ```
 */
export function hfft(x: Tensor, dim = -1, options: FftOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.hfft");
  return realLine(x, dim, options, "hfft", true);
}

/**
 * The way back from {@linkcode hfft}: half of the signal that a real spectrum
 * belongs to. See `torch.fft.ihfft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const half = dg.fft.ihfft(dg.tensor([4, 0, 0, 0]));
 * assertEquals(half.real.tolist(), [1, 1, 1]);
 * ```
 */
export function ihfft(x: Tensor, dim = -1, options: FftOptions = {}): Tensor {
  checkOptions(options, KEYS, "fft.ihfft");
  return halfSpectrum(x, dim, options, "ihfft", true);
}
