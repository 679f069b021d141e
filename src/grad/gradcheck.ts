// Checks derivatives against finite differences: gradcheck and gradgradcheck.

import { tensor } from "../tensor/create.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { viewAsComplex, viewAsReal } from "../tensor/ops/complex.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grad, type Tensors } from "./gradient.ts";
import {
  analyticalJacobians,
  type Jacobian,
  numericalJacobians,
} from "./jacobian.ts";

/** A derivative that is wrong. See `torch.autograd.gradcheck.GradcheckError`. */
export class GradcheckError extends RuntimeError {
  /** Name of the class, as shown when the error is printed. */
  override name = "GradcheckError";
}

/** A function to check: of tensors, with one result or several. */
export type Checked = (...inputs: Tensor[]) => Tensors;

/** Options of {@linkcode gradcheck}. */
export interface GradcheckOptions {
  /** Step of the finite differences; 1e-6 where not given. */
  readonly eps?: number;
  /** Absolute tolerance; 1e-5 where not given. */
  readonly atol?: number;
  /** Relative tolerance; 1e-3 where not given. */
  readonly rtol?: number;
  /** Throws where the check fails; false returns false instead. */
  readonly raiseException?: boolean;
  /** How much two backward passes over the same graph may differ; 0 where not given. */
  readonly nondetTol?: number;
}

/** Options of {@linkcode gradgradcheck}. */
export interface GradgradcheckOptions extends GradcheckOptions {
  /** The gradients that enter at the outputs; some arbitrary ones where not given. */
  readonly gradOutputs?: Tensors;
}

const KEYS = ["eps", "atol", "rtol", "raiseException", "nondetTol"];

/**
 * Compares the gradients of a function with finite differences, for all inputs
 * that require a gradient; they should be float64 or complex128, whose parts
 * are inputs of their own. Returns true, or throws a
 * {@linkcode GradcheckError} that shows both Jacobians. See
 * `torch.autograd.gradcheck`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2], { dtype: "float64", requiresGrad: true });
 * assertEquals(dg.autograd.gradcheck((x) => x.mul(x), x), true);
 * ```
 */
export function gradcheck(
  fn: Checked,
  inputs: Tensors,
  options: GradcheckOptions = {},
): boolean {
  checkOptions(options, KEYS, "gradcheck");
  const { raiseException = true } = options;
  try {
    check(...byParts(fn, listOf(inputs)), options);
    return true;
  } catch (error) {
    if (raiseException || !(error instanceof GradcheckError)) throw error;
    return false;
  }
}

/**
 * Compares the second derivatives of a function with finite differences of its
 * gradients. See `torch.autograd.gradgradcheck`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2], { dtype: "float64", requiresGrad: true });
 * assertEquals(dg.autograd.gradgradcheck((x) => x.mul(x), x), true);
 * ```
 */
export function gradgradcheck(
  fn: Checked,
  inputs: Tensors,
  options: GradgradcheckOptions = {},
): boolean {
  checkOptions(options, [...KEYS, "gradOutputs"], "gradgradcheck");
  const { gradOutputs, ...rest } = options;
  const list = listOf(inputs);
  const seeds = gradOutputs === undefined
    ? differentiable(listOf(fn(...list))).map(arbitrarySeed)
    : listOf(gradOutputs);
  const gradients = (...all: Tensor[]): Tensors => {
    const given = all.slice(0, list.length);
    const wanted = given.filter((x) => x.requiresGrad);
    const outputs = differentiable(listOf(fn(...given)));
    const found = grad(outputs, wanted, {
      gradOutputs: all.slice(list.length),
      createGraph: true,
      allowUnused: true,
    });
    return found.filter((g) => g !== null);
  };
  return gradcheck(gradients, [...list, ...seeds], rest);
}

function listOf(tensors: Tensors): readonly Tensor[] {
  return Array.isArray(tensors)
    ? tensors as readonly Tensor[]
    : [tensors as Tensor];
}

/** The same function of the parts of complex inputs, which are checked each; its results are parts as well. */
function byParts(
  fn: Checked,
  inputs: readonly Tensor[],
): [Checked, readonly Tensor[]] {
  const apart = inputs.map((x) =>
    x.isComplex()
      ? viewAsReal(x.detach()).clone().requiresGrad_(x.requiresGrad)
      : x
  );
  const joined = (...all: Tensor[]): Tensors => {
    const given = all.map((x, k) =>
      inputs[k]!.isComplex() ? viewAsComplex(x) : x
    );
    return listOf(fn(...given)).map((y) => y.isComplex() ? viewAsReal(y) : y);
  };
  return [joined, apart];
}

function differentiable(outputs: readonly Tensor[]): Tensor[] {
  return outputs.filter((x) => x.requiresGrad);
}

/** Numbers without a pattern in [-1, 1), the same in every run. */
function arbitrarySeed(x: Tensor): Tensor {
  const values = Array.from({ length: x.numel() }, (_, i) => {
    const turn = (i + 1) * 0.6180339887498949;
    return 2 * (turn - Math.floor(turn)) - 1;
  });
  return tensor(values, { dtype: x.dtype, device: x.device })
    .reshape(x.shape).requiresGrad_();
}

function check(
  fn: Checked,
  inputs: readonly Tensor[],
  options: GradcheckOptions,
): void {
  const { eps = 1e-6, nondetTol = 0 } = options;
  const wanted = inputs.filter((x) => x.requiresGrad);
  if (wanted.length === 0) {
    throw new ValueError(
      "gradcheck expects at least one input tensor to require gradient, but none of them have requiresGrad=true.",
    );
  }
  inputs.forEach(checkMemory);
  const outputs = listOf(fn(...inputs));
  const tracked = outputs.map((x) => x.requiresGrad);
  const numerical = wanted.map((x) =>
    numericalJacobians(
      // An input that a function changes in place must be its own.
      () => listOf(fn(...inputs)),
      x,
      eps,
    )
  );
  outputs.forEach((output, j) => {
    if (!tracked[j]) {
      if (output.info.category >= 2) {
        numerical.forEach((it) => checkZero(it[j]));
      }
      return;
    }
    const analytical = analyticalJacobians(output, wanted);
    const again = analyticalJacobians(output, wanted);
    wanted.forEach((x, i) => {
      const found = numerical[i]![j] ?? [];
      if (!isClose(analytical[i]!, found, options)) {
        throw new GradcheckError(
          `Jacobian mismatch for output ${j} with respect to input ${i},\nnumerical:${
            showJacobian(found, x)
          }\nanalytical:${showJacobian(analytical[i]!, x)}\n`,
          "the derivative does not fit the function; check the rule of each op on the way",
        );
      }
      if (!isClose(analytical[i]!, again[i]!, { rtol: 0, atol: nondetTol })) {
        throw new GradcheckError(
          `Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was ${
            showFloat(nondetTol)
          }.`,
          "pass { nondetTol } if that is meant to be",
        );
      }
    });
  });
}

function checkMemory(x: Tensor, k: number): void {
  if (x.shape.every((n, d) => n <= 1 || x.strides[d] !== 0)) return;
  throw new RuntimeError(
    `The ${k}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck.`,
  );
}

function checkZero(jacobian: Jacobian | undefined): void {
  if (jacobian?.flat().some((value) => value !== 0)) {
    throw new GradcheckError(
      "Numerical gradient for function expected to be zero",
      "the result depends on the input, but is cut off from it: detach(), data, item() or an op without a derivative is on the way",
    );
  }
}

function isClose(
  a: Jacobian,
  b: Jacobian,
  { rtol = 1e-3, atol = 1e-5 }: GradcheckOptions,
): boolean {
  return a.every((row, i) =>
    row.every((value, j) => {
      const other = b[i]?.[j] ?? NaN;
      return value === other || (Number.isNaN(value) && Number.isNaN(other)) ||
        Math.abs(value - other) <= atol + rtol * Math.abs(other);
    })
  );
}

function showJacobian(jacobian: Jacobian, like: Tensor): string {
  return String(tensor(jacobian, { dtype: like.dtype }));
}

/** A number as Python shows a float. */
function showFloat(x: number): string {
  return Number.isInteger(x) ? x.toFixed(1) : String(x);
}
