// Whether a rule reads exactly the values that its op declares to save. What
// it reads beyond them throws in `Node`; what it declares and leaves unread
// would keep memory alive and forbid changes in place for nothing.

import { type Node, OUT_BIT } from "../../src/grad/node.ts";
import { partInfo } from "../../src/tensor/dtype.ts";
import type { Op } from "../../src/tensor/op.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import {
  floatResults,
  nodesBehind,
  type TensorFn,
  weights,
} from "./derivatives.ts";
import { tensorOf, valuesOf } from "./tensors.ts";

/** The bits of the outputs, which are always there. */
const OUTPUTS = ~((1 << OUT_BIT) - 1);

/** A node that notes which saved values are read. */
function spyOn(node: Node, note: (bit: number) => void): Node {
  return Object.create(node, {
    input: {
      value: (k: number) => {
        note(1 << k);
        return node.input(k);
      },
    },
    output: {
      value: (k = 0) => {
        note(1 << (OUT_BIT + k));
        return node.output(k);
      },
    },
    inputShape: { value: (k: number) => node.inputShape(k) },
    inputInfo: { value: (k: number) => node.inputInfo(k) },
    needs: { value: (k: number) => node.needs(k) },
    meta: { value: (nr: number) => node.meta(nr) },
  });
}

/** Runs the rules of a node with one input's gradient wanted and returns what they read. */
function readsOf(node: Node, k: number): number {
  let reads = 0;
  const metas = node.outputs ?? [node];
  const grads = metas.map(({ shape, info }) => {
    if (info.category < 2) return null;
    const count = shape.reduce((n, length) => n * length, 1);
    const like = tensorOf(new Array(count).fill(0), shape, partInfo(info));
    return weights(like, 3).detach().to(info.name);
  });
  if (node.outputs !== null) node.grads = grads;
  const spy = spyOn(node, (bit) => reads |= bit);
  const g = grads.find((grad) => grad !== null)!;
  try {
    node.op.vjps[k]!(g, spy, node.options as never);
  } catch (error) {
    // Eigenvectors have arbitrary phases: their rule refuses the numbers made up
    // here, once it has read what it saves.
    if (!(error as Error).message.includes("it is ill-defined")) throw error;
  }
  return reads;
}

/** Per input of an op, what its rule read and which inputs there were to read. */
export type Reads = Map<number, { read: number; present: number }>;

/**
 * What the rules of an op read when one input after the other wants a
 * gradient, per input of the op; calls add to it.
 */
export function collectReads(
  op: Op,
  fn: TensorFn,
  inputs: readonly Tensor[],
  into: Reads,
): void {
  inputs.forEach((_, wanted) => {
    const only = inputs.map((x, k) => {
      const copy = tensorOf(valuesOf(x), x.shape, x.info);
      return k === wanted ? copy.requiresGrad_() : copy;
    });
    for (const node of nodesBehind(floatResults(fn(only)))) {
      if (node.op.vjps !== op.vjps) continue;
      node.edges.forEach((edge, k) => {
        if (edge === null || op.vjps[k] == null) return;
        const { read, present } = into.get(k) ?? { read: 0, present: OUTPUTS };
        into.set(k, {
          read: read | readsOf(node, k),
          present: present | ((1 << node.edges.length) - 1),
        });
      });
    }
  });
}

/** Fails where a rule leaves a declared value unread. */
export function assertAllRead(op: Op, reads: Reads): void {
  for (const [k, { read, present }] of reads) {
    const declared = (op.saves[k] ?? 0) & present;
    if ((declared & ~read) === 0) continue;
    throw new Error(
      `${op.name}: the rule for input ${k} declares to save ${
        declared.toString(16)
      } and reads only ${read.toString(16)}`,
    );
  }
}
