// Positions of extremes along the last dimension, and running extremes with
// their positions. NaN wins, as in PyTorch.

import type { Strided } from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { elementOf, type Kind } from "./element.ts";
import { type Engine, type Operand, word, WORDS } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";
import { merged, printIndex } from "./walk.ts";

const THREADS = 256;
/** Elements of one piece of a long row. */
const PIECE = 8192;

/** `wins(a, i, b, j)`: whether the element `a` at `i` is chosen rather than `b` at `j`. */
function printWins(kind: Kind, largest: boolean, first: boolean): string {
  const sign = largest ? ">" : "<";
  const tie = first ? "i < j" : "i > j";
  const nan = kind === "f32"
    ? `let p = isNaN(a); let q = isNaN(b);
if (p || q) { return p && (!q || ${tie}); }`
    : "";
  return `fn wins(a: ${kind}, i: i32, b: ${kind}, j: i32) -> bool {
${nan}
if (a == b) { return ${tie}; }
return a ${sign} b;
}`;
}

/** Position of the first largest or smallest element along the last dimension. */
export function runArgReduce(
  engine: Engine,
  temporary: Temporary,
  largest: boolean,
  out: Strided,
  x: Strided,
): void {
  if (out.count === 0) return;
  const n = x.shape.at(-1) ?? 1;
  const pieces = Math.ceil(n / PIECE);
  if (pieces === 1) {
    choose(engine, largest, out, x, null, 1, n);
    return;
  }
  const candidates = temporary(INT32, [out.count, pieces]);
  choose(engine, largest, candidates, x, null, pieces, n);
  choose(engine, largest, out, x, candidates, 1, pieces);
}

/** Chooses among all elements, or among candidates, of which each row has `n`. */
function choose(
  engine: Engine,
  largest: boolean,
  out: Strided,
  x: Strided,
  candidates: Strided | null,
  pieces: number,
  n: number,
): void {
  const rank = x.shape.length;
  const rows = out.count / pieces;
  const outer = merged(x.shape.slice(0, -1), [x.strides.slice(0, -1)]);
  let w = 0;
  WORDS[w++] = n;
  WORDS[w++] = Math.ceil(n / pieces);
  WORDS[w++] = pieces;
  WORDS[w++] = rows;
  WORDS[w++] = x.offset;
  WORDS[w++] = rank === 0 ? 0 : x.strides[rank - 1]!;
  WORDS[w++] = out.offset;
  WORDS[w++] = candidates?.offset ?? 0;
  const outerAt = w;
  w = outer.put(w);
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false },
  ];
  if (candidates !== null) {
    operands.push({ name: "from", x: candidates, write: false });
  }
  engine.programs.launch(
    `arg ${largest} ${outer.rank} ${candidates === null}`,
    operands,
    () => {
      const { kind } = elementOf(x.info);
      const position = candidates === null
        ? "k"
        : `load_from(${word(7)} + row * ${word(0)} + k)`;
      return {
        threads: [THREADS, 1, 1],
        declarations: `${printWins(kind, largest, true)}
var<workgroup> values: array<${kind}, ${THREADS}>;
var<workgroup> places: array<i32, ${THREADS}>;`,
        body: `let task = i32(flat);
let inside = task < ${word(3)} * ${word(2)};
let row = select(0, task / ${word(2)}, inside);
let begin = (task % ${word(2)}) * ${word(1)};
let end = select(begin, min(${word(0)}, begin + ${word(1)}), inside);
var base = ${word(4)};
${printIndex("row", outerAt, outer.rank, ["base"])}
var best: ${kind};
var place = -1;
for (var k = begin + i32(lane); k < end; k += ${THREADS}) {
  let at = ${position};
  let value = load_x(base + at * ${word(5)});
  if (place < 0 || wins(value, at, best, place)) { best = value; place = at; }
}
values[lane] = best;
places[lane] = place;
workgroupBarrier();
for (var width = ${THREADS / 2}u; width > 0u; width = width >> 1u) {
  if (lane < width) {
    let other = places[lane + width];
    if (other >= 0 && (places[lane] < 0 || wins(values[lane + width], other, values[lane], places[lane]))) {
      values[lane] = values[lane + width];
      places[lane] = other;
    }
  }
  workgroupBarrier();
}
if (lane == 0u && inside) { store_out(${word(6)} + task, places[0]); }`,
      };
    },
    w,
    rows * pieces,
  );
}

/** Running maximum or minimum along the last dimension, with positions (the last of equals). */
export function runArgScan(
  engine: Engine,
  largest: boolean,
  values: Strided,
  indices: Strided,
  x: Strided,
): void {
  if (values.count === 0) return;
  const rank = x.shape.length;
  const n = x.shape.at(-1) ?? 1;
  const rows = values.count / n;
  const outer = merged(x.shape.slice(0, -1), [x.strides.slice(0, -1)]);
  let w = 0;
  WORDS[w++] = n;
  WORDS[w++] = rows;
  WORDS[w++] = x.offset;
  WORDS[w++] = rank === 0 ? 0 : x.strides[rank - 1]!;
  WORDS[w++] = values.offset;
  WORDS[w++] = indices.offset;
  const outerAt = w;
  w = outer.put(w);
  engine.programs.launch(
    `argscan ${largest} ${outer.rank}`,
    [
      { name: "values", x: values, write: true },
      { name: "indices", x: indices, write: true },
      { name: "x", x, write: false },
    ],
    () => {
      const { kind } = elementOf(x.info);
      // A later element is chosen where it equals an earlier one.
      return {
        threads: [THREADS, 1, 1],
        declarations: `${printWins(kind, largest, false)}
var<workgroup> best: array<${kind}, ${THREADS}>;
var<workgroup> places: array<i32, ${THREADS}>;`,
        body: `let inside = i32(flat) < ${word(1)};
let row = select(0, i32(flat), inside);
let end = select(0, ${word(0)}, inside);
var base = ${word(2)};
${printIndex("row", outerAt, outer.rank, ["base"])}
var carry: ${kind};
var carried = -1;
for (var block = 0; block < end; block += ${THREADS}) {
  let k = block + i32(lane);
  var value: ${kind};
  var place = -1;
  if (k < end) { value = load_x(base + k * ${word(3)}); place = k; }
  if (lane == 0u && carried >= 0 && wins(carry, carried, value, place)) { value = carry; place = carried; }
  best[lane] = value;
  places[lane] = place;
  workgroupBarrier();
  for (var width = 1u; width < ${THREADS}u; width = width << 1u) {
    if (lane >= width && place >= 0) {
      let other = places[lane - width];
      let before = best[lane - width];
      if (other >= 0 && wins(before, other, value, place)) { value = before; place = other; }
    }
    workgroupBarrier();
    best[lane] = value;
    places[lane] = place;
    workgroupBarrier();
  }
  if (k < end) {
    store_values(${word(4)} + row * ${word(0)} + k, value);
    store_indices(${word(5)} + row * ${word(0)} + k, place);
  }
  carry = best[${THREADS - 1}];
  carried = places[${THREADS - 1}];
  workgroupBarrier();
}`,
      };
    },
    w,
    rows,
  );
}
