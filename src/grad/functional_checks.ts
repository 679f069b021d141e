// What the functions of dg.autograd.functional have in common: inputs that are
// one tensor or several, vectors that must fit, and PyTorch's sentences about
// functions that do not depend on their inputs.

import { RuntimeError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import { shown } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grad, type Tensors } from "./gradient.ts";

/** The arguments of a function of one tensor, or of several. */
export type ArgumentsOf<I extends Tensors> = I extends readonly Tensor[]
  ? { -readonly [K in keyof I]: Tensor }
  : [Tensor];

/** Something for each tensor: alone for a single one, else an array. */
export type ForEach<I extends Tensors, T> = I extends readonly Tensor[]
  ? { -readonly [K in keyof I]: T }
  : T;

/** Options of the functions of `dg.autograd.functional`. */
export interface ProductOptions {
  /** Records the computation, so that results can be differentiated. */
  readonly createGraph?: boolean;
  /** Fails where a result does not depend on an input, instead of giving zeros. */
  readonly strict?: boolean;
}

/** The known options, for error messages. */
export const PRODUCT_KEYS: readonly string[] = ["createGraph", "strict"];

/** The tensors that a caller gave, or a function returned. */
export function tensorsOf(
  value: unknown,
  argument: string,
  fn: string,
): { readonly several: boolean; readonly list: readonly Tensor[] } {
  const several = Array.isArray(value);
  const list: readonly unknown[] = several ? value : [value];
  list.forEach((x, k) => {
    if (isTensor(x)) return;
    throw new TypeError(
      `The ${argument} given to ${fn} must be either a Tensor or a tuple of Tensors but the ${
        several ? `value at index ${k}` : `given ${argument}`
      } has type ${shown(x)}.`,
    );
  });
  return { several, list: list as readonly Tensor[] };
}

/** The only one, or all. */
export function unpack<T>(list: readonly T[], several: boolean): T | T[] {
  return several ? list.slice() : list[0]!;
}

/** Inputs of the caller's as the function gets them: new tensors, so that those in its closure are told from them. */
export function prepare(
  inputs: readonly Tensor[],
  createGraph: boolean,
  needGraph: boolean,
): Tensor[] {
  return inputs.map((x) => {
    if (createGraph && x.requiresGrad) return x.viewAs(x);
    const copy = x.detach();
    return needGraph ? copy.requiresGrad_() : copy;
  });
}

/** Results as the caller gets them. */
export function finish(
  results: readonly Tensor[],
  createGraph: boolean,
): readonly Tensor[] {
  return createGraph ? results : results.map((x) => x.detach());
}

/** Fails unless a vector fits what it is multiplied with. */
export function checkVector(
  v: readonly Tensor[],
  other: readonly Tensor[],
  several: boolean,
): void {
  if (v.length !== other.length) {
    throw new RuntimeError(
      several
        ? `v is a tuple of invalid length: should be ${other.length} but got ${v.length}.`
        : "The given v should contain a single Tensor.",
    );
  }
  v.forEach((x, k) => {
    const { shape } = other[k]!;
    if (sameShape(x.shape, shape)) return;
    throw new RuntimeError(
      `${several ? `Entry ${k} in ` : ""}v has invalid size: should be ${
        showShape(shape)
      } but got ${showShape(x.shape)}.`,
    );
  });
}

/** What {@linkcode checkTracked} looks at. */
export type Checked = "outputs" | "gradInputs" | "jacobian" | "hessian";

/** In strict mode, fails where a result cannot have a gradient. */
export function checkTracked(
  results: readonly (Tensor | null)[],
  what: Checked,
  strict: boolean,
): void {
  if (!strict) return;
  results.forEach((x, k) => {
    if (x === null) {
      throw new RuntimeError(
        `The output of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
      );
    }
    if (!x.requiresGrad) throw new RuntimeError(UNTRACKED[what](k));
  });
}

const UNTRACKED: Record<Checked, (k: number) => string> = {
  outputs: (k) =>
    `Output ${k} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
  gradInputs: (k) =>
    `The gradient with respect to input ${k} is independent of the inputs of the user-provided function. This is not allowed in strict mode.`,
  jacobian: (k) =>
    `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${k} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`,
  hessian: (k) =>
    `The hessian of the user-provided function with respect to input ${k} is independent of the input. This is not allowed in strict mode. You should ensure that your function is thrice differentiable and that the hessian depends on the inputs.`,
};

/** Gradients of those outputs that have any; null for an input that none depends on. */
export function gradients(
  outputs: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  seeds: readonly Tensor[] | null,
  createGraph: boolean,
  retainGraph: boolean = createGraph,
): (Tensor | null)[] {
  const used = [...outputs.keys()].filter((k) => outputs[k]?.requiresGrad);
  if (used.length === 0) return inputs.map(() => null);
  return grad(used.map((k) => outputs[k]!), inputs, {
    gradOutputs: seeds === null ? null : used.map((k) => seeds[k]!),
    allowUnused: true,
    createGraph,
    retainGraph,
  });
}

/** Which pass a gradient is missing from. */
export type Stage = "back" | "backTrick" | "doubleBack" | "doubleBackTrick";

const MISSING: Record<Stage, (k: number) => string> = {
  back: (k) =>
    `The output of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
  backTrick: (k) =>
    `The gradient with respect to the input is independent of entry ${k} in the grad_outputs when using the double backward trick to compute forward mode gradients. This is not allowed in strict mode.`,
  doubleBack: (k) =>
    `The jacobian of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
  doubleBackTrick: (k) =>
    `The hessian of the user-provided function is independent of entry ${k} in the grad_jacobian. This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD.`,
};

/** Zeros in the place of missing gradients; in strict mode, an error. */
export function fillIn(
  found: readonly (Tensor | null)[],
  like: readonly Tensor[],
  { strict = false, createGraph = false }: ProductOptions,
  stage: Stage,
): Tensor[] {
  return found.map((g, k) => {
    if (g === null) {
      if (strict) throw new RuntimeError(MISSING[stage](k));
      return like[k]!.newZeros(like[k]!.shape);
    }
    if (strict && createGraph && !g.requiresGrad) {
      throw new RuntimeError(
        `The ${
          stage.startsWith("double") ? "hessian" : "jacobian"
        } of the user-provided function is independent of input ${k}. This is not allowed in strict mode when createGraph=true.`,
      );
    }
    return g;
  });
}
