// Older versions of Mesa's adapter in software end the loops of a thread after
// 65,535 turns, all of its loops together, without a word. What would take more
// is refused there: the results would be wrong. Versions have one name, so that
// a loop is run when a device is requested (`self_test`).

import type { Strided } from "../tensor/device.ts";
import { RuntimeError } from "../tensor/errors.ts";
import type { Context } from "./context.ts";
import { type Engine, word, WORDS } from "./program.ts";

/** Turns that a thread may take where they are few, with room for what is not counted. */
const MOST_TURNS = 60_000;
/** Turns of the loop that tells. */
const ASKED = 66_000;

/** Runs a loop that no compiler knows the end of, and writes what it comes to. */
export function runTurns({ programs }: Engine, out: Strided): void {
  WORDS[0] = ASKED;
  WORDS[1] = out.offset;
  programs.launch(
    "turns",
    [{ name: "out", x: out, write: true }],
    () => ({
      threads: [1, 1, 1],
      body: `var state = 1;
for (var k = 0; k < ${word(0)}; k++) { state = state * 1664525 + k; }
store_out(${word(1)}, state);`,
    }),
    2,
    1,
  );
}

/** How many turns a thread may take, by what the loop came to. */
export function turnsFrom(found: number): number {
  let state = 1;
  for (let k = 0; k < ASKED; k++) state = Math.imul(state, 1664525) + k | 0;
  return found === state ? Infinity : MOST_TURNS;
}

/** How many turns a thread may take on an adapter, all its loops together. */
export function mostTurns({ abilities }: Context): number {
  return abilities.mostTurns;
}

/** Fails if a thread would take more turns than the adapter gives it. */
export function checkTurns(context: Context, turns: number): void {
  if (turns <= mostTurns(context)) return;
  throw new RuntimeError(
    `this adapter in software ends loops after 65535 turns, and an op on rows of this length takes about ${
      Math.round(turns)
    }`,
    "compute it on the CPU, x.cpu(), on a real GPU, or with Mesa 25 or later",
  );
}
