// How modules are shown: PyTorch's repr.

import { pythonFloat } from "../tensor/format.ts";
import type { Module } from "./module.ts";

/** Text whose lines after the first are indented, as PyTorch nests modules. */
export function indented(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

/** A name, and in parentheses one line, or several lines of their own. */
export function showLines(name: string, lines: readonly string[]): string {
  if (lines.length === 0) return `${name}()`;
  return `${name}(\n  ${lines.join("\n  ")}\n)`;
}

/** What a module shows: its name, what it says of itself, and the modules inside. */
export function showModule(module: Module): string {
  const extra = module.extraRepr();
  const children = [...module.namedChildren()].map(([name, child]) =>
    `(${name}): ${indented(String(child))}`
  );
  const name = module.constructor.name;
  const extraLines = extra === "" ? [] : extra.split("\n");
  if (children.length === 0 && extraLines.length === 1) {
    return `${name}(${extraLines[0]})`;
  }
  return showLines(name, [...extraLines, ...children]);
}

/** What {@linkcode py} can show. */
export type Shown =
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly Shown[];

/** A value as Python shows it: `True`, `None`, `'mean'`, `(2, 3)`. Numbers are ints where they can be. */
export function py(value: Shown): string {
  if (value == null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return `'${value}'`;
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? String(value) : pythonFloat(value);
  }
  const items = value.map(py);
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
}

/** A number that Python has as a float: `1.0`, `1e-05`. */
export function pyFloat(value: number | null): string {
  return value === null ? "None" : pythonFloat(value);
}
