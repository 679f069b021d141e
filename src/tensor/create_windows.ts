// Windows for short pieces of a signal: composites of other ops, rounded as in
// PyTorch.

import { CREATE_KEYS, type CreateOptions } from "./create.ts";
import { full, ones } from "./create_filled.ts";
import { arange } from "./create_ranges.ts";
import { checkInteger } from "./arguments.ts";
import { defaultDtypeInfo, dtypeInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { unrecorded } from "./kernel_op.ts";
import { checkOptions } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Options of windows. */
export interface WindowOptions extends CreateOptions {
  /** Whether the window goes on periodically, as for a Fourier transform; it does where not given. Else it is symmetric. */
  readonly periodic?: boolean;
}

/** Options of {@linkcode hammingWindow}. */
export interface HammingWindowOptions extends WindowOptions {
  /** What is constant; 0.54 where not given. */
  readonly alpha?: number;
  /** Height of the wave; 0.46 where not given. */
  readonly beta?: number;
}

/** Options of {@linkcode kaiserWindow}. */
export interface KaiserWindowOptions extends WindowOptions {
  /** How narrow it is; 12 where not given. */
  readonly beta?: number;
}

/** Makes a window of its `n` places, the last of which a periodic one leaves out. */
function make(
  name: string,
  windowLength: number,
  options: WindowOptions,
  of: (places: Tensor, n: number) => Tensor,
): Tensor {
  const { periodic = true, requiresGrad = false, ...rest } = options;
  checkInteger(windowLength, name, "windowLength");
  if (windowLength < 0) {
    throw new RuntimeError(
      `${name} requires non-negative windowLength, got windowLength=${windowLength}`,
    );
  }
  const info = rest.dtype === undefined
    ? defaultDtypeInfo()
    : dtypeInfo(rest.dtype);
  if (info.category !== 2) {
    throw new RuntimeError(
      `${name} expects floating point dtypes, got: ${info.name}`,
    );
  }
  if (windowLength === 0) return full([0], 0, creation(options));
  if (windowLength === 1) return ones([1], creation(options));
  const n = windowLength + (periodic ? 1 : 0);
  const out = unrecorded(() => {
    const whole = of(arange(n, rest), n);
    return periodic ? whole.narrow(0, 0, windowLength).clone() : whole;
  });
  return requiresGrad ? out.requiresGrad_() : out;
}

/** The options that make a tensor. */
function creation(options: WindowOptions): CreateOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => CREATE_KEYS.includes(key)),
  );
}

/**
 * Bartlett's window: a triangle from 0 to 1 to 0. See `torch.bartlett_window`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.bartlettWindow(4).tolist(), [0, 0.5, 1, 0.5]);
 * ```
 */
export function bartlettWindow(
  windowLength: number,
  options: WindowOptions = {},
): Tensor {
  checkOptions(options, [...CREATE_KEYS, "periodic"], "bartlettWindow");
  return make("bartlettWindow", windowLength, options, (places, n) => {
    const rising = places.mul(2 / (n - 1));
    return rising.where(places.le((n - 1) / 2), rising.neg().add(2));
  });
}

/**
 * Hann's window: one turn of a cosine, from 0 to 1 to 0. See `torch.hann_window`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.hannWindow(2).tolist(), [0, 1]);
 * ```
 */
export function hannWindow(
  windowLength: number,
  options: WindowOptions = {},
): Tensor {
  checkOptions(options, [...CREATE_KEYS, "periodic"], "hannWindow");
  return make(
    "hannWindow",
    windowLength,
    options,
    (places, n) => raised(places, n, 0.5, 0.5),
  );
}

function raised(
  places: Tensor,
  n: number,
  alpha: number,
  beta: number,
): Tensor {
  return places.mul(Math.PI * 2 / (n - 1)).cos().mul(-beta).add(alpha);
}

/**
 * Hamming's window: `alpha - beta * cos(2πk / (n - 1))`. See
 * `torch.hamming_window`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.hammingWindow(3, { periodic: false, dtype: "float64" });
 * assertEquals(x.tolist<number[]>().map((v) => v.toFixed(2)), ["0.08", "1.00", "0.08"]);
 * ```
 */
export function hammingWindow(
  windowLength: number,
  options: HammingWindowOptions = {},
): Tensor {
  const keys = [...CREATE_KEYS, "periodic", "alpha", "beta"];
  checkOptions(options, keys, "hammingWindow");
  const { alpha = 0.54, beta = 0.46, ...rest } = options;
  return make(
    "hammingWindow",
    windowLength,
    rest,
    (places, n) => raised(places, n, alpha, beta),
  );
}

/**
 * Blackman's window, of two cosines. See `torch.blackman_window`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.blackmanWindow(3, { periodic: false });
 * assertEquals(x.at(1).item().toFixed(4), "1.0000");
 * ```
 */
export function blackmanWindow(
  windowLength: number,
  options: WindowOptions = {},
): Tensor {
  checkOptions(options, [...CREATE_KEYS, "periodic"], "blackmanWindow");
  return make("blackmanWindow", windowLength, options, (places, n) => {
    const angle = places.mul(Math.PI / (n - 1));
    const slow = angle.mul(2).cos().mul(0.5);
    return angle.mul(4).cos().mul(0.08).sub(slow).add(0.42);
  });
}

/**
 * Kaiser's window: `i0(beta * sqrt(1 - t * t)) / i0(beta)` for `t` from -1 to 1.
 * See `torch.kaiser_window`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.kaiserWindow(3, { periodic: false, beta: 0 });
 * assertEquals(x.tolist(), [1, 1, 1]);
 * ```
 */
export function kaiserWindow(
  windowLength: number,
  options: KaiserWindowOptions = {},
): Tensor {
  const keys = [...CREATE_KEYS, "periodic", "beta"];
  checkOptions(options, keys, "kaiserWindow");
  const { beta = 12, ...rest } = options;
  return make("kaiserWindow", windowLength, rest, (places, n) => {
    const t = places.mul(2 / (n - 1)).sub(1);
    const root = t.square().neg().add(1).clampMin(0).sqrt();
    const top = places.newFull([], beta).i0();
    return root.mul(beta).i0().div(top);
  });
}
