// What all optimizers have in common: groups of parameters with their options,
// what is kept for each parameter between steps, and both as a state dict.

import { enableGrad, noGrad } from "../grad/mode.ts";
import { ValueError } from "../tensor/errors.ts";
import { showByToString } from "../tensor/inspect.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { showGroup } from "./group_text.ts";
import { collectParameters } from "./parameter_list.ts";
import {
  type OptimizerStateDict,
  packGroups,
  packState,
  type StateValue,
  unpackGroups,
  unpackState,
} from "./state_dict.ts";

/** Parameters as optimizers take them: tensors, or pairs of name and tensor as from `namedParameters()`. */
export type ParamList = Iterable<Tensor> | Iterable<readonly [string, Tensor]>;

/** Parameters with options of their own; what is not given is as for the others. */
export type ParamGroupInit<O> = O & {
  /** The parameters, or a single one. */
  readonly params: ParamList | Tensor;
};

/** What an optimizer updates: parameters, or several groups of them. */
export type ParamsLike<O> = ParamList | Iterable<ParamGroupInit<O>>;

/** What every group of parameters has; the options of its optimizer are beside it. */
export interface ParamGroup {
  /** The parameters. */
  params: Tensor[];
  /** Their names, where they were given. */
  paramNames?: string[];
  /** Learning rate; schedulers change it. */
  lr: number;
  /** The learning rate that a scheduler found. */
  initialLr?: number;
  /** Where OneCycleLR goes up to. */
  maxLr?: number;
  /** Where OneCycleLR goes down to. */
  minLr?: number;
  /** Where SWALR goes to. */
  swaLr?: number;
  /** Share of the former step that is kept, in optimizers that have one. */
  momentum?: number;
  /** Shares of means that are kept, in optimizers that have them. */
  betas?: readonly [number, number];
  /** Largest momentum of a cycle. */
  maxMomentum?: number;
  /** Smallest momentum of a cycle. */
  baseMomentum?: number;
}

/** Options of PyTorch that choose among its implementations. There is one here: they only stand in state dicts. */
export interface Implementation {
  /** Several parameters at once. */
  readonly foreach?: boolean | null;
  /** For graphs of the GPU. */
  readonly capturable?: boolean;
  /** Steps that are recorded. */
  readonly differentiable?: boolean;
  /** One kernel for each step, which is what happens here. */
  readonly fused?: boolean | null;
}

/** Options as a group holds them: all are there and can be changed. */
export type Settings<O> = { -readonly [K in keyof O]-?: O[K] };

/** What an optimizer keeps for one parameter, by PyTorch's names. */
export type OptimizerState = { [key: string]: StateValue };

/** Removes a hook. */
export interface OptimizerHook {
  /** Removes the hook; a second time does nothing. */
  remove(): void;
}

/** Options of `zeroGrad`. */
export interface ZeroGradOptions {
  /** Whether gradients become null, which saves memory, or zero; true where not given. */
  readonly setToNone?: boolean;
}

/** Keys of groups that schedulers and state dicts add. */
const GROUP_KEYS = ["params", "paramNames", "initialLr", "maxLr", "minLr"];

/**
 * What all optimizers have in common. An optimizer of your own extends it:
 * `update` changes one parameter, unrecorded. See `torch.optim.Optimizer`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Plain extends dg.optim.Optimizer<dg.optim.ParamGroup> {
 *   protected override update(x: dg.Tensor, grad: dg.Tensor): void {
 *     x.sub_(grad);
 *   }
 * }
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new Plain([x], { lr: 1 });
 * optimizer.step(() => x.mul(0.5).sum().backward());
 * assertEquals(x.tolist(), [3.5]);
 * ```
 */
export abstract class Optimizer<
  G extends ParamGroup = ParamGroup,
  S extends object = object,
> {
  /** The parameters and their options, which may be changed between steps. See `Optimizer.param_groups`. */
  readonly paramGroups: G[] = [];
  /** The options of groups that give none. See `Optimizer.defaults`. */
  readonly defaults: Omit<G, "params">;
  /** What is kept for each parameter, by PyTorch's names; made by the first step. See `Optimizer.state`. */
  state: Map<Tensor, S> = new Map();
  // Not of `this`: an optimizer of any kind is an Optimizer.
  readonly #before: Set<(optimizer: never) => void> = new Set();
  readonly #after: Set<(optimizer: never) => void> = new Set();

  /** Takes the parameters and the options of groups that give none. */
  constructor(
    params: ParamsLike<Partial<Omit<G, "params">>>,
    defaults: Omit<G, "params">,
  ) {
    this.defaults = defaults;
    for (const group of collectParameters(params)) this.addParamGroup(group);
  }

  /** Updates one parameter from its gradient; runs unrecorded. */
  protected abstract update(x: Tensor, grad: Tensor, group: G): void;

  /** Names of what is kept as single numbers, on the CPU and as they are. */
  protected get singles(): readonly string[] {
    return ["step"];
  }

  /** Whole options that PyTorch has as floats, for `toString`. */
  protected get floatOptions(): readonly string[] {
    return [];
  }

  /**
   * Adds parameters with options of their own, as fine-tuning does when more
   * layers become trainable. See `Optimizer.add_param_group`.
   */
  addParamGroup(
    init: ParamGroupInit<Partial<Omit<G, "params">>>,
  ): void {
    if (typeof init !== "object" || init === null || isTensor(init)) {
      throw new TypeError(
        `paramGroup must be an object with params, but got ${typeof init}`,
      );
    }
    if (init.params === undefined) {
      throw new TypeError(
        `a parameter group must have params, but got only ${
          Object.keys(init).join(", ") || "an empty object"
        }`,
      );
    }
    const { params, names } = checkedParams(init.params);
    const known = [...Object.keys(this.defaults), ...GROUP_KEYS];
    checkOptions(init, known, "addParamGroup");
    const given = Object.entries(init).filter(([, value]) =>
      value !== undefined
    );
    const group = {
      ...this.defaults,
      ...Object.fromEntries(given),
      params,
    } as G;
    if (names !== null) group.paramNames = names;
    for (const other of this.paramGroups) {
      if ((names !== null) !== ("paramNames" in other)) {
        throw new ValueError(
          `all optimizer param groups should be with/without names. cannot add param group ${
            names !== null ? "with" : "without"
          } names to the optimizer`,
        );
      }
      if (other.params.some((x) => params.includes(x))) {
        throw new ValueError(
          "some parameters appear in more than one parameter group",
        );
      }
    }
    this.paramGroups.push(group);
  }

  /** Updates every parameter that has a gradient. See `Optimizer.step`. */
  step(): void;
  /** Calls `closure`, which computes the loss and its gradients, updates, and returns the loss. */
  step<T>(closure: () => T): T;
  /** With or without a closure. */
  step<T>(closure?: () => T): T | void;
  step<T>(closure?: () => T): T | void {
    for (const hook of this.#before) hook(this as never);
    const out = this.run(closure);
    for (const hook of this.#after) hook(this as never);
    return out;
  }

  /** A step without its hooks. */
  protected run<T>(closure?: () => T): T | void {
    const loss = closure === undefined ? undefined : enableGrad(closure);
    noGrad(() => {
      for (const group of this.paramGroups) {
        for (const x of group.params) {
          if (x.grad !== null) this.update(x, x.grad, group);
        }
      }
    });
    return loss;
  }

  /** Forgets the gradients, or, with `setToNone: false`, sets them to zero. See `Optimizer.zero_grad`. */
  zeroGrad(options: ZeroGradOptions = {}): void {
    checkOptions(options, ["setToNone"], "zeroGrad");
    const { setToNone = true } = options;
    for (const { params } of this.paramGroups) {
      for (const x of params) {
        if (x.grad === null) continue;
        // A gradient that was recorded starts a history of its own.
        if (setToNone) x.grad = null;
        else x.grad = x.grad.detach().zero_();
      }
    }
  }

  /**
   * What is kept and the options, in PyTorch's layout and with its names, so
   * that both travel in files. The tensors are the optimizer's own. See
   * `Optimizer.state_dict`.
   */
  stateDict(): OptimizerStateDict {
    return {
      state: packState(this.paramGroups, this.state),
      "param_groups": packGroups(this.paramGroups),
    };
  }

  /** Takes over what {@linkcode stateDict} gave, in any process. Tensors are copied. See `Optimizer.load_state_dict`. */
  loadStateDict(dict: OptimizerStateDict): void {
    const groups = unpackGroups(
      dict,
      this.paramGroups,
      this.defaults,
    );
    this.state = unpackState<S>(dict, this.paramGroups, this.singles);
    groups.forEach((group, i) => this.paramGroups[i] = group);
  }

  /** Calls `hook` before each step, until it is removed. See `Optimizer.register_step_pre_hook`. */
  registerStepPreHook(hook: (optimizer: this) => void): OptimizerHook {
    this.#before.add(hook);
    return { remove: () => void this.#before.delete(hook) };
  }

  /** Calls `hook` after each step, until it is removed. See `Optimizer.register_step_post_hook`. */
  registerStepPostHook(hook: (optimizer: this) => void): OptimizerHook {
    this.#after.add(hook);
    return { remove: () => void this.#after.delete(hook) };
  }

  /** Shows the groups and their options as PyTorch does. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) =>
      `\nParameter Group ${i}\n${showGroup(group, this.floatOptions)}`
    );
    return `${this.constructor.name} (${groups.join("")})`;
  }
}

showByToString(Optimizer.prototype);

function checkedParams(
  given: ParamList | Tensor,
): { params: Tensor[]; names: string[] | null } {
  if (given instanceof Set) {
    throw new TypeError(
      "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead.",
    );
  }
  const list: (Tensor | readonly [string, Tensor])[] = isTensor(given)
    ? [given]
    : [...given];
  const names: string[] = [];
  const params = list.map((item) => {
    if (!Array.isArray(item)) return item as Tensor;
    names.push(item[0] as string);
    return item[1] as Tensor;
  });
  if (names.length !== 0 && names.length !== params.length) {
    throw new ValueError(
      "all optimizer params should be with/without names. Some param names are missing",
    );
  }
  params.forEach(checkParam);
  return { params, names: names.length === 0 ? null : names };
}

function checkParam(x: Tensor): void {
  if (!isTensor(x)) {
    throw new TypeError(
      `optimizer can only optimize Tensors, but one of the params is ${typeof x}`,
    );
  }
  if (!x.isLeaf) {
    throw new ValueError(
      "can't optimize a non-leaf Tensor",
      `the tensor was computed by ${x.gradFn?.name}; give the leaf, or a detach()ed copy`,
    );
  }
}
