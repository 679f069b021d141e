// Hooks of modules: functions of the user that see, and may replace, what goes
// into a module and comes out of it, and the gradients of both.

import { Function } from "../grad/function.ts";
import type { FunctionContext } from "../grad/function_context.ts";
import { HookHandle } from "../grad/hooks.ts";
import { MODE } from "../grad/mode.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";

/** Gradients of what went into a module or came out of it; null where there is none. */
export type ModuleGradients = readonly (Tensor | null)[];

/** Where a forward hook is put. */
export interface HookOptions {
  /** Before the hooks that are there already. */
  readonly prepend?: boolean;
}

/** Options of {@linkcode Module.registerForwardHook}. */
export interface ForwardHookOptions extends HookOptions {
  /** Calls the hook even where `forward` threw; the output is then undefined. */
  readonly alwaysCall?: boolean;
}

/** A forward hook with its options. */
export interface ForwardHook {
  readonly hook: (
    module: Module,
    inputs: unknown[],
    output: unknown,
  ) => unknown;
  readonly alwaysCall: boolean;
}

/** The hooks of a module. They are told the module, so that a copy of it can have them too. */
export interface ModuleHooks {
  readonly before: ((module: Module, inputs: unknown[]) => unknown)[];
  readonly after: ForwardHook[];
  readonly beforeBackward:
    ((module: Module, output: ModuleGradients) => unknown)[];
  readonly backward: ((
    module: Module,
    input: ModuleGradients,
    output: ModuleGradients,
  ) => unknown)[];
}

/** No hooks. */
export function noHooks(): ModuleHooks {
  return { before: [], after: [], beforeBackward: [], backward: [] };
}

/** Adds a hook, and returns the way back. */
export function addHook<T>(list: T[], item: T, prepend = false): HookHandle {
  if (prepend) list.unshift(item);
  else list.push(item);
  return new HookHandle(() => {
    const at = list.indexOf(item);
    if (at >= 0) list.splice(at, 1);
  });
}

/** Runs `forward` with the hooks around it. */
export function runWithHooks(
  module: Module,
  hooks: ModuleHooks,
  forward: (...inputs: unknown[]) => unknown,
  given: unknown[],
): unknown {
  let inputs = given;
  const called = new Set<ForwardHook>();
  try {
    for (const hook of hooks.before.slice()) {
      const result = hook(module, inputs);
      if (result != null) inputs = Array.isArray(result) ? result : [result];
    }
    const watch = hooks.backward.length + hooks.beforeBackward.length > 0 &&
        MODE.grad
      ? new BackwardWatch(module, hooks)
      : null;
    if (watch !== null) inputs = watch.inputs(inputs);
    let output = forward(...inputs);
    for (const it of hooks.after.slice()) {
      called.add(it);
      output = it.hook(module, inputs, output) ?? output;
    }
    return watch === null ? output : watch.outputs(output);
  } catch (error) {
    for (const it of hooks.after.slice()) {
      if (it.alwaysCall && !called.has(it)) it.hook(module, inputs, undefined);
    }
    throw error;
  }
}

/** Sees the gradients of one call: a node before the module and one behind it. */
class BackwardWatch {
  readonly #module: Module;
  readonly #hooks: ModuleHooks;
  #gradOutput: (Tensor | null)[] | null = null;
  #hasInputs = false;
  #count = 0;
  #places: number[] = [];

  constructor(module: Module, hooks: ModuleHooks) {
    this.#module = module;
    this.#hooks = hooks;
  }

  inputs(inputs: unknown[]): unknown[] {
    this.#count = inputs.length;
    // What gets no gradient is shown one of zeros, as in PyTorch.
    const out = this.#through(inputs, true, (grads, places) => {
      this.#places = places;
      return this.#finish(grads);
    });
    this.#hasInputs = out !== inputs;
    return out;
  }

  outputs(output: unknown): unknown {
    const several = Array.isArray(output);
    const list: unknown[] = several ? output : [output];
    const out = this.#through(list, false, (grads, places) => {
      let all = spread(grads, places, list.length);
      for (const hook of this.#hooks.beforeBackward.slice()) {
        all = replaced(hook(this.#module, all), all, "grad_output");
      }
      this.#gradOutput = all;
      // Nothing will arrive at the inputs.
      if (!this.#hasInputs) this.#finish([]);
      return places.map((k) => all[k] ?? null);
    });
    return several ? out : out[0];
  }

  #finish(grads: (Tensor | null)[]): (Tensor | null)[] {
    const output = this.#gradOutput;
    if (output === null) return grads;
    let all = spread(grads, this.#places, this.#count);
    for (const hook of this.#hooks.backward.slice()) {
      all = replaced(hook(this.#module, all, output), all, "grad_input");
    }
    this.#gradOutput = null;
    return this.#places.map((k) => all[k] ?? null);
  }

  /** Sends the tensors of a list through a node that calls `seen` with their gradients. */
  #through(
    list: unknown[],
    materializes: boolean,
    seen: (grads: (Tensor | null)[], places: number[]) => (Tensor | null)[],
  ): unknown[] {
    const places = list.flatMap((x, k) => isTensor(x) ? [k] : []);
    const tensors = places.map((k) => list[k]);
    if (!tensors.some((x) => isTensor(x) && x.requiresGrad)) return list;
    // The name is the node's, as in PyTorch.
    class BackwardHookFunction extends Function {
      static forward(ctx: FunctionContext, ...xs: unknown[]): unknown[] {
        ctx.setMaterializeGrads(materializes);
        const plain = xs.filter((x) => isTensor(x) && !x.requiresGrad);
        ctx.markNonDifferentiable(...plain.filter(isTensor));
        return xs;
      }
      static backward(_: FunctionContext, ...grads: (Tensor | null)[]) {
        return seen(grads, places);
      }
    }
    const results = BackwardHookFunction.apply(...tensors);
    const out = list.slice();
    places.forEach((k, i) => out[k] = results[i]);
    return out;
  }
}

function spread(
  grads: readonly (Tensor | null)[],
  places: readonly number[],
  count: number,
): (Tensor | null)[] {
  const out = new Array<Tensor | null>(count).fill(null);
  places.forEach((k, i) => out[k] = grads[i] ?? null);
  return out;
}

/** What a hook returned in place of the gradients that it saw, or those. */
function replaced(
  result: unknown,
  grads: (Tensor | null)[],
  what: string,
): (Tensor | null)[] {
  if (result == null) return grads;
  const list: unknown[] = Array.isArray(result) ? result : [result];
  if (list.length !== grads.length) {
    throw new TypeError(
      `Backward hook returned an invalid number of ${what}, got ${list.length}, but expected ${grads.length}`,
    );
  }
  return list.map((x) => isTensor(x) ? x : null);
}
