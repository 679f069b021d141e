// Runs the five tutorials as a user would, without permission flags, and
// compares what they print with what the notebooks recorded, which stands in
// the text file beside each script.

import { compareText, type Tutorial, TUTORIALS } from "./compare.ts";

let failures = 0;
for (const tutorial of TUTORIALS) {
  const differences = await check(tutorial);
  console.log(
    `${differences.length === 0 ? "same" : "DIFFERENT"}  ${tutorial.script}`,
  );
  for (const line of differences) console.log(`  ${line}`);
  failures += differences.length === 0 ? 0 : 1;
}
console.log(
  failures === 0
    ? "All five tutorials print what PyTorch printed."
    : `${failures} of ${TUTORIALS.length} tutorials differ.`,
);
Deno.exit(failures === 0 ? 0 : 1);

/** Runs one script and lists its differences from the record. */
async function check(tutorial: Tutorial): Promise<string[]> {
  const script = new URL(tutorial.script, import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", script.href],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  if (code !== 0) return [`it failed: ${text.decode(stderr)}`];
  const expected = await Deno.readTextFile(
    new URL(tutorial.expected, import.meta.url),
  );
  return compareText(text.decode(stdout), expected, tutorial.tolerance);
}
