// Mesa's adapter in software ends the loops of a thread after 65,535 turns, all
// of its loops together, without a word. What would take more is refused there:
// the results would be wrong.

import { RuntimeError } from "../tensor/errors.ts";
import type { Context } from "./context.ts";

/** Turns that a thread may take there, with room for what is not counted. */
const MOST_TURNS = 60_000;

/** How many turns a thread may take on an adapter, all its loops together. */
export function mostTurns({ adapter }: Context): number {
  return adapter.description.includes("llvmpipe") ? MOST_TURNS : Infinity;
}

/** Fails if a thread would take more turns than the adapter gives it. */
export function checkTurns(context: Context, turns: number): void {
  if (turns <= mostTurns(context)) return;
  throw new RuntimeError(
    `this adapter in software ends loops after 65535 turns, and an op on rows of this length takes about ${
      Math.round(turns)
    }`,
    "compute it on the CPU, x.cpu(), or on a real GPU",
  );
}
