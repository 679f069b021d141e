// Gradients as values: grad() and backward() of several tensors, as functions.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  backwardAll,
  type BackwardOptions,
  rootEdge,
  seedFor,
  targetEdge,
} from "./backward.ts";
import { runBackward } from "./engine.ts";

/** One tensor or several. */
export type Tensors = Tensor | readonly Tensor[];

/** One gradient or several; null stands for ones where the output has one element. */
export type Gradients = Tensor | null | readonly (Tensor | null)[];

/** A result for each input: a list of one for a single tensor. */
export type PerInput<I extends Tensors, T> = I extends readonly Tensor[]
  ? { -readonly [K in keyof I]: T }
  : [T];

/** Options of {@linkcode grad}. */
export interface GradOptions {
  /** The gradients that enter at the outputs; ones where an output has one element. */
  readonly gradOutputs?: Gradients;
  /** Keeps what the graph saved, for another pass; by default the value of `createGraph`. */
  readonly retainGraph?: boolean;
  /** Records the pass itself, so that the gradients can be differentiated. */
  readonly createGraph?: boolean;
  /** Gives null for an input that the outputs do not depend on, instead of an error. */
  readonly allowUnused?: boolean;
  /** Gives zeros for an input that the outputs do not depend on. */
  readonly materializeGrads?: boolean;
}

const KEYS = [
  "gradOutputs",
  "retainGraph",
  "createGraph",
  "allowUnused",
  "materializeGrads",
];

/**
 * Computes the gradients of outputs with respect to inputs and returns them,
 * one per input, without touching any `grad`. An input that the outputs do not
 * depend on is an error unless `allowUnused` or `materializeGrads` is set. See
 * `torch.autograd.grad`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor(3, { requiresGrad: true });
 * const [g] = dg.autograd.grad(x.mul(x).mul(x), x, { createGraph: true });
 * const [h] = dg.autograd.grad(g, x);
 * assertEquals([g.item(), h.item()], [27, 18]);
 * ```
 */
export function grad<const I extends Tensors>(
  outputs: Tensors,
  inputs: I,
  options?: GradOptions & { readonly allowUnused?: false },
): PerInput<I, Tensor>;
/** Computes gradients; null for an input that the outputs do not depend on. */
export function grad<const I extends Tensors>(
  outputs: Tensors,
  inputs: I,
  options: GradOptions,
): PerInput<I, Tensor | null>;
export function grad<const I extends Tensors>(
  outputs: Tensors,
  inputs: I,
  options: GradOptions = {},
): PerInput<I, Tensor | null> {
  checkOptions(options, KEYS, "grad");
  const { createGraph = false, retainGraph = createGraph } = options;
  const { materializeGrads = false, allowUnused } = options;
  if (materializeGrads && allowUnused === false) {
    throw new ValueError(
      "Expected allowUnused to be true or not passed when materializeGrads=true, but got: allowUnused=false.",
    );
  }
  const roots = tensorList(outputs, "output");
  const targets = tensorList(inputs, "input");
  if (targets.length === 0) {
    throw new RuntimeError("`inputs` argument to `grad()` cannot be empty.");
  }
  const gradients = gradientList(options.gradOutputs, roots.length);
  const edges = roots.map(rootEdge);
  const found = runBackward({
    roots: edges,
    seeds: roots.map((x, k) => seedFor(x, gradients[k], k)),
    retainGraph,
    createGraph,
    targets: targets.map(targetEdge),
    accumulate: false,
  });
  return found.map((g, k) => {
    if (g !== null) return g;
    if (materializeGrads) {
      const zeros = targets[k]!.newZeros(targets[k]!.shape);
      return createGraph ? zeros.requiresGrad_() : zeros;
    }
    if (allowUnused) return null;
    throw new RuntimeError(
      `The differentiated Tensor at index ${k} appears to not have been used in the graph. Set allowUnused=true if this is the desired behavior.`,
      "pass { allowUnused: true } for null in its place, or { materializeGrads: true } for zeros",
    );
  }) as PerInput<I, Tensor | null>;
}

/**
 * Computes the gradients of several tensors at once and adds them to the
 * leaves. See `torch.autograd.backward`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(2, { requiresGrad: true });
 * dg.autograd.backward([x.sum(), x.mul(2)], [null, dg.ones(2)]);
 * assertEquals(x.grad!.tolist(), [3, 3]);
 * ```
 */
export function backward(
  tensors: Tensors,
  gradTensors?: Gradients,
  options?: BackwardOptions,
): void {
  const outputs = tensorList(tensors, "output");
  backwardAll(outputs, gradientList(gradTensors, outputs.length), options);
}

function tensorList(tensors: Tensors, what: string): readonly Tensor[] {
  const list = Array.isArray(tensors)
    ? tensors as readonly Tensor[]
    : [tensors as Tensor];
  for (const x of list) {
    if (!isTensor(x)) {
      throw new TypeError(`Expected ${what} to be a Tensor, got ${typeof x}`);
    }
  }
  return list;
}

function gradientList(
  gradients: Gradients | undefined,
  outputs: number,
): readonly (Tensor | null)[] {
  if (gradients == null) return [];
  const list = Array.isArray(gradients)
    ? gradients as readonly (Tensor | null)[]
    : [gradients as Tensor];
  if (list.length < outputs) {
    throw new RuntimeError(
      `got ${outputs} tensors and ${list.length} gradients`,
      "give one for each; null stands for 1 where the output has one element",
    );
  }
  return list;
}
