// How tensors hang on to the graph: edges of inputs, the node of a leaf, and
// views whose base was changed in place since they were made. Tensors are
// known as types only.

import { BATCHING } from "../tensor/batching.ts";
import { SCOPE } from "../tensor/scope.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MODE } from "./mode.ts";
import {
  type Differentiable,
  IN0,
  Node,
  OUT,
  OUT_BIT,
  type OutputMeta,
} from "./node.ts";
import { refuseView } from "./refusal.ts";

/** How a view came to be, which decides whether it may be changed in place. */
export type ViewKind =
  | "view"
  | "multiple"
  | "noGrad"
  | "inference"
  | "custom";

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

/** Where the elements of a tensor lie in its memory. */
export interface Layout {
  /** Its shape. */
  readonly shape: Shape;
  /** Its strides. */
  readonly strides: readonly number[];
  /** Position of its first element. */
  readonly offset: number;
  /** Whether it is complex and the other layout of the same memory real, whose elements are its parts. */
  readonly pairs?: boolean;
}

/** Where a view and its base lie in the memory that they share. */
export interface ViewPlace {
  /** The view. */
  readonly view: Layout;
  /** The base as it was then; `t_()` and its like may change it later. */
  readonly base: Layout;
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
  vjps: [(g, _n, place: ViewPlace) => g.embedView(place)],
  saves: [0],
  complexRules: true,
};

/** A base after one of its views was changed in place: (base before, new value of the view). */
const COPY_SLICES: Differentiable = {
  name: "copySlices",
  node: "CopySlices",
  vjps: [
    (g, _n, place: ViewPlace) => g.eraseView(place),
    (g, _n, place: ViewPlace) => g.extractView(place),
  ],
  saves: [0, 0],
  complexRules: true,
};

/** Gives a view whose base was changed in place its place in the base's new history. */
function refreshView(x: Tensor, view: ViewInfo): void {
  const { version } = x.storage;
  const { base } = view;
  if (view.version === version || !base.tracked) return;
  if (view.kind !== "view") refuseView(x, view, true);
  view.version = version;
  if (SCOPE.current !== null) SCOPE.current.touch(x);
  x.node = new Node(
    AS_STRIDED,
    [edgeOf(base)],
    edgeNr([base]),
    placeOf(x, base),
    x.shape,
    x.info,
    null,
    null,
  );
  noteDevice(x.node, x);
  x.outputNr = 0;
  x.tracked = true;
}

/** Notes where a value is, for gradients on their way to it; see {@linkcode Node.device}. */
export function noteDevice(node: Node, x: Tensor): void {
  if (BATCHING.fit !== null) node.device = x.storage.device;
}

function placeOf(x: Tensor, base: Tensor): ViewPlace {
  if (x.info !== base.info) {
    const view = { ...layoutOf(x), pairs: x.info.category === 3 };
    const below = { ...layoutOf(base), pairs: base.info.category === 3 };
    return { view, base: below };
  }
  return { view: layoutOf(x), base: layoutOf(base) };
}

function layoutOf({ shape, strides, offset }: Tensor): Layout {
  return { shape, strides, offset };
}

/** Whether a gradient is wanted for a tensor. */
export function isTracked(x: Tensor): boolean {
  // A base may have come to be tracked after the view was made.
  return x.tracked || (x.viewInfo !== null && x.viewInfo.base.tracked);
}

/** The node that computed a tensor, or null for a leaf. */
export function nodeOf(x: Tensor): Node | null {
  if (x.viewInfo !== null) refreshView(x, x.viewInfo);
  return x.tracked ? x.node : null;
}

/** The node that gets the gradient of a tensor, or null where none is wanted. */
export function edgeOf(x: Tensor): Node | null {
  if (x.viewInfo !== null) {
    refreshView(x, x.viewInfo);
  }
  // A view that was made inside noGrad() counts as tracked while its base is,
  // but no gradient reaches either through it.
  if (!x.tracked) return null;
  if (x.node !== null) return x.node;
  if (x.accumulator === null) {
    x.accumulator = new Node(
      ACCUMULATE,
      NOTHING,
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

const NOTHING: readonly Node[] = [];

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
  if (!MODE.grad || output.info.category < 2) return;
  const node = link(op, inputs, output, null, options);
  if (node === null) return;
  output.node = node;
  output.tracked = true;
  if (readBy(node) & OUT) node.save(OUT_BIT, output);
}

/** Notes how several outputs were computed; those of a floating-point type have a gradient. */
export function recordAll(
  op: Differentiable,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  options: unknown,
): void {
  if (!MODE.grad || outputs.length === 0 || !inputs.some(isTracked)) return;
  const metas = outputs.map((x): OutputMeta => ({
    shape: x.shape,
    info: x.info,
  }));
  const node = link(op, inputs, outputs[0]!, metas, options);
  if (node === null) return;
  const reads = readBy(node);
  for (let k = 0; k < outputs.length; k++) {
    const output = outputs[k]!;
    if (output.info.category >= 2) {
      output.node = node;
      output.outputNr = k;
      output.tracked = true;
    }
    if (reads & (OUT << k)) node.save(OUT_BIT + k, output);
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
    if (edge !== null || isTracked(inputs[k]!)) any = true;
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
  noteDevice(node, output);
  const reads = readBy(node);
  if (reads === 0) return node;
  for (let k = 0; k < n; k++) {
    if (reads & (IN0 << k)) node.save(k, inputs[k]!);
  }
  return node;
}

/** Which values the rules read that will run. */
function readBy(node: Node): number {
  const { edges, op: { saves } } = node;
  const n = Math.min(edges.length, saves.length);
  let reads = 0;
  for (let k = 0; k < n; k++) {
    if (edges[k] !== null) reads |= saves[k]!;
  }
  return reads;
}

/** Lets `x`, whose memory now holds the result of a node, take over the result's history. */
export function rebase(x: Tensor, result: Tensor): void {
  const node = result.node!;
  const nr = result.outputNr;
  // A gradient has the type of the tensor that was changed, not of the result.
  if (node.outputs === null) node.info = x.info;
  // What was saved as the result is now `x` itself: a later change is noticed.
  for (let at = node.saved; at !== null; at = at.next) {
    if (at.tensor !== result) continue;
    at.tensor = x;
    at.version = x.storage.version;
  }
  const view = x.viewInfo;
  if (view === null) {
    moveHistory(x, node, nr);
    return;
  }
  const { base } = view;
  const copied = new Node(
    COPY_SLICES,
    [edgeOf(base), node],
    base.outputNr === 0 && nr === 0 ? null : [base.outputNr, nr],
    placeOf(x, base),
    base.shape,
    base.info,
    null,
    null,
  );
  noteDevice(copied, base);
  moveHistory(base, copied, 0);
  view.version = -1;
  refreshView(x, view);
}

/** Gives a tensor a new node; `retainGrad()` follows it there. */
export function moveHistory(x: Tensor, node: Node, nr: number): void {
  if (SCOPE.current !== null) SCOPE.current.touch(x);
  const retained = x.node?.retained;
  if (retained != null && retained[x.outputNr] === x) {
    retained[x.outputNr] = undefined;
    (node.retained ??= [])[nr] = x;
  }
  x.node = node;
  x.outputNr = nr;
  x.tracked = true;
}

/**
 * Keeps what the nodes of a result saved of `x` from being overwritten with it.
 * The result's own node gets a copy of its first input only, as in PyTorch:
 * `x.mul_(x)` cannot be differentiated. `since` numbers the first node that the
 * op made; those below the result's own belong to a composite.
 */
export function preserveSaved(x: Tensor, result: Node, since: number): void {
  let copy: Tensor | null = null;
  const seen = new Set([result]);
  for (const node of seen) {
    for (let at = node.saved; at !== null; at = at.next) {
      const own = node === result ? at.slot === 0 : at.slot < OUT_BIT;
      if (!own || at.tensor !== x) continue;
      at.tensor = copy ??= copyOf(x);
      at.version = copy.storage.version;
    }
    for (const next of node.edges) {
      if (next !== null && next.sequence >= since && next.variable === null) {
        seen.add(next);
      }
    }
  }
}

function copyOf(x: Tensor): Tensor {
  const { grad } = MODE;
  MODE.grad = false;
  try {
    const copy = x.clone();
    copy.node = nodeOf(x);
    copy.outputNr = x.outputNr;
    copy.tracked = isTracked(x);
    return copy;
  } finally {
    MODE.grad = grad;
  }
}
