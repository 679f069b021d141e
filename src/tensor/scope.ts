// Scopes: what was made inside and does not leave is disposed of at the end.
// Tensors are known as types only. The rule errs on the side of keeping: what
// the engine itself refers to from outside (gradients, graphs, x.data) stays;
// what only the user's variables refer to is disposed of, and throws when used.

import { isPromise } from "../grad/mode.ts";
import { nextSequence } from "../grad/node.ts";
import type { Storage } from "./device.ts";
import { disposeStorage } from "./disposal.ts";
import { reach } from "./reach.ts";
import type { Tensor } from "./tensor.ts";

/** Who is told what is made and changed. */
export interface Witness {
  /** Memory was made. */
  add(storage: Storage): void;
  /** A tensor got a gradient or another place in the graph. */
  touch(x: Tensor): void;
  /** A tensor got other memory. */
  move(x: Tensor): void;
}

/** Who is told at present; one object, so that a look is one load. */
export const SCOPE: { current: Witness | null } = { current: null };

/** The innermost open scope. */
let innermost: Scope | null = null;

/** Storages that a scope holds on to before it lets go of the older ones. */
const MOST_YOUNG = 16384;
/** Elements of them. */
const MOST_ELEMENTS = 2 ** 24;
/** Storages of so many elements come from slabs; see below. */
const TINY = 32;

/** An open scope. Disposing of it, as `using` does, ends it; see {@linkcode scope}. */
export class Scope implements Disposable {
  /** The scope around this one. */
  readonly outer: Scope | null = innermost;
  /** Nodes of the graph from this number on were made inside. */
  readonly #since = nextSequence();
  /** What was made inside lately. */
  #young: Storage[] = [];
  /** What was made inside before; a scope around a whole program must not keep everything alive. */
  #old: WeakRef<Storage>[] = [];
  #elements = 0;
  #limit = MOST_YOUNG;
  /** What the user wants to keep. */
  readonly #kept: Set<unknown> = new Set();
  /** Tensors that got a gradient or another history inside. */
  #changed: Set<Tensor> = new Set();
  /** Tensors that got other memory inside. */
  readonly #moved: Set<Tensor> = new Set();
  #open = true;

  /** Lets tensors outlive this scope, and all that they need; they may lie in arrays and objects. */
  keep<T>(value: T): T {
    if (this.#open) this.#kept.add(value);
    return value;
  }

  /** Ends the scope, with all that were opened inside it; a second call does nothing. */
  dispose(): void {
    this.end(undefined);
  }

  /** Ends the scope. */
  [Symbol.dispose](): void {
    this.end(undefined);
  }

  /** For the engine: memory was made. */
  add(storage: Storage): void {
    this.#young.push(storage);
    this.#elements += storage.length;
    if (
      this.#young.length >= this.#limit || this.#elements > MOST_ELEMENTS
    ) this.#letGo();
  }

  /** For the engine: a tensor got a gradient or another place in the graph. */
  touch(x: Tensor): void {
    this.#changed.add(x);
  }

  /** For the engine: a tensor got other memory. */
  move(x: Tensor): void {
    this.#moved.add(x);
  }

  /** Ends the scope; what `result` refers to stays. */
  end(result: unknown): void {
    if (!this.#open) return;
    while (innermost !== this) innermost!.end(undefined);
    this.#open = false;
    const { outer } = this;
    SCOPE.current = innermost = outer;
    const made = this.#made();
    // What was made inside and changed inside may go all the same.
    const changed = outsiders(this.#changed, made);
    const roots = [result, ...this.#kept, ...changed, ...this.#moved];
    const kept = reach(roots, made, this.#since);
    for (const storage of made) {
      if (!kept.has(storage)) disposeStorage(storage);
      else outer?.add(storage);
    }
    if (outer === null) return;
    for (const x of changed) outer.touch(x);
    for (const x of this.#moved) outer.move(x);
  }

  /** Lets the garbage collector have what nothing else refers to; older tiny tensors are its alone. */
  #letGo(): void {
    const old: WeakRef<Storage>[] = [];
    for (const ref of this.#old) if (ref.deref() !== undefined) old.push(ref);
    for (const storage of this.#young) {
      if (storage.length > TINY) old.push(new WeakRef(storage));
    }
    this.#changed = new Set(outsiders(this.#changed, this.#made()));
    this.#old = old;
    this.#young = [];
    this.#elements = 0;
    this.#limit = Math.max(MOST_YOUNG, old.length);
  }

  /** All that was made inside and is there. */
  #made(): Set<Storage> {
    const made = new Set<Storage>();
    for (const ref of this.#old) {
      const storage = ref.deref();
      if (storage !== undefined) made.add(storage);
    }
    for (const storage of this.#young) made.add(storage);
    return made;
  }
}

/** Tensors whose memory was not made inside. */
function outsiders(
  tensors: Iterable<Tensor>,
  made: ReadonlySet<Storage>,
): Tensor[] {
  const out: Tensor[] = [];
  for (const x of tensors) if (!made.has(x.storage)) out.push(x);
  return out;
}

/**
 * Disposes of the tensors that are made until the end of the block, or inside
 * `fn`, whose result stays: a tensor, or tensors in arrays and objects. So does
 * what they need (the graph behind them, their `grad`), and what was stored
 * inside in the `grad`, the graph or the `data` of a tensor from outside. All
 * else that leaves in a variable throws when it is used, unless `keep()` was
 * told. Nobody needs scopes: memory frees itself; they free it at once.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const x = dg.ones(3, { requiresGrad: true });
 * let y: dg.Tensor;
 * {
 *   using _ = dg.scope();
 *   y = x.mul(2);
 *   y.sum().backward();
 * }
 * assertEquals(x.grad!.tolist(), [2, 2, 2]);
 * assertThrows(() => y.add(1), dg.RuntimeError, "disposed of");
 * assertEquals(dg.scope(() => x.add(1).mul(2)).tolist(), [4, 4, 4]);
 * ```
 */
export function scope(): Scope;
/** Runs `fn`, disposes of what it made, except for its result, and returns that. */
export function scope<T>(fn: () => T): T;
export function scope<T>(fn?: () => T): T | Scope {
  const handle = SCOPE.current = innermost = new Scope();
  if (fn === undefined) return handle;
  let result: T | undefined;
  try {
    result = fn();
    if (isPromise(result)) refusePromise(result);
    return result;
  } finally {
    handle.end(result);
  }
}

function refusePromise(promise: PromiseLike<unknown>): never {
  // The promise is not the caller's any more: its failure must not go unheard.
  promise.then(undefined, () => {});
  throw new TypeError(
    "scope() was given a function that returns a promise, but the scope ends when the function returns; use { using _ = scope(); ... } around code that awaits nothing",
  );
}

/**
 * Lets tensors outlive all scopes that are open, and all that they need; they
 * may lie in arrays and objects. What `scope.keep()` keeps belongs to the scope
 * around that one.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const losses: dg.Tensor[] = [];
 * for (let i = 0; i < 3; i++) {
 *   using _ = dg.scope();
 *   losses.push(dg.keep(dg.ones(2).mul(i).sum()));
 * }
 * assertEquals(losses.map((x) => x.item()), [0, 2, 4]);
 * ```
 */
export function keep<T>(value: T): T {
  for (let at = innermost; at !== null; at = at.outer) at.keep(value);
  return value;
}
