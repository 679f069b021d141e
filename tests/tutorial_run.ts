// Runs the scripts of examples/tutorials as a user does: without a permission flag.

import { assertEquals } from "@std/assert";

/** Where the scripts are. */
export const FOLDER: URL = new URL("../examples/tutorials/", import.meta.url);

/** What a script printed; it must have ended well. */
export async function run(script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await start(script, ...args);
  assertEquals(code, 0, stderr);
  return stdout;
}

/** How a script ended, and what it printed. */
export async function start(
  script: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      new URL(script, FOLDER).href,
      ...args,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
