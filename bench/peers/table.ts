// Writes what compare.ts measured as a table in Markdown.

import { ENDURANCE } from "./measure.ts";
import {
  byJavaScript,
  byTorch,
  judge,
  judgeEndurance,
  judgeStart,
  type Measured,
  type Verdict,
} from "./targets.ts";

/** The machine and the day of a run. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly processors: number;
  readonly system: string;
  readonly deno: string;
  readonly load: number;
}

/** Everything that is known of one row. */
export interface Line {
  readonly row: string;
  /** What stands below each peer's name. */
  readonly cells: readonly string[];
  readonly byTorch: number | undefined;
  readonly byJavaScript: number | undefined;
  readonly verdicts: readonly Verdict[];
}

/** Milliseconds as a reader wants them. */
function show(ms: number): string {
  if (ms < 1e-3) return `${(ms * 1e6).toFixed(0)} ns`;
  if (ms < 1) return `${(ms * 1e3).toPrecision(3).replace(/\.0+$/, "")} µs`;
  return ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1e3).toFixed(2)} s`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

function showVerdict(
  { what, value, limit, atMost, reached }: Verdict,
): string {
  const sign = atMost ? "≤" : "≥";
  const mark = reached ? "reached" : "**missed**";
  return `${what} ${sign} ${short(limit)}: ${short(value)}, ${mark}`;
}

/** The rows of the table. */
export function lines(
  peers: readonly Measured[],
  bare: number | undefined,
): Line[] {
  const names = new Set(peers.flatMap(({ rows }) => Object.keys(rows)));
  const out: Line[] = [...names].map((row) => ({
    row,
    cells: peers.map(({ rows, failures }) =>
      rows[row] !== undefined
        ? show(rows[row].milliseconds)
        : failures[row] !== undefined
        ? "fails"
        : ""
    ),
    byTorch: byTorch(row, peers),
    byJavaScript: byJavaScript(row, peers),
    verdicts: judge(row, peers),
  }));
  const [first] = peers;
  if (first !== undefined && first.endurance !== null) {
    out.push({
      row: "memory, 2000 MLP steps: growth; last ÷ first steps",
      cells: peers.map(({ endurance, failures }) => {
        if (endurance === null) return failures[ENDURANCE] ? "fails" : "";
        const { growth, first, last, steps } = endurance;
        const fewer = steps < 2000 ? ` (${steps} steps)` : "";
        return `${growth.toFixed(0)} MB; ${(last / first).toFixed(2)}${fewer}`;
      }),
      byTorch: undefined,
      byJavaScript: undefined,
      verdicts: judgeEndurance(first.endurance),
    });
  }
  if (first !== undefined && first.hello !== null && bare !== undefined) {
    out.push({
      row: `cold start, hello tensor; bare Deno ${show(bare)}`,
      cells: peers.map(({ hello }) => hello === null ? "" : show(hello)),
      byTorch: undefined,
      byJavaScript: undefined,
      verdicts: judgeStart(first.hello, bare),
    });
  }
  return out;
}

/** The page. */
export function markdown(
  machine: Machine,
  peers: readonly Measured[],
  table: readonly Line[],
  wrong: readonly string[],
  agree: number,
): string {
  const ratio = (value: number | undefined) =>
    value === undefined ? "" : value.toPrecision(2);
  const all = table.flatMap(({ verdicts }) => verdicts);
  const failures = peers.flatMap(({ name, failures }) =>
    Object.entries(failures).map(([row, text]) => `- ${name}, ${row}: ${text}`)
  );
  const failed = failures.length === 0
    ? []
    : ["What fails, and what it says:", "", ...failures, ""];
  const missed = all.filter(({ reached }) => !reached).length;
  return [
    "# Results of `deno task bench:peers`",
    "",
    `${machine.date}, ${machine.processor}, ${machine.processors} processors, ` +
    `${machine.system}, Deno ${machine.deno}. Medians; the load average at ` +
    `the end was ${machine.load.toFixed(1)}. Each library runs in a process ` +
    "of its own, one after the other, on the same numbers. The columns with " +
    "÷ divide dinograd's best time without BLAS by the best of PyTorch and by " +
    "the best of the other JavaScript libraries: below 1, dinograd is faster. " +
    `Of ${all.length} targets ${missed} are missed.`,
    "",
    `| work | ${
      peers.map(({ name }) => name).join(" | ")
    } | ÷ PyTorch | ÷ JavaScript | target |`,
    `|---|${peers.map(() => "---:|").join("")}---:|---:|---|`,
    ...table.map((line) =>
      `| ${line.row} | ${line.cells.join(" | ")} | ${ratio(line.byTorch)} | ${
        ratio(line.byJavaScript)
      } | ${line.verdicts.map(showVerdict).join("; ")} |`
    ),
    "",
    ...failed,
    wrong.length === 0
      ? `All results agree within ${agree} of each other.`
      : `These results disagree:\n\n${wrong.map((w) => `- ${w}`).join("\n")}`,
    "",
  ].join("\n");
}
