// Fourier transforms along two dimensions, the last two where none are given.

import type { Dims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  fftn,
  type FftnOptions,
  hfftn,
  ifftn,
  ihfftn,
  irfftn,
  rfftn,
} from "./fft_several.ts";

const LAST_TWO: readonly number[] = [-2, -1];

/**
 * {@linkcode fftn} along two dimensions, the last two where none are given. See
 * `torch.fft.fft2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.fft2(dg.ones([2, 2]));
 * assertEquals(spectrum.real.tolist(), [[4, 0], [0, 0]]);
 * ```
 */
export function fft2(
  x: Tensor,
  dim: Dims = LAST_TWO,
  options: FftnOptions = {},
): Tensor {
  return fftn(x, dim, options);
}

/**
 * {@linkcode ifftn} along two dimensions, the last two where none are given. See
 * `torch.fft.ifft2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 2], [3, 4]]);
 * assertEquals(dg.fft.ifft2(dg.fft.fft2(x)).real.tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function ifft2(
  x: Tensor,
  dim: Dims = LAST_TWO,
  options: FftnOptions = {},
): Tensor {
  return ifftn(x, dim, options);
}

/**
 * {@linkcode rfftn} along two dimensions, the last two where none are given. See
 * `torch.fft.rfft2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fft.rfft2(dg.ones([3, 2, 4])).shape, [3, 2, 3]);
 * ```
 */
export function rfft2(
  x: Tensor,
  dim: Dims = LAST_TWO,
  options: FftnOptions = {},
): Tensor {
  return rfftn(x, dim, options);
}

/**
 * {@linkcode irfftn} along two dimensions, the last two where none are given. See
 * `torch.fft.irfft2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const spectrum = dg.fft.rfft2(dg.tensor([[1, 2], [3, 4]]));
 * assertEquals(dg.fft.irfft2(spectrum).tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function irfft2(
  x: Tensor,
  dim: Dims = LAST_TWO,
  options: FftnOptions = {},
): Tensor {
  return irfftn(x, dim, options);
}

/**
 * {@linkcode hfftn} along two dimensions, the last two where none are given. See
 * `torch.fft.hfft2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const half = dg.fft.ihfft2(dg.tensor([[1, 2], [3, 4]]));
 * assertEquals(dg.fft.hfft2(half).tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function hfft2(
  x: Tensor,
  dim: Dims = LAST_TWO,
  options: FftnOptions = {},
): Tensor {
  return hfftn(x, dim, options);
}

/**
 * {@linkcode ihfftn} along two dimensions, the last two where none are given. See
 * `torch.fft.ihfft2`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fft.ihfft2(dg.ones([3, 2, 4])).shape, [3, 2, 3]);
 * ```
 */
export function ihfft2(
  x: Tensor,
  dim: Dims = LAST_TWO,
  options: FftnOptions = {},
): Tensor {
  return ihfftn(x, dim, options);
}
