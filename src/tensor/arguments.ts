// Checks of arguments that the types rule out and plain JavaScript does not: a
// fraction for a position would read beside the memory, in silence.

/** Fails unless an argument is an integer. */
export function checkInteger(value: number, fn: string, name: string): void {
  if (Number.isInteger(value)) return;
  throw new TypeError(
    `${fn}(): argument '${name}' must be int, not ${shown(value)}`,
  );
}

/** Fails unless an argument is a number. */
export function checkNumber(value: number, fn: string, name: string): void {
  if (typeof value === "number" && !Number.isNaN(value)) return;
  throw new TypeError(
    `${fn}(): argument '${name}' must be float, not ${shown(value)}`,
  );
}

/** Fails where a factor among the options is no number, such as a complex one. */
export function checkRealFactor(
  fn: string,
  name: string,
  value: unknown,
): void {
  if (typeof value === "number" || typeof value === "boolean") return;
  throw new TypeError(
    `${fn}(): argument '${name}' must be a real number, not ${
      shown(value)
    }; multiply the operand by it instead`,
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

/** Refuses further numbers after the first: what Python takes as `*args` is one array here. */
export function refuseSeveral(fn: string, args: ArrayLike<unknown>): never {
  const all = Array.from(args);
  const call = all.every((arg) => typeof arg === "number")
    ? `${fn}([${all.join(", ")}])`
    : `${fn}([2, 3])`;
  throw new TypeError(
    `${fn}() takes one number or one array, not ${all.length} arguments; write ${call}`,
  );
}

/** Refuses options that are no object. */
export function refuseOptions(
  fn: string,
  known: readonly string[],
  options: unknown,
): never {
  let advice = "";
  if (typeof options === "number" && known.includes("requiresGrad")) {
    advice = `; several numbers are one array, as in ${fn}([2, 3])`;
  } else if (typeof options === "string" && known.includes("dtype")) {
    advice = `; write { dtype: ${shown(options)} }`;
  } else if (known.length === 1 && typeof options !== "object") {
    advice = `; write { ${known[0]}: ${shown(options)} }`;
  }
  throw new TypeError(
    `${fn}() takes its options as an object with ${known.join(", ")}, not ${
      shown(options)
    }${advice}`,
  );
}

/** Refuses an option of a name that nobody knows. */
export function refuseOption(
  fn: string,
  known: readonly string[],
  options: object,
  key: string,
): never {
  // A tensor or an array among the arguments stands where the options are.
  if ("storage" in options || Array.isArray(options)) {
    refuseOptions(fn, known, options);
  }
  const plain = (name: string) => name.replaceAll("_", "").toLowerCase();
  const meant = known.find((name) => plain(name) === plain(key));
  throw new TypeError(
    `${fn}() got an unexpected option ${shown(key)}; its options are ${
      known.join(", ") || "none"
    }${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

/** A value as messages show it; a tensor is only called one. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if ("storage" in value) return "a tensor";
  return Array.isArray(value) ? "an array" : "an object";
}
