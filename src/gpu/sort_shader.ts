// Stable sorting along the last dimension. Elements become integers that order
// as they do. Blocks are sorted in workgroup memory, by key and position, and
// sorted runs are merged two by two: each element finds its place in the merged
// run by a binary search in the other one. No atomics, so the order is exact.

import type { Strided } from "../tensor/device.ts";
import { INT32 } from "../tensor/dtype.ts";
import { elementOf } from "./element.ts";
import { type Engine, type Operand, word, WORDS } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";
import { merged, printIndex } from "./walk.ts";

const THREADS = 256;
/** Elements that one workgroup sorts. */
const BLOCK = 2048;
/** The same through OpenGL, where memory of a workgroup takes long to compile. */
const SHORT_BLOCK = 128;

/** Spells the key of an element: a signed integer that orders as elements do, NaN last. */
function keyText(info: Strided["info"]): string {
  if (elementOf(info).kind === "i32") {
    return "fn key(x: i32) -> i32 { return x; }";
  }
  // The bits of a float order as integers, negative ones the other way round.
  return `fn key(x: f32) -> i32 {
let b = bitcast<u32>(x);
if ((b & 0x7fffffffu) > 0x7f800000u) { return 2147483647; }
if ((b & 0x7fffffffu) == 0u) { return 0; }
let s = bitcast<i32>(b);
return select(s, -2147483647 - 1 - s, s < 0);
}`;
}

/** See `Device.sort`. */
export function runSort(
  engine: Engine,
  temporary: Temporary,
  values: Strided,
  indices: Strided,
  x: Strided,
  descending: boolean,
): void {
  if (values.count === 0) return;
  const n = x.shape.at(-1) ?? 1;
  const rows = x.count / n;
  let keys = temporary(INT32, [rows, n]);
  let order = temporary(INT32, [rows, n]);
  const block = engine.context.abilities.openGl ? SHORT_BLOCK : BLOCK;
  sortBlocks(engine, keys, order, x, n, rows, block, descending);
  if (n > block) {
    let otherKeys = temporary(INT32, [rows, n]);
    let otherOrder = temporary(INT32, [rows, n]);
    for (let run = block; run < n; run *= 2) {
      mergeRuns(engine, otherKeys, otherOrder, keys, order, n, rows, run);
      [keys, otherKeys] = [otherKeys, keys];
      [order, otherOrder] = [otherOrder, order];
    }
  }
  placeResults(engine, values, indices, x, order, n, rows);
}

function sortBlocks(
  engine: Engine,
  keys: Strided,
  order: Strided,
  x: Strided,
  n: number,
  rows: number,
  block: number,
  descending: boolean,
): void {
  const rank = x.shape.length;
  const outer = merged(x.shape.slice(0, -1), [x.strides.slice(0, -1)]);
  const blocks = Math.ceil(n / block);
  // A short row needs a short block only.
  const size = Math.min(block, 2 ** Math.ceil(Math.log2(Math.max(n, 2))));
  let w = 0;
  WORDS[w++] = n;
  WORDS[w++] = blocks;
  WORDS[w++] = rows;
  WORDS[w++] = x.offset;
  WORDS[w++] = rank === 0 ? 0 : x.strides[rank - 1]!;
  const at = w;
  w = outer.put(w);
  engine.programs.launch(
    `sort ${size} ${outer.rank} ${descending}`,
    [
      { name: "keys", x: keys, write: true },
      { name: "order", x: order, write: true },
      { name: "x", x, write: false },
    ],
    () => ({
      threads: [THREADS, 1, 1],
      declarations: `${keyText(x.info)}
var<workgroup> shared_keys: array<i32, ${size}>;
var<workgroup> places: array<i32, ${size}>;
fn before(a: i32, i: i32, b: i32, j: i32) -> bool { return a < b || (a == b && i < j); }`,
      // What lies beyond the row has the largest key and the last position.
      body: `let inside = i32(flat) < ${word(2)} * ${word(1)};
let row = select(0, i32(flat) / ${word(1)}, inside);
let begin = (i32(flat) % ${word(1)}) * ${size};
var base = ${word(3)};
${printIndex("row", at, outer.rank, ["base"])}
for (var t = i32(lane); t < ${size}; t += ${THREADS}) {
  let k = begin + t;
  var v = 2147483647;
  if (inside && k < ${word(0)}) {
    v = key(load_x(base + k * ${word(4)}));
    ${descending ? "v = -1 - v;" : ""}
  }
  shared_keys[t] = v;
  places[t] = select(k, 2147483647, k >= ${word(0)});
}
workgroupBarrier();
for (var width = 2; width <= ${size}; width = width << 1u) {
  for (var step = width >> 1u; step > 0; step = step >> 1u) {
    for (var t = i32(lane); t < ${size / 2}; t += ${THREADS}) {
      let i = 2 * t - (t & (step - 1));
      let j = i + step;
      let up = (i & width) == 0;
      let a = shared_keys[i];
      let b = shared_keys[j];
      let p = places[i];
      let q = places[j];
      if (before(b, q, a, p) == up) {
        shared_keys[i] = b;
        shared_keys[j] = a;
        places[i] = q;
        places[j] = p;
      }
    }
    workgroupBarrier();
  }
}
for (var t = i32(lane); t < ${size}; t += ${THREADS}) {
  let k = begin + t;
  if (inside && k < ${word(0)}) {
    store_keys(row * ${word(0)} + k, shared_keys[t]);
    store_order(row * ${word(0)} + k, places[t]);
  }
}`,
    }),
    w,
    rows * blocks,
  );
}

/** Merges neighbouring sorted runs of `run` elements. */
function mergeRuns(
  engine: Engine,
  toKeys: Strided,
  toOrder: Strided,
  keys: Strided,
  order: Strided,
  n: number,
  rows: number,
  run: number,
): void {
  WORDS[0] = n;
  WORDS[1] = rows * n;
  WORDS[2] = run;
  engine.programs.launch(
    "merge",
    [
      { name: "toKeys", x: toKeys, write: true },
      { name: "toOrder", x: toOrder, write: true },
      { name: "keys", x: keys, write: false },
      { name: "order", x: order, write: false },
    ],
    () => ({
      threads: [THREADS, 1, 1],
      // Equal keys of the first run come first: that keeps the sort stable.
      body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(1)}) { return; }
let n = ${word(0)};
let run = ${word(2)};
let start = (i / n) * n;
let k = i - start;
let own = (k / run) * run;
let first = (k / run) % 2 == 0;
let other = select(own - run, own + run, first);
let begin = start + min(other, n);
let end = start + min(other + run, n);
let v = load_keys(i);
var low = begin;
var high = end;
while (low < high) {
  let middle = (low + high) / 2;
  let w = load_keys(middle);
  let goes = select(w <= v, w < v, first);
  if (goes) { low = middle + 1; } else { high = middle; }
}
let place = start + min(own, other) + (k - own) + (low - begin);
store_toKeys(place, v);
store_toOrder(place, load_order(i));`,
    }),
    3,
    Math.ceil((rows * n) / THREADS),
  );
}

/** Writes values and positions in their order. */
function placeResults(
  engine: Engine,
  values: Strided,
  indices: Strided,
  x: Strided,
  order: Strided,
  n: number,
  rows: number,
): void {
  const rank = x.shape.length;
  const outer = merged(x.shape.slice(0, -1), [x.strides.slice(0, -1)]);
  let w = 0;
  // Where fewer are wanted than there are, the first of them.
  const kept = values.shape.at(-1) ?? 1;
  WORDS[w++] = n;
  WORDS[w++] = rows * kept;
  WORDS[w++] = x.offset;
  WORDS[w++] = rank === 0 ? 0 : x.strides[rank - 1]!;
  WORDS[w++] = values.offset;
  WORDS[w++] = indices.offset;
  WORDS[w++] = kept;
  const at = w;
  w = outer.put(w);
  const operands: Operand[] = [
    { name: "values", x: values, write: true },
    { name: "indices", x: indices, write: true },
    { name: "x", x, write: false },
    { name: "order", x: order, write: false },
  ];
  engine.programs.launch(
    `sorted ${outer.rank}`,
    operands,
    () => ({
      threads: [THREADS, 1, 1],
      body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(1)}) { return; }
let row = i / ${word(6)};
var base = ${word(2)};
${printIndex("row", at, outer.rank, ["base"])}
let place = load_order(row * ${word(0)} + i - row * ${word(6)});
store_values(${word(4)} + i, load_x(base + place * ${word(3)}));
store_indices(${word(5)} + i, place);`,
    }),
    w,
    Math.ceil((rows * kept) / THREADS),
  );
}

/** See `Device.searchSorted`. */
export function runSearchSorted(
  engine: Engine,
  out: Strided,
  sorted: Strided,
  values: Strided,
  right: boolean,
): void {
  if (out.count === 0) return;
  const rank = values.shape.length;
  const shared = sorted.shape.length === 1 && rank !== 1;
  const rowShape = values.shape.slice(0, -1);
  const rowStrides = shared
    ? rowShape.map(() => 0)
    : sorted.strides.slice(0, -1);
  const outer = merged(rowShape, [values.strides.slice(0, -1), rowStrides]);
  const m = values.shape.at(-1) ?? 1;
  let w = 0;
  WORDS[w++] = values.count;
  WORDS[w++] = m;
  WORDS[w++] = sorted.shape.at(-1)!;
  WORDS[w++] = values.offset;
  WORDS[w++] = rank === 0 ? 0 : values.strides[rank - 1]!;
  WORDS[w++] = sorted.offset;
  WORDS[w++] = sorted.strides.at(-1)!;
  WORDS[w++] = out.offset;
  const at = w;
  w = outer.put(w);
  engine.programs.launch(
    `search ${outer.rank} ${right}`,
    [
      { name: "out", x: out, write: true },
      { name: "sorted", x: sorted, write: false },
      { name: "values", x: values, write: false },
    ],
    () => {
      const float = elementOf(sorted.info).kind === "f32" ||
        elementOf(values.info).kind === "f32";
      const read = (x: Strided, text: string) =>
        float && elementOf(x.info).kind === "i32" ? `f32(${text})` : text;
      const value = read(values, `load_values(v + k * ${word(4)})`);
      const element = read(sorted, `load_sorted(s + middle * ${word(6)})`);
      // NaN counts as largest.
      const nan = (name: string) => float ? `isNaN(${name})` : "false";
      const below = right
        ? `(!${nan("w")} && (${nan("x")} || w <= x)) || (${nan("w")} && ${
          nan("x")
        })`
        : `!${nan("w")} && (${nan("x")} || w < x)`;
      return {
        threads: [THREADS, 1, 1],
        body: `let i = i32(flat * ${THREADS}u + lane);
if (i >= ${word(0)}) { return; }
let row = i / ${word(1)};
let k = i - row * ${word(1)};
var v = ${word(3)};
var s = ${word(5)};
${printIndex("row", at, outer.rank, ["v", "s"])}
let x = ${value};
var low = 0;
var high = ${word(2)};
while (low < high) {
  let middle = (low + high) / 2;
  let w = ${element};
  if (${below}) { low = middle + 1; } else { high = middle; }
}
store_out(${word(7)} + i, low);`,
      };
    },
    w,
    Math.ceil(values.count / THREADS),
  );
}
