// Derivatives by the tape against central differences, order by order: the
// gradient of a function is itself a function of its inputs and of the gradient
// that came in, and is checked the same way.

import { rootEdge, targetEdge } from "../../src/grad/backward.ts";
import { runBackward } from "../../src/grad/engine.ts";
import { isTracked } from "../../src/grad/history.ts";
import type { Node } from "../../src/grad/node.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { centralDifferences } from "../finite_differences.ts";
import { leafOf, tensorOf, valuesOf } from "./tensors.ts";

/** A function of tensors with one result or several. */
export type TensorFn = (
  inputs: readonly Tensor[],
) => Tensor | readonly Tensor[];

/** The results that have a gradient. */
export function floatResults(out: Tensor | readonly Tensor[]): Tensor[] {
  const list = Symbol.iterator in out && Array.isArray(out)
    ? out as readonly Tensor[]
    : [out as Tensor];
  return list.filter((x) => x.info.category === 2);
}

/** Gradients of the inputs, recorded; zeros where none arrive. */
export function gradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  seeds: readonly Tensor[],
): Tensor[] {
  const live = outputs.map((_, i) => i).filter((i) => isTracked(outputs[i]!));
  const found = live.length === 0 ? [] : runBackward({
    roots: live.map((i) => rootEdge(outputs[i]!, i)),
    seeds: live.map((i) => seeds[i]!),
    retainGraph: true,
    createGraph: true,
    targets: inputs.map(targetEdge),
    accumulate: false,
  });
  return inputs.map((x, k) =>
    found[k] ?? tensorOf(valuesOf(x).map(() => 0), x.shape, x.info)
  );
}

/** Numbers without pattern, to weigh results with. */
export function weights(like: Tensor, start: number): Tensor {
  const values = Array.from(
    { length: like.count },
    (_, i) => Math.sin(1 + start + 2.3 * i) + 0.2,
  );
  return leafOf(values, like.shape, like.info);
}

/** The gradient of `fn` as a function of its inputs followed by the seeds. */
function gradientOf(fn: TensorFn, count: number): TensorFn {
  return (all) => {
    const inputs = all.slice(0, count);
    return gradients(floatResults(fn(inputs)), inputs, all.slice(count));
  };
}

/** All nodes that were recorded on the way to some results. */
export function nodesBehind(outputs: readonly Tensor[]): Set<Node> {
  const seen = new Set<Node>();
  const stack = outputs.map((x) => x.gradFn);
  while (stack.length > 0) {
    const node = stack.pop();
    if (node == null || seen.has(node)) continue;
    seen.add(node);
    stack.push(...node.edges);
  }
  return seen;
}

/** Calls `visit` with the nodes of `fn` and of its gradients up to an order. */
export function visitGraphs(
  fn: TensorFn,
  inputs: readonly Tensor[],
  orders: number,
  visit: (node: Node) => void,
): void {
  const outputs = floatResults(fn(inputs));
  nodesBehind(outputs).forEach(visit);
  if (orders === 0) return;
  const seeds = outputs.map(weights);
  const all = [...inputs, ...seeds];
  visitGraphs(gradientOf(fn, inputs.length), all, orders - 1, visit);
}

const TOLERANCE = 2e-6;

/** Fails unless the derivatives of `fn` up to an order agree with finite differences. */
export function checkDerivatives(
  fn: TensorFn,
  inputs: readonly Tensor[],
  what: string,
  orders = 2,
  order = 1,
): void {
  const outputs = floatResults(fn(inputs));
  const seeds = outputs.map((x, i) => weights(x, i + 10 * order));
  const weigh = seeds.map(valuesOf);
  const byTape = gradients(outputs, inputs, seeds).map(valuesOf);
  const numeric = centralDifferences((flat) => {
    let at = 0;
    const moved = inputs.map((x) => {
      const values = flat.slice(at, at += x.count);
      return leafOf(values, x.shape, x.info);
    });
    const results = floatResults(fn(moved)).map(valuesOf);
    let total = 0;
    results.forEach((values, k) =>
      values.forEach((value, i) => total += value * weigh[k]![i]!)
    );
    return [total];
  }, inputs.flatMap(valuesOf))[0]!;
  let at = 0;
  byTape.forEach((gradient, k) =>
    gradient.forEach((value, i) => {
      const expected = numeric[at++]!;
      const bound = TOLERANCE * (1 + Math.abs(expected));
      if (Math.abs(value - expected) <= bound) return;
      throw new Error(
        `${what}: derivative of order ${order} for input ${k} at element ${i} is ${value}, finite differences give ${expected}`,
      );
    })
  );
  if (order === orders) return;
  checkDerivatives(
    gradientOf(fn, inputs.length),
    [...inputs, ...seeds],
    what,
    orders,
    order + 1,
  );
}
