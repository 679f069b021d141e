// Fourier transforms along several dimensions.

import { checkOptions, type Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  checkReal,
  checkSome,
  fitted,
  type FourierNorm,
  halfPlacesOf,
  placesOf,
  promoted,
  scaleOf,
} from "./fft_checks.ts";
import {
  complexTransform,
  halfTransform,
  realTransform,
} from "./fft_kernels.ts";

/** Options of transforms along several dimensions. */
export interface FftnOptions {
  /** Numbers of points: what the dimensions are cut to, or filled up to with zeros; -1 stands for the dimension's own length. */
  readonly s?: readonly number[];
  /** Which direction divides by the number of points; `"backward"` where not given. */
  readonly norm?: FourierNorm;
}

const KEYS = ["s", "norm"];

function wholeSpectrum(
  input: Tensor,
  dim: Dims | undefined,
  { s, norm }: FftnOptions,
  name: string,
  backward: boolean,
): Tensor {
  const x = promoted(input, name, true);
  const places = placesOf(x, dim, s, name);
  const scale = scaleOf(norm, !backward);
  const { dims } = places;
  return complexTransform(fitted(x, places), { name, dims, scale, backward });
}

function halfSpectrum(
  input: Tensor,
  dim: Dims | undefined,
  { s, norm }: FftnOptions,
  name: string,
): Tensor {
  checkReal(input, name, "rfftn expects a real-valued input tensor, but got");
  const x = promoted(input, name, false);
  const places = placesOf(x, dim, s, name);
  const { dims } = places;
  checkSome(dims, "rfftn");
  const scale = scaleOf(norm, true);
  const fit = fitted(x, places);
  return realTransform(fit, { name, dims, scale, whole: false });
}

function realSpace(
  input: Tensor,
  dim: Dims | undefined,
  { s, norm }: FftnOptions,
  name: string,
): Tensor {
  const x = promoted(input, name, true);
  const { length, ...places } = halfPlacesOf(x, dim, s, "irfftn");
  const { dims } = places;
  const scale = scaleOf(norm, false);
  return halfTransform(fitted(x, places), { name, dims, scale, length });
}

/** Forward along all dimensions: the last one of half a signal, conjugated there. */
function fromHalf(
  input: Tensor,
  dim: Dims | undefined,
  { s, norm }: FftnOptions,
  name: string,
): Tensor {
  const x = promoted(input, name, true);
  const { length, ...places } = halfPlacesOf(x, dim, s, "hfftn");
  const scale = scaleOf(norm, true);
  const dims = places.dims.slice(0, -1);
  const last = places.dims.slice(-1);
  let out = fitted(x, places);
  if (dims.length > 0) {
    out = complexTransform(out, { name, dims, scale, backward: false });
  }
  return halfTransform(out.conj(), { name, dims: last, scale, length });
}

/** The way back from {@linkcode fromHalf}. */
function toHalf(
  input: Tensor,
  dim: Dims | undefined,
  { s, norm }: FftnOptions,
  name: string,
): Tensor {
  checkReal(input, name, "Only supports floating-point dtypes, but found:");
  const x = promoted(input, name, false);
  const places = placesOf(x, dim, s, name);
  checkSome(places.dims, "ihfftn");
  const scale = scaleOf(norm, false);
  const dims = places.dims.slice(0, -1);
  const last = places.dims.slice(-1);
  const fit = fitted(x, places);
  const half = realTransform(fit, { name, dims: last, scale, whole: false });
  if (dims.length === 0) return half.conj();
  const turned = half.conjPhysical();
  return complexTransform(turned, { name, dims, scale, backward: true });
}

/**
 * The discrete Fourier transform along several dimensions, all where none are
 * given, or as many of the last as `s` names. The result is complex. A dimension
 * that is given twice and a number of points below 1 are RuntimeErrors. See
 * `torch.fft.fftn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.fftn(dg.ones([2, 2]));
 * assertEquals(spectrum.real.tolist(), [[4, 0], [0, 0]]);
 * ```
 */
export function fftn(
  x: Tensor,
  dim?: Dims,
  options: FftnOptions = {},
): Tensor {
  checkOptions(options, KEYS, "fft.fftn");
  return wholeSpectrum(x, dim, options, "fftn", false);
}

/**
 * The way back from {@linkcode fftn}. See `torch.fft.ifftn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.fft.ifftn(dg.fft.fftn(x)).real.tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function ifftn(
  x: Tensor,
  dim?: Dims,
  options: FftnOptions = {},
): Tensor {
  checkOptions(options, KEYS, "fft.ifftn");
  return wholeSpectrum(x, dim, options, "ifftn", true);
}

/**
 * The Fourier transform of real numbers along several dimensions, all where none
 * are given; of the last of them, only the first half. See `torch.fft.rfftn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.rfftn(dg.ones([2, 4]));
 * assertEquals(spectrum.real.tolist(), [[8, 0, 0], [0, 0, 0]]);
 * ```
 */
export function rfftn(
  x: Tensor,
  dim?: Dims,
  options: FftnOptions = {},
): Tensor {
  checkOptions(options, KEYS, "fft.rfftn");
  return halfSpectrum(x, dim, options, "rfftn");
}

/**
 * The way back from {@linkcode rfftn}: real numbers. Of an odd number along the
 * last dimension, `s` has to tell. See `torch.fft.irfftn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.rfftn(dg.tensor([[1, 2], [3, 4]]));
 * assertEquals(dg.fft.irfftn(spectrum).tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function irfftn(
  x: Tensor,
  dim?: Dims,
  options: FftnOptions = {},
): Tensor {
  checkOptions(options, KEYS, "fft.irfftn");
  return realSpace(x, dim, options, "irfftn");
}

/**
 * The Fourier transform of a signal that is its own mirror image, conjugated,
 * and given by its first half along the last dimension: real numbers. See
 * `torch.fft.hfftn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const half = dg.fft.ihfftn(dg.tensor([[1, 2], [3, 4]]));
 * assertEquals(dg.fft.hfftn(half).tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function hfftn(
  x: Tensor,
  dim?: Dims,
  options: FftnOptions = {},
): Tensor {
  checkOptions(options, KEYS, "fft.hfftn");
  return fromHalf(x, dim, options, "hfftn");
}

/**
 * The way back from {@linkcode hfftn}: half of the signal that a real spectrum
 * belongs to. See `torch.fft.ihfftn`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const half = dg.fft.ihfftn(dg.tensor([[4, 0], [0, 0]]));
 * assertEquals(half.real.tolist(), [[1, 1], [1, 1]]);
 * ```
 */
export function ihfftn(
  x: Tensor,
  dim?: Dims,
  options: FftnOptions = {},
): Tensor {
  checkOptions(options, KEYS, "fft.ihfftn");
  return toHalf(x, dim, options, "ihfftn");
}
