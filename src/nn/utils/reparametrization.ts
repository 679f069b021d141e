// Parameters of a module that are computed anew before each call: the tensor
// stands in the parameter's field, and what it is computed from beside it.

import type { HookHandle } from "../../grad/hooks.ts";
import { ValueError } from "../../tensor/errors.ts";
import { isTensor } from "../../tensor/is_tensor.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

/** How a field of a module is computed. */
export interface Reparametrization {
  /** Which kind it is, such as `"weightNorm"`. */
  readonly kind: string;
  /** Computes the field of the module, or of a copy. */
  readonly compute: (module: Module) => Tensor;
  /** What runs before each call. */
  readonly hook: HookHandle;
  /** The fields that it is computed from. */
  readonly fields: readonly string[];
}

/** By module and field. */
const KNOWN = new WeakMap<Module, Map<string, Reparametrization[]>>();

/** The reparametrizations of one kind of a module, by field. */
export function reparametrizations(
  module: Module,
  kind: string,
): Map<string, Reparametrization> {
  const out = new Map<string, Reparametrization>();
  for (const [field, list] of KNOWN.get(module) ?? []) {
    const found = list.find((item) => item.kind === kind);
    if (found !== undefined) out.set(field, found);
  }
  return out;
}

/** A tensor in a field of a module. */
export function fieldOf(module: Module, field: string): Tensor {
  const value: unknown = Reflect.get(module, field);
  if (isTensor(value)) return value;
  throw new ValueError(
    `'${module.constructor.name}' object has no parameter '${field}'`,
  );
}

/** A parameter in a field of a module. */
export function parameterOf(module: Module, field: string): Parameter {
  const value = fieldOf(module, field);
  if (value instanceof Parameter) return value;
  throw new ValueError(
    `'${field}' of ${module.constructor.name} is not a parameter`,
  );
}

/** Takes a field away, so that it comes last when it is set again. */
export function clearField(module: Module, field: string): void {
  Reflect.deleteProperty(module, field);
}

/** Computes a field now and before each call. */
export function reparametrize(
  module: Module,
  field: string,
  kind: string,
  fields: readonly string[],
  compute: (module: Module) => Tensor,
): void {
  const hook = module.registerForwardPreHook((called: Module) =>
    called.setMember(field, compute(called))
  );
  let list = KNOWN.get(module);
  if (list === undefined) KNOWN.set(module, list = new Map());
  list.set(field, [
    ...list.get(field) ?? [],
    { kind, compute, hook, fields },
  ]);
}

/** Ends it: the field becomes a parameter of its last value; undefined where there was none. */
export function forget(
  module: Module,
  field: string,
  kind: string,
): Reparametrization | undefined {
  const list = KNOWN.get(module)?.get(field) ?? [];
  const found = list.find((item) => item.kind === kind);
  if (found === undefined) return undefined;
  found.hook.remove();
  KNOWN.get(module)!.set(field, list.filter((item) => item !== found));
  return found;
}
