// A recorded op: what it was, what fed it, and what its derivative needs.
// Tensors are known as types only.

import type { DTypeInfo } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { showByToString } from "../tensor/inspect.ts";
import { type Shape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MODE } from "./mode.ts";

/** The gradient for one input, given that of the output; calls public ops only. */
// deno-lint-ignore no-explicit-any -- each op gives the type of its own options
export type Vjp<O = any> = (g: Tensor, n: Node, options: O) => Tensor | null;

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
}

/** The rule reads input 0. */
export const IN0 = 1;
/** The rule reads input 1. */
export const IN1 = 2;
/** The rule reads input 2. */
export const IN2 = 4;
/** The rule reads input 3. */
export const IN3 = 8;
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
}

/** A function called with the gradient of one output; what it returns replaces the gradient. */
export interface Hook {
  /** Which output. */
  readonly nr: number;
  /** The user's function. */
  readonly fn: (grad: Tensor) => Tensor | null | void;
  /** Runs after the others, to keep the final gradient. */
  readonly last: boolean;
}

let created = 0;

/** A saved value and the version it had. */
interface Saved {
  readonly tensor: Tensor;
  readonly version: number;
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
  /** Type of output 0. */
  readonly info: DTypeInfo;
  /** Shapes and types of all outputs where there are several. */
  readonly outputs: readonly OutputMeta[] | null;
  /** Counts nodes as they are made: a node's inputs have smaller numbers. */
  readonly sequence: number;
  /** The leaf whose gradient ends here, for the node that accumulates it. */
  readonly variable: Tensor | null;
  /** Values that the rules read, by input, then outputs; null when freed or none. */
  saved: (Saved | undefined)[] | null = null;
  /** Whether saved values were freed by a backward pass. */
  freed = false;
  /** Gradients of all outputs, while a rule of a node with several outputs runs. */
  grads: readonly (Tensor | null)[] | null = null;
  /** Hooks on the gradients of the outputs. */
  hooks: Hook[] | null = null;
  /** Called after the gradient was accumulated, on the node of a leaf. */
  postHooks: ((variable: Tensor) => void)[] | null = null;
  /** Where the op was called, with anomaly detection on. */
  readonly stack: string | null;
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

  /** The nodes that the gradients go to next, each with the number of its output. */
  get nextFunctions(): [Node | null, number][] {
    return this.edges.map((node, k) => [node, this.edgeNrs?.[k] ?? 0]);
  }

  /** Keeps a value for the rules. Slot: the input's number, or {@linkcode OUT_BIT} plus the output's. */
  save(slot: number, tensor: Tensor): void {
    const version = tensor.storage.version;
    (this.saved ??= [])[slot] = { tensor, version };
  }

  /** Forgets the saved values. */
  release(): void {
    if (this.saved === null) return;
    this.saved = null;
    this.freed = true;
  }

  /** Input `k` as it was; throws where it was freed or changed in place since. */
  input(k: number): Tensor {
    const tensor = this.#fetch(k);
    const edge = this.edges[k] ?? null;
    const node = edge?.variable ? null : edge;
    if (tensor.node === node || edge === null) return tensor;
    // It got another history since (detach_, in-place under noGrad): rules
    // that are differentiated again need the one that was recorded.
    return tensor.withHistory(node, this.edgeNrs?.[k] ?? 0);
  }

  /** Output `k`; throws where it was freed or changed in place since. */
  output(k = 0): Tensor {
    const tensor = this.#fetch(OUT_BIT + k);
    if (tensor.node === this) return tensor;
    return tensor.withHistory(this, k);
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

  /** Shows the node as PyTorch does, without an address. */
  toString(): string {
    return `<${this.name}>`;
  }

  #inputMeta(k: number): OutputMeta {
    const node = this.edges[k]!;
    return node.meta(this.edgeNrs?.[k] ?? 0);
  }

  #fetch(slot: number): Tensor {
    if (this.saved === null) {
      throw new RuntimeError(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph=true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.",
        `the values saved by ${this.name} are gone; pass { retainGraph: true } to the first backward(), or compute the forward pass again`,
      );
    }
    const saved = this.saved[slot];
    if (saved === undefined) {
      throw new Error(`${this.name} reads slot ${slot}, which it did not save`);
    }
    const { tensor, version } = saved;
    if (tensor.storage.version !== version) this.#changed(tensor, version);
    return tensor;
  }

  #changed(tensor: Tensor, version: number): never {
    const origin = tensor.gradFn === null
      ? ""
      : `, which is output ${tensor.outputNr} of ${tensor.gradFn.name},`;
    throw new RuntimeError(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [${tensor.info.scalarName}Tensor ${
        showShape(tensor.shape)
      }]${origin} is at version ${tensor.storage.version}; expected version ${version} instead. Hint: ${
        MODE.anomaly || this.stack
          ? "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!"
          : "enable anomaly detection to find the operation that failed to compute its gradient, with autograd.setDetectAnomaly(true)."
      }`,
      `${this.op.name}() saved this tensor for its derivative; use the form without the trailing underscore where it is changed, or change a clone()${
        callSite(this.stack)
      }`,
    );
  }
}

showByToString(Node.prototype);

/** The first line of a stack that is not the library's own: the line of the user's script. */
export function callSite(stack: string | null): string {
  if (stack === null) return "";
  const here = new URL("../", import.meta.url).href;
  const line = stack.split("\n").slice(1).find((row) => !row.includes(here));
  return line === undefined ? "" : `; the op was called ${line.trim()}`;
}
