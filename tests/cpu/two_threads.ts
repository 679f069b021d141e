// Tests of what two threads share: however few items there are, both get some.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { startThreads, threadsReady } from "../../src/cpu/pool.ts";
import { TUNING } from "../../src/cpu/tuning.ts";

/** Calls `body` when two threads run; puts back what was set before. */
export async function withTwoThreads(body: () => void): Promise<void> {
  const threads = dg.getNumThreads();
  const { threadLeast } = TUNING;
  dg.setNumThreads(2);
  TUNING.threadLeast = 1;
  try {
    startThreads();
    for (let i = 0; threadsReady() < 2 && i < 2000; i++) {
      await new Promise((done) => setTimeout(done, 5));
    }
    assertEquals(threadsReady(), 2);
    body();
  } finally {
    TUNING.threadLeast = threadLeast;
    dg.setNumThreads(threads);
  }
}
