// What the README shows is what its code prints.

import { assertEquals, assertExists } from "@std/assert";

/** Runs the code under a heading or sentence of the README: what it prints, and what is shown. */
async function printed(after: string): Promise<[string, string]> {
  const readme = await Deno.readTextFile(
    new URL("../README.md", import.meta.url),
  );
  const text = readme.slice(readme.indexOf(after));
  const blocks = text.match(
    /```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/,
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
  return [new TextDecoder().decode(stdout), shown!];
}

Deno.test("the tour of the README prints what is shown below it", async () => {
  const [output, shown] = await printed("## A tour");
  assertEquals(output, shown);
});

Deno.test("the training of the README prints what is shown below it", async () => {
  const [output, shown] = await printed("## Training a model");
  assertEquals(output, shown);
});

Deno.test("the transforms of the README print what is shown below them", async () => {
  const [output, shown] = await printed("## Transforms of functions");
  assertEquals(output, shown);
});

Deno.test("the error of the README prints what is shown below it", async () => {
  const [output, shown] = await printed("An error says");
  // Where it was thrown follows.
  assertEquals(output.split("\n    at ")[0] + "\n", shown);
});
