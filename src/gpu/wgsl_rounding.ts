// Quotients and roots for GPUs that do not round them correctly: WGSL allows
// them errors of some units in the last place, by which 7 / 7 may be less than
// 1. What the result leaves of the argument is computed exactly, and added.

import { addFunctions } from "./library.ts";

/** What stands in for functions of the library where the GPU rounds carelessly. */
export const CAREFUL: ReadonlyMap<string, string> = new Map([
  [
    "divFloat",
    "fn divFloat(a: f32, b: f32) -> f32 { return refinedQuotient(a, b, exactly(a / b)); }",
  ],
  [
    "sqrtFloat",
    "fn sqrtFloat(x: f32) -> f32 { return refinedRoot(x, exactly(sqrt(x))); }",
  ],
]);

// Very large and very small numbers, whose parts leave float32's range, zero,
// infinity and NaN stay as they are.
addFunctions(`
fn isMiddling(x: f32) -> bool {
  let size = abs(x);
  return size > 1e-23 && size < 1e30;
}
fn refinedQuotient(a: f32, b: f32, quotient: f32) -> f32 {
  if (!isMiddling(a) || !isMiddling(b) || !isMiddling(quotient)) { return quotient; }
  let product = exactly(quotient * b);
  let rest = exactly(exactly(a - product) - lostByProduct(quotient, b, product));
  return quotient + rest / b;
}
fn refinedRoot(x: f32, root: f32) -> f32 {
  if (!isMiddling(x)) { return root; }
  let product = exactly(root * root);
  let rest = exactly(exactly(x - product) - lostByProduct(root, root, product));
  return root + 0.5 * rest / root;
}
fn sqrtFloat(x: f32) -> f32 { return sqrt(x); }
`);
