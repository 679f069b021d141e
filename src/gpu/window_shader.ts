// Sums and largest elements of windows: a thread per result. Where windows are
// so large that a thread would loop for too long, one launch after the other
// goes on where the last one ended.

import type { Strided, Windows } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { CALL, KIND } from "./call.ts";
import { convertKind, elementOf } from "./element.ts";
import { type Engine, type Operand, word, WORDS } from "./program.ts";
import { startOf, type Temporary } from "./reduce_shader.ts";
import { cutLoops, type Ranges, turnsAtOnce } from "./turns.ts";

const THREADS = 128;

/** How many numbers say how windows along a dimension come about. */
export const PER_DIM = 6;

/** Puts them in place from `at` on. */
export function putWindows(
  at: number,
  { starts, step, sliding }: Windows,
  n: number,
): void {
  WORDS[at] = starts.length;
  WORDS[at + 1] = step;
  WORDS[at + 2] = n;
  WORDS[at + 3] = sliding === null ? 0 : sliding.size;
  WORDS[at + 4] = sliding === null ? 0 : sliding.stride;
  WORDS[at + 5] = sliding === null ? 0 : sliding.padding;
}

/** Statements that find where window `o` begins and how long it is, by its numbers from `at` on or by the list `places`. */
export function printWindow(
  at: number,
  { sliding }: Windows,
  o: string,
  d: number | "",
): string {
  if (sliding === null) {
    return `let begin${d} = load_places${d}(${o});
let length${d} = load_places${d}(${word(at)} + ${o});`;
  }
  const [step, n] = [word(at + 1), word(at + 2)];
  if (sliding.turned) {
    // The windows that look at a position are those from the first one whose
    // end lies behind it to the last one that begins before it.
    return `let ahead${d} = ${o} + ${word(at + 5)} - ${word(at + 3)};
let begin${d} = select(ahead${d} / ${word(at + 4)} + 1, 0, ahead${d} < 0);
let length${d} = max(0, min((${o} + ${word(at + 5)}) / ${
      word(at + 4)
    }, ${n} - 1) + 1 - begin${d});`;
  }
  return `let first${d} = ${o} * ${word(at + 4)} - ${word(at + 5)};
let skipped${d} = (max(-first${d}, 0) + ${step} - 1) / ${step};
let inner${d} = first${d} + skipped${d} * ${step};
let length${d} = max(0, min(${
    word(at + 3)
  } - skipped${d}, (${n} - inner${d} + ${step} - 1) / ${step}));
let begin${d} = select(inner${d}, clamp(inner${d}, 0, ${n} - 1), length${d} == 0);`;
}

/** Where windows lie, as kernels read it: starts, then lengths. */
function placesOf(temporary: Temporary, windows: Windows): Strided {
  const { starts, lengths } = windows;
  const out = temporary(INT32, [2 * starts.length]);
  const all = new Int32Array(2 * starts.length);
  all.set(starts);
  all.set(lengths, starts.length);
  out.storage.device.write(out, all);
  return out;
}

/** What a kernel reads of windows that it cannot compute. Made before the numbers of the call are put in place: it may take a kernel. */
function listsOf(temporary: Temporary, windows: Windows): Operand[] {
  const lists: Operand[] = [];
  if (windows.sliding === null) {
    const x = placesOf(temporary, windows);
    lists.push({ name: "places", x, write: false });
  }
  const { weights } = windows;
  if (weights !== null) {
    const x = temporary(FLOAT32, [weights.length]);
    x.storage.device.write(x, weights);
    lists.push({ name: "weights", x, write: false });
  }
  return lists;
}

/** Puts from where to where a launch goes in place; returns what is next. */
function putPart(at: number, part: Ranges): number {
  let w = at;
  for (const [from, to] of part) {
    WORDS[w++] = from;
    WORDS[w++] = to;
  }
  return w;
}

/** See `Device.windowSum`. */
export function runWindowSum(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  x: Strided,
  dim: number,
  windows: Windows,
): void {
  if (out.count === 0) return;
  const lists = listsOf(temporary, windows);
  for (const part of cutLoops([windows.most], turnsAtOnce(engine.context))) {
    sumPart(engine, out, x, dim, windows, lists, part);
  }
}

/** Adds parts of the windows to the sums of those before. */
function sumPart(
  engine: Engine,
  out: Strided,
  x: Strided,
  dim: number,
  windows: Windows,
  lists: readonly Operand[],
  part: Ranges,
): void {
  const { weights, sliding } = windows;
  let inner = 1;
  for (let d = dim + 1; d < x.shape.length; d++) inner *= x.shape[d]!;
  WORDS[0] = out.count;
  WORDS[1] = inner;
  WORDS[2] = out.offset;
  WORDS[3] = x.offset;
  WORDS[4] = windows.most;
  const at = 5;
  putWindows(at, windows, x.shape[dim]!);
  const partAt = at + PER_DIM;
  const words = putPart(partAt, part);
  const groups = Math.ceil(out.count / THREADS);
  const { programs } = engine;
  CALL.begin(words);
  const turned = sliding !== null && sliding.turned;
  CALL.name(
    lists.length === 0 && CALL.add(out) && CALL.add(x),
    KIND.windowSum,
    0,
    turned ? 1 : 0,
  );
  if (programs.runNamed(groups)) return;
  const made = programs.launch(
    `windowSum ${weights !== null} ${sliding === null} ${turned}`,
    [
      { name: "out", x: out, write: true },
      { name: "x", x, write: false },
      ...lists,
    ],
    () => {
      const { kind } = elementOf(x.info);
      return {
        threads: [THREADS, 1, 1],
        body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
let j = i % ${word(1)};
let o = (i / ${word(1)}) % ${word(at)};
let row = i / (${word(1)} * ${word(at)});
${printWindow(at, windows, "o", "")}
var acc: ${kind} = ${kind === "f32" ? "0.0" : "0"};
if (${word(partAt)} > 0) { acc = load_out(${word(2)} + i); }
for (var k = ${word(partAt)}; k < min(length, ${word(partAt + 1)}); k++) {
  let p = begin + k * ${word(at + 1)};
  let v = load_x(${word(3)} + (row * ${word(at + 2)} + p) * ${word(1)} + j);
  acc += ${
          weights === null
            ? "v"
            : `v * ${
              convertKind("f32", kind, `load_weights(o * ${word(4)} + k)`)
            }`
        };
}
store_out(${word(2)} + i, acc);`,
      };
    },
    words,
    groups,
  );
  programs.keepNamed(made);
}

/** See `Device.windowMax`. */
export function runWindowMax(
  engine: Engine,
  temporary: Temporary,
  values: Strided,
  indices: Strided,
  x: Strided,
  windows: readonly Windows[],
): void {
  if (values.count === 0) return;
  const parts = cutLoops(
    windows.map(({ most }) => most),
    turnsAtOnce(engine.context),
  );
  const places = windows.map((each) =>
    each.sliding === null ? placesOf(temporary, each) : null
  );
  parts.forEach((part, k) =>
    maxOfPart(engine, {
      values,
      indices,
      x,
      windows,
      places,
      part,
      more: k > 0,
    })
  );
}

/** A launch of {@linkcode runWindowMax}. */
interface MaxPart {
  readonly values: Strided;
  readonly indices: Strided;
  readonly x: Strided;
  readonly windows: readonly Windows[];
  /** Where windows lie that are not computed. */
  readonly places: readonly (Strided | null)[];
  readonly part: Ranges;
  /** Whether others came before. */
  readonly more: boolean;
}

function maxOfPart(
  engine: Engine,
  { values, indices, x, windows, places, part, more }: MaxPart,
): void {
  const rank = windows.length;
  const lists: Operand[] = [];
  // Which of them are not computed, a bit each.
  let listed = 0;
  for (let d = 0; d < rank; d++) {
    listed <<= 1;
    const list = places[d]!;
    if (list === null) continue;
    lists.push({ name: `places${d}`, x: list, write: false });
    listed |= 1;
  }
  WORDS[0] = values.count;
  WORDS[1] = values.offset;
  WORDS[2] = indices.offset;
  WORDS[3] = x.offset;
  WORDS[4] = more ? 1 : 0;
  const at = 5;
  const first = x.shape.length - rank;
  for (let d = 0; d < rank; d++) {
    putWindows(at + PER_DIM * d, windows[d]!, x.shape[first + d]!);
  }
  const partAt = at + PER_DIM * rank;
  const words = putPart(partAt, part);
  const count = (d: number) => word(at + PER_DIM * d);
  const step = (d: number) => word(at + PER_DIM * d + 1);
  const size = (d: number) => word(at + PER_DIM * d + 2);
  const groups = Math.ceil(values.count / THREADS);
  const { programs } = engine;
  CALL.begin(words);
  const added = listed === 0 && CALL.add(values) && CALL.add(indices) &&
    CALL.add(x);
  CALL.name(added, KIND.windowMax, 0, rank);
  if (programs.runNamed(groups)) return;
  const made = programs.launch(
    `windowMax ${rank} ${listed}`,
    [
      { name: "values", x: values, write: true },
      { name: "indices", x: indices, write: true },
      { name: "x", x, write: false },
      ...lists,
    ],
    () => {
      const { kind } = elementOf(x.info);
      const lines = [
        `let i = i32(flat * ${THREADS}u + lane);`,
        `if (i >= ${word(0)}) { return; }`,
        "var rest = i;",
      ];
      for (let d = rank - 1; d >= 0; d--) {
        lines.push(
          `let o${d} = rest % ${count(d)}; rest = rest / ${count(d)};`,
          printWindow(at + PER_DIM * d, windows[d]!, `o${d}`, d),
        );
      }
      const plane = windows.map((_, d) => size(d)).join(" * ");
      const flatOf = (name: (d: number) => string) => {
        let text = name(0);
        for (let d = 1; d < rank; d++) {
          text = `(${text}) * ${size(d)} + ${name(d)}`;
        }
        return text;
      };
      lines.push(
        `let base = ${word(3)} + rest * ${plane};`,
        `var best: ${kind} = ${
          startOf(
            {
              id: 0,
              start: "lowest",
              step: NEVER,
              prologue: null,
              finish: null,
            },
            x.info,
          )
        };`,
        `var place = ${flatOf((d) => `begin${d}`)};`,
        "var found = false;",
        `if (${word(4)} != 0) {
best = load_values(${word(1)} + i);
place = load_indices(${word(2)} + i);
}`,
      );
      for (let d = 0; d < rank; d++) {
        lines.push(
          `for (var k${d} = ${word(partAt + 2 * d)}; k${d} < min(length${d}, ${
            word(partAt + 2 * d + 1)
          }); k${d}++) { let p${d} = begin${d} + k${d} * ${step(d)};`,
        );
      }
      const isBetter = kind === "f32" ? "v > best || isNaN(v)" : "v > best";
      lines.push(
        `let at = ${flatOf((d) => `p${d}`)};
let v = load_x(base + at);
if (${isBetter}) { best = v; place = at; }
found = true;`,
        "}".repeat(rank),
        `if (found) { best = load_x(base + place); }
store_values(${word(1)} + i, best);
store_indices(${word(2)} + i, place);`,
      );
      return { threads: [THREADS, 1, 1], body: lines.join("\n") };
    },
    words,
    groups,
  );
  programs.keepNamed(made);
}

const NEVER = { kind: "input", index: 0 } as const;
