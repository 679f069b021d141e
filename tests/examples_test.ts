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

/** What an example printed, but for times and what is said about files. */
function result(text: string): string {
  return text.replaceAll(/^(goes on|saved|Ctrl-C) .*\n/gm, "")
    .replace(/after [\d.]+ s/, "");
}

/** Starts an example and presses Ctrl-C as soon as it listens. */
async function interrupted(name: string, path: string): Promise<string> {
  const file = new URL(name, FOLDER).href;
  const permissions = ["--allow-read", "--allow-write"];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...permissions, file]
      .concat(["--save", path]),
    stdout: "piped",
  }).spawn();
  let text = "";
  for await (
    const part of process.stdout.pipeThrough(new TextDecoderStream())
  ) {
    if (text === "") process.kill("SIGINT");
    text += part;
  }
  assertEquals((await process.status).code, 130, text);
  return text;
}

Deno.test("examples: a training that goes on prints what one in one go prints", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/state.pt`;
    const name = "digits_mlp.ts";
    const whole = await run(name, [], []);
    assertEquals(whole.code, 0, whole.errors);
    const permissions = ["--allow-read", "--allow-write"];
    const first = await run(name, permissions, ["--short", "--save", path]);
    assertEquals(first.code, 0, first.errors);
    assertMatch(first.text, /saved after epoch 3/);
    const state = dg.load(path) as unknown as { model: dg.nn.StateDict };
    assertEquals(state.model["1.weight"]!.shape, [128, 64]);
    const second = await run(name, ["--allow-read"], ["--resume", path]);
    assertEquals(second.code, 0, second.errors);
    assertMatch(second.text, /goes on after epoch 3/);
    assertEquals(result(second.text), result(whole.text));
    assertMatch(await interrupted(name, path), /saved after epoch \d+:/);
    const third = await run(name, ["--allow-read"], ["--resume", path]);
    assertEquals(third.code, 0, third.errors);
    assertEquals(result(third.text), result(whole.text));
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
