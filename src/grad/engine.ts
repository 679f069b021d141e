// The backward pass: an iterative sweep over the recorded nodes in reverse
// order of creation. Tensors are known as types only; what it computes with
// them goes through their methods.

import { RuntimeError } from "../tensor/errors.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MODE } from "./mode.ts";
import { callSite, type Node } from "./node.ts";

/** Where a gradient enters or leaves the graph: an output of a node. */
export interface Edge {
  /** The node. */
  readonly node: Node;
  /** Which of its outputs. */
  readonly nr: number;
}

/** What a backward pass is asked for. */
export interface BackwardRequest {
  /** Where gradients enter. */
  readonly roots: readonly Edge[];
  /** The gradients that enter, one per root. */
  readonly seeds: readonly Tensor[];
  /** Keeps saved values for another pass. */
  readonly retainGraph: boolean;
  /** Records the pass itself, so that gradients can be differentiated. */
  readonly createGraph: boolean;
  /** Gradients to return; null accumulates into all leaves. */
  readonly targets: readonly Edge[] | null;
  /** Accumulates into the leaves among the targets instead of returning. */
  readonly accumulate: boolean;
}

/** Gradients by output number where a node has several outputs. */
type Slot = Tensor | (Tensor | null)[] | undefined;

/** A running pass; passes nest when a hook or a rule calls `backward`. */
interface Pass {
  readonly id: number;
  readonly order: Node[];
  readonly slots: Slot[];
}

let passes = 0;
let running: Pass | null = null;

/** Runs a backward pass; returns the gradients of the targets, null where none arrived. */
export function runBackward(request: BackwardRequest): (Tensor | null)[] {
  const outer = running;
  const { grad } = MODE;
  const pass: Pass = { id: ++passes, order: [], slots: [] };
  running = pass;
  try {
    collect(pass, request.roots);
    const wanted = request.targets === null
      ? null
      : markWanted(pass, request.targets);
    request.roots.forEach((root, i) =>
      deposit(pass, root.node, root.nr, request.seeds[i]!)
    );
    MODE.grad = request.createGraph;
    const leaves = sweep(pass, wanted, request);
    // Only now, when nothing can fail any more, the leaves change.
    for (let i = 0; i < leaves.length; i += 2) {
      accumulate(leaves[i] as Node, leaves[i + 1] as Tensor);
    }
    if (!request.retainGraph) {
      for (const node of pass.order) {
        if (wanted === null || wanted[node.position]) node.release();
      }
    }
    return collected(pass, request);
  } finally {
    MODE.grad = grad;
    running = outer;
    if (outer !== null) reclaim(outer);
  }
}

/** Lists the nodes below the roots in reverse order of creation and numbers them. */
function collect(pass: Pass, roots: readonly Edge[]): void {
  const { order, id } = pass;
  const stack: Node[] = [];
  for (const { node } of roots) {
    if (node.pass === id) continue;
    node.pass = id;
    stack.push(node);
  }
  while (stack.length > 0) {
    const node = stack.pop()!;
    order.push(node);
    const { edges } = node;
    for (let k = 0; k < edges.length; k++) {
      const next = edges[k];
      if (next == null || next.pass === id) continue;
      next.pass = id;
      stack.push(next);
    }
  }
  order.sort(newestFirst);
  for (let i = 0; i < order.length; i++) order[i]!.position = i;
  pass.slots.length = order.length;
}

function newestFirst(a: Node, b: Node): number {
  return b.sequence - a.sequence;
}

/** Gives the nodes of an interrupted pass their places back. */
function reclaim(pass: Pass): void {
  for (let i = 0; i < pass.order.length; i++) {
    pass.order[i]!.pass = pass.id;
    pass.order[i]!.position = i;
  }
}

/** Which nodes lie on a path to a target; the inputs of a node come after it in the order. */
function markWanted(pass: Pass, targets: readonly Edge[]): boolean[] {
  const { order, id } = pass;
  const wanted = new Array<boolean>(order.length).fill(false);
  for (const { node } of targets) {
    if (node.pass === id) wanted[node.position] = true;
  }
  for (let i = order.length - 1; i >= 0; i--) {
    if (wanted[i]) continue;
    wanted[i] = order[i]!.edges.some((next) =>
      next !== null && wanted[next.position]
    );
  }
  return wanted;
}

/** Adds a gradient to what already arrived at an output. */
function deposit(pass: Pass, node: Node, nr: number, grad: Tensor): void {
  const { slots } = pass;
  const i = node.position;
  const slot = slots[i];
  if (node.outputs === null) {
    slots[i] = slot === undefined ? grad : (slot as Tensor).add(grad);
    return;
  }
  const list = (slot ?? node.outputs.map(() => null)) as (Tensor | null)[];
  const old = list[nr];
  list[nr] = old ? old.add(grad) : grad;
  slots[i] = list;
}

/** Runs the rules. Returns the leaves that were reached and their gradients, in turn. */
function sweep(
  pass: Pass,
  wanted: boolean[] | null,
  request: BackwardRequest,
): (Node | Tensor)[] {
  const leaves: (Node | Tensor)[] = [];
  const { order, slots } = pass;
  const collects = request.targets !== null;
  for (let i = 0; i < order.length; i++) {
    const node = order[i]!;
    if (slots[i] === undefined || (wanted !== null && !wanted[i])) continue;
    if (node.hooks !== null) runHooks(pass, node);
    const slot = slots[i];
    if (node.variable !== null) {
      const keeps = !collects || request.accumulate;
      if (keeps) leaves.push(node, slot as Tensor);
      continue;
    }
    runRules(pass, node, wanted);
    // A target's gradient is still to be read; any other may be reclaimed.
    if (!collects) slots[i] = undefined;
  }
  return leaves;
}

function runHooks(pass: Pass, node: Node): void {
  const slot = pass.slots[node.position];
  const list = node.outputs === null
    ? [slot as Tensor]
    : slot as (Tensor | null)[];
  for (const last of [false, true]) {
    for (const hook of node.hooks!.slice()) {
      const grad = list[hook.nr];
      if (hook.last !== last || !grad) continue;
      const replaced = hook.fn(grad);
      if (replaced) list[hook.nr] = fit(node, hook.nr, replaced);
    }
  }
  if (node.outputs === null) pass.slots[node.position] = list[0]!;
}

function runRules(pass: Pass, node: Node, wanted: boolean[] | null): void {
  const { edges, edgeNrs, op } = node;
  const slot = pass.slots[node.position];
  let g: Tensor;
  if (node.outputs === null) g = slot as Tensor;
  else {
    node.grads = slot as (Tensor | null)[];
    g = node.grads.find((grad) => grad !== null)!;
  }
  for (let k = 0; k < edges.length; k++) {
    const next = edges[k];
    if (next == null || (wanted !== null && !wanted[next.position])) continue;
    const rule = op.vjps[k];
    if (rule == null) missingRule(node);
    const raw = MODE.anomaly || node.stack !== null
      ? watched(node, k, () => rule(g, node, node.options))
      : rule(g, node, node.options);
    if (raw === null) continue;
    const nr = edgeNrs === null ? 0 : edgeNrs[k]!;
    deposit(pass, next, nr, fit(next, nr, raw));
  }
  node.grads = null;
}

/** Brings a gradient to the shape and type of the value it belongs to. */
function fit(node: Node, nr: number, grad: Tensor): Tensor {
  const meta = node.outputs === null ? node : node.outputs[nr]!;
  let out = grad;
  if (out.shape !== meta.shape && !sameShape(out.shape, meta.shape)) {
    out = out.sumToSize(meta.shape);
  }
  if (out.info !== meta.info) out = out.to(meta.info.name);
  return out;
}

/** Runs a rule with anomaly detection: errors name the line, NaN is an error. */
function watched(
  node: Node,
  k: number,
  rule: () => Tensor | null,
): Tensor | null {
  try {
    const grad = rule();
    if (
      grad !== null && MODE.checkNan && grad.info.category === 2 &&
      grad.detach().isnan().any().item()
    ) {
      throw new RuntimeError(
        `Function '${node.name}' returned nan values in its ${k}th output.`,
        `${node.op.name}() has no finite derivative at this input${
          callSite(node.stack)
        }`,
      );
    }
    return grad;
  } catch (error) {
    if (node.stack !== null && error instanceof Error) {
      error.stack += `\nTraceback of the forward call of ${node.name}:\n${
        node.stack.split("\n").slice(1).join("\n")
      }`;
    }
    throw error;
  }
}

function missingRule(node: Node): never {
  throw new RuntimeError(
    `derivative for ${node.op.name} is not implemented`,
    "detach() the input if its gradient is not wanted",
  );
}

/** Adds to the gradient of a leaf, into the same object unless the pass is recorded. */
function accumulate(node: Node, grad: Tensor): void {
  const variable = node.variable!;
  const old = variable.gradient;
  if (old === null) {
    // A gradient may be shared with another leaf or be a broadcast view.
    variable.gradient = MODE.grad ? grad : grad.clone();
  } else if (MODE.grad) variable.gradient = old.add(grad);
  else old.add_(grad);
  if (node.postHooks !== null) {
    for (const hook of node.postHooks.slice()) hook(variable);
  }
}

function collected(pass: Pass, request: BackwardRequest): (Tensor | null)[] {
  if (request.targets === null || request.accumulate) return [];
  return request.targets.map(({ node, nr }) => {
    if (node.pass !== pass.id) return null;
    const slot = pass.slots[node.position];
    if (slot === undefined) return null;
    return node.outputs === null
      ? slot as Tensor
      : (slot as (Tensor | null)[])[nr] ?? null;
  });
}
