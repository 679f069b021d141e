// How many turns of loops a thread takes at most. Older versions of Mesa's adapter
// in software end the loops of a thread after 65,535 turns, all of its loops
// together, without a word; and a kernel that runs for seconds may be ended on a
// GPU that shows pictures meanwhile. What can be cut is cut, whatever the
// adapter; what cannot is refused on that one, where its results would be wrong.
// Versions have one name, so that a loop is run when a device is requested
// (`self_test`).

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

/** How many turns a thread takes of work that can be cut, on any adapter. */
export function turnsAtOnce({ abilities }: Context): number {
  return Math.min(MOST_TURNS, abilities.mostTurns);
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

/**
 * Turns of loops inside of each other, the outermost of them the one numbered
 * `first`: to find that it is done takes each loop one more.
 */
export function nestedTurns(lengths: readonly number[], first = 0): number {
  let turns = 0;
  for (let d = lengths.length - 1; d >= first; d--) {
    turns = lengths[d]! * (1 + turns) + 1;
  }
  return turns;
}

/** From where to where each of several loops goes. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/**
 * Cuts loops inside of each other into parts of at most so many turns. One part
 * after the other meets everything once, in the order in which the loops do.
 */
export function cutLoops(lengths: readonly number[], most: number): Ranges[] {
  if (nestedTurns(lengths) <= most) return [lengths.map((n) => [0, n])];
  const [n, ...inner] = lengths as [number, ...number[]];
  const each = 1 + nestedTurns(inner);
  const parts: Ranges[] = [];
  if (each < most) {
    const whole = inner.map((n) => [0, n] as const);
    const step = Math.floor((most - 1) / each);
    for (let from = 0; from < n; from += step) {
      parts.push([[from, Math.min(n, from + step)], ...whole]);
    }
    return parts;
  }
  const rest = cutLoops(inner, most - 2);
  for (let k = 0; k < n; k++) {
    for (const ranges of rest) parts.push([[k, k + 1], ...ranges]);
  }
  return parts;
}
