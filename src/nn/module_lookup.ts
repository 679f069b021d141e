// Finding what belongs to a module by its path.

import { ValueError } from "../tensor/errors.ts";
import type { Module } from "./module.ts";
import { isKind, type Member, type MemberValues } from "./module_members.ts";

const KINDS = {
  module: "an nn.Module",
  parameter: "an nn.Parameter",
  buffer: "a buffer",
};

/** The parameter, buffer or module of a path such as `"layers.0.weight"`; fields' names serve as well. */
export function findMember<K extends Member["kind"]>(
  root: Module,
  path: string,
  kind: K,
): MemberValues[K] {
  let at: Module = root;
  const names = path === "" ? [] : path.split(".");
  const last = names.pop() ?? "";
  for (const name of names) at = member(at, name, "module");
  return member(at, last, kind);
}

function member<K extends Member["kind"]>(
  module: Module,
  name: string,
  kind: K,
): MemberValues[K] {
  for (const it of module.members()) {
    if (it.name !== name && it.field !== name) continue;
    if (isKind(it, kind)) return it.value;
    throw new ValueError(`\`${name}\` is not ${KINDS[kind]}`);
  }
  throw new ValueError(
    `${module.constructor.name} has no attribute \`${name}\``,
  );
}

/** The field of a module inside, or, unless `strict`, one that is free. */
export function findField(
  module: Module,
  name: string,
  strict: boolean,
): string {
  for (const it of module.members()) {
    if (it.name !== name && it.field !== name) continue;
    if (it.kind === "module") return it.field;
    throw new ValueError(`\`${name}\` is not an nn.Module`);
  }
  if (strict) {
    throw new ValueError(
      `${module.constructor.name} has no attribute \`${name}\``,
    );
  }
  if (Reflect.get(module, name) != null) {
    throw new ValueError(`\`${name}\` is not an nn.Module`);
  }
  return name;
}
