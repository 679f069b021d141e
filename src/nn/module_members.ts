// What belongs to a module: parameters, buffers and modules among its fields,
// and the walks over the tree of modules. Modules are known as types only.

import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";

/** A parameter of a module. */
export interface ParameterMember {
  /** Tells it from the others. */
  readonly kind: "parameter";
  /** PyTorch's name, as in state dicts. */
  readonly name: string;
  /** The field that holds it. */
  readonly field: string;
  /** The parameter. */
  readonly value: Parameter;
}

/** A buffer of a module. */
export interface BufferMember {
  /** Tells it from the others. */
  readonly kind: "buffer";
  /** PyTorch's name, as in state dicts. */
  readonly name: string;
  /** The field that holds it. */
  readonly field: string;
  /** The buffer. */
  readonly value: Tensor;
  /** Whether it is part of state dicts. */
  readonly persistent: boolean;
}

/** A module in a module. */
export interface ModuleMember {
  /** Tells it from the others. */
  readonly kind: "module";
  /** PyTorch's name, as in state dicts. */
  readonly name: string;
  /** The field that holds it. */
  readonly field: string;
  /** The module. */
  readonly value: Module;
}

/** What belongs to a module itself. */
export type Member = ParameterMember | BufferMember | ModuleMember;

/** What the members of each kind hold. */
export interface MemberValues {
  /** Trained. */
  readonly parameter: Parameter;
  /** Kept, but not trained. */
  readonly buffer: Tensor;
  /** Inside. */
  readonly module: Module;
}

/** Options of {@linkcode Module.namedParameters} and {@linkcode Module.namedBuffers}. */
export interface NamedOptions {
  /** What each name begins with. */
  readonly prefix?: string;
  /** Whether to go into the modules inside; true where not given. */
  readonly recurse?: boolean;
  /** Whether to give what occurs several times only once; true where not given. */
  readonly removeDuplicate?: boolean;
}

/** Options of {@linkcode Module.namedModules}. */
export interface NamedModulesOptions {
  /** What each name begins with. */
  readonly prefix?: string;
  /** Whether to give what occurs several times only once; true where not given. */
  readonly removeDuplicate?: boolean;
}

/**
 * PyTorch's spelling of a field's name: `runningMean` is `running_mean`. A name
 * that has an underscore or begins with a capital stays as it is.
 */
export function snakeCase(field: string): string {
  if (!/^[a-z]/.test(field) || field.includes("_")) return field;
  return field
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

/** A module and all modules inside, each with its path, a module before those inside it. */
export function* walkModules(
  module: Module,
  prefix: string,
  removeDuplicate: boolean,
  seen: Set<Module> = new Set(),
): Generator<[string, Module]> {
  if (seen.has(module)) return;
  // Without the set, a module inside itself would go on for ever, as in PyTorch.
  if (removeDuplicate) seen.add(module);
  yield [prefix, module];
  for (const { kind, name, value } of module.members()) {
    if (kind !== "module") continue;
    yield* walkModules(value, join(prefix, name), removeDuplicate, seen);
  }
}

/** The parameters or the buffers of a module and of those inside, with their paths. */
export function* walkTensors<K extends "parameter" | "buffer">(
  module: Module,
  kind: K,
  { prefix = "", recurse = true, removeDuplicate = true }: NamedOptions,
): Generator<[string, MemberValues[K]]> {
  const seen = new Set<Tensor>();
  const modules = recurse
    ? walkModules(module, prefix, removeDuplicate)
    : [[prefix, module] as const];
  for (const [path, at] of modules) {
    for (const member of at.members()) {
      if (!isKind(member, kind) || seen.has(member.value)) continue;
      if (removeDuplicate) seen.add(member.value);
      yield [join(path, member.name), member.value];
    }
  }
}

/** Whether a member is of a kind. */
export function isKind<K extends Member["kind"]>(
  member: Member,
  kind: K,
): member is Member & { readonly kind: K; readonly value: MemberValues[K] } {
  return member.kind === kind;
}

/** A path with one more name. */
export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
