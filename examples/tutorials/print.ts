// Prints values as Python's `print` spells them, so that what these scripts
// write can be compared with the notebooks byte for byte.

/** Spells a value as Python's `str` does. */
function spell(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `torch.Size([${value.join(", ")}])`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  // Not String(value): that would turn a 0-d tensor into its number.
  return typeof value === "object" ? value.toString() : String(value);
}

/** Prints values on one line, separated by a space. */
export function print(...values: unknown[]): void {
  console.log(values.map(spell).join(" "));
}
