// Every example runs as its first lines say, without a permission, in its short
// mode; its picture and its saved state are files that can be used.

import { assert, assertEquals, assertMatch } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const FOLDER = new URL("../examples/", import.meta.url);

const EXAMPLES = [...Deno.readDirSync(FOLDER)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".ts"))
  .sort();

async function run(
  name: string,
  flags: readonly string[],
  args: readonly string[],
): Promise<{ code: number; text: string; errors: string }> {
  const file = new URL(name, FOLDER).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...flags, file, ...args],
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    text: decoder.decode(stdout),
    errors: decoder.decode(stderr),
  };
}

for (const name of EXAMPLES) {
  Deno.test(`example ${name}`, async () => {
    const { code, text, errors } = await run(name, [], ["--short"]);
    assertEquals(code, 0, errors);
    assertMatch(text, /^result: .+$/m);
  });
}

Deno.test("examples: a picture is an SVG file", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/picture.svg`;
    const args = ["--short", "--plot", path];
    const { code, errors } = await run("wine_pca.ts", ["--allow-write"], args);
    assertEquals(code, 0, errors);
    const text = Deno.readTextFileSync(path);
    assert(text.startsWith("<svg ") && text.includes("<circle "), text);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("examples: a training goes on where it was saved", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/state.pt`;
    const save = ["--short", "--save", path];
    const first = await run(
      "digits_mlp.ts",
      ["--allow-read", "--allow-write"],
      save,
    );
    assertEquals(first.code, 0, first.errors);
    assertMatch(first.text, /saved after epoch 3/);
    const state = dg.load(path) as unknown as { model: dg.nn.StateDict };
    assertEquals(state.model["1.weight"]!.shape, [128, 64]);
    const resume = ["--short", "--resume", path];
    const second = await run("digits_mlp.ts", ["--allow-read"], resume);
    assertEquals(second.code, 0, second.errors);
    assertMatch(second.text, /goes on after epoch 3/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("examples: the schedule of a training is saved as well", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/state.pt`;
    const { code, errors } = await run(
      "neural_ode.ts",
      ["--allow-read", "--allow-write"],
      ["--short", "--save", path],
    );
    assertEquals(code, 0, errors);
    const state = dg.load(path) as unknown as {
      schedule: dg.optim.lrScheduler.SchedulerStateDict;
    };
    assertEquals(state.schedule["last_epoch"], 2);
    const resume = ["--short", "--resume", path];
    const second = await run("neural_ode.ts", ["--allow-read"], resume);
    assertEquals(second.code, 0, second.errors);
    assertMatch(second.text, /goes on after epoch 2/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("examples: an unknown option is refused with the usage", async () => {
  const { code, errors } = await run("wine_pca.ts", [], ["--sort"]);
  assertEquals(code, 2);
  assertMatch(errors, /--device cpu\|webgpu/);
});
