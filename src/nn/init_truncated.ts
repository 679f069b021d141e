// Initial values of the normal distribution within bounds, with PyTorch's draws.

import { noGrad } from "../grad/mode.ts";
import { zerosLike } from "../tensor/create_filled.ts";
import { tensor } from "../tensor/create.ts";
import {
  type GeneratorOptions,
  normal_,
  uniform_,
} from "../tensor/random_inplace.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Options of {@linkcode truncNormal_}. */
export interface TruncNormalOptions extends GeneratorOptions {
  /** Mean before the values outside are left out; 0 where not given. */
  readonly mean?: number;
  /** Standard deviation before that; 1 where not given. */
  readonly std?: number;
  /** Smallest value; -2 where not given. */
  readonly a?: number;
  /** Largest value; 2 where not given. */
  readonly b?: number;
}

/**
 * Fills with normal samples of which those outside of `[a, b]` are drawn again.
 * See `torch.nn.init.trunc_normal_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const w = dg.nn.init.truncNormal_(dg.empty(3));
 * assertEquals(w.abs().le(2).all().item<boolean>(), true);
 * ```
 */
export function truncNormal_(
  x: Tensor,
  options: TruncNormalOptions = {},
): Tensor {
  checkOptions(options, ["mean", "std", "a", "b", "generator"], "truncNormal_");
  const { mean = 0, std = 1, a = -2, b = 2 } = options;
  const { generator } = options;
  const source = generator === undefined ? {} : { generator };
  return noGrad(() => {
    const within = normalCdf((b - mean) / std) - normalCdf((a - mean) / std);
    if (within > 0.3) rejectNormal(x, { mean, std, ...source }, a, b);
    else rejectUniform(x, mean, std, a, b, source);
    return x;
  });
}

/** Most samples are inside: those outside are drawn again. */
function rejectNormal(
  x: Tensor,
  spread: GeneratorOptions & { mean: number; std: number },
  a: number,
  b: number,
): void {
  const low = tensor(a, { dtype: x.dtype }).item();
  const high = tensor(b, { dtype: x.dtype }).item();
  normal_(x, spread);
  let result = x;
  for (;;) {
    const outside = result.lt(low).logicalOr(result.gt(high));
    if (!outside.any().item<boolean>()) break;
    result = normal_(zerosLike(x), spread).where(outside, result);
  }
  if (result !== x) x.copy_(result);
}

/** Few normal samples would be inside: uniform ones are taken with a probability in proportion to the density. */
function rejectUniform(
  x: Tensor,
  mean: number,
  std: number,
  a: number,
  b: number,
  source: GeneratorOptions,
): void {
  const mode = Math.max(a, Math.min(mean, b));
  const peak = -0.5 * ((mode - mean) / std) ** 2;
  const range = { from: a, to: b, ...source };
  const density = (candidates: Tensor) =>
    candidates.sub(mean).div(std).pow(2).mul(-0.5).sub(peak);
  const refused = (candidates: Tensor) =>
    uniform_(zerosLike(x), source).log().gt(density(candidates));
  uniform_(x, range);
  let result = x;
  let pending = refused(x);
  while (pending.any().item<boolean>()) {
    const candidates = uniform_(zerosLike(x), range);
    result = candidates.where(pending, result);
    pending = refused(candidates).logicalAnd(pending);
  }
  if (result !== x) x.copy_(result);
}

function normalCdf(x: number): number {
  const at = tensor(x / Math.SQRT2, { dtype: "float64", device: "cpu" });
  return (1 + at.erf().item()) / 2;
}
