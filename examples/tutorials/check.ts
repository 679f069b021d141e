// Runs the five tutorials as a user would, without permission flags, and
// shows what they print, compared with what the notebooks recorded, which stands
// in the text file beside each script. Arguments such as `--device webgpu` are
// handed on to them.

import { compareText, type Tutorial, TUTORIALS } from "./compare.ts";

let failures = 0;
for (const tutorial of TUTORIALS) {
  console.log(`\n=== ${tutorial.script}\n`);
  const differences = await check(tutorial);
  if (differences.length === 0) {
    console.log(`\n=== ${tutorial.script}: as PyTorch recorded it`);
  } else {
    failures++;
    console.log(`\n=== ${tutorial.script} DIFFERS from PyTorch's record:`);
    for (const line of differences) console.log(line);
  }
}
console.log(
  failures === 0
    ? `\nAll ${TUTORIALS.length} tutorials print what PyTorch printed.`
    : `\n${failures} of ${TUTORIALS.length} tutorials differ.`,
);
Deno.exit(failures === 0 ? 0 : 1);

/** Runs one script, shows what it prints, and lists its differences from the record. */
async function check(tutorial: Tutorial): Promise<string[]> {
  const script = new URL(tutorial.script, import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", script.href, ...Deno.args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const printed = text.decode(stdout);
  console.log(printed.trimEnd());
  if (code !== 0) return [`it failed: ${text.decode(stderr)}`];
  const expected = await Deno.readTextFile(
    new URL(tutorial.expected, import.meta.url),
  );
  return compareText(printed, expected, tutorial.tolerance);
}
