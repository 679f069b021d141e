// Covariances and correlations of the rows of a matrix. Made of other ops, as
// in PyTorch.

import { anywhere, readable } from "../batching.ts";
import { checkNumber } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { checkTensor } from "../is_tensor.ts";
import { unrecorded } from "../kernel_op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { complex } from "./complex.ts";

/** Options of {@linkcode cov}. */
export interface CovOptions {
  /** What is taken off the number of observations before dividing; 1 where not given. */
  readonly correction?: number;
  /** How often each observation counts: integers. */
  readonly fweights?: Tensor;
  /** How much each observation weighs: floats. */
  readonly aweights?: Tensor;
}

function checkWeights(
  weights: Tensor,
  name: string,
  count: number,
  category: number,
): void {
  if (weights.shape.length > 1) {
    throw new RuntimeError(
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.shape.length} dimensions`,
    );
  }
  if (weights.info.category !== category) {
    const wanted = category === 1 ? "integral" : "floating point";
    throw new RuntimeError(
      `cov(): expected ${name} to have ${wanted} dtype but got ${name} with ${weights.info.scalarName} dtype`,
    );
  }
  if (weights.count !== count) {
    throw new RuntimeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.count} != ${count}`,
    );
  }
  if (count > 0 && unrecorded(() => readable(weights).min().item()) < 0) {
    throw new RuntimeError(`cov(): ${name} cannot be negative`);
  }
}

/**
 * The covariances of the rows of a matrix, whose columns are observations: a
 * square matrix; of a vector its variance, 0-d. See `torch.cov`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[0, 1, 2], [4, 2, 0]]);
 * assertEquals(dg.cov(x).tolist(), [[1, -2], [-2, 4]]);
 * assertEquals(x.at(0).cov({ correction: 0 }).item().toFixed(3), "0.667");
 * ```
 */
export function cov(x: Tensor, options: CovOptions = {}): Tensor {
  checkOptions(options, ["correction", "fweights", "aweights"], "cov");
  const { correction = 1, fweights, aweights } = options;
  checkTensor(x, "cov", "input");
  checkNumber(correction, "cov", "correction");
  if (x.shape.length > 2) {
    throw new RuntimeError(
      `cov(): expected input to have two or fewer dimensions but got an input with ${x.shape.length} dimensions`,
    );
  }
  if (x.info.category === 0) {
    throw new RuntimeError("cov(): bool dtype is not supported for input");
  }
  const rows = x.shape.length < 2 ? x.view([1, -1]) : x;
  const count = rows.shape[1]!;
  if (fweights !== undefined) checkWeights(fweights, "fweights", count, 1);
  if (aweights !== undefined) checkWeights(aweights, "aweights", count, 2);
  const w = fweights === undefined
    ? aweights
    : aweights === undefined
    ? fweights
    : fweights.mul(aweights);
  if (w === undefined) {
    const mean = rows.sum(1).div(count);
    const rest = rows.sub(mean.unsqueeze(1));
    return rest.mm(rest.t().conj()).div(Math.max(count - correction, 0))
      .squeeze();
  }
  const total = w.sum();
  if (unrecorded(() => anywhere(total.eq(0)))) {
    throw new RuntimeError(
      "cov(): weights sum to zero, can't be normalized",
    );
  }
  const mean = rows.mul(w).sum(1).div(total);
  const divisor = aweights === undefined || correction === 0
    ? total.sub(correction)
    : total.sub(w.mul(aweights).sum().mul(correction).div(total));
  const rest = rows.sub(mean.unsqueeze(1));
  const product = rest.mm(rest.mul(w).t().conj());
  return product.div(divisor.clampMin(0)).squeeze();
}

/**
 * The correlations of the rows of a matrix, whose columns are observations: a
 * square matrix with ones on the diagonal; 1 for a vector. See `torch.corrcoef`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([[0, 1, 2], [4, 2, 0]]);
 * assertEquals(dg.corrcoef(x).tolist(), [[1, -1], [-1, 1]]);
 * ```
 */
export function corrcoef(x: Tensor): Tensor {
  if (x.shape.length > 2) {
    throw new RuntimeError(
      `corrcoef(): expected input to have two or fewer dimensions but got an input with ${x.shape.length} dimensions`,
    );
  }
  const c = cov(x);
  if (c.shape.length === 0) return c.div(c);
  const deviation = c.diag().sqrt();
  const scaled = c.div(deviation.view([-1, 1])).div(deviation.view([1, -1]));
  const bounds = { min: -1, max: 1 };
  return x.info.category === 3
    ? complex(scaled.real.clamp(bounds), scaled.imag.clamp(bounds))
    : scaled.clamp(bounds);
}
