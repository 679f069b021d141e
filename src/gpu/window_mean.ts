// Means of windows over several dimensions in one pass: a thread per result.

import type { Strided, WindowMeans } from "../tensor/device.ts";
import { CALL, KIND } from "./call.ts";
import { type Engine, FLOATS, word, wordF, WORDS } from "./program.ts";
import { PER_DIM, printWindow, putWindows } from "./window_shader.ts";

const THREADS = 128;
/** Where the numbers of the windows begin. */
const AT = 4;

/** See `Device.windowMean`. */
export function runWindowMean(
  engine: Engine,
  out: Strided,
  x: Strided,
  means: WindowMeans,
): void {
  if (out.count === 0) return;
  const { windows, divisor } = means;
  const rank = windows.length;
  const first = x.shape.length - rank;
  WORDS[0] = out.count;
  WORDS[1] = out.offset;
  WORDS[2] = x.offset;
  FLOATS[3] = divisor;
  // Which of them are turned, a bit each.
  let turned = 0;
  for (let d = 0; d < rank; d++) {
    const each = windows[d]!;
    putWindows(AT + PER_DIM * d, each, x.shape[first + d]!);
    turned = turned << 1 | (each.sliding!.turned ? 1 : 0);
  }
  const words = AT + PER_DIM * rank;
  const groups = Math.ceil(out.count / THREADS);
  const { programs } = engine;
  CALL.begin(words);
  const added = CALL.add(out) && CALL.add(x);
  CALL.name(added, KIND.windowMean, 0, rank << 3 | turned);
  if (programs.runNamed(groups)) return;
  const made = programs.launch(
    `windowMean ${rank} ${turned}`,
    [
      { name: "out", x: out, write: true },
      { name: "x", x, write: false },
    ],
    () => ({ threads: [THREADS, 1, 1], body: printMean(means) }),
    words,
    groups,
  );
  programs.keepNamed(made);
}

function printMean({ windows }: WindowMeans): string {
  const at = (d: number) => AT + PER_DIM * d;
  const lines = [
    `let i = i32(flat * ${THREADS}u + lane);`,
    `if (i >= ${word(0)}) { return; }`,
    "var rest = i;",
  ];
  for (let d = windows.length - 1; d >= 0; d--) {
    const count = word(at(d));
    lines.push(
      `let o${d} = rest % ${count}; rest = rest / ${count};`,
      printWindow(at(d), windows[d]!, `o${d}`, d),
    );
  }
  lines.push("var acc = 0.0;");
  let place = "rest";
  windows.forEach((_, d) => {
    lines.push(
      `for (var k${d} = 0; k${d} < length${d}; k${d}++) {`,
      `let p${d} = ${place} * ${word(at(d) + 2)} + begin${d} + k${d} * ${
        word(at(d) + 1)
      };`,
    );
    place = `p${d}`;
  });
  lines.push(
    `acc += load_x(${word(2)} + ${place});`,
    "}".repeat(windows.length),
    `store_out(${word(1)} + i, divFloat(acc, ${wordF(3)}));`,
  );
  return lines.join("\n");
}
