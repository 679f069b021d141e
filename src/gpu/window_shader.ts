// Sums and largest elements of windows: a thread per result.

import type { Strided, Windows } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { convertKind, elementOf } from "./element.ts";
import { type Engine, type Operand, word, WORDS } from "./program.ts";
import { startOf, type Temporary } from "./reduce_shader.ts";

const THREADS = 128;

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
  const places = placesOf(temporary, windows);
  const m = windows.starts.length;
  const n = x.shape[dim]!;
  const inner = x.shape.slice(dim + 1).reduce((product, s) => product * s, 1);
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false },
    { name: "places", x: places, write: false },
  ];
  const { weights } = windows;
  if (weights !== null) {
    const factors = temporary(FLOAT32, [weights.length]);
    factors.storage.device.write(factors, weights);
    operands.push({ name: "weights", x: factors, write: false });
  }
  const { kind } = elementOf(x.info);
  let w = 0;
  for (
    const value of [
      out.count,
      m,
      n,
      inner,
      out.offset,
      x.offset,
      windows.step,
      windows.most,
    ]
  ) WORDS[w++] = value;
  engine.programs.launch(
    `windowSum ${weights !== null}`,
    operands,
    () => ({
      threads: [THREADS, 1, 1],
      body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
let j = i % ${word(3)};
let o = (i / ${word(3)}) % ${word(1)};
let row = i / (${word(3)} * ${word(1)});
let begin = load_places(o);
let length = load_places(${word(1)} + o);
var acc: ${kind} = ${kind === "f32" ? "0.0" : "0"};
for (var k = 0; k < length; k++) {
  let p = begin + k * ${word(6)};
  let v = load_x(${word(5)} + (row * ${word(2)} + p) * ${word(3)} + j);
  acc += ${
        weights === null
          ? "v"
          : `v * ${
            convertKind("f32", kind, `load_weights(o * ${word(7)} + k)`)
          }`
      };
}
store_out(${word(4)} + i, acc);`,
    }),
    w,
    Math.ceil(out.count / THREADS),
  );
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
  const rank = windows.length;
  const operands: Operand[] = [
    { name: "values", x: values, write: true },
    { name: "indices", x: indices, write: true },
    { name: "x", x, write: false },
    ...windows.map((each, d): Operand => ({
      name: `places${d}`,
      x: placesOf(temporary, each),
      write: false,
    })),
  ];
  const sizes = x.shape.slice(x.shape.length - rank);
  let w = 0;
  WORDS[w++] = values.count;
  WORDS[w++] = values.offset;
  WORDS[w++] = indices.offset;
  WORDS[w++] = x.offset;
  const at = w;
  windows.forEach((each, d) => {
    WORDS[w++] = each.starts.length;
    WORDS[w++] = each.step;
    WORDS[w++] = sizes[d]!;
  });
  const count = (d: number) => word(at + 3 * d);
  const step = (d: number) => word(at + 3 * d + 1);
  const size = (d: number) => word(at + 3 * d + 2);
  engine.programs.launch(
    `windowMax ${rank}`,
    operands,
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
          `let begin${d} = load_places${d}(o${d});`,
          `let length${d} = load_places${d}(${count(d)} + o${d});`,
        );
      }
      const plane = sizes.map((_, d) => size(d)).join(" * ");
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
      );
      for (let d = 0; d < rank; d++) {
        lines.push(
          `for (var k${d} = 0; k${d} < length${d}; k${d}++) { let p${d} = begin${d} + k${d} * ${
            step(d)
          };`,
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
    w,
    Math.ceil(values.count / THREADS),
  );
}

const NEVER = { kind: "input", index: 0 } as const;
