// Whole training steps of four kinds of networks: loss, gradients and an update
// by AdamW. With `deno bench` they are timed here. As a program, `deno task
// bench:training`, it compares them with PyTorch's on this machine and writes
// the section of bench/RESULTS.md and bench/training_results.json; with
// `--only LSTM` it measures what the name contains and writes nothing.

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
} from "./peers/programs.ts";
import type { Result } from "./peers/measure.ts";
import { lines, type Machine } from "./peers/table.ts";
import { byTorchOn, type Measured } from "./peers/targets.ts";
import { NETWORKS, stepOf } from "./training_networks.ts";

for (const [name, make] of Object.entries(NETWORKS)) {
  let step: (() => void) | null = null;
  Deno.bench(`${name}, one step`, () => {
    step ??= stepOf(make);
    step();
  });
}

const TITLE = "# Training steps";
const THREADS = [1, 2];
/** How often the programs take turns, so that other work meets all of them. */
const ROUNDS = 3;
/** From this load average on the machine is called busy. */
const BUSY = 0.5;

const PROGRAMS: readonly Program[] = THREADS.flatMap((threads): Program[] => [
  {
    name: `dinograd, ${threadsInWords(threads)}`,
    kind: "own",
    threads,
    blas: false,
    command: [...deno("training.ts"), String(threads)],
  },
  {
    name: `PyTorch, ${threadsInWords(threads)}`,
    kind: "torch",
    threads,
    blas: false,
    command: python("training.py", threads),
  },
]);

/** The least that a round measured: other work only ever adds. */
function least(rounds: readonly Result[]): Result {
  return rounds.reduce((p, q) => q.milliseconds < p.milliseconds ? q : p);
}

/** Runs all programs in turn; a program that fails is left out. */
async function measureAll(only: string | null): Promise<Measured[]> {
  const found = new Map<Program, Record<string, Result[]>>();
  const failed = new Map<Program, Readonly<Record<string, string>>>();
  const left = new Set(PROGRAMS);
  for (let round = 1; round <= ROUNDS; round++) {
    console.error(`round ${round} of ${ROUNDS}`);
    for (const program of left) {
      const report = await measure(program, only);
      if (report === null) {
        left.delete(program);
        continue;
      }
      const rows = found.getOrInsert(program, {});
      for (const [row, result] of Object.entries(report.rows)) {
        (rows[row] ??= []).push(result);
      }
      failed.set(program, report.failures);
    }
  }
  return [...left].map((program) => {
    const { name, kind, threads, blas } = program;
    const rows = Object.fromEntries(
      Object.entries(found.get(program)!).map((
        [row, results],
      ) => [row, least(results)]),
    );
    const failures = failed.get(program)!;
    const peer = { name, kind, threads, blas };
    return { ...peer, rows, endurance: null, failures, hello: null };
  });
}

/** The section of the page. */
function section(
  machine: Machine,
  peers: readonly Measured[],
  wrong: readonly string[],
): string {
  const together = peers.some(({ kind }) => kind === "torch");
  const ratios = together ? THREADS : [];
  const load = machine.load.toFixed(1);
  return [
    TITLE,
    "",
    `${machine.date}, \`deno task bench:training\`, ${machine.processor}, ` +
    `${machine.processors} processors, ${machine.system}, Deno ` +
    `${machine.deno}. Loss, gradients and an update by AdamW, on the same ` +
    "weights and data everywhere. Each program runs in a process of its own; " +
    `they take turns ${ROUNDS} times, and each number is the least of ` +
    `${ROUNDS} medians. ` +
    (machine.load < BUSY
      ? `The load average was ${load} before.`
      : `**The machine had other work** (load average ${load} before): only ` +
        "large differences mean anything."),
    "",
    `| step | ${
      [
        ...peers.map(({ name }) => name),
        ...ratios.map((n) => `÷ PyTorch, ${threadsInWords(n)}`),
      ].join(" | ")
    } |`,
    `|---|${"---:|".repeat(peers.length + ratios.length)}`,
    ...lines(peers, undefined).map(({ row, cells }) =>
      `| ${
        [
          row,
          ...cells,
          ...ratios.map((n) => byTorchOn(n, row, peers)?.toPrecision(2) ?? ""),
        ].join(" | ")
      } |`
    ),
    "",
    !together
      ? "PyTorch is not installed here, so there is nothing to compare with."
      : wrong.length === 0
      ? `The losses of the fifth step agree within ${AGREE} of each other.`
      : `These losses disagree:\n\n${wrong.map((w) => `- ${w}`).join("\n")}`,
    "",
  ].join("\n");
}

/** The page with the section in place of the one before, or at its end. */
function replaceSection(page: string, text: string): string {
  const at = page.indexOf(`\n${TITLE}\n`);
  if (at < 0) return `${page.trimEnd()}\n\n${text}`;
  const rest = page.indexOf("\n# ", at + TITLE.length);
  return page.slice(0, at + 1) + text + (rest < 0 ? "" : page.slice(rest));
}

if (import.meta.main) {
  const at = Deno.args.indexOf("--only");
  const only = at < 0 ? null : Deno.args[at + 1] ?? "";
  // What is measured is no load of others.
  const machine = await thisMachine();
  const peers = await measureAll(only);
  const wrong = disagreements(peers);
  const text = section(machine, peers, wrong);
  if (only === null) {
    const page = `${import.meta.dirname}/RESULTS.md`;
    await writeFormatted({
      [page]: replaceSection(await Deno.readTextFile(page), text),
      [`${import.meta.dirname}/training_results.json`]: JSON.stringify({
        machine,
        peers,
      }),
    });
  }
  console.log(text);
  if (wrong.length > 0) Deno.exit(1);
}
