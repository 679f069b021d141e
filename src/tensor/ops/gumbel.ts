// Samples of classes that can be differentiated.

import { unrecorded } from "../kernel_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode gumbelSoftmax}. */
export interface GumbelSoftmaxOptions {
  /** Temperature: the lower, the nearer to one class; 1 where not given. */
  readonly tau?: number;
  /** Whether the result is one-hot, with the gradient of the soft one. */
  readonly hard?: boolean;
  /** The dimension of the classes; the last where not given. */
  readonly dim?: number;
}

/**
 * Samples from the Gumbel-softmax distribution of `logits`. See
 * `torch.nn.functional.gumbel_softmax`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const logits = dg.tensor([[0, 40], [40, 0]]);
 * const y = dg.nn.functional.gumbelSoftmax(logits, { hard: true });
 * assertEquals(y.tolist(), [[0, 1], [1, 0]]);
 * ```
 */
export function gumbelSoftmax(
  logits: Tensor,
  options: GumbelSoftmaxOptions = {},
): Tensor {
  checkOptions(options, ["tau", "hard", "dim"], "gumbelSoftmax");
  const { tau = 1, hard = false, dim = -1 } = options;
  const noise = unrecorded(() =>
    logits.newEmpty(logits.shape).exponential_().log().neg()
  );
  const soft = logits.add(noise).div(tau).softmax(dim);
  if (!hard) return soft;
  const { indices } = soft.max(dim, { keepdim: true });
  const one = unrecorded(() =>
    logits.newZeros(logits.shape).scatter(dim, indices, 1)
  );
  return one.sub(soft.detach()).add(soft);
}
