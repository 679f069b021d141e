// Memory runs out in earnest: in a process of its own, whose limit is lowered
// so that the driver gets no more. The process keeps a gigabyte, of which
// tensors of 64 MiB leave less than that; tensors so small that they leave
// nothing end with V8, which shares the limit, and not with the driver. What
// happens with those is tested by errors_test.ts with a driver that pretends.

import { assert, assertEquals } from "@std/assert";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Runs the program that fills the memory. */
async function fill(...args: string[]): Promise<Deno.CommandOutput> {
  return await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      "--allow-run",
      new URL("./out_of_memory.ts", import.meta.url).href,
      ...args,
    ],
    env: { NO_COLOR: "1" },
  }).output();
}

function notTried(): void {
  console.log("no driver ran out of memory: that takes Linux and llvmpipe");
}

gpuTest(
  "a driver without memory: the error says what is alive, and all goes on",
  async () => {
    if (Deno.build.os !== "linux") return notTried();
    const { code, signal, stdout, stderr } = await fill();
    if (signal === "SIGSEGV") {
      // Mesa 25.0.7 says that there was memory where there was none, and then
      // writes to it: its own thread ends the process, whoever asked.
      assertEquals((await fill("plain")).signal, "SIGSEGV");
      console.log("not tried: this driver dies where memory runs out");
      return;
    }
    const text = new TextDecoder();
    const lines = text.decode(stdout).trim().split("\n");
    assertEquals(code, 0, [...lines, text.decode(stderr)].join("\n"));
    if (lines[0] === "not an adapter in software") return notTried();
    const { count, message, hint } = JSON.parse(lines[0]!);
    assert(count >= 4 && count <= 16, lines[0]);
    const words = "WebGPU out of memory. Tried to allocate 64.00 MiB.";
    assertEquals(message, words);
    // Beside the large buffers there are few: the arena.
    const [, buffers, mebibytes] =
      /^(\d+) buffers of tensors that are alive take (\d+\.\d\d) MiB;/
        .exec(hint)!;
    assert(Number(buffers) >= count && Number(buffers) <= count + 2, hint);
    assert(Number(mebibytes) >= 64 * count, hint);
    assert(Number(mebibytes) < 64 * count + 32, hint);
    // Reading takes memory too, and here there may or may not be enough.
    assert(["read", `RuntimeError: ${words}`].includes(lines[1]!), lines[1]);
    assertEquals(lines.slice(2), ["true", "true", "true", "true"]);
  },
);

countGpuTests("memory that runs out");
