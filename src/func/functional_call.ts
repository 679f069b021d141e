// Calling a module with other parameters than its own, and putting those of
// several modules together: how modules meet the transforms.

import type { Module } from "../nn/module.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { stack } from "../tensor/ops/joining.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { kindOf } from "./tree.ts";

/** Parameters and buffers by their names, as `namedParameters()` gives them. */
export type TensorDict = Record<string, Tensor>;

/** Options of {@linkcode functionalCall}. */
export interface FunctionalCallOptions {
  /** Whether a tensor for one of several names of the same parameter is for all of them; true where not given. */
  readonly tieWeights?: boolean;
  /** Whether every name of the module must be there, and no other. */
  readonly strict?: boolean;
}

/**
 * Calls a module with other parameters and buffers in place of its own, by
 * their names; those that are not given stay. Several dictionaries may be given
 * as an array, and so may several inputs. Buffers that the call replaces are
 * replaced in the dictionary. See `torch.func.functional_call`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { functionalCall, grad } = dg.func;
 * const model = new dg.nn.Linear(2, 1);
 * const params = { weight: dg.ones([1, 2]), bias: dg.zeros(1) };
 * const x = dg.tensor([[3, 4]]);
 * assertEquals(functionalCall(model, params, x).tolist(), [[7]]);
 * const loss = (p: dg.func.TensorDict) => functionalCall(model, p, x).sum();
 * assertEquals(grad(loss)(params)["weight"]!.tolist(), [[3, 4]]);
 * ```
 */
export function functionalCall<
  M extends Module & { forward(...inputs: never[]): unknown },
>(
  module: M,
  parametersAndBuffers: TensorDict | readonly TensorDict[],
  args: Tensor | Parameters<M["forward"]>,
  options: FunctionalCallOptions = {},
): ReturnType<M["forward"]> {
  checkOptions(options, ["tieWeights", "strict"], "functionalCall");
  const { tieWeights = true, strict = false } = options;
  const given = merged(parametersAndBuffers);
  const own = ownTensors(module);
  const all = tieWeights ? withTied(given, own) : given;
  if (strict) checkNames(module, own, all);
  const places = [...all].map(([path, value]) => placeOf(module, path, value));
  const inputs = (Array.isArray(args) ? args : [args]) as Parameters<
    M["forward"]
  >;
  try {
    for (const { owner, field, value } of places) put(owner, field, value);
    return module.call(...inputs) as ReturnType<M["forward"]>;
  } finally {
    const now = new Map(
      places.map(({ path, owner, field }) => [path, fieldNow(owner, field)]),
    );
    for (const { owner, field, before } of places.toReversed()) {
      if (before === undefined) Reflect.deleteProperty(owner, field);
      else put(owner, field, before);
    }
    writeBack(parametersAndBuffers, now);
  }
}

/** A field of a module that gets another tensor for a while. */
interface Place {
  readonly path: string;
  readonly owner: Module;
  readonly field: string;
  readonly value: Tensor;
  /** What was there; undefined where there was nothing. */
  readonly before: unknown;
}

function merged(
  dicts: TensorDict | readonly TensorDict[],
): Map<string, Tensor> {
  if (typeof dicts !== "object" || dicts === null) {
    throw new ValueError(
      `Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got ${
        kindOf(dicts)
      }`,
    );
  }
  const list = (Array.isArray(dicts) ? dicts : [dicts]) as TensorDict[];
  list.forEach(refuseIterable);
  const out = new Map<string, Tensor>();
  const repeated: string[] = [];
  for (const dict of list) {
    if (typeof dict !== "object" || dict === null) {
      throw new ValueError(
        "Expected all elements of parameter_and_buffer_dicts to be dictionaries",
      );
    }
    for (const [path, value] of Object.entries(dict)) {
      if (out.has(path)) repeated.push(`'${path}'`);
      if (!isTensor(value)) {
        throw new TypeError(`${String(value)} is not an instance of Tensor`);
      }
      out.set(path, value);
    }
  }
  if (repeated.length === 0) return out;
  throw new ValueError(
    `[${
      repeated.join(", ")
    }] appeared in multiple dictionaries; behavior of functional call is ambiguous`,
  );
}

/** What has no entries of its own would leave the module's parameters in place, in silence. */
function refuseIterable(dict: unknown): void {
  if (typeof dict !== "object" || dict === null) return;
  if (!isTensor(dict) && !(Symbol.iterator in dict)) return;
  throw new ValueError(
    `Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got ${
      kindOf(dict)
    }`,
    "write Object.fromEntries(module.namedParameters())",
  );
}

/** All parameters and buffers of a module, under each of their names. */
function ownTensors(module: Module): Map<string, Tensor> {
  const options = { removeDuplicate: false };
  return new Map<string, Tensor>([
    ...module.namedParameters(options),
    ...module.namedBuffers(options),
  ]);
}

/** The same with the other names of parameters that have several. */
function withTied(
  given: ReadonlyMap<string, Tensor>,
  own: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const names = new Map<Tensor, string[]>();
  for (const [path, x] of own) names.set(x, [...names.get(x) ?? [], path]);
  const out = new Map(given);
  for (const tied of names.values()) {
    if (tied.length === 1) continue;
    const values = new Set(
      tied.flatMap((path) => given.has(path) ? [given.get(path)!] : []),
    );
    if (values.size > 1) {
      throw new ValueError(
        `functional_call got multiple values for keys [${
          tied.toSorted().map((path) => `'${path}'`).join(", ")
        }], which are tied. Consider using tieWeights=false`,
      );
    }
    for (const value of values) for (const path of tied) out.set(path, value);
  }
  return out;
}

function checkNames(
  module: Module,
  own: ReadonlyMap<string, Tensor>,
  given: ReadonlyMap<string, Tensor>,
): void {
  const list = (names: string[]) =>
    names.toSorted().map((name) => `'${name}'`).join(", ");
  const unexpected = [...given.keys()].filter((path) => !own.has(path));
  const missing = [...own.keys()].filter((path) => !given.has(path));
  const rows: string[] = [];
  if (unexpected.length > 0) {
    rows.push(`Unexpected key(s): ${list(unexpected)}.`);
  }
  if (missing.length > 0) rows.push(`Missing key(s): ${list(missing)}.`);
  if (rows.length === 0) return;
  throw new RuntimeError(
    `Error(s) in reparametrizing for ${module.constructor.name}:\n\t${
      rows.join("\n\t")
    }`,
  );
}

function placeOf(module: Module, path: string, value: Tensor): Place {
  const names = path.split(".");
  const last = names.pop()!;
  const owner = module.getSubmodule(names.join("."));
  const member = owner.members().find(({ name, field }) =>
    name === last || field === last
  );
  const field = member?.field ?? last;
  const before = member?.value ?? Reflect.get(owner, field);
  return { path, owner, field, value, before };
}

/** A field of a module, or an item of one that is a list or a dictionary. */
function put(owner: Module, field: string, value: unknown): void {
  const isItem = !Object.hasOwn(owner, field) &&
    owner.members().some((member) => member.field === field);
  if (isItem) owner.setMember(field, value as Tensor);
  else Reflect.set(owner, field, value);
}

function fieldNow(owner: Module, field: string): unknown {
  return Object.hasOwn(owner, field) ? Reflect.get(owner, field) : undefined;
}

/** Lets the caller's dictionaries have what the call replaced: the buffers of a batch norm. */
function writeBack(
  dicts: TensorDict | readonly TensorDict[],
  now: ReadonlyMap<string, unknown>,
): void {
  for (const dict of (Array.isArray(dicts) ? dicts : [dicts]) as TensorDict[]) {
    for (const path of Object.keys(dict)) {
      const value = now.get(path);
      if (isTensor(value) && value !== dict[path]) dict[path] = value;
    }
  }
}

/**
 * Stacks the parameters and the buffers of several modules of one class, for
 * calling them all at once with `vmap` and {@linkcode functionalCall}. Returns
 * `[parameters, buffers]`, by name. See `torch.func.stack_module_state`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const models = [1, 2, 3].map(() => new dg.nn.Linear(4, 2));
 * const [params] = dg.func.stackModuleState(models);
 * assertEquals(params["weight"]!.shape, [3, 2, 4]);
 * ```
 */
export function stackModuleState(
  models: Iterable<Module>,
): [parameters: TensorDict, buffers: TensorDict] {
  if (typeof models?.[Symbol.iterator] !== "function") {
    throw new TypeError(
      `stackModuleState(): argument 'models' must be an array of modules, not ${
        kindOf(models)
      }`,
    );
  }
  const list = [...models];
  const [first] = list;
  if (first === undefined) {
    throw new RuntimeError(
      "stack_module_state: Expected at least one model, got 0.",
    );
  }
  if (list.some(({ training }) => training !== first.training)) {
    throw new RuntimeError(
      "stack_module_state: Expected all models to have the same training/eval mode.",
    );
  }
  if (list.some((model) => model.constructor !== first.constructor)) {
    throw new RuntimeError(
      "stack_module_state: Expected all models to be of the same class.",
    );
  }
  return [
    stacked(list.map((model) => new Map(model.namedParameters()))),
    stacked(list.map((model) => new Map(model.namedBuffers()))),
  ];
}

function stacked(states: readonly ReadonlyMap<string, Tensor>[]): TensorDict {
  const out: TensorDict = {};
  for (const path of states[0]!.keys()) {
    const tensors = states.map((state) => state.get(path)!);
    const tracked = tensors.filter((x) => x.requiresGrad).length;
    if (tracked !== 0 && tracked !== tensors.length) {
      throw new RuntimeError(
        `Expected ${path} from each model to have the same .requiresGrad`,
      );
    }
    const all = stack(tensors);
    out[path] = tracked > 0 ? all.detach().requiresGrad_() : all;
  }
  return out;
}
