/**
 * Memory for time: what a function saves for its derivative is forgotten, and
 * computed again when it is needed. PyTorch's `torch.utils.checkpoint`.
 *
 * @module
 */
// The nodes of the graph stay as they were recorded; only their saved values
// go. The first rule that misses one runs the function again, and every node
// gets its values back from the node that was recorded in its place.

import { refuseChanged } from "./refusal.ts";
import { edgeOf, isTracked } from "./history.ts";
import { MODE, ModeGuard } from "./mode.ts";
import { nextSequence, type Node, type Saved } from "./node.ts";
import { BATCHING } from "../tensor/batching.ts";
import { disposeStorage } from "../tensor/disposal.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/generator.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { checkOptions, showShape } from "../tensor/shape.ts";
import { withoutTemporaries } from "../tensor/temporaries.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { leavesOf } from "../func/tree.ts";

/** A function that does something else when it runs again. See `torch.utils.checkpoint.CheckpointError`. */
export class CheckpointError extends RuntimeError {
  /** Name of the class, as shown when the error is printed. */
  override name = "CheckpointError";
}

/** Options of {@linkcode checkpoint}. */
export interface CheckpointOptions {
  /** Accepted as false only, which is also what holds where it is not given. */
  readonly useReentrant?: boolean;
  /** Whether the function draws the same random numbers again; true where not given. */
  readonly preserveRngState?: boolean;
  /** `"none"` leaves out the check that the same values are saved again. */
  readonly determinismCheck?: "default" | "none";
}

/** Options of {@linkcode checkpointSequential}. */
export interface CheckpointSequentialOptions {
  /** Accepted as false only, which is also what holds where it is not given. */
  readonly useReentrant?: boolean;
  /** Whether the functions draw the same random numbers again; true where not given. */
  readonly preserveRngState?: boolean;
}

/** What a saved value looked like. */
interface Meta {
  readonly slot: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly device: string;
}

/** Stands for the values that a node saved and that are gone for now. */
class Deferred implements Saved {
  readonly slot = -1;
  readonly tensor: Tensor;
  readonly version = 0;
  readonly next = null;
  readonly frame: Frame;
  readonly place: number;

  constructor(frame: Frame, place: number, tensor: Tensor) {
    this.frame = frame;
    this.place = place;
    this.tensor = tensor;
  }

  /** Brings the values of all nodes of the call back. */
  restore(): void {
    this.frame.restore();
  }
}

/** One checkpointed call. */
class Frame {
  readonly fn: (...args: never[]) => unknown;
  readonly args: readonly unknown[];
  readonly versions: readonly number[];
  readonly check: boolean;
  readonly random: Uint8Array | null;
  /** The vmap that the call ran in. */
  readonly samples: typeof BATCHING.samples = BATCHING.samples;
  /** By place, the nodes that get the values; more than one where checkpoints nest. */
  readonly nodes: Node[][] = [];
  readonly metas: (readonly Meta[])[] = [];

  constructor(
    fn: (...args: never[]) => unknown,
    args: readonly unknown[],
    preserve: boolean,
    check: boolean,
  ) {
    this.fn = fn;
    this.args = args;
    this.versions = args.map((x) => isTensor(x) ? x.storage.version : 0);
    this.check = check;
    this.random = preserve ? defaultGenerator.getState() : null;
  }

  /** Takes the saved values away from the nodes that were made since. */
  strip(result: unknown, since: number): void {
    for (const node of savingNodes(result, since)) {
      const saved = node.saved!;
      const place = this.nodes.length;
      this.nodes.push([node]);
      this.metas.push(metasOf(saved));
      node.saved = new Deferred(this, place, saved.tensor.newZeros(0));
      node.owned?.forEach(disposeStorage);
      node.owned = null;
    }
  }

  /** Runs the function again and gives the nodes what those in their places saved. */
  restore(): void {
    this.#checkArguments();
    const again = withoutTemporaries(() => this.#run());
    if (this.check) this.#checkSame(again);
    this.nodes.forEach((nodes, place) => {
      const source = again[place];
      if (source === undefined) return;
      const { saved, owned } = source;
      for (const node of nodes) {
        // Some may have been released meanwhile.
        if (!(node.saved instanceof Deferred)) continue;
        node.saved = saved;
        node.owned = owned;
        if (saved instanceof Deferred) {
          saved.frame.nodes[saved.place]!.push(node);
        }
      }
      source.owned = null;
    });
  }

  #run(): Node[] {
    const guard = new ModeGuard();
    const now = this.random === null ? null : defaultGenerator.getState();
    const { samples } = BATCHING;
    MODE.grad = true;
    MODE.inference = false;
    BATCHING.samples = this.samples;
    try {
      if (this.random !== null) defaultGenerator.setState(this.random);
      const since = nextSequence();
      return savingNodes(this.fn(...this.args as never[]), since);
    } finally {
      if (now !== null) defaultGenerator.setState(now);
      BATCHING.samples = samples;
      guard[Symbol.dispose]();
    }
  }

  #checkArguments(): void {
    this.args.forEach((x, k) => {
      const version = this.versions[k]!;
      if (!isTensor(x) || x.storage.version === version) return;
      const saved = { slot: k, tensor: x, version, next: null };
      refuseChanged(this.nodes[0]![0]!, saved, -1);
    });
  }

  #checkSame(again: readonly Node[]): void {
    const found = again.map((node) => metasOf(node.saved!));
    const [before, after] = [this.metas.flat(), found.flat()];
    if (before.length !== after.length || this.metas.length !== found.length) {
      throw new CheckpointError(
        `torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: ${before.length}\nNumber of tensors saved during recomputation: ${after.length}.`,
        HINT,
      );
    }
    const rows = before.flatMap((meta, k) => {
      const [saved, recomputed] = [showMeta(meta), showMeta(after[k]!)];
      return saved === recomputed
        ? []
        : `tensor at position ${k}:\nsaved metadata: ${saved}\nrecomputed metadata: ${recomputed}\n`;
    });
    if (rows.length === 0) return;
    throw new CheckpointError(
      `torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\n${
        rows.join("")
      }`,
      HINT,
    );
  }
}

const HINT =
  "the function must do the same each time it is called with the same arguments; random numbers are those of the first run";

function showMeta({ shape, dtype, device }: Meta): string {
  return `{'shape': ${
    showShape(shape)
  }, 'dtype': ${dtype}, 'device': device(type='${device}')}`;
}

function metasOf(saved: Saved): Meta[] {
  const out: Meta[] = [];
  for (let at: Saved | null = saved; at !== null; at = at.next) {
    const { slot, tensor: { shape, dtype, device: { type } } } = at;
    out.push({ slot, shape, dtype, device: type });
  }
  return out;
}

/** The nodes below a result that were made since and saved something, in their order. */
function savingNodes(result: unknown, since: number): Node[] {
  const seen = new Set<Node>();
  for (const x of leavesOf(result)) {
    const node = isTensor(x) && isTracked(x) ? edgeOf(x) : null;
    if (node !== null && node.sequence >= since) seen.add(node);
  }
  for (const node of seen) {
    for (const next of node.edges) {
      if (next !== null && next.sequence >= since) seen.add(next);
    }
  }
  return [...seen].filter((node) => node.saved !== null)
    .sort((a, b) => a.sequence - b.sequence);
}

/**
 * Calls `fn(...args)` and keeps nothing of what it saves for its derivative:
 * the backward pass runs `fn` again, with the same random numbers, when it comes
 * there. The memory that a long computation takes becomes that of its longest
 * part, for the time of a second run. Gradients, those of tensors in the closure
 * included, are the same; so are derivatives of any order. Checkpoints may nest.
 *
 * It is PyTorch's form with `use_reentrant=False`, the only one there is here.
 * `fn` must do the same each time. It runs to its end even where a part would
 * do; within the call, values are kept until `fn` returns. See
 * `torch.utils.checkpoint.checkpoint`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { checkpoint } = dg.utils.checkpoint;
 * let runs = 0;
 * const block = (x: dg.Tensor) => {
 *   runs++;
 *   return x.mul(2).sin().exp();
 * };
 * const x = dg.zeros(3, { requiresGrad: true });
 * checkpoint(block, [x]).sum().backward();
 * assertEquals([x.grad!.tolist(), runs], [[2, 2, 2], 2]);
 * ```
 */
export function checkpoint<A extends unknown[], R>(
  fn: (...args: A) => R,
  args: readonly [...A],
  options: CheckpointOptions = {},
): R {
  checkOptions(options, KEYS, "checkpoint");
  const { preserveRngState = true, determinismCheck = "default" } = options;
  refuseReentrant(options.useReentrant);
  if (typeof fn !== "function") {
    throw new TypeError(
      "checkpoint(): argument 'fn' must be a function; that of a module is (x) => module.call(x)",
    );
  }
  if (!Array.isArray(args)) {
    throw new TypeError(
      "checkpoint(): argument 'args' must be an array of the function's arguments; write checkpoint(fn, [x])",
    );
  }
  if (determinismCheck !== "default" && determinismCheck !== "none") {
    throw new ValueError(
      `determinismCheck should be one of ['default', 'none'], but got ${determinismCheck}`,
    );
  }
  if (!MODE.grad) return fn(...args as A);
  const frame = new Frame(
    fn,
    args.slice(),
    preserveRngState,
    determinismCheck === "default",
  );
  const since = nextSequence();
  const result = fn(...args as A);
  frame.strip(result, since);
  return result;
}

const KEYS = ["useReentrant", "preserveRngState", "determinismCheck"];

function refuseReentrant(useReentrant: boolean | undefined): void {
  if (useReentrant !== true) return;
  throw new ValueError(
    "checkpoint() has no form with useReentrant=true",
    "leave it out: the form without it gives the same gradients, and works with grad(), inputs and hooks as well",
  );
}

/** A step of {@linkcode checkpointSequential}: a module or a function. */
export type SequentialStep =
  | ((x: Tensor) => Tensor)
  | { forward(x: Tensor): Tensor; call(...inputs: Tensor[]): unknown };

/**
 * Runs functions or modules one after the other, in `segments` parts of equal
 * length, each of which but the last is checkpointed. A `Sequential` is given as
 * it is. See {@linkcode checkpoint} and
 * `torch.utils.checkpoint.checkpoint_sequential`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { checkpointSequential } = dg.utils.checkpoint;
 * const model = new dg.nn.Sequential([
 *   new dg.nn.Linear(2, 4),
 *   new dg.nn.Tanh(),
 *   new dg.nn.Linear(4, 1),
 * ]);
 * const x = dg.ones([1, 2]);
 * const y = checkpointSequential(model, 3, x);
 * assertEquals(y.tolist(), model.call(x).tolist());
 * ```
 */
export function checkpointSequential(
  functions: Iterable<SequentialStep>,
  segments: number,
  input: Tensor,
  options: CheckpointSequentialOptions = {},
): Tensor {
  checkOptions(options, KEYS.slice(0, 2), "checkpointSequential");
  const steps = [...functions];
  const size = Math.floor(steps.length / segments);
  if (!Number.isInteger(segments) || segments < 1 || size < 1) {
    throw new ValueError(
      `checkpointSequential(): ${steps.length} functions cannot be cut into ${segments} segments`,
    );
  }
  const run = (part: readonly SequentialStep[]) => (x: Tensor): Tensor =>
    part.reduce(
      (y, step) =>
        typeof step === "function" ? step(y) : step.call(y) as Tensor,
      x,
    );
  let x = input;
  let at = 0;
  for (; at < size * (segments - 1); at += size) {
    x = checkpoint(run(steps.slice(at, at + size)), [x], options);
  }
  return run(steps.slice(at))(x);
}
