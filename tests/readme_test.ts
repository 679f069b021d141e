// The README's tour prints what the README says.

import { assertEquals, assertExists } from "@std/assert";

Deno.test("the tour of the README prints what is shown below it", async () => {
  const readme = await Deno.readTextFile(
    new URL("../README.md", import.meta.url),
  );
  const blocks = readme.match(
    /## A tour\s+```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/,
  );
  assertExists(blocks);
  const [, code, shown] = blocks;
  // Run from its text, so that no file has to be written.
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--ext=ts", code!],
    cwd: new URL("..", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(new TextDecoder().decode(stdout), shown);
});
