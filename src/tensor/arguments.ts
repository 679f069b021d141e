// Checks of arguments that the types rule out and plain JavaScript does not: a
// fraction for a position would read beside the memory, in silence.

/** Fails unless an argument is an integer. */
export function checkInteger(value: number, fn: string, name: string): void {
  if (Number.isInteger(value)) return;
  throw new TypeError(
    `${fn}(): argument '${name}' must be int, not ${shown(value)}`,
  );
}

/** Fails unless an argument is an integer or an array of integers. */
export function checkIntegers(
  values: number | readonly number[],
  fn: string,
  name: string,
): void {
  if (Array.isArray(values)) {
    for (const value of values) checkInteger(value, fn, name);
  } else checkInteger(values as number, fn, name);
}

/** Fails unless an argument is an array, as of tensors; Python's `*args` is one array here. */
export function checkArray(value: unknown, fn: string, name: string): void {
  if (Array.isArray(value)) return;
  throw new TypeError(
    `${fn}(): argument '${name}' must be an array, not ${shown(value)}`,
  );
}

/** A value as messages show it; a tensor is only called one. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if ("storage" in value) return "a tensor";
  return Array.isArray(value) ? "an array" : "an object";
}
