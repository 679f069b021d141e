// Scattering along a dimension, in an order that is always the same. Where no
// two positions are known to be equal, order does not matter. Of other short
// rows a thread does one from the first position to the last. The positions of
// long rows are sorted by where they go, which keeps equal ones in the order of
// the index; then one thread per target combines what goes there, one after the
// other. No float is added atomically, so results do not depend on chance.

import type { ScatterMode, Strided } from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { splitStrides } from "../tensor/geometry.ts";
import { CALL, KIND } from "./call.ts";
import { elementOf } from "./element.ts";
import { isHistogram, runHistogram } from "./histogram_shader.ts";
import { areDistinct } from "./index_shader.ts";
import { runCopy } from "./map_shader.ts";
import { type Engine, word, WORDS } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";
import { runSort } from "./sort_shader.ts";
import { mostTurns } from "./turns.ts";
import { merged, printIndex } from "./walk.ts";

const THREADS = 128;

const COMBINE: Readonly<
  Record<ScatterMode, (kind: "f32" | "i32") => string>
> = {
  set: () => "b",
  sum: () => "a + b",
  prod: () => "a * b",
  amax: (kind) => kind === "f32" ? "maxFloat(a, b)" : "max(a, b)",
  amin: (kind) => kind === "f32" ? "minFloat(a, b)" : "min(a, b)",
};

const MODES = Object.keys(COMBINE) as readonly ScatterMode[];

function printCombine(mode: ScatterMode, { info }: Strided): string {
  const { kind } = elementOf(info);
  const result = COMBINE[mode](kind);
  return `fn combine(a: ${kind}, b: ${kind}) -> ${kind} { return ${result}; }`;
}

/** Positions of a row that one thread does fast enough, however few rows there are. */
const SHORT = 64;
/** The same where there are enough rows to keep the GPU busy. */
const MODERATE = 512;
const MANY = 256;

/** Positions of a row that are sorted at once: all may go to one place, whose thread takes a turn for each. */
const MOST_SORTED = 2 ** 22;

/** How rows of target and source lie: strides between them, and a step along one. */
function rowsOf(out: Strided, dim: number, src: Strided) {
  const { strides, along } = splitStrides(out, dim);
  const target = dimLast({ ...geometry(out), strides }, dim).strides;
  const source = dimLast(src, dim).strides;
  return {
    target: target.slice(0, -1),
    source: source.slice(0, -1),
    along,
    step: source.at(-1)!,
  };
}

/** A kernel that scatters without sorting. */
interface Direct {
  /** Its number among those of scatters, and its name. */
  readonly number: number;
  readonly name: string;
  /** Its text; `walk` finds where `row` begins in target, source and index: `o`, `s` and `j`. */
  print(walk: string): string;
}

/** A thread per row. */
const ROWS: Direct = {
  number: 0,
  name: "scatterRows",
  print: (walk) =>
    `let row = i32(flat * ${THREADS}u + lane);
if (row >= ${word(0)}) { return; }
${walk}
for (var k = 0; k < ${word(1)}; k++) {
  let place = o + load_index(j + k * ${word(7)}) * ${word(3)};
  store_out(place, combine(load_out(place), load_src(s + k * ${word(5)})));
}`,
};

/** A thread per element, where no two of a row go to one place. */
const DISTINCT: Direct = {
  number: 1,
  name: "scatterDistinct",
  // Neighbouring threads read neighbours: an index of step 1 is walked by rows.
  print: (walk) =>
    `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
let rows = ${word(0)} / ${word(1)};
let row = select(i % rows, i / ${word(1)}, ${word(7)} == 1);
let k = select(i / rows, i % ${word(1)}, ${word(7)} == 1);
${walk}
let place = o + load_index(j + k * ${word(7)}) * ${word(3)};
store_out(place, combine(load_out(place), load_src(s + k * ${word(5)})));`,
};

/** Runs one of them in so many threads; the index has the dimension last. */
function scatterDirectly(
  engine: Engine,
  kernel: Direct,
  threads: number,
  out: Strided,
  dim: number,
  index: Strided,
  src: Strided,
  mode: ScatterMode,
): void {
  const { target, source, along, step } = rowsOf(out, dim, src);
  const own = index.strides.slice(0, -1);
  const outer = merged(index.shape.slice(0, -1), [target, source, own]);
  let w = 0;
  WORDS[w++] = threads;
  WORDS[w++] = index.shape.at(-1)!;
  WORDS[w++] = out.offset;
  WORDS[w++] = along;
  WORDS[w++] = src.offset;
  WORDS[w++] = step;
  WORDS[w++] = index.offset;
  WORDS[w++] = index.strides.at(-1)!;
  const at = w;
  w = outer.put(w);
  const groups = Math.ceil(threads / THREADS);
  const { programs } = engine;
  CALL.begin(w);
  const added = CALL.add(out) && CALL.add(src) && CALL.add(index);
  const layout = outer.rank * MODES.length + MODES.indexOf(mode);
  CALL.name(added, KIND.scatter, kernel.number, layout);
  if (programs.runNamed(groups)) return;
  const made = programs.launch(
    `${kernel.name} ${mode} ${outer.rank}`,
    [
      { name: "out", x: out, write: true },
      { name: "src", x: src, write: false },
      { name: "index", x: index, write: false },
    ],
    () => ({
      threads: [THREADS, 1, 1],
      declarations: printCombine(mode, out),
      body: kernel.print(`var o = ${word(2)};
var s = ${word(4)};
var j = ${word(6)};
${printIndex("row", at, outer.rank, ["o", "s", "j"])}`),
    }),
    w,
    groups,
  );
  programs.keepNamed(made);
}

/** Puts a dimension last. */
function dimLast(x: Strided, dim: number): Strided {
  const { storage, info, offset, count } = x;
  if (x.shape.length === 0) {
    const one = [1];
    return {
      storage,
      info,
      offset,
      count,
      shape: one,
      strides: one,
      dense: true,
    };
  }
  const shape = x.shape.slice();
  const strides = x.strides.slice();
  shape.push(shape.splice(dim, 1)[0]!);
  strides.push(strides.splice(dim, 1)[0]!);
  return { storage, info, offset, count, shape, strides, dense: false };
}

function copied(engine: Engine, temporary: Temporary, x: Strided): Strided {
  const out = temporary(x.info, x.shape);
  runCopy(engine, out, x);
  return out;
}

/** The elements along a dimension from one on, as many as asked for, of the first `n`. */
function part(
  x: Strided,
  dim: number,
  from: number,
  most: number,
  n: number,
): Strided {
  const shape = x.shape.with(dim, Math.min(most, n - from));
  const count = shape.reduce((product, size) => product * size, 1);
  const offset = x.offset + from * x.strides[dim]!;
  return { ...x, shape, count, offset, dense: false };
}

/** See `Device.scatter`. */
export function runScatter(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  dim: number,
  index: Strided,
  src: Strided,
  mode: ScatterMode,
): void {
  if (index.count === 0) return;
  // What is written is not read meanwhile.
  const places = index.storage === out.storage
    ? copied(engine, temporary, index)
    : index;
  const turned = dimLast(places, dim);
  const n = turned.shape.at(-1)!;
  const rows = turned.shape.slice(0, -1);
  const rowCount = rows.reduce((product, m) => product * m, 1);
  if (n <= SHORT || (rowCount >= MANY && n <= MODERATE)) {
    scatterDirectly(engine, ROWS, rowCount, out, dim, turned, src, mode);
    return;
  }
  if (areDistinct(turned)) {
    scatterDirectly(
      engine,
      DISTINCT,
      turned.count,
      out,
      dim,
      turned,
      src,
      mode,
    );
    return;
  }
  if (mode === "sum" && isHistogram(out) && src.info === out.info) {
    runHistogram(engine, temporary, out, turned, dimLast(src, dim));
    return;
  }
  // One part after the other does the same in the same order.
  const most = Math.min(MOST_SORTED, mostTurns(engine.context));
  if (n > most) {
    for (let from = 0; from < n; from += most) {
      const [few, some] = [places, src].map((x) => part(x, dim, from, most, n));
      runScatter(engine, temporary, out, dim, few!, some!, mode);
    }
    return;
  }
  // Rows that repeat one index list share its order.
  const lists = rows.map((size, d) => turned.strides[d] === 0 ? 1 : size);
  const listCount = lists.reduce((product, m) => product * m, 1);
  const keys = {
    storage: places.storage,
    info: places.info,
    shape: [...lists, n],
    strides: turned.strides,
    offset: places.offset,
    count: listCount * n,
    dense: false,
  };
  const sorted = temporary(INT32, [...lists, n]);
  const order = temporary(INT32, [...lists, n]);
  runSort(engine, temporary, sorted, order, keys, false);
  const { target, source, along, step } = rowsOf(out, dim, src);
  const orderStrides = rows.map((_, d) =>
    lists[d] === 1 && rows[d] !== 1 ? 0 : sorted.strides[d]!
  );
  const outer = merged(rows, [target, source, orderStrides]);
  const count = rowCount * n;
  let w = 0;
  WORDS[w++] = count;
  WORDS[w++] = n;
  WORDS[w++] = out.offset;
  WORDS[w++] = along;
  WORDS[w++] = src.offset;
  WORDS[w++] = step;
  const at = w;
  w = outer.put(w);
  engine.programs.launch(
    `scatter ${mode} ${outer.rank}`,
    [
      { name: "out", x: out, write: true },
      { name: "src", x: src, write: false },
      { name: "sorted", x: sorted, write: false },
      { name: "order", x: order, write: false },
    ],
    () => ({
      threads: [THREADS, 1, 1],
      declarations: printCombine(mode, out),
      // The thread at the first of equal targets takes all of them. Rows lie
      // side by side, so that neighbours in memory go to neighbouring threads.
      body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
let rows = ${word(0)} / ${word(1)};
let row = i % rows;
let k = i / rows;
var o = ${word(2)};
var s = ${word(4)};
var list = 0;
${printIndex("row", at, outer.rank, ["o", "s", "list"])}
let target_place = load_sorted(list + k);
if (k > 0 && load_sorted(list + k - 1) == target_place) { return; }
let place = o + target_place * ${word(3)};
var acc = load_out(place);
for (var p = k; p < ${word(1)} && load_sorted(list + p) == target_place; p++) {
  acc = combine(acc, load_src(s + load_order(list + p) * ${word(5)}));
}
store_out(place, acc);`,
    }),
    w,
    Math.ceil(count / THREADS),
  );
}

/** The geometry of an operand without its memory's type of tensor. */
function geometry(x: Strided): Strided {
  const { storage, info, shape, strides, offset, count, dense } = x;
  return { storage, info, shape, strides, offset, count, dense };
}
