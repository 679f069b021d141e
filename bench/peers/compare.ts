// Runs the same work in dinograd and in its peers, one process after the other,
// checks that the results agree, and writes bench/RESULTS.md and
// bench/results.json. Run it with `deno task bench:peers` on a quiet machine;
// with `--only exp` it measures the rows whose names contain "exp" and writes
// nothing.

import { coldStarts } from "./cold_start.ts";
import {
  AGREE,
  deno,
  disagreements,
  measure,
  type Program,
  python,
  thisMachine,
  threadsInWords,
  writeFormatted,
} from "./programs.ts";
import { lines, markdown } from "./table.ts";
import type { Measured } from "./targets.ts";

const HERE = import.meta.dirname!;
const AT = Deno.args.indexOf("--only");
const ONLY = AT < 0 ? null : Deno.args[AT + 1] ?? "";

function ours(threads: number, ...flags: string[]): string[] {
  return [...deno("dinograd.ts", ...flags), String(threads)];
}

function javascript(name: string, file: string): Program {
  const command = deno(file, "--allow-all");
  return { name, kind: "javascript", threads: 1, blas: false, command };
}

const PROGRAMS: readonly Program[] = [
  ...[1, 2].map((threads): Program => ({
    name: `dinograd, ${threadsInWords(threads)}`,
    kind: "own",
    threads,
    blas: false,
    command: ours(threads),
  })),
  {
    name: "dinograd, 2 threads, BLAS",
    kind: "own",
    threads: 2,
    blas: true,
    command: ours(2, "--allow-ffi"),
    // An old OpenBLAS does not know the newest processors.
    env: { OPENBLAS_CORETYPE: "SkylakeX" },
    only: "matmul|conv|MLP training",
  },
  ...[1, 2].map((threads): Program => ({
    name: `PyTorch, ${threadsInWords(threads)}`,
    kind: "torch",
    threads,
    blas: false,
    command: python("pytorch.py", threads),
  })),
  javascript("TensorFlow.js wasm", "tensorflow_js.js"),
  javascript("jax-js wasm", "jax_js.js"),
  javascript("numpy-ts", "numpy_ts.js"),
  { ...javascript("loops", "loops.ts"), kind: "loops" },
];

const starts: Record<string, number> =
  ONLY === null || ONLY.split("|").some((part) => "cold start".includes(part))
    ? await coldStarts()
    : {};
const peers: Measured[] = [];
for (const program of PROGRAMS) {
  const report = await measure(program, ONLY);
  if (report === null) continue;
  const { name, kind, threads, blas } = program;
  // All columns of a library start the same way; the first one shows it.
  const library = Object.keys(starts).find((known) => name.startsWith(known));
  const shown = library !== undefined && threads === 1;
  const hello = shown ? starts[library]! : null;
  peers.push({ name, kind, threads, blas, ...report, hello });
}
const wrong = disagreements(peers);
const table = lines(peers, starts["bare"]);
const machine = await thisMachine();
const page = markdown(machine, peers, table, wrong, AGREE);
if (ONLY === null) {
  const targets = Object.fromEntries(
    table.map(({ row, verdicts }) => [row, verdicts]),
  );
  const json = { machine, coldStart: starts, targets, peers };
  const file = `${HERE}/../RESULTS.md`;
  // The sections that follow are not of this program: why targets are missed,
  // and what bench/training_bench.ts and bench/gpu_bench.ts say.
  const before = await Deno.readTextFile(file).catch(() => "");
  const rest = before.search(/\n# (?!Results)/);
  const kept = rest < 0 ? "" : before.slice(rest);
  await writeFormatted({
    [file]: page.trimEnd() + "\n" + kept,
    [`${HERE}/../results.json`]: JSON.stringify(json),
  });
}
console.log(page);
if (wrong.length > 0) Deno.exit(1);
