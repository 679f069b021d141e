// Setting elements or whole channels to zero by chance. The samples are drawn
// as PyTorch draws them, so that a seed gives PyTorch's numbers.

import { checkNotComplex } from "../complex_refusal.ts";
import { entrust } from "../../grad/ownership.ts";
import { sampleDevice } from "../batching.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode dropout} and its relatives. */
export interface DropoutOptions {
  /** Probability of an element to become zero; 0.5 where not given. */
  readonly p?: number;
  /** Whether anything happens at all. */
  readonly training?: boolean;
}

/** -α of SELU times its scale: what an element of SELU tends to on the left. */
const ALPHA = 1.7580993408473766;

function drop(
  name: string,
  x: Tensor,
  channels: boolean,
  alpha: boolean,
  options: DropoutOptions,
): Tensor {
  checkOptions(options, ["p", "training"], name);
  const { p = 0.5, training = !alpha } = options;
  if (training && p > 0 && p < 1) {
    checkNotComplex("bernoulli_scalar_cpu_", x.info);
  }
  if (!(p >= 0 && p <= 1)) {
    throw new ValueError(
      `dropout probability has to be between 0 and 1, but got ${p}`,
    );
  }
  if (p === 0 || !training || x.count === 0) return x;
  if (p === 1) return x.mul(x.newZeros([]));
  if (channels && x.shape.length < 2) {
    throw new RuntimeError(
      "Feature dropout requires at least 2 dimensions in the input",
    );
  }
  const shape = channels ? x.shape.map((n, d) => d < 2 ? n : 1) : x.shape;
  const device = sampleDevice(x.storage.device);
  const noise = unrecorded(() =>
    x.newEmpty(shape, { device }).bernoulli_(1 - p)
  );
  if (!alpha) return scaled(x, unrecorded(() => noise.div_(1 - p)));
  const a = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
  const shift = unrecorded(() =>
    noise.sub(1).mul_(ALPHA * a).add_(ALPHA * a * p)
  );
  return scaled(x, unrecorded(() => noise.mul_(a))).add(shift);
}

/** Multiplies with noise that nobody else knows. */
function scaled(x: Tensor, noise: Tensor): Tensor {
  const out = x.mul(noise);
  entrust(out, [noise]);
  return out;
}

/**
 * Sets each element to zero with probability `p` and divides the others by
 * `1 - p`, where `training` is not false. See `torch.nn.functional.dropout`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const x = dg.ones(4);
 * assertEquals(dg.nn.functional.dropout(x).tolist(), [0, 0, 2, 0]);
 * assertEquals(dg.nn.functional.dropout(x, { training: false }), x);
 * ```
 */
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  return drop("dropout", x, false, false, options);
}

/**
 * Drops elements as {@linkcode dropout} does, in a way that keeps mean and
 * variance of what SELU gives; only where `training` is true. See
 * `torch.nn.functional.alpha_dropout`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([2, 3]);
 * const y = dg.nn.functional.alphaDropout(x, { training: true });
 * assertEquals(y.shape, [2, 3]);
 * ```
 */
export function alphaDropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  return drop("alphaDropout", x, false, true, options);
}

/**
 * Drops whole channels as {@linkcode alphaDropout} drops elements. See
 * `torch.nn.functional.feature_alpha_dropout`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 1, 3]);
 * const y = dg.nn.functional.featureAlphaDropout(x, { training: true });
 * assertEquals(y.unique().numel(), 1);
 * ```
 */
export function featureAlphaDropout(
  x: Tensor,
  options: DropoutOptions = {},
): Tensor {
  return drop("featureAlphaDropout", x, true, true, options);
}

/** Drops channels; `rank` is the number of dimensions of one channel. */
function dropChannels(
  name: string,
  rank: number,
  x: Tensor,
  options: DropoutOptions,
): Tensor {
  const r = x.shape.length;
  if (rank === 1 && r !== 2 && r !== 3) {
    throw new RuntimeError(
      `${name}: Expected 2D or 3D input, but received a ${r}D input. Note that ${name} exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
    );
  }
  // As in PyTorch, planes without a batch count as a batch of rows.
  const single = r !== rank + 2 && rank !== 2;
  if (!single) return drop(name, x, true, false, options);
  return drop(name, x.unsqueeze(0), true, false, options).squeeze(0);
}

/**
 * Sets whole channels to zero with probability `p` and divides the others by
 * `1 - p`. `x` has shape `[batch, channels, length]` or `[channels, length]`.
 * See `torch.nn.functional.dropout1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 1, 3]);
 * const y = dg.nn.functional.dropout1d(x);
 * assertEquals(y.unique().numel(), 1);
 * ```
 */
export function dropout1d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropChannels("dropout1d", 1, x, options);
}

/**
 * Sets whole channels to zero with probability `p` and divides the others by
 * `1 - p`. `x` has shape `[batch, channels, height, width]`. See
 * `torch.nn.functional.dropout2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 1, 2, 2]);
 * const y = dg.nn.functional.dropout2d(x, { p: 0.2 });
 * assertEquals(y.unique().numel(), 1);
 * ```
 */
export function dropout2d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropChannels("dropout2d", 2, x, options);
}

/**
 * Sets whole channels to zero with probability `p` and divides the others by
 * `1 - p`. `x` has shape `[batch, channels, depth, height, width]` or without
 * the batch. See `torch.nn.functional.dropout3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([1, 1, 2, 2, 2]);
 * assertEquals(dg.nn.functional.dropout3d(x, { p: 0 }), x);
 * ```
 */
export function dropout3d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropChannels("dropout3d", 3, x, options);
}
