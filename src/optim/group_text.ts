// How an optimizer shows its options: as Python prints them, by name.

import { pythonFloat } from "../tensor/format_number.ts";
import type { ParamGroup } from "./optimizer.ts";
import { snakeCase } from "./state_dict.ts";

function pythonText(value: unknown, isFloat: boolean, quoted: boolean): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") {
    return Number.isInteger(value) && !isFloat
      ? String(value)
      : pythonFloat(value);
  }
  if (!Array.isArray(value)) return quoted ? `'${value}'` : String(value);
  const isList = typeof value[0] === "string";
  const items = value.map((x) => pythonText(x, isFloat, true)).join(", ");
  return isList ? `[${items}]` : `(${items})`;
}

/** The options of a group, a line for each, sorted; those in `floats` are floats even where they are whole. */
export function showGroup(
  group: ParamGroup,
  floats: readonly string[],
): string {
  return Object.entries(group)
    .filter(([key]) => key !== "params")
    .map(([key, value]) => ({ key: snakeCase(key), value }))
    // By code unit, as Python sorts.
    .sort((a, b) => a.key < b.key ? -1 : 1)
    .map(({ key, value }) =>
      `    ${key}: ${pythonText(value, floats.includes(key), false)}\n`
    )
    .join("");
}
