// Composites that PyTorch shows as one node: made of public ops, run without
// recording, and run again, recorded, when a gradient is wanted. What happens in
// between is not kept in memory.

import { runBackward } from "../grad/engine.ts";
import { edgeOf } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import { IN0, type Node, type Vjp } from "../grad/node.ts";
import { defineKernel, type KernelOp } from "./kernel_op.ts";
import type { Tensor } from "./tensor.ts";

/** What a call of a composite knows; the rest is the composite's own. */
export interface CompositeContext {
  /** The gradient that the last pass was for. */
  of: Tensor | null;
  /** What that pass found for each input. */
  found: readonly (Tensor | null)[];
}

/** A context that knows nothing yet. */
export function compositeContext(): CompositeContext {
  return { of: null, found: [] };
}

/** What a caller of {@linkcode defineComposite} gives. */
export interface CompositeInit<O> {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node. */
  readonly node: string;
  /** Per input, whether it has a gradient. */
  readonly differentiable: readonly boolean[];
  /** Computes the result by public ops. */
  readonly compute: (inputs: readonly Tensor[], options: O) => Tensor;
}

/** Defines a composite that is one node of the graph. */
export function defineComposite<O extends CompositeContext>(
  init: CompositeInit<O>,
): KernelOp<O> {
  const { name, node, differentiable, compute } = init;
  const all = differentiable.reduce((bits, _, k) => bits | IN0 << k, 0);
  const rule = (k: number): Vjp<O> => (g, n, o) => {
    if (o.of !== g || o.found[k] == null) {
      o.found = gradients(init, g, n, o);
      o.of = g;
    }
    const found = o.found[k] ?? null;
    o.found = o.found.with(k, null);
    // The last one to ask leaves nothing behind.
    if (o.found.every((x) => x === null)) o.of = null;
    return found;
  };
  return defineKernel<O>({
    name,
    node,
    forward: compute,
    vjps: differentiable.map((yes, k) => yes ? rule(k) : null),
    saves: differentiable.map((yes) => yes ? all : 0),
    // The pass inside conjugates already.
    complexRules: true,
  });
}

function gradients<O>(
  { compute }: CompositeInit<O>,
  g: Tensor,
  n: Node,
  options: O,
): (Tensor | null)[] {
  const createGraph = MODE.grad;
  const inputs = n.edges.map((edge, k) => {
    const x = n.input(k);
    if (edge === null) return x;
    // Another look at the input, below which the pass does not go.
    return createGraph ? x.viewAs(x) : x.detach().requiresGrad_();
  });
  MODE.grad = true;
  try {
    const out = compute(inputs, options);
    const wanted = inputs.filter((_, k) => n.needs(k));
    const found = runBackward({
      roots: [{ node: edgeOf(out)!, nr: out.outputNr }],
      seeds: [g],
      retainGraph: createGraph,
      createGraph,
      targets: wanted.map((x) => ({
        node: edgeOf(x)!,
        nr: x.isLeaf ? 0 : x.outputNr,
      })),
      accumulate: false,
    });
    let next = 0;
    return inputs.map((x, k) =>
      n.needs(k) ? found[next++] ?? x.newZeros(x.shape) : null
    );
  } finally {
    MODE.grad = createGraph;
  }
}
