// The assertions that tests and documentation import as "@std/assert".
// npm serves them without types; assert.d.ts declares them as JSR would.

// @ts-types="./assert.d.ts"
export * from "deno-std/assert/mod.js";
