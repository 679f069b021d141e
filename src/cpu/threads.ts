// How many threads kernels share their work among. It knows the number, not
// the threads: those are in pool.ts.

import { RuntimeError } from "../tensor/errors.ts";

/** Most threads: each has a copy of the arguments below the heap. */
export const MOST_THREADS = 32;

/** Processors of the machine, as far as it says. */
function processors(): number {
  const { navigator } = globalThis as unknown as {
    navigator?: { hardwareConcurrency?: number };
  };
  return Math.max(1, Math.floor(navigator?.hardwareConcurrency ?? 1));
}

/** What was asked for; the pool reads it at every launch. */
export const THREADS: { count: number } = { count: processors() };

/**
 * Returns the number of threads that large ops share their work among; at the
 * start the number of processors. See `torch.get_num_threads`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.getNumThreads() >= 1, true);
 * ```
 */
export function getNumThreads(): number {
  return THREADS.count;
}

/**
 * Sets the number of threads that large ops share their work among, the calling
 * one included: 1 switches threads off. Results do not depend on it. See
 * `torch.set_num_threads`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.setNumThreads(1);
 * assertEquals(dg.getNumThreads(), 1);
 * ```
 */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new RuntimeError(
      "setNumThreads expects a positive integer",
      `got ${count}`,
    );
  }
  THREADS.count = count;
}
