// Threads: every item is done once whatever the split, a failure ends in an
// error and not in silence, and the process ends by itself.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { blockSize, giveBlock, takeBlock } from "../../src/cpu/heap.ts";
import { MEMORY } from "../../src/cpu/memory.ts";
import { startThreads, threadsReady } from "../../src/cpu/pool.ts";
import { TUNING } from "../../src/cpu/tuning.ts";
import { FunctionBuilder, I32 } from "../../src/cpu/wasm/emitter.ts";
import {
  compileKernel,
  launch,
  type WasmKernel,
  WORDS,
} from "../../src/cpu/wasm/kernel.ts";

/** Adds 1 to word i of the block that word 0 names; marks word 63's thread in the block that word 1 names. */
function countingKernel(): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  const [args, begin, end] = [0, 1, 2];
  const at = f.local(I32);
  f.get(args).memory("i32.load", 4);
  f.get(args).memory("i32.load", 252).i32(4).op("i32.mul").op("i32.add");
  f.i32(1).memory("i32.store");
  f.loop();
  f.get(args).memory("i32.load").get(begin).i32(4).op("i32.mul");
  f.op("i32.add").tee(at);
  f.get(at).memory("i32.load").i32(1).op("i32.add").memory("i32.store");
  f.get(begin).i32(1).op("i32.add").tee(begin);
  f.get(end).op("i32.lt_u").brIf(0);
  f.end();
  return compileKernel({ run: f });
}

/** Fails where the range holds item 0 (word 0 is 0) or does not (word 0 is 1). */
function failingKernel(): WasmKernel {
  const f = new FunctionBuilder([I32, I32, I32]);
  f.get(1).op("i32.eqz").get(0).memory("i32.load").op("i32.ne");
  // Beyond 4 GiB there is no memory.
  f.if().i32(-4).memory("i32.load", 8).op("drop").end();
  return compileKernel({ run: f });
}

/** Launches until another thread took part, for a few seconds at most. */
async function untilShared(launchOnce: () => boolean): Promise<boolean> {
  for (let i = 0; i < 2000; i++) {
    if (launchOnce()) return true;
    if (i % 20 === 0) await new Promise((done) => setTimeout(done, 5));
  }
  return false;
}

const ITEMS = 100_000;

Deno.test("each item is done once, in whatever chunks and by whatever threads", async () => {
  if (MEMORY === null) return;
  const before = dg.getNumThreads();
  const size = blockSize(ITEMS * 4);
  const block = takeBlock(size);
  const marks = takeBlock(blockSize(256));
  try {
    const kernel = countingKernel();
    const counts = new Int32Array(MEMORY.buffer, block, ITEMS);
    const threads = new Int32Array(MEMORY.buffer, marks, 64).fill(0);
    for (const count of [1, 2, 3]) {
      dg.setNumThreads(count);
      startThreads();
      threads.fill(0);
      const shared = await untilShared(() => {
        for (const [items, grain] of [[ITEMS, 64], [ITEMS - 1, 1], [7, 2]]) {
          counts.fill(0);
          WORDS[0] = block;
          WORDS[1] = marks;
          WORDS[63] = 0;
          launch(kernel, items!, grain!);
          assertEquals(
            counts.findIndex((n) => n !== 1),
            items === ITEMS ? -1 : items,
          );
          assert(counts.subarray(items).every((n) => n === 0));
        }
        return count === 1 ||
          threads.subarray(0, count).every((mark) => mark === 1);
      });
      assert(shared, `only ${threads.subarray(0, 4)} of ${count} took part`);
      assert(threads.subarray(count).every((mark) => mark === 0));
    }
  } finally {
    dg.setNumThreads(before);
    giveBlock(block, size);
    giveBlock(marks, blockSize(256));
  }
});

Deno.test("a kernel that fails throws, on whichever thread, and the next one works", async () => {
  if (MEMORY === null) return;
  const before = dg.getNumThreads();
  try {
    dg.setNumThreads(2);
    const kernel = failingKernel();
    startThreads();
    await untilShared(() => threadsReady() === 2);
    for (const which of [0, 1]) {
      WORDS[0] = which;
      for (let i = 0; i < 50; i++) {
        assertThrows(() => launch(kernel, 1000, 1));
      }
    }
    // Every chunk fails, on both threads: the next launch hears nothing of it.
    const harmless = compileKernel({
      run: new FunctionBuilder([I32, I32, I32]),
    });
    for (let i = 0; i < 200; i++) {
      WORDS[0] = 2;
      assertThrows(() => launch(kernel, 1000, 1));
      launch(harmless, 1000, 1);
    }
  } finally {
    dg.setNumThreads(before);
  }
});

Deno.test("one thread, or Infinity for its work, switches threads off", () => {
  const before = dg.getNumThreads();
  const { threadLeast } = TUNING;
  try {
    dg.setNumThreads(1);
    assertEquals(threadsReady(), 1);
    assertThrows(
      () => dg.setNumThreads(0),
      dg.RuntimeError,
      "setNumThreads expects a positive integer",
    );
    assertThrows(() => dg.setNumThreads(1.5), dg.RuntimeError);
  } finally {
    dg.setNumThreads(before);
    TUNING.threadLeast = threadLeast;
  }
});

Deno.test("threads start by themselves, and the process ends by itself", async () => {
  const script = new URL("./threads_program.ts", import.meta.url);
  for (const [mode, expected] of [["end", 0], ["exit", 3], ["error", 1]]) {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", script.href, String(mode)],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, expected);
    assertEquals(new TextDecoder().decode(stdout), "started\n");
  }
});
