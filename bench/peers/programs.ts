// Programs that measure the same work, each in a process of its own: how they
// are run, whether their results agree, and on which machine that was.

import type { Report } from "./measure.ts";
import type { Machine } from "./table.ts";
import type { Measured, Peer } from "./targets.ts";

/** A peer and how it is run. */
export interface Program extends Peer {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The rows that it is there for; all where this is left out. */
  readonly only?: string;
}

const HERE = import.meta.dirname!;
/** A peer that takes longer is left out. */
const MOST_MILLISECONDS = 180_000;
/** Results may differ by this fraction. */
export const AGREE = 1e-3;

/** "1 thread", "2 threads". */
export function threadsInWords(threads: number): string {
  return `${threads} thread${threads > 1 ? "s" : ""}`;
}

/** The command that runs a file of this folder in this Deno. */
export function deno(file: string, ...flags: string[]): string[] {
  const run = ["run", "--quiet", "--no-check", "--no-prompt", ...flags];
  return [Deno.execPath(), ...run, `${HERE}/${file}`];
}

/** The command that runs a file of this folder in Python, with so many threads. */
export function python(file: string, threads: number): string[] {
  return ["python3", "-B", `${HERE}/${file}`, String(threads)];
}

/** Runs a program on the rows that are wanted; null where it prints no results. */
export async function measure(
  { name, command, env, only }: Program,
  wanted: string | null,
): Promise<Report | null> {
  const [program, ...args] = command;
  console.error(name);
  const rows = wanted ?? only;
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

/** Says which results differ from the first peer's. */
export function disagreements(peers: readonly Measured[]): string[] {
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

/** The machine as it is now. */
export async function thisMachine(): Promise<Machine> {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: await processor(),
    processors: navigator.hardwareConcurrency,
    system: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    load: Deno.loadavg()[0]!,
  };
}

/** Writes files as `deno fmt` would have them. */
export async function writeFormatted(
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await Deno.writeTextFile(file, text);
  }
  await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...Object.keys(files)],
  }).output();
}
