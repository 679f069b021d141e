// A line that shows how far a training is. Where the output is no terminal,
// nothing is shown but the end.

const WIDTH = 24;

/** Shows progress on one line, which it writes over. */
export class Progress {
  readonly #total: number;
  readonly #start = performance.now();
  readonly #terminal = Deno.stdout.isTerminal();
  #shown = 0;

  /** Progress of so many steps. */
  constructor(total: number) {
    this.#total = total;
  }

  /** Says that so many steps are done, and something about them. */
  show(done: number, text: string): void {
    const now = performance.now();
    if (!this.#terminal || (done < this.#total && now < this.#shown + 50)) {
      return;
    }
    this.#shown = now;
    const full = Math.round(WIDTH * done / this.#total);
    const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
    const seconds = ((now - this.#start) / 1000).toFixed(1);
    const line = `${bar} ${done}/${this.#total} ${seconds} s  ${text}`;
    Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
  }

  /** Ends the line; returns the seconds since the start. */
  end(): number {
    if (this.#terminal) console.log();
    return (performance.now() - this.#start) / 1000;
  }
}
