// The function of an op that users call, which may check what the record does
// not.

import * as dg from "@dinograd/dinograd";

/** Finds a function of the library by the name of its op. */
export function publicFunction(name: string): (...args: unknown[]) => unknown {
  const all = { ...dg.nn.functional, ...dg } as unknown;
  const found = (all as Record<string, unknown>)[name];
  if (typeof found !== "function") throw new Error(`no function dg.${name}`);
  return found as (...args: unknown[]) => unknown;
}
