// What modules have for state dicts: reading, loading, and the hooks of both.

import type { HookHandle } from "../grad/hooks.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import { addHook } from "./module_hooks.ts";
import {
  type HooksOf,
  type IncompatibleKeys,
  inheritedByAll,
  loadState,
  type LoadStateDictOptions,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  noStateHooks,
  readState,
  type StateDict,
  type StateDictOptions,
  type StateDictPostHook,
  type StateDictPreHook,
  type StateHooks,
} from "./module_state.ts";
import { ModuleTree } from "./module_tree.ts";

/** A module as something that has a state. */
export abstract class ModuleStates extends ModuleTree {
  private _stateHooks: StateHooks | null = null;
  private static readonly _hooksOf: HooksOf = (module) => module._stateHooks;

  /**
   * The parameters and persistent buffers by PyTorch's names, without history,
   * on the module's own memory. See `Module.state_dict`.
   */
  stateDict(options: StateDictOptions = {}): StateDict {
    checkOptions(options, ["prefix", "keepVars"], "stateDict");
    const { prefix = "", keepVars = false } = options;
    return readState(
      this as unknown as Module,
      prefix,
      keepVars,
      ModuleStates._hooksOf,
    );
  }

  /**
   * Copies the tensors of a state dict into the module. Throws a RuntimeError
   * that lists what is missing, not expected (unless `strict: false`) or of
   * another size, and then changes nothing. See `Module.load_state_dict`.
   */
  loadStateDict(
    stateDict: Readonly<Record<string, Tensor>>,
    options: LoadStateDictOptions = {},
  ): IncompatibleKeys {
    checkOptions(options, ["strict", "assign"], "loadStateDict");
    return loadState(
      this as unknown as Module,
      stateDict,
      options,
      ModuleStates._hooksOf,
    );
  }

  /**
   * What the module has to save besides tensors; a subclass writes it, together
   * with {@linkcode setExtraState}. State dicts have it as `_extra_state`, and
   * `save` takes numbers, text, tensors, and arrays and objects of them. See
   * `Module.get_extra_state`.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * class Tokens extends dg.nn.Embedding {
   *   words = ["a", "b"];
   *   override getExtraState(): unknown {
   *     return this.words;
   *   }
   *   override setExtraState(words: string[]): void {
   *     this.words = words;
   *   }
   * }
   * const saved = new Tokens(2, 3).stateDict();
   * assertEquals(Object.keys(saved), ["weight", "_extra_state"]);
   * const other = new Tokens(2, 3);
   * other.words = [];
   * other.loadStateDict(saved);
   * assertEquals(other.words, ["a", "b"]);
   * ```
   */
  getExtraState(): unknown {
    throw new RuntimeError(
      "Reached a code path in Module.getExtraState() that should never be called.",
      "only a class that writes the method has extra state",
    );
  }

  /** Takes what {@linkcode getExtraState} gave, from a state dict. See `Module.set_extra_state`. */
  setExtraState(_state: never): void {
    throw new RuntimeError(
      "Reached a code path in Module.setExtraState() that should never be called.",
      "only a class that writes the method takes extra state",
    );
  }

  static {
    inheritedByAll(this.prototype.getExtraState);
    inheritedByAll(this.prototype.setExtraState);
  }

  /** Calls `hook` before each `stateDict`, on its own or as part of another module. See `Module.register_state_dict_pre_hook`. */
  registerStateDictPreHook(hook: StateDictPreHook): HookHandle {
    return addHook((this._stateHooks ??= noStateHooks()).beforeSave, hook);
  }

  /** Calls `hook` with each state dict that the module was put in, which it may change in place. See `Module.register_state_dict_post_hook`. */
  registerStateDictPostHook(hook: StateDictPostHook): HookHandle {
    return addHook((this._stateHooks ??= noStateHooks()).afterSave, hook);
  }

  /** Calls `hook` with a copy of each state dict before the module is loaded, so that it can rename what is there. See `Module.register_load_state_dict_pre_hook`. */
  registerLoadStateDictPreHook(hook: LoadStateDictPreHook): HookHandle {
    return addHook((this._stateHooks ??= noStateHooks()).beforeLoad, hook);
  }

  /**
   * Calls `hook` when the module was loaded, with the names that are missing or
   * not expected, which it may change in place: `strict` then sees the change.
   * See `Module.register_load_state_dict_post_hook`.
   */
  registerLoadStateDictPostHook(hook: LoadStateDictPostHook): HookHandle {
    return addHook((this._stateHooks ??= noStateHooks()).afterLoad, hook);
  }
}
