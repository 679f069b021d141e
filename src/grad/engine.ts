// The backward pass: an iterative sweep over the recorded nodes in reverse
// order of creation. Tensors are known as types only; what it computes with
// them goes through their methods.

import { BATCHING } from "../tensor/batching.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { sameShape, type Shape, showShape } from "../tensor/shape.ts";
import {
  beginTemporaries,
  DISCARD,
  endTemporaries,
} from "../tensor/temporaries.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { beside, checkDelivery, deliver, type Delivery } from "./accumulate.ts";
import { checkNan, watched } from "./anomaly.ts";
import { conjugately } from "./conjugate.ts";
import { runHooks } from "./hooks.ts";
import { MODE } from "./mode.ts";
import type { Node, Vjp } from "./node.ts";
import { discard, isFresh } from "./ownership.ts";

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
  /** Where gradients are wanted; null means in all leaves. */
  readonly targets: readonly Edge[] | null;
  /** Adds to `grad` of the targets instead of returning their gradients. */
  readonly accumulate: boolean;
}

/** Gradients that arrived at a node: by output number where it has several outputs. */
type Slot = Tensor | (Tensor | null)[] | undefined;

/** Where a node stood in another pass. */
interface Displaced {
  readonly node: Node;
  readonly pass: number;
  readonly position: number;
}

/** A running pass; passes nest when a hook or a rule calls `backward`. */
interface Pass {
  readonly id: number;
  /** The nodes, newest first. */
  readonly order: Node[];
  /** What arrived at each node that has not run yet. */
  readonly slots: Slot[];
  /** Whether nothing else can hold what arrived, so that it may be overwritten. */
  readonly owned: boolean[];
  /** Whether the rules of a node ran. */
  readonly ran: boolean[];
  /** Which nodes must pass gradients on; null means all. */
  needed: boolean[] | null;
  /** What targets get; null where leaves get everything. */
  captured: Captured | null;
}

let passes = 0;
let running = 0;

/** Runs a backward pass; returns the gradients of the targets, null where none arrived. */
export function runBackward(request: BackwardRequest): (Tensor | null)[] {
  const { grad } = MODE;
  const { roots, seeds, targets } = request;
  const id = ++passes;
  const displaced: Displaced[] | null = running > 0 ? [] : null;
  running++;
  try {
    const order = collect(id, roots, displaced);
    const n = order.length;
    const pass: Pass = {
      id,
      order,
      slots: new Array<Slot>(n),
      owned: new Array<boolean>(n),
      ran: new Array<boolean>(n),
      needed: null,
      captured: null,
    };
    if (targets !== null) markNeeded(pass, targets);
    for (let i = 0; i < roots.length; i++) {
      deposit(pass, roots[i]!.node, roots[i]!.nr, seeds[i]!, false);
    }
    MODE.grad = request.createGraph;
    const deliveries = sweep(pass, request);
    for (let i = 0; i < deliveries.length; i++) checkDelivery(deliveries[i]!);
    if (!request.retainGraph) release(pass);
    // Only now, when nothing can fail any more, the leaves change.
    for (let i = 0; i < deliveries.length; i++) deliver(deliveries[i]!);
    if (targets === null) return [];
    return targets.map(({ node, nr }) =>
      node.pass === pass.id ? pass.captured![node.position]![nr]! : null
    );
  } finally {
    MODE.grad = grad;
    running--;
    if (displaced !== null) restore(displaced);
  }
}

/** Lists the nodes below the roots in reverse order of creation and numbers them. */
function collect(
  id: number,
  roots: readonly Edge[],
  displaced: Displaced[] | null,
): Node[] {
  const order: Node[] = [];
  const stack: Node[] = [];
  for (let i = 0; i < roots.length; i++) {
    claim(id, roots[i]!.node, stack, displaced);
  }
  let sorted = true;
  let last = Infinity;
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.sequence > last) sorted = false;
    last = node.sequence;
    order.push(node);
    const { edges } = node;
    for (let k = 0; k < edges.length; k++) {
      const next = edges[k];
      if (next != null && next.pass !== id) claim(id, next, stack, displaced);
    }
  }
  if (!sorted) order.sort(newestFirst);
  for (let i = 0; i < order.length; i++) order[i]!.position = i;
  return order;
}

/** Marks a node as part of a pass; what an interrupted pass knew of it is noted. */
function claim(
  id: number,
  node: Node,
  stack: Node[],
  displaced: Displaced[] | null,
): void {
  if (node.pass === id) return;
  displaced?.push({ node, pass: node.pass, position: node.position });
  node.pass = id;
  stack.push(node);
}

function newestFirst(a: Node, b: Node): number {
  return b.sequence - a.sequence;
}

/** Gives the nodes of interrupted passes their places back. */
function restore(displaced: readonly Displaced[]): void {
  for (const { node, pass, position } of displaced) {
    node.pass = pass;
    node.position = position;
  }
}

/** By position, the gradients to return of nodes that are targets, by output number. */
type Captured = ((Tensor | null)[] | undefined)[];

/** Finds the nodes that must pass gradients on, and makes room for what the targets get. */
function markNeeded(pass: Pass, targets: readonly Edge[]): void {
  const { order, id } = pass;
  const captured: Captured = [];
  for (const { node, nr } of targets) {
    if (node.pass === id) (captured[node.position] ??= [])[nr] = null;
  }
  const needed = new Array<boolean>(order.length).fill(false);
  pass.needed = needed;
  pass.captured = captured;
  // The inputs of a node come after it in the order.
  for (let i = order.length - 1; i >= 0; i--) {
    needed[i] = order[i]!.edges.some((next) =>
      next !== null && leadsToTarget(pass, next)
    );
  }
}

/** Whether a node is a target or passes gradients on to one. */
function leadsToTarget(pass: Pass, node: Node): boolean {
  return pass.needed![node.position]! ||
    pass.captured![node.position] !== undefined;
}

/** Adds a gradient to what already arrived at an output. */
function deposit(
  pass: Pass,
  node: Node,
  nr: number,
  grad: Tensor,
  owned: boolean,
): void {
  const { slots } = pass;
  const i = node.position;
  const slot = slots[i];
  if (node.outputs !== null) {
    const list = (slot ?? node.outputs.map(() => null)) as (Tensor | null)[];
    const old = list[nr];
    list[nr] = old ? old.add(grad) : grad;
    slots[i] = list;
    return;
  }
  if (slot === undefined) {
    slots[i] = grad;
    pass.owned[i] = owned;
  } else if (
    pass.owned[i] && !MODE.grad &&
    (slot as Tensor).storage.device === grad.storage.device
  ) {
    (slot as Tensor).add_(grad);
    if (owned) discard(grad, null);
  } else {
    slots[i] = (slot as Tensor).add(grad);
    pass.owned[i] = true;
    if (owned) discard(grad, null);
  }
}

/** Runs the rules. Returns what is to be added to tensors once all went well. */
function sweep(
  pass: Pass,
  request: BackwardRequest,
): Delivery[] {
  const deliveries: Delivery[] = [];
  const { order, slots, needed, captured } = pass;
  for (let i = 0; i < order.length; i++) {
    if (slots[i] === undefined) continue;
    const node = order[i]!;
    const runs = needed === null || needed[i]!;
    const wanted = captured === null ? undefined : captured[i];
    if (!runs && wanted === undefined) continue;
    // As in PyTorch, hooks change what a target gets unless it passes it on.
    if (runs && wanted !== undefined) capture(node, slots[i], wanted);
    if (node.hooks !== null) {
      slots[i] = runHooks(node, slots[i]!);
      pass.owned[i] = false;
    }
    if (!runs && wanted !== undefined) capture(node, slots[i], wanted);
    if (node.retained !== null) deliverRetained(node, slots[i], deliveries);
    if (wanted !== undefined || node.retained !== null) pass.owned[i] = false;
    if (node.variable !== null) {
      if (captured === null || request.accumulate) {
        deliveries.push({
          variable: node.variable,
          grad: slots[i] as Tensor,
          owned: pass.owned[i]!,
          node,
          replaces: request.createGraph,
        });
      }
    } else if (runs) {
      runRules(pass, node);
      pass.ran[i] = true;
    }
    slots[i] = undefined;
  }
  return deliveries;
}

function capture(node: Node, slot: Slot, wanted: (Tensor | null)[]): void {
  for (let nr = 0; nr < wanted.length; nr++) {
    if (wanted[nr] !== undefined) wanted[nr] = gradientOf(node, slot, nr);
  }
}

function gradientOf(node: Node, slot: Slot, nr: number): Tensor | null {
  return node.outputs === null
    ? slot as Tensor
    : (slot as (Tensor | null)[])[nr] ?? null;
}

function deliverRetained(node: Node, slot: Slot, out: Delivery[]): void {
  node.retained!.forEach((variable, nr) => {
    const grad = gradientOf(node, slot, nr);
    if (variable === undefined || grad === null) return;
    out.push({ variable, grad, owned: false, node: null, replaces: true });
  });
}

function runRules(pass: Pass, node: Node): void {
  const { needed } = pass;
  const { edges, edgeNrs, op } = node;
  const slot = pass.slots[node.position]!;
  let g: Tensor;
  if (node.outputs === null) g = slot as Tensor;
  else {
    node.grads = slot as (Tensor | null)[];
    g = node.grads.find((grad) => grad !== null)!;
  }
  // What the user's own rule saw may be anywhere.
  let passedOn = op.together !== undefined;
  try {
    const all = op.together === undefined ? null : together(node, g);
    for (let k = 0; k < edges.length; k++) {
      const next = edges[k];
      if (next == null) continue;
      if (needed !== null && !leadsToTarget(pass, next)) continue;
      const raw = all !== null
        ? all[k]!
        : MODE.anomaly
        ? watched(node, () => runRule(node, k, g))
        : runRule(node, k, g);
      if (raw === null) continue;
      if (MODE.anomaly) checkNan(node, k, raw);
      const nr = edgeNrs === null ? 0 : edgeNrs[k]!;
      const grad = fit(next, nr, raw, node, k);
      if (grad.storage === g.storage) passedOn = true;
      if (grad !== raw && isFresh(raw, g, node)) discard(raw, grad);
      deposit(pass, next, nr, grad, isFresh(grad, g, node));
    }
    // Unless it was passed on, only the slot refers to it, for the last time.
    if (pass.owned[node.position] && !passedOn) discard(g, null);
  } finally {
    node.grads = null;
  }
}

/** Runs a rule for one input. */
function runRule(node: Node, k: number, g: Tensor): Tensor | null {
  const rule = ruleOf(node, k);
  if (g.info.category === 3 && node.op.complexRules !== true) {
    return conjugately(rule, g, node);
  }
  // Small pieces are not worth the trouble, and what is recorded is needed.
  if (g.count < DISCARD.least || MODE.grad) {
    return rule(g, node, node.options as never);
  }
  const since = beginTemporaries();
  let result: Tensor | null = null;
  try {
    return result = rule(g, node, node.options as never);
  } finally {
    endTemporaries(since, result, node.options);
  }
}

function together(node: Node, g: Tensor): (Tensor | null)[] {
  const rule = node.op.together!;
  return MODE.anomaly ? watched(node, () => rule(g, node)) : rule(g, node);
}

function ruleOf(node: Node, k: number): Vjp {
  const rule = node.op.vjps[k];
  if (rule != null) return rule;
  throw new RuntimeError(
    `derivative for ${node.op.name} is not implemented`,
    "detach() the input if its gradient is not wanted",
  );
}

/** Brings a gradient to the shape and type of the value it belongs to. */
function fit(
  node: Node,
  nr: number,
  grad: Tensor,
  source: Node,
  k: number,
): Tensor {
  const meta = node.outputs === null ? node : node.outputs[nr]!;
  let out = grad;
  if (BATCHING.fit !== null) out = BATCHING.fit(out, node.deviceOf(nr));
  if (out.shape !== meta.shape && !sameShape(out.shape, meta.shape)) {
    if (!broadcastsTo(meta.shape, out.shape)) {
      throw new RuntimeError(
        `Function ${source.name} returned an invalid gradient at index ${k} - got ${
          showShape(out.shape)
        } but expected shape compatible with ${showShape(meta.shape)}`,
        `the gradient for an input has the input's shape`,
      );
    }
    out = out.sumToSize(meta.shape);
  }
  if (out.info !== meta.info) out = out.to(meta.info.name);
  const { variable } = node;
  return variable === null ? out : beside(variable, out, source, k);
}

/** Whether one shape broadcasts to another. */
function broadcastsTo(small: Shape, large: Shape): boolean {
  const pad = large.length - small.length;
  return pad >= 0 && small.every((n, d) => n === 1 || n === large[d + pad]);
}

/** Forgets what was saved by the nodes whose rules ran. */
function release(pass: Pass): void {
  const { order, ran } = pass;
  for (let i = 0; i < order.length; i++) if (ran[i]) order[i]!.release();
}
