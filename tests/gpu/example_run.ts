// Examples on both devices. Run as a program it compares what they print in
// their full modes, which takes an adapter in software half an hour:
//
//   deno run --allow-read --allow-run tests/gpu/example_run.ts [char_rnn.ts …]

import { compareText, TUTORIALS } from "../../examples/tutorials/compare.ts";
import { FOLDER, run } from "../tutorial_run.ts";

const EXAMPLES = new URL("../", FOLDER);

/** All scripts that are examples: what exports something is no script. Name and text. */
export function* allScripts(folder: URL = EXAMPLES): Iterable<
  [string, string]
> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const at = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* allScripts(at);
    else if (name.endsWith(".ts")) {
      const text = Deno.readTextFileSync(at);
      if (text.includes(`"@dinograd/dinograd`) && !/^export /m.test(text)) {
        yield [name, text];
      }
    }
  }
}

/** Those besides the tutorials, which are compared with their notebooks. */
export function exampleNames(): string[] {
  return Array.from(allScripts(), ([name]) => name)
    .filter((name) => TUTORIALS.every(({ script }) => script !== name));
}

/** Where an example's text on the GPU differs from its text on the CPU, the time it took aside. */
export async function differences(
  name: string,
  ...args: string[]
): Promise<string[]> {
  const print = async (device: string) =>
    (await run(`../${name}`, ...args, "--device", device))
      .replaceAll(/after \d+(\.\d+)? s/g, "after some time");
  const [got, want] = await Promise.all([print("webgpu"), print("cpu")]);
  return compareText(got, want, 0);
}

if (import.meta.main) {
  const names = Deno.args.length > 0 ? Deno.args : exampleNames();
  let failed = false;
  for (const name of names) {
    const found = await differences(name);
    console.log(`${name}: ${found.length === 0 ? "the same text" : "differs"}`);
    for (const line of found) console.log(`  ${line}`);
    failed ||= found.length > 0;
  }
  if (failed) Deno.exit(1);
}
