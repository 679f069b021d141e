// backward(): from tensors to the engine's request, with PyTorch's checks.
// Tensors are known as types only.

import { shown } from "../tensor/arguments.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { checkOptions, sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { beside } from "./accumulate.ts";
import { type BackwardRequest, type Edge, runBackward } from "./engine.ts";
import { edgeOf } from "./history.ts";
import { retainGrad } from "./hooks.ts";
import { MODE } from "./mode.ts";

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keeps what the graph saved, for another pass; by default the value of `createGraph`. */
  readonly retainGraph?: boolean;
  /** Records the pass itself, so that the gradients can be differentiated. */
  readonly createGraph?: boolean;
  /** Accumulates into these tensors only. */
  readonly inputs?: Tensor | readonly Tensor[];
}

/** Where the gradient of an output enters the graph. */
export function rootEdge(x: Tensor, k: number): Edge {
  const node = edgeOf(x);
  if (node === null) {
    throw new RuntimeError(
      `element ${k} of tensors does not require grad and does not have a grad_fn`,
      "nothing on the way to it was created with { requiresGrad: true }, or it was computed inside noGrad(), detached, or made of integers",
    );
  }
  return { node, nr: node.variable === null ? x.outputNr : 0 };
}

/** Where the gradient of an input leaves the graph. */
export function targetEdge(x: Tensor): Edge {
  const node = edgeOf(x);
  if (node === null) {
    throw new RuntimeError(
      "One of the differentiated Tensors does not require grad",
      "create it with { requiresGrad: true }",
    );
  }
  return { node, nr: node.variable === null ? x.outputNr : 0 };
}

/** The gradient that enters at an output: the caller's, or 1 for a single element. */
export function seedFor(
  x: Tensor,
  gradient: Tensor | null | undefined,
  k: number,
): Tensor {
  if (gradient == null) {
    if (x.count !== 1) {
      throw new RuntimeError(
        "grad can be implicitly created only for scalar outputs",
        `the output has shape ${
          showShape(x.shape)
        }; reduce it with sum() or mean(), or give backward() a gradient of that shape`,
      );
    }
    if (x.info.category === 3) {
      throw new RuntimeError(
        `grad can be implicitly created only for real scalar outputs but got ${x.dtype}`,
        "give backward() a gradient, or take abs() or real() of the output",
      );
    }
    return x.unitGradient();
  }
  if (!isTensor(gradient)) {
    throw new TypeError(
      `gradients can be either Tensors or null, but got ${
        shown(gradient)
      }; options come after the gradient: backward(null, { retainGraph: true })`,
    );
  }
  if (!sameShape(gradient.shape, x.shape)) {
    throw new RuntimeError(
      `Mismatch in shape: grad_output[${k}] has a shape of ${
        showShape(gradient.shape)
      } and output[${k}] has a shape of ${showShape(x.shape)}.`,
      "the gradient of an output has the output's shape",
    );
  }
  if (
    gradient.info !== x.info &&
    (gradient.info.category === 3 || x.info.category === 3)
  ) {
    throw new RuntimeError(
      `For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: grad_output[${k}] has a dtype of ${gradient.dtype} and output[${k}] has a dtype of ${x.dtype}.`,
      `convert the gradient with to("${x.dtype}")`,
    );
  }
  const seed = gradient.info === x.info ? gradient : gradient.to(x.dtype);
  return beside(x, seed, null, k);
}

const KEYS = ["retainGraph", "createGraph", "inputs"];
const NO_OPTIONS: BackwardOptions = {};

/** Computes the gradients of one tensor and adds them to the leaves. */
export function backward(
  x: Tensor,
  gradient: Tensor | null | undefined,
  options: BackwardOptions = NO_OPTIONS,
): void {
  accumulateInto([rootEdge(x, 0)], [seedFor(x, gradient, 0)], options);
}

/** Computes the gradients of several tensors and adds them to the leaves. */
export function backwardAll(
  outputs: readonly Tensor[],
  gradients: readonly (Tensor | null | undefined)[],
  options: BackwardOptions = NO_OPTIONS,
): void {
  const roots = outputs.map(rootEdge);
  const seeds = outputs.map((x, k) => seedFor(x, gradients[k], k));
  accumulateInto(roots, seeds, options);
}

function accumulateInto(
  roots: readonly Edge[],
  seeds: readonly Tensor[],
  options: BackwardOptions,
): void {
  if (options !== NO_OPTIONS) checkOptions(options, KEYS, "backward");
  if (MODE.transforms > 0) {
    throw new RuntimeError(
      "backward() called inside a functorch transform. This is not supported, please use functorch.grad or functorch.vjp instead or call backward() outside of functorch transforms.",
      "functorch is dg.func here: dg.func.grad(f)(x) inside another transform is fine",
    );
  }
  const { createGraph = false, retainGraph = createGraph, inputs } = options;
  const request: BackwardRequest = {
    roots,
    seeds,
    retainGraph,
    createGraph,
    targets: inputs === undefined ? null : inputEdges(inputs),
    accumulate: true,
  };
  runBackward(request);
}

function inputEdges(inputs: Tensor | readonly Tensor[]): Edge[] {
  const list = Array.isArray(inputs)
    ? inputs as readonly Tensor[]
    : [inputs as Tensor];
  if (list.length === 0) {
    throw new RuntimeError(
      "`inputs` argument to `backward()` cannot be empty.",
      "leave it out to accumulate into all leaves",
    );
  }
  return list.map((x) => {
    const edge = targetEdge(x);
    // A computed tensor gets its gradient as if it retained it.
    retainGrad(x);
    return edge;
  });
}
