// Scopes and disposes never change a number: random programs with and without.

import { assert } from "@std/assert";
import { DISCARD } from "../src/tensor/temporaries.ts";
import { compare } from "./scope_program.ts";

// The engine disposes of gradients of its own, of any size here.
DISCARD.least = 0;

Deno.test("400 random programs give the same numbers with scopes and disposes as without, or refuse", () => {
  let steps = 0;
  let disposed = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const counts = compare(seed);
    steps += counts.steps;
    disposed += counts.disposed;
  }
  // Most must be comparable, and some must meet what was disposed of.
  assert(steps > 10_000, String(steps));
  assert(disposed > 0.05 * steps && disposed < 0.7 * steps, String(disposed));
});
