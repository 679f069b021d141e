// Functions in WGSL that kernels may call, each with the functions that it
// calls itself. A module gets those that its text names.

/** A function in WGSL. */
export interface LibraryFunction {
  /** Its name, as kernels call it. */
  readonly name: string;
  /** Its definition. */
  readonly code: string;
}

const FUNCTIONS = new Map<string, string>();
const NONE: ReadonlyMap<string, string> = new Map();

/** Adds functions to the library. */
export function addFunctions(code: string): void {
  // Each definition begins at the start of a line with "fn NAME(".
  const parts = code.split(/^(?=fn )/m);
  for (const part of parts) {
    const name = /^fn (\w+)\(/.exec(part)?.[1];
    if (name !== undefined) FUNCTIONS.set(name, part.trim());
  }
}

/** The definitions that a text needs; some of them may be replaced. */
export function libraryFor(
  text: string,
  replaced: ReadonlyMap<string, string> = NONE,
): string {
  const definitionOf = (name: string) =>
    replaced.get(name) ?? FUNCTIONS.get(name);
  const wanted = new Set<string>();
  const visit = (code: string, self: string) => {
    for (const [, name] of code.matchAll(/\b(\w+)\(/g)) {
      if (name === undefined || name === self || wanted.has(name)) continue;
      const definition = definitionOf(name);
      if (definition === undefined) continue;
      wanted.add(name);
      visit(definition, name);
    }
  };
  visit(text, "");
  return [...wanted].map(definitionOf).join("\n");
}

addFunctions(`
fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn roundToBfloat16(x: f32) -> f32 {
  let b = bitcast<u32>(x);
  if (isNaN(x)) { return bitcast<f32>(b | 0x400000u); }
  return bitcast<f32>((b + 0x7fffu + ((b >> 16u) & 1u)) & 0xffff0000u);
}
fn toInteger(x: f32) -> i32 {
  if (isNaN(x)) { return 0; }
  if (x >= 2147483648.0 || x < -2147483648.0) { return -2147483647 - 1; }
  return i32(x);
}
`);
