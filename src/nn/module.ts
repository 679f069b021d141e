// The base class of modules: what belongs to a module, and what is done with
// all of it. Walks, state dicts, hooks and the repr have files of their own.

import type { HookHandle } from "../grad/hooks.ts";
import type { DType } from "../tensor/dtype.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { showByToString } from "../tensor/inspect.ts";
import type { ToTarget } from "../tensor/ops/conversion.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { convertModule } from "./module_convert.ts";
import { deepCopy } from "./module_copy.ts";
import {
  addHook,
  type ForwardHookOptions,
  type HookOptions,
  type ModuleGradients,
  type ModuleHooks,
  noHooks,
  runWithHooks,
} from "./module_hooks.ts";
import { showModule } from "./module_repr.ts";
import { ModuleStates } from "./module_states.ts";

/** A module that makes one tensor of another: what `Sequential` is made of. */
export type Layer = Module & { forward(input: Tensor): Tensor };

/**
 * The base class of all neural network modules. Fields that hold parameters,
 * buffers or modules belong to the module by themselves; their names in state
 * dicts are PyTorch's (`runningMean` is `running_mean`; a name that has an
 * underscore or begins with a capital stays as it is). Tensors that are neither,
 * arrays and `#private` fields do not belong to it. A subclass defines
 * `forward`; `call` runs it with the hooks. See `torch.nn.Module`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Scale extends dg.nn.Module {
 *   pixelScale = new dg.nn.Parameter(dg.ones(2));
 *   forward(x: dg.Tensor): dg.Tensor {
 *     return x.mul(this.pixelScale);
 *   }
 * }
 * const model = new Scale();
 * assertEquals(model.call(dg.ones([4, 2])).shape, [4, 2]);
 * assertEquals(Object.keys(model.stateDict()), ["pixel_scale"]);
 * ```
 */
export abstract class Module extends ModuleStates {
  /** Whether the module is in training mode, which matters to dropout and batch norms. */
  training = true;
  // Not #private, nor is anything in a module: a copy is made without a constructor.
  private _hooks: ModuleHooks | null = null;

  /** Runs the module: `forward`, with the hooks around it. See `Module.__call__`. */
  call<This extends Module>(
    this: This,
    ...inputs: Parameters<This["forward"]>
  ): ReturnType<This["forward"]> {
    const forward: (...inputs: never[]) => unknown = this.forward;
    if (typeof forward !== "function") refuseCall(this);
    // Buffers that forward replaces must be known before it does.
    this.scan();
    const result = this._hooks === null
      ? forward.apply(this, inputs)
      : runWithHooks(
        this,
        this._hooks,
        (...given) => forward.apply(this, given as never[]),
        inputs,
      );
    return result as ReturnType<This["forward"]>;
  }

  /** Puts the module and all inside in training mode, or out of it. See `Module.train`. */
  train(mode = true): this {
    if (typeof mode !== "boolean") {
      throw new ValueError("training mode is expected to be boolean");
    }
    this.training = mode;
    for (const child of this.children()) child.train(mode);
    return this;
  }

  /** Puts the module and all inside in evaluation mode. See `Module.eval`. */
  eval(): this {
    return this.train(false);
  }

  /** Turns gradients on or off for all parameters. See `Module.requires_grad_`. */
  requiresGrad_(requiresGrad = true): this {
    for (const x of this.parameters()) x.requiresGrad_(requiresGrad);
    return this;
  }

  /** Forgets the gradients, or, with `setToNone: false`, sets them to zero. See `Module.zero_grad`. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    checkOptions(options, ["setToNone"], "zeroGrad");
    for (const x of this.parameters()) {
      if (x.grad === null) continue;
      x.grad = options.setToNone === false ? x.grad.detach().zero_() : null;
    }
  }

  /**
   * Converts the floating point parameters and buffers to a type, or moves all
   * to a device; the parameters stay the same objects. See `Module.to`.
   */
  to(target: ToTarget): this {
    convertModule(this, target);
    return this;
  }

  /** Moves to the CPU. See `Module.cpu`. */
  cpu(): this {
    return this.to("cpu");
  }

  /** Converts to float32. See `Module.float`. */
  float(): this {
    return this.to("float32");
  }

  /** Converts to float64. See `Module.double`. */
  double(): this {
    return this.to("float64");
  }

  /** Converts to float16. See `Module.half`. */
  half(): this {
    return this.to("float16");
  }

  /** Converts to bfloat16. See `Module.bfloat16`. */
  bfloat16(): this {
    return this.to("bfloat16");
  }

  /** Converts the floating point parameters and buffers. See `Module.type`. */
  type(dtype: DType): this {
    return this.to(dtype);
  }

  /** Calls `fn` with every module inside, and then with this one. See `Module.apply`. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /**
   * Calls `hook` with what `call` was given, before `forward`; what it returns
   * takes the inputs' place: an array of all, or the only one. See
   * `Module.register_forward_pre_hook`.
   */
  registerForwardPreHook<This extends Module>(
    this: This,
    hook: (module: This, inputs: Parameters<This["forward"]>) => unknown,
    options: HookOptions = {},
  ): HookHandle {
    checkOptions(options, ["prepend"], "registerForwardPreHook");
    const run = (module: Module, inputs: unknown[]) =>
      hook(module as This, inputs as Parameters<This["forward"]>);
    return addHook((this._hooks ??= noHooks()).before, run, options.prepend);
  }

  /** Calls `hook` after `forward`; what it returns takes the output's place. See `Module.register_forward_hook`. */
  registerForwardHook<This extends Module>(
    this: This,
    hook: (
      module: This,
      inputs: Parameters<This["forward"]>,
      output: ReturnType<This["forward"]>,
    ) => ReturnType<This["forward"]> | null | void,
    options: ForwardHookOptions = {},
  ): HookHandle {
    checkOptions(options, ["prepend", "alwaysCall"], "registerForwardHook");
    const run = (module: Module, inputs: unknown[], output: unknown) =>
      hook(
        module as This,
        inputs as Parameters<This["forward"]>,
        output as ReturnType<This["forward"]>,
      );
    const item = { hook: run, alwaysCall: options.alwaysCall ?? false };
    return addHook((this._hooks ??= noHooks()).after, item, options.prepend);
  }

  /**
   * Calls `hook` with the gradients of what went into `forward` and of what
   * came out, once both are there; what it returns takes the place of the
   * former. See `Module.register_full_backward_hook`.
   */
  registerFullBackwardHook<This extends Module>(
    this: This,
    hook: (
      module: This,
      gradInput: ModuleGradients,
      gradOutput: ModuleGradients,
    ) => ModuleGradients | Tensor | null | void,
    options: HookOptions = {},
  ): HookHandle {
    checkOptions(options, ["prepend"], "registerFullBackwardHook");
    const run = (
      module: Module,
      input: ModuleGradients,
      output: ModuleGradients,
    ) => hook(module as This, input, output);
    return addHook((this._hooks ??= noHooks()).backward, run, options.prepend);
  }

  /** Calls `hook` with the gradients of what came out of `forward`, which it may replace. See `Module.register_full_backward_pre_hook`. */
  registerFullBackwardPreHook<This extends Module>(
    this: This,
    hook: (
      module: This,
      gradOutput: ModuleGradients,
    ) => ModuleGradients | Tensor | null | void,
    options: HookOptions = {},
  ): HookHandle {
    checkOptions(options, ["prepend"], "registerFullBackwardPreHook");
    const run = (module: Module, output: ModuleGradients) =>
      hook(module as This, output);
    const { beforeBackward } = this._hooks ??= noHooks();
    return addHook(beforeBackward, run, options.prepend);
  }

  /**
   * A copy with copies of all that belongs to it, and of its settings; what
   * occurs several times inside does so in the copy. Classes with `#private`
   * fields cannot be copied. See `copy.deepcopy`.
   *
   * @example Usage
   * ```ts
   * import * as dg from "@dinograd/dinograd";
   * import { assertEquals } from "@std/assert";
   *
   * const model = new dg.nn.Sequential(new dg.nn.Linear(2, 3));
   * const copy = model.deepCopy();
   * dg.nn.init.zeros_(model.getParameter("0.weight"));
   * assertEquals(copy.getParameter("0.weight").eq(0).any().item<boolean>(), false);
   * ```
   */
  deepCopy(): this {
    return deepCopy(this, new Map());
  }

  /** What stands between the parentheses of the repr. See `Module.extra_repr`. */
  extraRepr(): string {
    return "";
  }

  /** PyTorch's repr. */
  override toString(): string {
    return showModule(this);
  }
}

showByToString(Module.prototype);

function refuseCall(module: Module): never {
  throw new RuntimeError(
    `Module [${module.constructor.name}] is missing the required "forward" function`,
    "write forward(x) in the class; lists and dicts of modules have none, call what is in them",
  );
}
