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

const WARM_UP = 400;
const MEASURE = 800;
const LEAST_SAMPLE = 0.2;

async function median(run: () => unknown): Promise<number> {
  const start = performance.now();
  let count = 0;
  do {
    const pending = run();
    if (pending instanceof Promise) await pending;
    count++;
  } while (performance.now() - start < WARM_UP);
  const once = (performance.now() - start) / count;
  const batch = Math.max(1, Math.ceil(LEAST_SAMPLE / once));
  const samples: number[] = [];
  const begin = performance.now();
  do {
    const from = performance.now();
    for (let i = 0; i < batch; i++) {
      const pending = run();
      if (pending instanceof Promise) await pending;
    }
    samples.push((performance.now() - from) / batch);
  } while (performance.now() - begin < MEASURE || samples.length < 5);
  return samples.sort((p, q) => p - q)[samples.length >> 1]!;
}

/** Measures all rows and prints them. A row that fails is left out, with a line on stderr. */
export async function report(rows: readonly Row[]): Promise<void> {
  const only = Deno.args.find((arg) => arg.startsWith("--only="))?.slice(7);
  const results: Record<string, Result> = {};
  for (const { name, run, check } of rows) {
    if (only !== undefined && !name.includes(only)) continue;
    // Where a program is ended for its time, this tells at which row.
    console.error(name);
    try {
      const value = check();
      results[name] = { milliseconds: await median(run), check: value };
    } catch (error) {
      console.error(`${name}: ${error}`);
    }
  }
  console.log(JSON.stringify(results));
  // Some libraries leave something behind that keeps the process alive.
  Deno.exit(0);
}
