// The leaky ReLU whose slopes are random.

import { unrecorded } from "../kernel_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { leakyRelu } from "./activation_pieces.ts";

/** Options of {@linkcode rrelu}. */
export interface RreluOptions {
  /** Smallest slope; 1/8 where not given. */
  readonly lower?: number;
  /** Largest slope; 1/3 where not given. */
  readonly upper?: number;
  /** Whether slopes are random; if not, which is the default, all are the mean of both. */
  readonly training?: boolean;
}

/**
 * `x` where positive, else `x` times a slope of `[lower, upper)`. See
 * `torch.nn.functional.rrelu`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([-2, 2]);
 * const options = { lower: 0.25, upper: 0.75 };
 * assertEquals(dg.nn.functional.rrelu(x, options).tolist(), [-1, 2]);
 * ```
 */
export function rrelu(x: Tensor, options: RreluOptions = {}): Tensor {
  checkOptions(options, ["lower", "upper", "training"], "rrelu");
  const { lower = 1 / 8, upper = 1 / 3, training = false } = options;
  if (!training) return leakyRelu(x, { negativeSlope: (lower + upper) / 2 });
  // PyTorch draws in float64, which no GPU has, and only where the input is not positive.
  const slopes = unrecorded(() => {
    const below = x.le(0);
    const draws = x.newEmpty(below.sum().item(), {
      dtype: "float64",
      device: "cpu",
    }).uniform_({ from: lower, to: upper });
    const fitted = draws.to(x.dtype).to(x.device);
    return x.newOnes(x.shape).maskedScatter_(below, fitted);
  });
  return x.mul(slopes);
}
