// What goes to JSR: the bundle exports what the sources export, behaves like
// them, and takes few files to load.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const ROOT = new URL("../", import.meta.url);

async function deno(cwd: URL, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assertEquals(code, 0, text.decode(stderr));
  return text.decode(stdout);
}

/** Prints what the bundle exports, and what depends on names and places of its own code. */
const PROBE = `
import * as dg from "./dist/mod.js";
import { Linear } from "./dist/src/entry/nn.js";
import * as fft from "./dist/src/entry/fft.js";
const x = dg.ones([2], { requiresGrad: true });
let hint = "";
dg.detectAnomaly(() => {
  const y = x.exp();
  y.add_(1);
  try {
    y.sum().backward();
  } catch (error) {
    hint = error.hint;
  }
});
let refusal = "";
try {
  dg.fft.fft(new dg.nn.LazyLinear(3).weight);
} catch (error) {
  refusal = error.message;
}
console.log(JSON.stringify({
  names: Object.keys(dg).sort(),
  layers: Object.entries(dg.nn)
    .filter(([name, value]) => /^[A-Z]/.test(name) && value?.prototype)
    .map(([name, value]) => [name, value.name]),
  one: new Linear(2, 3) instanceof dg.nn.Linear && fft.rfft === dg.fft.rfft,
  text: String(new Linear(2, 3)),
  sum: x.mul(3).sum().item(),
  gpu: typeof (await dg.requestGpu().catch((error) => error)),
  hint,
  refusal,
}));
`;

Deno.test("the bundle for JSR is what the sources are", async () => {
  const path = await Deno.makeTempDir({ prefix: "dinograd_" });
  try {
    const folder = new URL(`file://${path}/`);
    await deno(ROOT, "run", "-A", ".ci/publish.ts", "--stage", path);
    await Deno.writeTextFile(new URL("probe.js", folder), PROBE);
    const found = JSON.parse(await deno(folder, "run", "probe.js"));
    assertEquals(found.names, Object.keys(dg).sort());
    assert(found.layers.length > 100);
    for (const [name, own] of found.layers) assertEquals(own, name);
    assert(found.one);
    assertEquals(found.text, String(new dg.nn.Linear(2, 3)));
    assertEquals(found.sum, 6);
    assertEquals(found.gpu, "object");
    // The line that is shown is the user's, not one of the bundle.
    assert(found.hint.includes("probe.js"), found.hint);

    // Functions have their names.
    const { weight } = new dg.nn.LazyLinear(3);
    const { message } = assertThrows(() => dg.fft.fft(weight), dg.ValueError);
    assertEquals(found.refusal, message);

    const info = JSON.parse(await deno(folder, "info", "--json", "probe.js"));
    const { length } = info.modules.filter(
      ({ specifier }: { specifier: string }) => specifier.endsWith(".js"),
    );
    assert(length < 60, `${length} files`);
    // Types and documentation are those of the sources.
    const entry = await Deno.readTextFile(new URL("dist/mod.js", folder));
    assert(entry.startsWith(`// @ts-self-types="../mod.ts"\n`));
    await deno(folder, "publish", "--dry-run", "--allow-dirty", "--no-check");
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
