// The cross entropy of what an affine map makes of the input.

import { RuntimeError } from "../errors.ts";
import type { LossOptions } from "../loss_op.ts";
import { checkOptions, countElements, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { linear } from "./linear.ts";
import { crossEntropy } from "./losses_cross_entropy.ts";

/** Options of {@linkcode linearCrossEntropy}. */
export interface LinearCrossEntropyOptions extends LossOptions {
  /** Added to the logits, of the shape of the weight without its last dimension. */
  readonly linearBias?: Tensor | null;
  /** Factor of each class. */
  readonly weight?: Tensor | null;
  /** A class whose elements do not count; not for probabilities. */
  readonly ignoreIndex?: number | null;
  /** Share of probability that is spread over all classes; 0 where not given. */
  readonly labelSmoothing?: number;
}

const KEYS = [
  "linearBias",
  "weight",
  "reduction",
  "ignoreIndex",
  "labelSmoothing",
];

/**
 * The cross entropy of the logits that `linearWeight`, `[c, ..., f]`, makes of
 * `x`, `[n, f]` or `[f]`: logits `[n, c, ...]`. See
 * `torch.nn.functional.linear_cross_entropy`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[1, 0]]);
 * const weight = dg.tensor([[100, 0], [-100, 0]]);
 * const target = dg.tensor([0], { dtype: "int64" });
 * const F = dg.nn.functional;
 * assertEquals(F.linearCrossEntropy(x, weight, target).item(), 0);
 * ```
 */
export function linearCrossEntropy(
  x: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  checkOptions(options, KEYS, "linearCrossEntropy");
  const { linearBias = null, weight = null, ignoreIndex = null } = options;
  const { reduction = "mean", labelSmoothing = 0 } = options;
  checkShapes(x, linearWeight, linearBias);
  const classes = linearWeight.shape.slice(0, -1);
  const rows = linearWeight.reshape([countElements(classes), x.shape.at(-1)!]);
  const bias = linearBias === null ? null : linearBias.reshape(-1);
  const shape = [...x.shape.slice(0, -1), ...classes];
  const logits = linear(x, rows, { bias }).reshape(shape);
  if (ignoreIndex !== null && sameShape(target.shape, shape)) {
    throw new RuntimeError(
      "ignore_index cannot be specified when target contains probabilities",
    );
  }
  return crossEntropy(logits, target, {
    reduction,
    labelSmoothing,
    ignoreIndex: ignoreIndex ?? -100,
    ...(weight === null ? {} : { weight }),
  });
}

function checkShapes(x: Tensor, weight: Tensor, bias: Tensor | null): void {
  if (x.ndim < 1 || x.ndim > 2) {
    throw new RuntimeError(
      `expected input with dimensionality 1 or 2, got ${x.ndim}`,
    );
  }
  if (weight.ndim < 2) {
    throw new RuntimeError(
      `expected linear_weight with dimensionality at least 2, got ${weight.ndim}`,
    );
  }
  if (x.shape.at(-1) !== weight.shape.at(-1)) {
    throw new RuntimeError(
      `expected equal input and linear_weight last dimensions (in_features), got ${
        x.shape.at(-1)
      } and ${weight.shape.at(-1)}, respectively`,
    );
  }
  const classes = weight.shape.slice(0, -1);
  if (bias !== null && !sameShape(bias.shape, classes)) {
    throw new RuntimeError(
      `expected linear_bias shape ${showShape(classes)}, got ${
        showShape(bias.shape)
      }`,
    );
  }
  if (classes.length > 1 && x.ndim === 1) {
    throw new RuntimeError(
      `K-dimensional loss defined by linear_weight shape ${
        showShape(weight.shape)
      } requires batched input, (N, ${
        x.shape[0]
      }), got unbatched input with shape ${showShape(x.shape)}`,
    );
  }
}
