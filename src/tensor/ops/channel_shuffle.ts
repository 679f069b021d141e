// Dealing out channels.

import { RuntimeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Deals out the channels of `x`, `[n, c, ...]`: the first of each group, then
 * the second of each, and so on. See `torch.nn.functional.channel_shuffle`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 1, 2, 3]).reshape([1, 4, 1]);
 * const y = dg.nn.functional.channelShuffle(x, 2);
 * assertEquals(y.flatten().tolist(), [0, 2, 1, 3]);
 * ```
 */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  if (x.ndim < 3) {
    throw new RuntimeError(
      `channelShuffle expects input with > 2 dims, but got input with sizes [${
        x.shape.join(", ")
      }]`,
    );
  }
  if (!(groups > 0)) {
    throw new RuntimeError(
      `Number of groups to divide channels in must be positive. Value of groups:${groups}`,
    );
  }
  const [n, c, ...rest] = x.shape as [number, number, ...number[]];
  if (c % groups !== 0) {
    throw new RuntimeError(
      `Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`,
    );
  }
  return x.reshape([n, groups, c / groups, ...rest])
    .transpose(1, 2)
    .reshape(x.shape);
}
