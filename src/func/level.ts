// What every transform of reverse mode does: inputs get a place of their own in
// the graph, a function runs recorded, and its results are cut off again from
// all that only the transform knows. There is one tape and no levels: a
// transform inside another finds its own inputs, whatever lies below them.

import { runBackward } from "../grad/engine.ts";
import { edgeOf, isTracked, noteDevice } from "../grad/history.ts";
import { MODE, ModeGuard } from "../grad/mode.ts";
import { type Differentiable, nextSequence, Node } from "../grad/node.ts";
import { rootEdge, seedFor, targetEdge } from "../grad/backward.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { kindOf, leavesOf, mapLeaves } from "./tree.ts";

/** The beginning of a function under a transform; what reaches it goes on to the caller's tensor. */
const INPUT: Differentiable = {
  name: "input",
  node: "AliasBackward0",
  vjps: [(g) => g],
  saves: [0],
  isInput: true,
};

/** One run of a function under a transform of reverse mode. */
export class Level {
  /** Whether the caller records: only then may results hang on to what was outside. */
  readonly recorded: boolean = MODE.grad && !MODE.inference;
  /** Nodes with smaller numbers were made outside. */
  readonly #since = nextSequence();

  /** Runs `fn` with recording on, whatever the caller's mode; inside, modes mean what they say. */
  run<T>(fn: () => T): T {
    const guard = new ModeGuard();
    MODE.grad = true;
    MODE.inference = false;
    MODE.transforms++;
    try {
      return fn();
    } finally {
      MODE.transforms--;
      guard[Symbol.dispose]();
    }
  }

  /** Another name for a tensor, by which the transform differentiates. */
  input(x: unknown): Tensor {
    if (!isTensor(x)) {
      throw new ValueError(
        `Thing passed to transform API must be Tensor, got ${kindOf(x)}`,
        "what a transform differentiates by consists of tensors only; give other values as arguments that argnums does not name, or in a closure",
      );
    }
    if (x.info.category < 2) {
      throw new RuntimeError(
        "only Tensors of floating point dtype can require gradients",
        `this tensor is ${x.dtype}; convert it with float() first`,
      );
    }
    const edge = this.recorded && isTracked(x) ? edgeOf(x) : null;
    const node = new Node(
      INPUT,
      [edge],
      edge === null || edge.variable !== null || x.outputNr === 0
        ? null
        : [x.outputNr],
      null,
      x.shape,
      x.info,
      null,
      null,
    );
    noteDevice(node, x);
    return x.withHistory(node, 0);
  }

  /** The same structure with {@linkcode Level.input} in the place of each tensor. */
  inputs(value: unknown): unknown {
    return mapLeaves(value, (x) => this.input(x));
  }

  /** Whether one of the tensors depends on something tracked besides the inputs, or on tracked inputs. */
  reachesOut(tensors: readonly Tensor[]): boolean {
    if (!this.recorded) return false;
    const seen = new Set<Node>();
    const stack: Node[] = [];
    for (const x of tensors) {
      const node = isTracked(x) ? edgeOf(x) : null;
      if (node !== null) stack.push(node);
    }
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (seen.has(node)) continue;
      seen.add(node);
      // The node of a leaf is made when the leaf is first used.
      if (node.variable !== null || node.sequence < this.#since) return true;
      for (const next of node.edges) if (next !== null) stack.push(next);
    }
    return false;
  }

  /** A result as the caller gets it: without history that leads nowhere. */
  settle(value: unknown): unknown {
    return mapLeaves(value, (x) => {
      if (!isTensor(x) || !isTracked(x)) return x;
      return this.reachesOut([x]) ? x : x.detach();
    });
  }
}

/** What a derivative is asked for. */
export interface DeriveOptions {
  /** Records the pass itself. */
  readonly createGraph: boolean;
  /** Keeps what the graph saved. */
  readonly retainGraph: boolean;
}

/** Gradients of outputs by inputs, null where an output does not depend on an input. */
export function deriveOrNull(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  seeds: readonly (Tensor | null)[],
  { createGraph, retainGraph }: DeriveOptions,
): (Tensor | null)[] {
  const used = [...outputs.keys()].filter((k) => isTracked(outputs[k]!));
  if (used.length === 0) return inputs.map(() => null);
  return runBackward({
    roots: used.map((k) => rootEdge(outputs[k]!, k)),
    seeds: used.map((k) => seedFor(outputs[k]!, seeds[k], k)),
    retainGraph,
    createGraph,
    targets: inputs.map(targetEdge),
    accumulate: false,
  });
}

/** Gradients of outputs by inputs, zeros where an output does not depend on an input. */
export function derive(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  seeds: readonly (Tensor | null)[],
  options: DeriveOptions,
): Tensor[] {
  return deriveOrNull(outputs, inputs, seeds, options).map((g, k) =>
    g ?? inputs[k]!.newZeros(inputs[k]!.shape)
  );
}

/** Takes the second of two results apart, where a function returns something besides. */
export function splitAux(
  result: unknown,
  hasAux: boolean,
  api: string,
): [result: unknown, aux: unknown] {
  if (!hasAux) return [result, undefined];
  if (Array.isArray(result) && result.length === 2) {
    return [result[0], result[1]];
  }
  throw new RuntimeError(
    `${api}: output of function f should be a tuple: (output, aux) if hasAux is true`,
    "return [output, aux]",
  );
}

/** The tensors that a function returned; throws where there is none, or something else. */
export function outputTensors(result: unknown, api: string): Tensor[] {
  const leaves = leavesOf(result);
  if (leaves.length === 0 || (leaves.length === 1 && leaves[0] == null)) {
    throw new RuntimeError(
      `${api}: Expected f to be a function that has non-empty output (got output = [${
        leaves.join(", ")
      }])`,
    );
  }
  return leaves.map((x) => {
    if (isTensor(x)) return x;
    throw new RuntimeError(
      `${api}: expected f(*primals) to return only tensors, got unsupported type ${
        kindOf(x)
      }`,
      "return what is no tensor as [output, aux], with { hasAux: true }",
    );
  });
}
