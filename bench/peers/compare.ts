// Runs the same work in dinograd and in its peers, one process after the other,
// checks that the results agree, and writes bench/RESULTS.md and
// bench/results.json. Run it with `deno task bench:peers` on a quiet machine.

import type { Result } from "./measure.ts";

/** One program and what its column is called. */
interface Peer {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const HERE = import.meta.dirname!;
const deno = (...args: string[]): string[] => [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-check",
  "--allow-all",
  ...args,
];
const ours = (flags: string[], threads: string): string[] => [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-check",
  "--no-prompt",
  ...flags,
  `${HERE}/dinograd.ts`,
  threads,
];

const PEERS: readonly Peer[] = [
  { name: "dinograd, 1 thread", command: ours([], "1") },
  { name: "dinograd, 2 threads", command: ours([], "2") },
  // An old OpenBLAS does not know the newest processors.
  {
    name: "dinograd, 2 threads, BLAS",
    command: ours(["--allow-ffi"], "2"),
    env: { OPENBLAS_CORETYPE: "SkylakeX" },
  },
  {
    name: "PyTorch, 1 thread",
    command: ["python3", `${HERE}/pytorch.py`, "1"],
  },
  {
    name: "PyTorch, 2 threads",
    command: ["python3", `${HERE}/pytorch.py`, "2"],
  },
  { name: "TensorFlow.js wasm", command: deno(`${HERE}/tensorflow_js.js`) },
  { name: "jax-js wasm", command: deno(`${HERE}/jax_js.js`) },
  { name: "loops", command: deno(`${HERE}/loops.ts`) },
];

/** A peer that takes longer is left out. */
const MOST_MILLISECONDS = 180_000;
/** Results may differ by this fraction. */
const AGREE = 1e-3;

type Table = Record<string, Record<string, Result>>;

async function run(peer: Peer): Promise<Record<string, Result> | null> {
  const [program, ...args] = peer.command;
  console.error(peer.name);
  try {
    const child = new Deno.Command(program!, {
      args,
      env: peer.env ?? {},
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
    return JSON.parse(text);
  } catch (error) {
    console.error(`${error}`);
    return null;
  }
}

/** Milliseconds as a reader wants them. */
function show(ms: number): string {
  if (ms < 1e-3) return `${(ms * 1e6).toFixed(0)} ns`;
  if (ms < 1) return `${(ms * 1e3).toPrecision(3).replace(/\.0+$/, "")} µs`;
  return `${ms.toPrecision(3)} ms`;
}

/** Best of several columns; undefined where none has the row. */
function best(table: Table, row: string, prefix: string): number | undefined {
  const times = Object.entries(table).flatMap(([name, rows]) =>
    name.startsWith(prefix) && rows[row] !== undefined
      ? [rows[row].milliseconds]
      : []
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

function disagreements(table: Table, rows: readonly string[]): string[] {
  const out: string[] = [];
  for (const row of rows) {
    const expected = table[PEERS[0]!.name]![row]!.check;
    for (const [name, results] of Object.entries(table)) {
      const check = results[row]?.check;
      if (check === undefined) continue;
      if (Math.abs(check - expected) > AGREE * Math.abs(expected)) {
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

/** Milliseconds of `deno run` on a program; the median of several runs. */
async function coldStart(code: string): Promise<number> {
  const folder = new URL("../..", import.meta.url);
  const times: number[] = [];
  for (let i = 0; i < 11; i++) {
    const start = performance.now();
    await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", code],
      cwd: folder,
    }).output();
    times.push(performance.now() - start);
  }
  return times.sort((p, q) => p - q)[5]!;
}

const table: Table = {};
for (const peer of PEERS) {
  const results = await run(peer);
  if (results !== null) table[peer.name] = results;
}
const names = Object.keys(table);
const rows = Object.keys(table[PEERS[0]!.name]!);
const wrong = disagreements(table, rows);
const bare = await coldStart("console.log(1)");
const hello = await coldStart(
  'import * as dg from "@dinograd/dinograd"; console.log(dg.tensor([1, 2]))',
);
const machine = {
  date: new Date().toISOString().slice(0, 10),
  processor: await processor(),
  processors: navigator.hardwareConcurrency,
  system: `${Deno.build.os} ${Deno.build.arch}`,
  deno: Deno.version.deno,
  load: Deno.loadavg()[0]!,
};

const lines = [
  "# Results of `deno task bench:peers`",
  "",
  `${machine.date}, ${machine.processor}, ${machine.processors} processors, ` +
  `${machine.system}, Deno ${machine.deno}. Medians; the load average at the ` +
  `end was ${machine.load.toFixed(1)}. Each library runs in a process of its ` +
  "own, one after the other, on the same numbers. The two last columns divide " +
  "dinograd's best time without BLAS by the best of PyTorch and by the best " +
  "of the other JavaScript libraries: below 1, dinograd is faster.",
  "",
  `| work | ${names.join(" | ")} | ÷ PyTorch | ÷ JavaScript |`,
  `|---|${names.map(() => "---:|").join("")}---:|---:|`,
];
for (const row of rows) {
  const own = Math.min(
    ...PEERS.slice(0, 2).map(({ name }) =>
      table[name]?.[row]?.milliseconds ?? Infinity
    ),
  );
  const ratio = (other: number | undefined) =>
    other === undefined ? "" : (own / other).toPrecision(2);
  const others = [
    best(table, row, "TensorFlow"),
    best(table, row, "jax"),
  ].filter((ms) => ms !== undefined);
  const cells = names.map((name) => {
    const result = table[name]![row];
    return result === undefined ? "" : show(result.milliseconds);
  });
  const js = others.length === 0 ? undefined : Math.min(...others);
  lines.push(
    `| ${row} | ${cells.join(" | ")} | ${
      ratio(best(table, row, "PyTorch"))
    } | ${ratio(js)} |`,
  );
}
lines.push(
  "",
  `Cold start of a program that prints a tensor: ${hello.toFixed(0)} ms; of ` +
    `one that prints a number: ${bare.toFixed(0)} ms.`,
  "",
  wrong.length === 0
    ? `All results agree within ${AGREE} of each other.`
    : `These results disagree:\n\n${wrong.map((w) => `- ${w}`).join("\n")}`,
  "",
);
await Deno.writeTextFile(`${HERE}/../RESULTS.md`, lines.join("\n"));
await Deno.writeTextFile(
  `${HERE}/../results.json`,
  JSON.stringify({ machine, coldStart: { bare, hello }, table }, null, 2) +
    "\n",
);
console.log(lines.join("\n"));
if (wrong.length > 0) Deno.exit(1);
