// The affine map of a layer.

import { RuntimeError } from "../errors.ts";
import { checkTensor } from "../is_tensor.ts";
import { checkOptions, countElements } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /** Added to each result, of shape `[outFeatures]`. */
  readonly bias?: Tensor | null;
}

/**
 * Multiplies by the transpose of `weight` and adds a bias: `x @ weight.T + bias`
 * along the last dimension of `x`, for `weight` of shape
 * `[outFeatures, inFeatures]`. See `torch.nn.functional.linear`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const weight = dg.tensor([[1, 2], [0, 1], [3, 0]]);
 * const bias = dg.tensor([10, 20, 30]);
 * const y = dg.nn.functional.linear(dg.tensor([[1, 1]]), weight, { bias });
 * assertEquals(y.tolist(), [[13, 21, 33]]);
 * ```
 */
export function linear(
  x: Tensor,
  weight: Tensor,
  options: LinearOptions = {},
): Tensor {
  checkOptions(options, ["bias"], "linear");
  checkTensor(x, "linear", "input");
  const bias = options.bias ?? null;
  const rank = x.shape.length;
  if (rank === 0 || weight.shape.length === 0) {
    throw new RuntimeError(
      `both arguments to linear need to be at least 1D, but they are ${rank}D and ${weight.shape.length}D`,
    );
  }
  if (bias === null) return x.matmul(weight.t());
  if (rank === 2) return bias.addmm(x, weight.t());
  if (!x.dense || weight.shape.length !== 2 || bias.shape.length > 1) {
    return x.matmul(weight.t()).add(bias);
  }
  const last = x.shape[rank - 1]!;
  const lead = x.shape.slice(0, -1);
  const rows = x.view([countElements(lead), last]);
  return bias.addmm(rows, weight.t()).view([...lead, weight.shape[0]!]);
}
