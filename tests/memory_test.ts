// Memory frees itself: a long synchronous loop does not grow.

import { assert, assertEquals } from "@std/assert";

Deno.test("20,000 iterations of 100 KB hold a flat resident size", async () => {
  const script = new URL("./memory_soak.ts", import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", script.href],
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const resident = new TextDecoder().decode(stdout).trim().split("\n").map(
    Number,
  );
  assertEquals(resident.length, 20);
  // 2 GB were made; garbage waits for a collection, so some noise is normal.
  const early = Math.max(...resident.slice(0, 5));
  const late = Math.max(...resident.slice(-5));
  assert(
    late < early + 64,
    `grew from ${early} to ${late} MB: ${resident.join(" ")}`,
  );
});
