/**
 * Tensors of modules that are computed from others whenever they are read:
 * PyTorch's `torch.nn.utils.parametrize`.
 *
 * @module
 */
// A parametrized module gets a prototype of its own between itself and its
// class, with the tensor's field as a property that computes it. Copies share
// it, so that it is never changed, but made anew.

import { noGrad } from "../../grad/mode.ts";
import { ValueError } from "../../tensor/errors.ts";
import { isTensor } from "../../tensor/is_tensor.ts";
import { checkOptions, sameShape, showShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ModuleDict } from "../dictionaries.ts";
import type { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import {
  type Parametrization,
  ParametrizationList,
  register,
  setMemory,
} from "./parametrization_list.ts";
import { clearField } from "./reparametrization.ts";

export {
  type Parametrization,
  ParametrizationList,
} from "./parametrization_list.ts";

/** A prototype that computes fields, and the one that it stands before. */
interface Injected {
  readonly before: object;
  readonly fields: readonly string[];
}

const INJECTED = new WeakMap<object, Injected>();

/** What was computed inside {@linkcode cached}; null outside. */
let cache: Map<ParametrizationList, Tensor> | null = null;

/** The parametrization of a field, or undefined. */
function listOf(
  module: Module,
  field: string,
): ParametrizationList | undefined {
  const lists: unknown = Reflect.get(module, "parametrizations");
  if (!(lists instanceof ModuleDict)) return undefined;
  const key = module.memberName(field);
  const list: unknown = lists.has(key) ? lists.get(key) : undefined;
  return list instanceof ParametrizationList ? list : undefined;
}

/** Gives a module a prototype that computes these fields. */
function inject(module: Module, fields: readonly string[]): void {
  const own: object = Object.getPrototypeOf(module);
  const before = INJECTED.get(own)?.before ?? own;
  if (fields.length === 0) {
    Object.setPrototypeOf(module, before);
    return;
  }
  const name = `Parametrized${before.constructor.name}`;
  const named = { [name]() {} }[name];
  const injected: object = Object.create(before, {
    constructor: { value: named, configurable: true, writable: true },
  });
  for (const field of fields) {
    Object.defineProperty(injected, field, {
      configurable: true,
      get(this: Module): Tensor {
        return compute(listOf(this, field)!);
      },
      set(this: Module, value: Tensor) {
        listOf(this, field)!.rightInverse(value);
      },
    });
  }
  INJECTED.set(injected, { before, fields });
  Object.setPrototypeOf(module, injected);
}

function compute(list: ParametrizationList): Tensor {
  if (cache === null) return list.call();
  let x = cache.get(list);
  if (x === undefined) cache.set(list, x = list.call());
  return x;
}

function fieldsOf(module: Module): readonly string[] {
  return INJECTED.get(Object.getPrototypeOf(module))?.fields ?? [];
}

/**
 * Has a parameter or buffer of a module computed by another module whenever it
 * is read. What it is computed from stands in
 * `module.parametrizations.get(name)`: the parameter itself, or what the
 * parametrization's `rightInverse` makes of it. Several parametrizations of one
 * tensor run one after the other. Returns the module. See
 * `torch.nn.utils.parametrize.register_parametrization`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Symmetric extends dg.nn.Module {
 *   forward(x: dg.Tensor): dg.Tensor {
 *     return x.triu().add(x.triu({ diagonal: 1 }).mT);
 *   }
 * }
 * const { parametrize } = dg.nn.utils;
 * const layer = new dg.nn.Linear(3, 3);
 * parametrize.registerParametrization(layer, "weight", new Symmetric());
 * assertEquals(dg.equal(layer.weight, layer.weight.mT), true);
 * assertEquals(Object.keys(layer.stateDict()), [
 *   ...["bias", "parametrizations.weight.original"],
 * ]);
 * ```
 */
export function registerParametrization<M extends Module>(
  module: M,
  name: string,
  parametrization: Parametrization,
  options: { readonly unsafe?: boolean } = {},
): M {
  checkOptions(options, ["unsafe"], "registerParametrization");
  const { unsafe = false } = options;
  parametrization.train(module.training);
  const known = listOf(module, name);
  if (known !== undefined) {
    if (!unsafe) checkNext(module, name, parametrization);
    known.append(parametrization);
    known.unsafe ||= unsafe;
    return module;
  }
  const member = module.members().find(({ field, kind }) =>
    field === name && kind !== "module"
  );
  if (member === undefined || !isTensor(member.value)) {
    throw new ValueError(
      `Module '${module}' does not have a parameter, a buffer, or a parametrized element with name '${name}'`,
    );
  }
  const list = new ParametrizationList([parametrization], member.value, {
    unsafe,
  });
  clearField(module, name);
  if (!isParametrized(module)) {
    module.registerModule("parametrizations", new ModuleDict());
  }
  const lists: unknown = Reflect.get(module, "parametrizations");
  (lists as ModuleDict).set(member.name, list as never);
  inject(module, [...fieldsOf(module), name]);
  return module;
}

/** Fails where one more parametrization would change the kind of the tensor. */
function checkNext(
  module: Module,
  name: string,
  parametrization: Parametrization,
): void {
  const before = Reflect.get(module, name) as Tensor;
  const after: unknown = parametrization.call(before);
  if (!isTensor(after)) {
    throw new ValueError(
      `A parametrization must return a tensor. Got ${typeof after}.`,
    );
  }
  const refuse = (what: string, old: string, now: string) => {
    throw new ValueError(
      `Registering a parametrization may not change the ${what} of the tensor, unless the \`unsafe\` flag is enabled.\nmodule.${name}.${what}: ${old}\nparametrization(module.${name}).${what}: ${now}`,
    );
  };
  if (after.dtype !== before.dtype) refuse("dtype", before.dtype, after.dtype);
  if (!sameShape(after.shape, before.shape)) {
    refuse("shape", showShape(before.shape), showShape(after.shape));
  }
}

/**
 * Whether a module has parametrizations, or one of that name. See
 * `torch.nn.utils.parametrize.is_parametrized`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { parametrizations, parametrize } = dg.nn.utils;
 * const layer = parametrizations.orthogonal(new dg.nn.Linear(3, 3));
 * assertEquals(parametrize.isParametrized(layer), true);
 * assertEquals(parametrize.isParametrized(layer, "bias"), false);
 * ```
 */
export function isParametrized(module: Module, name?: string): boolean {
  if (name !== undefined) return listOf(module, name) !== undefined;
  return fieldsOf(module).length > 0;
}

/** Options of {@linkcode removeParametrizations}. */
export interface RemoveOptions {
  /** Whether the tensor stays what was computed last, in place of what it was computed from; true where not given. */
  readonly leaveParametrized?: boolean;
}

/**
 * Ends all parametrizations of a tensor, which is a parameter or buffer again:
 * the one that it was computed from, where that was one. Returns the module.
 * See `torch.nn.utils.parametrize.remove_parametrizations`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { parametrizations, parametrize } = dg.nn.utils;
 * const layer = parametrizations.spectralNorm(new dg.nn.Linear(3, 2));
 * parametrize.removeParametrizations(layer, "weight");
 * assertEquals(Object.keys(layer.stateDict()), ["bias", "weight"]);
 * ```
 */
export function removeParametrizations<M extends Module>(
  module: M,
  name: string,
  options: RemoveOptions = {},
): M {
  checkOptions(options, ["leaveParametrized"], "removeParametrizations");
  const { leaveParametrized = true } = options;
  const list = listOf(module, name);
  if (list === undefined) {
    throw new ValueError(
      `Module ${module} does not have a parametrization on ${name}`,
    );
  }
  let original = list.single;
  if (original !== null) {
    const kept = original;
    if (leaveParametrized) noGrad(() => setMemory(kept, list.call()));
  } else {
    if (!leaveParametrized) {
      throw new ValueError(
        "Cannot leave unparametrized (`leaveParametrized=false`) a tensor that is parametrized in terms of a sequence of tensors.",
      );
    }
    const computed = list.call();
    original = computed.requiresGrad ? new Parameter(computed) : computed;
  }
  const lists: unknown = Reflect.get(module, "parametrizations");
  (lists as ModuleDict).delete(module.memberName(name));
  inject(module, fieldsOf(module).filter((field) => field !== name));
  if (!isParametrized(module)) clearField(module, "parametrizations");
  register(module, name, original);
  return module;
}

/**
 * Runs `fn`, in which each parametrized tensor is computed once only, however
 * often it is read. See `torch.nn.utils.parametrize.cached`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { parametrizations, parametrize } = dg.nn.utils;
 * const layer = parametrizations.weightNorm(new dg.nn.Linear(3, 2));
 * const same = parametrize.cached(() => layer.weight === layer.weight);
 * assertEquals([same, layer.weight === layer.weight], [true, false]);
 * ```
 */
export function cached<T>(fn: () => T): T {
  const outer = cache;
  cache ??= new Map();
  try {
    return fn();
  } finally {
    cache = outer;
  }
}
