// How tensors hang on to the graph: edges of inputs, the node of a leaf, and
// views whose base was changed in place since they were made. Tensors are
// known as types only.

import type { Tensor } from "../tensor/tensor.ts";
import { MODE } from "./mode.ts";
import {
  type Differentiable,
  IN0,
  Node,
  OUT_BIT,
  type OutputMeta,
} from "./node.ts";

/** How a view came to be, which decides whether it may be changed in place. */
export type ViewKind = "view" | "multiple" | "noGrad" | "inference";

/** What a view knows of the tensor that it looks into. */
export interface ViewInfo {
  /** The tensor that owns the memory; never itself a view. */
  readonly base: Tensor;
  /** How it was made. */
  readonly kind: ViewKind;
  /** The op that made it. */
  readonly op: string;
  /** Version of the memory that the view's history belongs to. */
  version: number;
}

/** The node of a leaf: what arrives there is added to its `grad`. */
const ACCUMULATE: Differentiable = {
  name: "accumulateGrad",
  node: "AccumulateGrad",
  vjps: [],
  saves: [],
};

/** Reads a view out of its base again, after the base was changed in place. */
const AS_STRIDED: Differentiable = {
  name: "asStrided",
  node: "AsStridedBackward0",
  vjps: [(g, n, view: Tensor) => g.asStridedBackward(n.inputShape(0), view)],
  saves: [0],
};

/** A base after one of its views was changed in place: (base before, new value of the view). */
const COPY_SLICES: Differentiable = {
  name: "copySlices",
  node: "CopySlices",
  vjps: [
    (g, _n, view: Tensor) => g.asStridedScatterLike(view),
    (g, _n, view: Tensor) => g.asStridedLike(view),
  ],
  saves: [0, 0],
};

/** Gives a view whose base was changed in place its place in the base's new history. */
export function refreshView(x: Tensor, view: ViewInfo): void {
  const { version } = x.storage;
  if (view.version === version) return;
  view.version = version;
  const { base } = view;
  if (!base.tracked) return;
  const edge = edgeOf(base)!;
  x.node = new Node(
    AS_STRIDED,
    [edge],
    edgeNr([base]),
    geometry(x),
    x.shape,
    x.info,
    null,
    null,
  );
  x.outputNr = 0;
  x.tracked = true;
}

/** A bare copy of where a view looks, together with its base, for the rules above. */
function geometry(x: Tensor): Tensor {
  const alias = x.detach();
  alias.viewInfo = x.viewInfo;
  return alias;
}

/** Whether a gradient is wanted for a tensor. */
export function isTracked(x: Tensor): boolean {
  if (x.viewInfo !== null) refreshView(x, x.viewInfo);
  return x.tracked;
}

/** The node that gets the gradient of a tensor, or null where none is wanted. */
export function edgeOf(x: Tensor): Node | null {
  if (x.viewInfo !== null) refreshView(x, x.viewInfo);
  if (!x.tracked) return null;
  if (x.node !== null) return x.node;
  if (x.accumulator === null) {
    x.accumulator = new Node(
      ACCUMULATE,
      [],
      null,
      null,
      x.shape,
      x.info,
      null,
      x,
    );
  }
  return x.accumulator;
}

function edgeNr(inputs: readonly Tensor[]): number[] | null {
  for (let k = 0; k < inputs.length; k++) {
    if (inputs[k]!.outputNr !== 0) return inputs.map((x) => x.outputNr);
  }
  return null;
}

/** Notes how an output was computed, if a gradient is wanted for an input. */
export function record(
  op: Differentiable,
  inputs: readonly Tensor[],
  output: Tensor,
  options: unknown,
): void {
  if (!MODE.grad || output.info.category !== 2) return;
  const node = link(op, inputs, output, null, options);
  if (node === null) return;
  output.node = node;
  output.tracked = true;
  saveOutput(node, output, 0);
}

/** Notes how several outputs were computed; `differentiable` tells which have a gradient. */
export function recordAll(
  op: Differentiable,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  options: unknown,
): void {
  if (!MODE.grad || outputs.length === 0) return;
  const metas = outputs.map((x): OutputMeta => ({
    shape: x.shape,
    info: x.info,
  }));
  const node = link(op, inputs, outputs[0]!, metas, options);
  if (node === null) return;
  for (let k = 0; k < outputs.length; k++) {
    const output = outputs[k]!;
    if (output.info.category === 2) {
      output.node = node;
      output.outputNr = k;
      output.tracked = true;
    }
    saveOutput(node, output, k);
  }
}

function link(
  op: Differentiable,
  inputs: readonly Tensor[],
  output: Tensor,
  metas: readonly OutputMeta[] | null,
  options: unknown,
): Node | null {
  if (op.vjps.length === 0) return null;
  const n = inputs.length;
  const edges = new Array<Node | null>(n);
  let any = false;
  for (let k = 0; k < n; k++) {
    const edge = edgeOf(inputs[k]!);
    edges[k] = edge;
    if (edge !== null) any = true;
  }
  if (!any) return null;
  const node = new Node(
    op,
    edges,
    edgeNr(inputs),
    options,
    output.shape,
    output.info,
    metas,
    null,
  );
  const reads = readBy(node);
  for (let k = 0; k < n; k++) {
    if (reads & (IN0 << k)) node.save(k, inputs[k]!);
  }
  return node;
}

/** Which values the rules read that will run. */
function readBy(node: Node): number {
  const { edges, op } = node;
  let reads = 0;
  for (let k = 0; k < edges.length; k++) {
    if (edges[k] !== null) reads |= op.saves[k] ?? 0;
  }
  return reads;
}

function saveOutput(node: Node, output: Tensor, k: number): void {
  if (readBy(node) & (1 << (OUT_BIT + k))) node.save(OUT_BIT + k, output);
}

/** Lets `x`, whose memory now holds the result of a node, take over the result's history. */
export function rebase(x: Tensor, result: Tensor): void {
  const node = result.node!;
  const nr = result.outputNr;
  // What was saved as the result is now `x` itself: a later change is noticed.
  const slot = OUT_BIT + nr;
  if (node.saved?.[slot]?.tensor === result) node.save(slot, x);
  const view = x.viewInfo;
  if (view === null) {
    moveRetained(x, node, nr);
    x.node = node;
    x.outputNr = nr;
    x.tracked = true;
    return;
  }
  const { base } = view;
  const where = geometry(x);
  const edge = edgeOf(base);
  const nrs = base.outputNr === 0 && nr === 0 ? null : [base.outputNr, nr];
  const copied = new Node(
    COPY_SLICES,
    [edge, node],
    nrs,
    where,
    base.shape,
    base.info,
    null,
    null,
  );
  moveRetained(base, copied, 0);
  base.node = copied;
  base.outputNr = 0;
  base.tracked = true;
  view.version = -1;
  refreshView(x, view);
}

/** `retainGrad()` follows the tensor to its new node. */
function moveRetained(x: Tensor, node: Node, nr: number): void {
  const hooks = x.node?.hooks;
  if (!hooks) return;
  const at = hooks.findIndex((hook) => hook.last && hook.nr === x.outputNr);
  if (at < 0) return;
  const [hook] = hooks.splice(at, 1);
  (node.hooks ??= []).push({ nr, fn: hook!.fn, last: true });
}

/** Keeps what a node saved of `x` from being overwritten with it. */
export function preserveSaved(node: Node, x: Tensor): void {
  const { saved } = node;
  if (saved === null) return;
  for (let k = 0; k < Math.min(saved.length, OUT_BIT); k++) {
    const entry = saved[k];
    if (entry !== undefined && entry.tensor.storage === x.storage) {
      const copy = detachedClone(entry.tensor);
      copy.node = entry.tensor.node;
      copy.outputNr = entry.tensor.outputNr;
      copy.tracked = entry.tensor.tracked;
      copy.accumulator = entry.tensor.accumulator;
      node.save(k, copy);
    }
  }
}

function detachedClone(x: Tensor): Tensor {
  const { grad } = MODE;
  MODE.grad = false;
  try {
    return x.clone();
  } finally {
    MODE.grad = grad;
  }
}
