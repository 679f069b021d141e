// Keeping gradients small, and parameters as one vector.

import { noGrad } from "../../grad/mode.ts";
import { tensor } from "../../tensor/create.ts";
import { RuntimeError } from "../../tensor/errors.ts";
import { isTensor } from "../../tensor/is_tensor.ts";
import { cat, stack } from "../../tensor/ops/joining.ts";
import { checkOptions } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A tensor or several, such as `model.parameters()`. */
export type TensorOrTensors = Tensor | Iterable<Tensor>;

/** Options of {@linkcode clipGradNorm_} and {@linkcode getTotalNorm}. */
export interface TotalNormOptions {
  /** Order of the norm, `Infinity` among others; 2 where not given. */
  readonly normType?: number;
  /** Whether a norm that is infinite or NaN is an error. */
  readonly errorIfNonfinite?: boolean;
}

const KEYS = ["normType", "errorIfNonfinite"];

function listOf(tensors: TensorOrTensors): Tensor[] {
  return isTensor(tensors) ? [tensors] : [...tensors];
}

function gradientsOf(parameters: readonly Tensor[]): Tensor[] {
  return parameters.map((x) => x.grad).filter((g) => g !== null);
}

/**
 * The norm of all elements of several tensors, as if they were one vector. See
 * `torch.nn.utils.get_total_norm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const norm = dg.nn.utils.getTotalNorm([dg.tensor([3]), dg.tensor([4])]);
 * assertEquals(norm.item(), 5);
 * ```
 */
export function getTotalNorm(
  tensors: TensorOrTensors,
  options: TotalNormOptions = {},
): Tensor {
  checkOptions(options, KEYS, "getTotalNorm");
  const { normType = 2, errorIfNonfinite = false } = options;
  const list = listOf(tensors);
  const [first] = list;
  if (first === undefined) return tensor(0);
  return noGrad(() => {
    const norms = list.map((x) =>
      x.norm(null, { p: normType }).to(first.device)
    );
    const total = stack(norms).norm(null, { p: normType });
    if (errorIfNonfinite && !Number.isFinite(total.item())) {
      throw new RuntimeError(
        `The total norm of order ${normType} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`errorIfNonfinite=false\``,
      );
    }
    return total;
  });
}

/**
 * Scales the gradients of parameters, in place, as if `totalNorm` were their
 * norm and `maxNorm` the largest one allowed. See
 * `torch.nn.utils.clip_grads_with_norm_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(1, { requiresGrad: true });
 * x.mul(8).sum().backward();
 * dg.nn.utils.clipGradsWithNorm_(x, 1, dg.tensor(4));
 * assertEquals(Math.round(x.grad!.item()), 2);
 * ```
 */
export function clipGradsWithNorm_(
  parameters: TensorOrTensors,
  maxNorm: number,
  totalNorm: Tensor,
): void {
  const grads = gradientsOf(listOf(parameters));
  if (grads.length === 0) return;
  noGrad(() => {
    // Nothing is read: the factor is 1 where the norm is small enough.
    const factor = totalNorm.add(1e-6).reciprocal().mul(maxNorm)
      .clamp({ max: 1 });
    for (const g of grads) g.mul_(factor.to(g.device));
  });
}

/**
 * Scales the gradients of parameters down, in place, so that their norm, taken
 * together, is at most `maxNorm`. Returns the norm that they had. See
 * `torch.nn.utils.clip_grad_norm_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const x = dg.ones(2, { requiresGrad: true });
 * x.mul(dg.tensor([3, 4])).sum().backward();
 * assertEquals(dg.nn.utils.clipGradNorm_([x], 1).item(), 5);
 * assertAlmostEquals(x.grad!.norm().item(), 1, 1e-5);
 * ```
 */
export function clipGradNorm_(
  parameters: TensorOrTensors,
  maxNorm: number,
  options: TotalNormOptions = {},
): Tensor {
  checkOptions(options, KEYS, "clipGradNorm_");
  const list = listOf(parameters);
  const total = getTotalNorm(gradientsOf(list), options);
  clipGradsWithNorm_(list, maxNorm, total);
  return total;
}

/**
 * Bounds each element of the gradients of parameters, in place, to
 * `[-clipValue, clipValue]`. See `torch.nn.utils.clip_grad_value_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(2, { requiresGrad: true });
 * x.mul(dg.tensor([-3, 0.5])).sum().backward();
 * dg.nn.utils.clipGradValue_([x], 1);
 * assertEquals(x.grad!.tolist(), [-1, 0.5]);
 * ```
 */
export function clipGradValue_(
  parameters: TensorOrTensors,
  clipValue: number,
): void {
  const grads = gradientsOf(listOf(parameters));
  noGrad(() => {
    for (const g of grads) g.clamp_({ min: -clipValue, max: clipValue });
  });
}

/**
 * Joins parameters to one vector. See `torch.nn.utils.parameters_to_vector`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new dg.nn.Linear(3, 2);
 * const vector = dg.nn.utils.parametersToVector(model.parameters());
 * assertEquals(vector.shape, [8]);
 * ```
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((x) => x.view(-1)));
}

/**
 * Gives parameters the values of a vector, one after the other. They share its
 * memory afterwards. See `torch.nn.utils.vector_to_parameters`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new dg.nn.Linear(1, 1);
 * const vector = dg.tensor([2, 3]);
 * dg.nn.utils.vectorToParameters(vector, model.parameters());
 * assertEquals(model.call(dg.ones([1, 1])).item(), 5);
 * ```
 */
export function vectorToParameters(
  vector: Tensor,
  parameters: Iterable<Tensor>,
): void {
  if (!isTensor(vector)) {
    throw new TypeError(`expected Tensor, but got: ${typeof vector}`);
  }
  let start = 0;
  for (const x of parameters) {
    const part = vector.detach().narrow(0, start, x.numel());
    x.data = part.viewAs(x);
    start += x.numel();
  }
}
