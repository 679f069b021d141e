// Positions of extremes along the last dimension, and running extremes with
// their positions. NaN wins, as in PyTorch.

import type { Strided } from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { CALL, KIND } from "./call.ts";
import { elementOf, type Kind } from "./element.ts";
import { runGather } from "./index_shader.ts";
import { putPieces, ROW } from "./piece_walk.ts";
import { type Engine, type Operand, word, WORDS } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";
import { declareTree, printTree, type Tree } from "./workgroup_tree.ts";

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

/** An element at its place, -1 for none, and which of two is chosen. */
function printBetter(kind: Kind, lanes: number): string {
  return `struct Candidate { value: ${kind}, place: i32 }
fn better(a: Candidate, b: Candidate) -> Candidate {
if (b.place < 0) { return a; }
if (a.place < 0 || wins(b.value, b.place, a.value, a.place)) { return b; }
return a;
}
${
    lanes === 1 ? "" : `fn partner(x: Candidate, width: u32) -> Candidate {
return Candidate(subgroupShuffleXor(x.value, width), subgroupShuffleXor(x.place, width));
}`
  }`;
}

/** How the threads of a workgroup choose. */
const TREE: Tree = {
  threads: THREADS,
  near: 1,
  type: "Candidate",
  acc: "best",
  all: false,
  combine: (a, b) => `better(${a}, ${b})`,
  partner: (best, width) => `partner(${best}, ${width}u)`,
};

/** See `Device.argReduce`; the elements themselves are always stored where they are wanted. */
export function runArgReduce(
  engine: Engine,
  temporary: Temporary,
  largest: boolean,
  out: Strided,
  x: Strided,
  values: Strided | null,
): boolean {
  if (out.count === 0) return true;
  const n = x.shape.at(-1) ?? 1;
  const pieces = Math.ceil(n / PIECE);
  let candidates: Strided | null = null;
  if (pieces > 1) {
    candidates = temporary(INT32, [out.count, pieces]);
    choose(engine, { largest, first: true }, candidates, x, null, null, pieces);
  }
  choose(engine, { largest, first: true }, out, x, candidates, values, 1);
  return true;
}

/** Which element is chosen. */
interface Choice {
  readonly largest: boolean;
  /** Whether it is the first of equals, not the last. */
  readonly first: boolean;
}

/** Chooses among all elements of each piece, or among candidates of each row; `values` is dense, if anything. */
function choose(
  engine: Engine,
  { largest, first }: Choice,
  out: Strided,
  x: Strided,
  candidates: Strided | null,
  values: Strided | null,
  pieces: number,
): void {
  const rows = out.count / pieces;
  const n = (candidates ?? x).shape.at(-1) ?? 1;
  const walk = putPieces(x, out, candidates, rows, pieces, n);
  const { programs, context } = engine;
  const { lanes } = context.abilities.subgroups;
  const { words } = walk;
  WORDS[words] = values?.offset ?? 0;
  CALL.begin(words + 1);
  const added = CALL.add(out) && CALL.add(x) &&
    (candidates === null || CALL.add(candidates)) &&
    (values === null || CALL.add(values));
  CALL.name(
    added,
    KIND.position,
    0,
    walk.rank * 8 + (first ? 4 : 0) + (values === null ? 0 : 2) +
      (largest ? 1 : 0),
  );
  if (programs.runNamed(walk.pieces)) return;
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false },
  ];
  if (candidates !== null) {
    operands.push({ name: "from", x: candidates, write: false });
  }
  if (values !== null) {
    operands.push({ name: "values", x: values, write: true });
  }
  const made = programs.launch(
    `arg ${largest} ${first} ${walk.rank} ${candidates === null} ${
      values === null
    }`,
    operands,
    () => {
      const { kind } = elementOf(x.info);
      const position = candidates === null
        ? "k"
        : `load_from(${ROW.beside} + row * ${ROW.length} + k)`;
      return {
        threads: [THREADS, 1, 1],
        declarations: `${printWins(kind, largest, first)}
${printBetter(kind, lanes)}
${declareTree(TREE, lanes)}`,
        body: `${walk.print()}
let share = i32(lane);
var best = Candidate(${kind}(0), -1);
for (var k = begin + share; k < end; k += ${THREADS}) {
  let at = ${position};
  best = better(best, Candidate(load_x(base + at * ${ROW.step}), at));
}
${printTree(TREE, lanes)}
if (share == 0 && inside) {
  store_out(${ROW.out} + task, best.place);
  ${values === null ? "" : `store_values(${word(words)} + task, best.value);`}
}`,
      };
    },
    words + 1,
    walk.pieces,
  );
  programs.keepNamed(made);
}

/** Rows that keep a large GPU busy, a workgroup each, and the length from which on a row takes too long all the same. */
const BUSY = 256;
const LONG = 2 ** 18;

/** Running maximum or minimum along the last dimension, with positions (the last of equals). */
export function runArgScan(
  engine: Engine,
  temporary: Temporary,
  largest: boolean,
  values: Strided,
  indices: Strided,
  x: Strided,
): void {
  if (values.count === 0) return;
  const n = x.shape.at(-1) ?? 1;
  const rows = values.count / n;
  const pieces = rows < BUSY || n > LONG ? Math.ceil(n / PIECE) : 1;
  if (pieces === 1) {
    scanPieces(engine, largest, values, indices, x, 1, null);
    return;
  }
  // The best of each piece, and of all pieces up to each: where the next begins.
  const places = temporary(INT32, [rows, pieces]);
  const bests = temporary(x.info, [rows, pieces]);
  const choice = { largest, first: false };
  choose(engine, choice, places, x, null, bests, pieces);
  const running = temporary(x.info, [rows, pieces]);
  const from = temporary(INT32, [rows, pieces]);
  runArgScan(engine, temporary, largest, running, from, bests);
  const before = temporary(INT32, [rows, pieces]);
  runGather(engine, before, places, 1, from);
  scanPieces(engine, largest, values, indices, x, pieces, before);
}

/** Walks pieces of rows; `before` has the place of the best element up to the end of each. */
function scanPieces(
  engine: Engine,
  largest: boolean,
  values: Strided,
  indices: Strided,
  x: Strided,
  pieces: number,
  before: Strided | null,
): void {
  const n = x.shape.at(-1) ?? 1;
  const walk = putPieces(x, values, indices, values.count / n, pieces, n);
  const operands: Operand[] = [
    { name: "values", x: values, write: true },
    { name: "indices", x: indices, write: true },
    { name: "x", x, write: false },
  ];
  if (before !== null) {
    operands.push({ name: "before", x: before, write: false });
  }
  engine.programs.launch(
    `argscan ${largest} ${walk.rank} ${before === null}`,
    operands,
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
${
          before === null ? "" : `if (piece > 0 && inside) {
  carried = load_before(task - 1);
  carry = load_x(base + carried * ${ROW.step});
}`
        }
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
