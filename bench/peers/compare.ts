// Runs the same work in dinograd and in its peers, one process after the other,
// checks that the results agree, and writes bench/RESULTS.md and
// bench/results.json. Run it with `deno task bench:peers` on a quiet machine;
// with `--only exp` it measures the rows whose names contain "exp" and writes
// nothing.

import { coldStarts } from "./cold_start.ts";
import type { Report } from "./measure.ts";
import { lines, type Machine, markdown } from "./table.ts";
import type { Measured, Peer } from "./targets.ts";

/** A peer and how it is run. */
interface Program extends Peer {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The rows that it is there for; all where this is left out. */
  readonly only?: string;
}

const HERE = import.meta.dirname!;
const AT = Deno.args.indexOf("--only");
const ONLY = AT < 0 ? null : Deno.args[AT + 1] ?? "";

function deno(file: string, ...flags: string[]): string[] {
  const run = ["run", "--quiet", "--no-check", "--no-prompt", ...flags];
  return [Deno.execPath(), ...run, `${HERE}/${file}`];
}

function ours(threads: number, ...flags: string[]): string[] {
  return [...deno("dinograd.ts", ...flags), String(threads)];
}

function javascript(name: string, file: string): Program {
  const command = deno(file, "--allow-all");
  return { name, kind: "javascript", threads: 1, blas: false, command };
}

const PROGRAMS: readonly Program[] = [
  ...[1, 2].map((threads): Program => ({
    name: `dinograd, ${threads} thread${threads > 1 ? "s" : ""}`,
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
    name: `PyTorch, ${threads} thread${threads > 1 ? "s" : ""}`,
    kind: "torch",
    threads,
    blas: false,
    command: ["python3", `${HERE}/pytorch.py`, String(threads)],
  })),
  javascript("TensorFlow.js wasm", "tensorflow_js.js"),
  javascript("jax-js wasm", "jax_js.js"),
  javascript("numpy-ts", "numpy_ts.js"),
  { ...javascript("loops", "loops.ts"), kind: "loops" },
];

/** A peer that takes longer is left out. */
const MOST_MILLISECONDS = 180_000;
/** Results may differ by this fraction. */
const AGREE = 1e-3;

async function run(peer: Program): Promise<Report | null> {
  const { name, command, env, only } = peer;
  const [program, ...args] = command;
  console.error(name);
  const rows = ONLY ?? only;
  if (rows !== undefined) args.push(`--only=${rows}`);
  try {
    const child = new Deno.Command(program!, {
      args,
      env: env ?? {},
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill(), MOST_MILLISECONDS);
    const { stdout, stderr } = await child.output();
    clearTimeout(timer);
    const text = new TextDecoder().decode(stdout).trim();
    if (text === "") {
      console.error(new TextDecoder().decode(stderr).slice(-400));
      return null;
    }
    return JSON.parse(text.slice(text.lastIndexOf("\n") + 1));
  } catch (error) {
    console.error(`${error}`);
    return null;
  }
}

function disagreements(peers: readonly Measured[]): string[] {
  const out: string[] = [];
  const [first] = peers;
  for (const { name, rows } of peers) {
    for (const [row, { check }] of Object.entries(rows)) {
      const expected = first?.rows[row]?.check;
      if (expected === undefined) out.push(`${row}: only ${name} has it`);
      else if (!(Math.abs(check - expected) <= AGREE * Math.abs(expected))) {
        out.push(`${row}: ${name} has ${check}, dinograd ${expected}`);
      }
    }
  }
  return out;
}

/** The processor's name, where the system tells it. */
async function processor(): Promise<string> {
  try {
    const text = await Deno.readTextFile("/proc/cpuinfo");
    return text.match(/model name\s*: (.*)/)?.[1] ?? Deno.build.arch;
  } catch {
    return Deno.build.arch;
  }
}

const starts: Record<string, number> =
  ONLY === null || ONLY.split("|").some((part) => "cold start".includes(part))
    ? await coldStarts()
    : {};
const peers: Measured[] = [];
for (const program of PROGRAMS) {
  const report = await run(program);
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
const machine: Machine = {
  date: new Date().toISOString().slice(0, 10),
  processor: await processor(),
  processors: navigator.hardwareConcurrency,
  system: `${Deno.build.os} ${Deno.build.arch}`,
  deno: Deno.version.deno,
  load: Deno.loadavg()[0]!,
};
const page = markdown(machine, peers, table, wrong, AGREE);
if (ONLY === null) {
  const targets = Object.fromEntries(
    table.map(({ row, verdicts }) => [row, verdicts]),
  );
  const json = { machine, coldStart: starts, targets, peers };
  const files = [`${HERE}/../RESULTS.md`, `${HERE}/../results.json`] as const;
  // The sections that follow are written by hand: why targets are missed, and
  // what bench/gpu_bench.ts says.
  const before = await Deno.readTextFile(files[0]).catch(() => "");
  const rest = before.search(/\n# (?!Results)/);
  const kept = rest < 0 ? "" : before.slice(rest);
  await Deno.writeTextFile(files[0], page.trimEnd() + "\n" + kept);
  await Deno.writeTextFile(files[1], JSON.stringify(json));
  await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...files],
  }).output();
}
console.log(page);
if (wrong.length > 0) Deno.exit(1);
