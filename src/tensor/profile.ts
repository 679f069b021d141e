// Measures where the time goes: collects what the devices' witnesses tell while
// a profile runs, and what their clocks measure, and shows it as a table.

import type { DType } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { namesOfKernels, showShapes } from "./explain.ts";
import { showByToString } from "./inspect.ts";
import { checkOptions } from "./shape.ts";
import { type Account, type Clock, CLOCKS, WITNESSES } from "./witness.ts";

/** Calls of one op on operands of the same shapes. */
export interface ProfiledCalls {
  /** The op, where devices know it by a kernel of its own; else what the device was asked for. */
  readonly op: string;
  /** Shape of the result, then of the operands. */
  readonly shapes: readonly (readonly number[])[];
  /** Element type of the result. */
  readonly dtype: DType;
  /** The device that computed: `"cpu"` or `"webgpu"`. */
  readonly device: string;
  /** How often. */
  readonly calls: number;
  /** Milliseconds on the host altogether. On a GPU that is what giving it the work took, and waiting for it where the call reads. */
  readonly hostTime: number;
  /** Milliseconds on the GPU altogether; null on the CPU, and where the GPU cannot tell. */
  readonly gpuTime: number | null;
}

/** Options of {@linkcode profile}. */
export interface ProfileOptions {
  /** Whether the table is printed when the profile ends with its block; true where not given. */
  readonly print?: boolean;
}

/** A row while it is measured. */
interface Measured {
  readonly account: Account;
  readonly op: string;
  calls: number;
  time: number;
  /** Which pieces of work of which clocks belong to it: clock, first, end. */
  readonly pieces: number[];
}

function cost(row: ProfiledCalls): number {
  return row.gpuTime ?? row.hostTime;
}

/** Only one profile measures at a time: its kernels run in passes of their own. */
let running: Profile<unknown> | null = null;

/** What {@linkcode profile} returns. It measures until it is stopped. */
export class Profile<T = undefined> implements Disposable {
  /** What the function returned that was measured. */
  readonly result: T;
  readonly #prints: boolean;
  readonly #measured = new Map<string, Measured>();
  readonly #stops: (() => void)[];
  readonly #clocks: Clock[];
  readonly #counts: number[];
  #rows: readonly ProfiledCalls[] | null = null;

  /** Begins to measure, and ends after `run` where one is given. */
  constructor(run: (() => T) | null, prints: boolean) {
    if (running !== null) {
      throw new RuntimeError(
        "a profile is already running",
        "stop it first: `using p = dg.profile()` ends with its block, p.stop() at once",
      );
    }
    this.#prints = prints;
    const names = namesOfKernels();
    this.#clocks = [...CLOCKS].filter((clock) => clock.start());
    this.#counts = this.#clocks.map(() => 0);
    this.#stops = Array.from(
      WITNESSES,
      (witness) => witness((account) => this.#tell(names, account)),
    );
    running = this;
    try {
      this.result = run === null ? undefined as T : run();
    } catch (error) {
      this.stop();
      throw error;
    }
    if (run !== null) this.stop();
  }

  #tell(names: ReadonlyMap<object, string>, account: Account): void {
    const { kernel, method, shapes, dtype, device, time } = account;
    const op = (kernel === null ? undefined : names.get(kernel)) ?? method;
    const key = `${op} ${showShapes(shapes)} ${dtype} ${device}`;
    let row = this.#measured.get(key);
    if (row === undefined) {
      row = { account, op, calls: 0, time: 0, pieces: [] };
      this.#measured.set(key, row);
    }
    row.calls++;
    row.time += time;
    this.#clocks.forEach((clock, k) => {
      const { count } = clock;
      if (count === this.#counts[k]) return;
      row.pieces.push(k, this.#counts[k]!, count);
      this.#counts[k] = count;
    });
  }

  /** Ends the measuring; waits for GPUs that are being measured. */
  stop(): this {
    if (this.#rows !== null) return this;
    this.#rows = [];
    running = null;
    for (const stop of this.#stops.reverse()) stop();
    const times = this.#clocks.map((clock) => clock.stop());
    const rows = Array.from(this.#measured.values(), (row): ProfiledCalls => {
      const { shapes, dtype, device } = row.account;
      const { op, calls, time, pieces } = row;
      let sum = 0;
      for (let k = 0; k < pieces.length; k += 3) {
        const all = times[pieces[k]!]!;
        for (let j = pieces[k + 1]!; j < pieces[k + 2]!; j++) {
          sum += all[j] ?? 0;
        }
      }
      const gpuTime = pieces.length === 0 ? null : sum;
      return { op, shapes, dtype, device, calls, hostTime: time, gpuTime };
    });
    this.#rows = rows.sort((a, b) => cost(b) - cost(a));
    return this;
  }

  /** What ran, the most expensive first; ends the measuring. */
  get rows(): readonly ProfiledCalls[] {
    return this.stop().#rows!;
  }

  /** The rows as a table, with sums; ends the measuring. */
  table(): string {
    const { rows } = this;
    const sum = (of: (row: ProfiledCalls) => number) =>
      rows.reduce((total, row) => total + of(row), 0);
    const cells = [
      ["op", "shapes", "type", "device", "calls", "host ms", "gpu ms"],
      ...rows.map((row) => [
        row.op,
        showShapes(row.shapes),
        row.dtype,
        row.device,
        String(row.calls),
        row.hostTime.toFixed(3),
        row.gpuTime === null ? "" : row.gpuTime.toFixed(3),
      ]),
      [
        "all",
        "",
        "",
        "",
        String(sum((row) => row.calls)),
        sum((row) => row.hostTime).toFixed(3),
        rows.some((row) => row.gpuTime !== null)
          ? sum((row) => row.gpuTime ?? 0).toFixed(3)
          : "",
      ],
    ];
    const widths = cells[0]!.map((_, k) =>
      Math.max(...cells.map((line) => line[k]!.length))
    );
    return cells.map((line) =>
      line.map((text, k) =>
        k >= 4 ? text.padStart(widths[k]!) : text.padEnd(widths[k]!)
      ).join("  ").trimEnd()
    ).join("\n");
  }

  /** The rows, for `JSON.stringify`. */
  toJSON(): readonly ProfiledCalls[] {
    return this.rows;
  }

  /** Shows the table once the profile has ended. */
  toString(): string {
    return this.#rows === null ? "Profile (running)" : this.table();
  }

  /** Ends the measuring and prints the table, unless `print` is false. */
  [Symbol.dispose](): void {
    this.stop();
    if (this.#prints) console.log(this.table());
  }
}

showByToString(Profile.prototype);

/**
 * Measures where the time goes: which ops ran on operands of which shapes, how
 * often, how long on the host and, where a GPU can tell, how long there. Write
 * `using p = dg.profile()`, and the table is printed at the end of the block; or
 * give it a function, and look at `rows`, `table()` or `JSON.stringify(p)` of
 * what comes back, whose `result` is that of the function. A GPU runs each
 * kernel by itself while it is measured, which takes longer than without. When
 * no profile runs, nothing is measured and nothing costs. See
 * `torch.profiler.profile`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([64, 64]);
 * const p = dg.profile(() => x.matmul(x).exp());
 * assertEquals(p.rows.map(({ op, calls }) => [op, calls]).sort(), [
 *   ["exp", 1],
 *   ["matmul", 1],
 * ]);
 * assertEquals(p.table().startsWith("op"), true);
 * ```
 */
export function profile(options?: ProfileOptions): Profile;
/** Measures one function; see the form without one. */
export function profile<T>(run: () => T, options?: ProfileOptions): Profile<T>;
export function profile<T>(
  first: (() => T) | ProfileOptions = {},
  second: ProfileOptions = {},
): Profile<T> {
  const run = typeof first === "function" ? first : null;
  const options = typeof first === "function" ? second : first;
  checkOptions(options, ["print"], "profile");
  return new Profile(run, options.print ?? true);
}
