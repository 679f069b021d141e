// What the README shows of GPUs is what its code prints.

import { assertEquals, assertExists } from "@std/assert";
import { gpuTest } from "./gpu_test_case.ts";

const ROOT = new URL("../../", import.meta.url);

gpuTest(
  "the GPU section of the README prints what is shown below its code",
  async () => {
    const readme = await Deno.readTextFile(new URL("README.md", ROOT));
    const section = readme.slice(readme.indexOf("## On a GPU"));
    const blocks = /```ts ignore\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/.exec(
      section,
    );
    assertExists(blocks);
    const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--ext=ts", blocks[1]!],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(new TextDecoder().decode(stdout), blocks[2]);
  },
);
