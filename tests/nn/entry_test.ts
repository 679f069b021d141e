// The entry point of dg.nn works by itself, and gives the same functions.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import * as nn from "../../src/entry/nn.ts";

Deno.test("the entry point nn has what dg.nn has", () => {
  assertEquals(Object.keys(nn).sort(), Object.keys(dg.nn).sort());
  assertEquals(nn.functional.linear === dg.nn.functional.linear, true);
});

Deno.test("the entry point nn can be imported alone", async () => {
  const entry = new URL("../../src/entry/nn.ts", import.meta.url);
  const code = `import { functional as F } from "${entry}";
const x = F.oneHot;
console.log(typeof x, typeof F.maxPool2d);`;
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", url],
    cwd: new URL("../..", import.meta.url),
  }).output();
  assertEquals(success, true);
  assertEquals(new TextDecoder().decode(stdout).trim(), "function function");
});
