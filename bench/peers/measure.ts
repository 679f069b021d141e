// How every library under the same Deno is timed: warmed up, then medians of
// many samples of at least a fifth of a millisecond each. Each library runs in
// a process of its own, which prints its results as JSON.

/** One piece of work in one library. */
export interface Row {
  /** Which work: the same name in every library. */
  readonly name: string;
  /** Does it once; a promise is waited for. */
  readonly run: () => unknown;
  /** A number computed from the result, by which the libraries are compared. */
  readonly check: () => number;
}

/** Time and check of one piece of work. */
export interface Result {
  readonly milliseconds: number;
  readonly check: number;
}

/** How memory and speed develop over many training steps in one loop. */
export interface Endurance {
  /** Steps that were made. */
  readonly steps: number;
  /** Mebibytes by which resident memory grew after the first steps. */
  readonly growth: number;
  /** Milliseconds of a step among the first and among the last ones: the middle of three hundreds. */
  readonly first: number;
  readonly last: number;
}

/** What a library's process prints. */
export interface Report {
  readonly rows: Readonly<Record<string, Result>>;
  readonly endurance: Endurance | null;
  /** The words of the error, by row, where one failed. */
  readonly failures: Readonly<Record<string, string>>;
}

/** The name of the row that {@linkcode endure} makes. */
export const ENDURANCE = "memory, 2000 MLP steps";

/** Milliseconds that a row gets. */
export interface Spans {
  readonly warmUp: number;
  readonly measure: number;
}

const USUAL: Spans = { warmUp: 150, measure: 300 };
const LEAST_SAMPLE = 0.2;
const LEAST_SAMPLES = 3;
/** A process that took so long measures no more rows. */
const LONGEST = 120_000;

async function once(run: () => unknown): Promise<void> {
  const pending = run();
  if (pending instanceof Promise) await pending;
}

async function median(run: () => unknown, spans: Spans): Promise<number> {
  const start = performance.now();
  let count = 0;
  do {
    await once(run);
    count++;
  } while (performance.now() - start < spans.warmUp);
  const usual = (performance.now() - start) / count;
  const batch = Math.max(1, Math.ceil(LEAST_SAMPLE / usual));
  const samples: number[] = [];
  const begin = performance.now();
  do {
    const from = performance.now();
    for (let i = 0; i < batch; i++) {
      const pending = run();
      if (pending instanceof Promise) await pending;
    }
    samples.push((performance.now() - from) / batch);
  } while (
    performance.now() - begin < spans.measure || samples.length < LEAST_SAMPLES
  );
  return samples.sort((p, q) => p - q)[samples.length >> 1]!;
}

const STEPS = 2000;
/** Steps before memory is looked at, and those that are timed. */
const PART = 100;
/** Slow libraries make fewer steps. */
const MOST_MILLISECONDS = 15_000;

/** Makes training steps whose results nobody disposes of. */
async function endure(step: () => unknown): Promise<Endurance> {
  const part = async () => {
    const start = performance.now();
    for (let i = 0; i < PART; i++) {
      const pending = step();
      if (pending instanceof Promise) await pending;
    }
    return (performance.now() - start) / PART;
  };
  const resident = () => Deno.memoryUsage().rss / 2 ** 20;
  const begin = performance.now();
  // The very first steps compile; what they are worth is another row.
  await part();
  const times = [await part()];
  const before = resident();
  let most = before;
  while (
    times.length < STEPS / PART - 1 &&
    performance.now() - begin < MOST_MILLISECONDS
  ) {
    times.push(await part());
    most = Math.max(most, resident());
  }
  const middle = (some: number[]) => some.sort((p, q) => p - q)[1] ?? some[0]!;
  return {
    steps: PART * (times.length + 1),
    growth: most - before,
    first: middle(times.slice(0, 3)),
    last: middle(times.slice(-3)),
  };
}

/** Value of an argument such as `--only=exp|sin`. */
export function argument(name: string): string | undefined {
  const start = `--${name}=`;
  return Deno.args.find((arg) => arg.startsWith(start))?.slice(start.length);
}

/**
 * Measures all rows and prints them; `mlp` makes a training step. A row that
 * fails has no time.
 */
export async function report(
  rows: readonly Row[],
  mlp: (() => () => unknown) | null,
  spans: Spans = USUAL,
): Promise<void> {
  const parts = (argument("only") ?? "").split("|");
  const wanted = (name: string) => parts.some((part) => name.includes(part));
  const results: Record<string, Result> = {};
  const failures: Record<string, string> = {};
  for (const { name, run, check } of rows) {
    if (!wanted(name)) continue;
    if (performance.now() > LONGEST) {
      failures[name] = "not measured: the rows before took two minutes";
      continue;
    }
    // Where a program is ended for its time, this tells at which row.
    console.error(name);
    try {
      const value = check();
      results[name] = { milliseconds: await median(run, spans), check: value };
    } catch (error) {
      failures[name] = `${error}`;
    }
  }
  let endurance: Endurance | null = null;
  if (mlp !== null && wanted(ENDURANCE)) {
    try {
      endurance = await endure(mlp());
    } catch (error) {
      failures[ENDURANCE] = `${error}`;
    }
  }
  const out: Report = { rows: results, endurance, failures };
  console.log(JSON.stringify(out));
  // Some libraries leave something behind that keeps the process alive.
  Deno.exit(0);
}
