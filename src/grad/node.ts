// A recorded op: what it was, what fed it, and what its derivative needs.
// Tensors are known as types only.

import type { Device, Storage } from "../tensor/device.ts";
import { DISPOSED, disposeStorage } from "../tensor/disposal.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { gradFnLabel } from "../tensor/format.ts";
import { showByToString } from "../tensor/inspect.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MODE } from "./mode.ts";
import { refuseChanged, refuseFreed, refuseInference } from "./refusal.ts";

/**
 * The gradient for one input, given that of the output; calls public ops only.
 * Each op gives the type of its own options. A rule of unknown options is a
 * `Vjp<never>`: only the engine calls it, with what the node recorded.
 */
export type Vjp<O = never> = (g: Tensor, n: Node, options: O) => Tensor | null;

/** What the tape must know of an op. */
export interface Differentiable {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node: `AddBackward0`. */
  readonly node: string;
  /** One rule per input; null where the input has no gradient. */
  readonly vjps: readonly (Vjp | null)[];
  /** Per input, which values its rule reads: bits {@linkcode IN0} … {@linkcode OUT1}. */
  readonly saves: readonly number[];
  /** The gradients for all inputs at once, in place of `vjps`: the user's own rule. */
  readonly together?: (g: Tensor, n: Node) => (Tensor | null)[];
  /**
   * Whether its rules hold for complex numbers as they stand, in PyTorch's
   * convention. Of all others, written for real numbers, the engine makes the
   * conjugate on both sides, which is right where the op has a complex
   * derivative.
   */
  readonly complexRules?: boolean;
  /** Whether it stands for an argument of a function under a transform: a leaf to that function. */
  readonly isInput?: boolean;
}

/** The rule reads input 0. */
export const IN0 = 1;
/** The rule reads input 1. */
export const IN1 = 2;
/** The rule reads input 2. */
export const IN2 = 4;
/** The rule reads output 0. */
export const OUT = 0x10000;
/** The rule reads output 1. */
export const OUT1 = 0x20000;
/** First bit of the outputs. */
export const OUT_BIT = 16;

/** Shape and type of an output: its gradient must have them. */
export interface OutputMeta {
  /** Shape of the output. */
  readonly shape: Shape;
  /** Type of the output. */
  readonly info: DTypeInfo;
  /** Where the output is, if not where the first is; noted while vmap is in use. */
  readonly device?: Device | null;
}

/** A function called with the gradient of one output; what it returns replaces the gradient. */
export interface Hook {
  /** Which output. */
  readonly nr: number;
  /** The user's function. */
  readonly fn: (grad: Tensor) => Tensor | null | void;
}

/** A value that the rules read, and the version it had. */
export interface Saved {
  /** The input's number, or {@linkcode OUT_BIT} plus the output's. */
  readonly slot: number;
  /** The value. */
  tensor: Tensor;
  /** Its version when it was saved. */
  version: number;
  /** The next value that the node saved. */
  readonly next: Saved | null;
  /** Where it stands for values that were given up: brings them back. */
  restore?(): void;
}

let created = 0;

/** The sequence number that the next node gets. */
export function nextSequence(): number {
  return created;
}

/** A node of the graph that `backward` walks; what `x.gradFn` shows. */
export class Node implements OutputMeta {
  /** The op. */
  readonly op: Differentiable;
  /** Where the gradient of each input goes; null where none is wanted. */
  readonly edges: readonly (Node | null)[];
  /** Which output of that node each input was; null means 0 for all. */
  readonly edgeNrs: readonly number[] | null;
  /** What the op was called with besides tensors. */
  readonly options: unknown;
  /** Shape of output 0. */
  readonly shape: Shape;
  /** Type of output 0; an op in place keeps that of its tensor. */
  info: DTypeInfo;
  /** Shapes and types of all outputs where there are several. */
  readonly outputs: readonly OutputMeta[] | null;
  /** Counts nodes as they are made: a node's inputs have smaller numbers. */
  readonly sequence: number;
  /** The leaf whose gradient ends here, for the node that accumulates it. */
  readonly variable: Tensor | null;
  /** Values that the rules read; null when freed or none. */
  saved: Saved | null = null;
  /** Memory of saved values that no user can hold; see `entrust` in ownership.ts. */
  owned: Storage[] | null = null;
  /** Whether saved values were freed by a backward pass. */
  freed = false;
  /** Gradients of all outputs, while a rule of a node with several outputs runs. */
  grads: readonly (Tensor | null)[] | null = null;
  /** Hooks on the gradients of the outputs. */
  hooks: Hook[] | null = null;
  /** Outputs that keep their gradient, by number. */
  retained: (Tensor | undefined)[] | null = null;
  /** Called after the gradient was accumulated, on the node of a leaf. */
  postHooks: ((variable: Tensor) => void)[] | null = null;
  /** Where the op was called, with anomaly detection on. */
  readonly stack: string | null;
  /** Where the outputs are; noted while vmap is in use. */
  device: Device | null = null;
  /** Place in the running backward pass; see engine.ts. */
  position = 0;
  /** The backward pass that the place belongs to. */
  pass = 0;

  /** Makes a node; `saved` is filled by the recorder. */
  constructor(
    op: Differentiable,
    edges: readonly (Node | null)[],
    edgeNrs: readonly number[] | null,
    options: unknown,
    shape: Shape,
    info: DTypeInfo,
    outputs: readonly OutputMeta[] | null,
    variable: Tensor | null,
  ) {
    this.op = op;
    this.edges = edges;
    this.edgeNrs = edgeNrs;
    this.options = options;
    this.shape = shape;
    this.info = info;
    this.outputs = outputs;
    this.variable = variable;
    this.sequence = created++;
    this.stack = MODE.anomaly ? new Error().stack ?? null : null;
  }

  /** PyTorch's name of the node. */
  get name(): string {
    return this.op.node;
  }

  /** The nodes that the gradients go to next, each with the number of its output; masks and indices have none. */
  get nextFunctions(): [Node | null, number][] {
    const { edges, edgeNrs, op } = this;
    return edges
      .map((node, k): [Node | null, number] => [node, edgeNrs?.[k] ?? 0])
      .filter((_, k) => op.vjps[k] !== null);
  }

  /** What hangs on the graph besides; empty, and the user's to fill. See `Node.metadata`. */
  get metadata(): Record<string, unknown> {
    let found = METADATA.get(this);
    if (found === undefined) METADATA.set(this, found = {});
    return found;
  }

  /** Keeps a value for the rules. Slot: the input's number, or {@linkcode OUT_BIT} plus the output's. */
  save(slot: number, tensor: Tensor): void {
    if (tensor.inference) refuseInference();
    this.saved = {
      slot,
      tensor,
      version: tensor.storage.version,
      next: this.saved,
    };
  }

  /** Forgets the saved values, and gives the memory back that is its own. */
  release(): void {
    if (this.saved === null) return;
    this.saved = null;
    this.freed = true;
    if (this.owned === null) return;
    this.owned.forEach(disposeStorage);
    this.owned = null;
  }

  /** Input `k` as it was; throws where it was freed or changed in place since. */
  input(k: number): Tensor {
    const tensor = this.#fetch(k);
    const edge = this.edges[k] ?? null;
    if (edge === null || edge.variable === tensor) return tensor;
    if (tensor.node === edge) return tensor;
    // It got another history since (detach_, in place under noGrad): rules
    // that are differentiated again need the one that was recorded.
    return edge.variable ?? tensor.withHistory(edge, this.edgeNrs?.[k] ?? 0);
  }

  /** Output `k`; throws where it was freed or changed in place since. */
  output(k = 0): Tensor {
    const tensor = this.#fetch(OUT_BIT + k);
    // Positions and the like are outputs without a gradient.
    if (tensor.node === this || tensor.info.category < 2) return tensor;
    return tensor.withHistory(this, k);
  }

  /** What was saved in a slot, as it is; for functions of the user's own. */
  recall(slot: number): Tensor {
    return this.#fetch(slot);
  }

  /** Shape that input `k` had; only for inputs whose gradient is wanted. */
  inputShape(k: number): Shape {
    return this.#inputMeta(k).shape;
  }

  /** Type that input `k` had; only for inputs whose gradient is wanted. */
  inputInfo(k: number): DTypeInfo {
    return this.#inputMeta(k).info;
  }

  /** Whether the gradient of input `k` is wanted. */
  needs(k: number): boolean {
    return this.edges[k] !== null && this.edges[k] !== undefined;
  }

  /** Shape and type of output `nr`. */
  meta(nr: number): OutputMeta {
    return this.outputs === null ? this : this.outputs[nr]!;
  }

  /** Where output `nr` is, as far as that was noted; see {@linkcode Node.device}. */
  deviceOf(nr: number): Device | null {
    if (this.variable !== null) return this.variable.storage.device;
    return this.outputs?.[nr]?.device ?? this.device;
  }

  /** Shows the node as PyTorch does, without an address. */
  toString(): string {
    return `<${gradFnLabel(this.name)}>`;
  }

  #inputMeta(k: number): OutputMeta {
    const node = this.edges[k]!;
    return node.meta(this.edgeNrs?.[k] ?? 0);
  }

  #fetch(slot: number): Tensor {
    let saved = this.saved;
    while (saved !== null && saved.slot !== slot) saved = saved.next;
    if (saved === null) {
      if (this.freed) refuseFreed(this.name);
      const gone = this.saved;
      gone?.restore?.();
      if (gone !== this.saved) return this.#fetch(slot);
      throw new Error(`${this.name} reads slot ${slot}, which it did not save`);
    }
    const { tensor, version } = saved;
    const { storage } = tensor;
    // A rule that is recorded may hand the value on to other nodes.
    if (MODE.grad) this.owned = null;
    if (storage.version !== version || storage.device === DISPOSED) {
      refuseChanged(this, saved, slot - OUT_BIT);
    }
    return tensor;
  }
}

showByToString(Node.prototype);

/** Kept apart, because hardly any node has some. */
const METADATA = new WeakMap<Node, Record<string, unknown>>();
