// Positions of extremes along the last dimension, and running extremes with
// their positions. NaN wins, as in PyTorch.

import type { Strided } from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { CALL, KIND } from "./call.ts";
import { elementOf, type Kind } from "./element.ts";
import { putPieces, ROW } from "./piece_walk.ts";
import type { Engine, Operand } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";

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
  const rows = out.count / pieces;
  const walk = putPieces(x, out, candidates, rows, pieces, n);
  const { programs } = engine;
  CALL.begin(walk.words);
  const added = CALL.add(out) && CALL.add(x) &&
    (candidates === null || CALL.add(candidates));
  CALL.name(added, KIND.position, 0, walk.rank * 2 + (largest ? 1 : 0));
  if (programs.runNamed(walk.pieces)) return;
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false },
  ];
  if (candidates !== null) {
    operands.push({ name: "from", x: candidates, write: false });
  }
  const made = programs.launch(
    `arg ${largest} ${walk.rank} ${candidates === null}`,
    operands,
    () => {
      const { kind } = elementOf(x.info);
      const position = candidates === null
        ? "k"
        : `load_from(${ROW.beside} + row * ${ROW.length} + k)`;
      return {
        threads: [THREADS, 1, 1],
        declarations: `${printWins(kind, largest, true)}
var<workgroup> values: array<${kind}, ${THREADS}>;
var<workgroup> places: array<i32, ${THREADS}>;`,
        body: `${walk.print()}
var best: ${kind};
var place = -1;
for (var k = begin + i32(lane); k < end; k += ${THREADS}) {
  let at = ${position};
  let value = load_x(base + at * ${ROW.step});
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
if (lane == 0u && inside) { store_out(${ROW.out} + task, places[0]); }`,
      };
    },
    walk.words,
    walk.pieces,
  );
  programs.keepNamed(made);
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
  const n = x.shape.at(-1) ?? 1;
  const walk = putPieces(x, values, indices, values.count / n, 1, n);
  engine.programs.launch(
    `argscan ${largest} ${walk.rank}`,
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
        body: `${walk.print()}
var carry: ${kind};
var carried = -1;
for (var block = begin; block < end; block += ${THREADS}) {
  let k = block + i32(lane);
  var value: ${kind};
  var place = -1;
  if (k < end) { value = load_x(base + k * ${ROW.step}); place = k; }
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
    store_values(${ROW.out} + row * ${ROW.length} + k, value);
    store_indices(${ROW.beside} + row * ${ROW.length} + k, place);
  }
  carry = best[${THREADS - 1}];
  carried = places[${THREADS - 1}];
  workgroupBarrier();
}`,
      };
    },
    walk.words,
    walk.pieces,
  );
}
