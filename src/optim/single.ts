// Single numbers that optimizers keep as tensors, because PyTorch does, and the
// tensors that they make for each parameter.

import { RuntimeError } from "../tensor/errors.ts";
import { tensor } from "../tensor/create.ts";
import { emptyLike, fullLike, zerosLike } from "../tensor/create_filled.ts";
import { getDefaultDtype } from "../tensor/dtype.ts";
import { keep } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A 0-d tensor of the host: float64 where that is the default type, else float32. */
export function singleTensor(value: number): Tensor {
  const dtype = getDefaultDtype() === "float64" ? "float64" : "float32";
  return keep(tensor(value, { dtype, device: "cpu" }));
}

/** Counts a step and returns its number. */
export function nextStep(step: Tensor): number {
  step.add_(1);
  return step.item() as number;
}

/** What is kept outlives the step, whatever scope that is made in. */
export function keptZeros(x: Tensor): Tensor {
  return keep(zerosLike(x));
}

/** Kept memory whose contents do not matter yet. */
export function keptEmpty(x: Tensor): Tensor {
  return keep(emptyLike(x));
}

/** Kept memory of equal numbers. */
export function keptFull(x: Tensor, value: number): Tensor {
  // Both parts of a complex number are numbers on their own.
  return keep(fullLike(x, x.isComplex() ? { re: value, im: value } : value));
}

/** Fails for a complex parameter, whose directions an optimizer that looks at whole matrices would confuse. */
export function refuseComplexParameter(optimizer: string, x: Tensor): void {
  if (!x.isComplex()) return;
  throw new RuntimeError(
    `${optimizer} does not support complex parameters`,
    "give it viewAsReal() of them, or use another optimizer such as Adam",
  );
}
