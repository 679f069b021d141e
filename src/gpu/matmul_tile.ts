// The text of the tiled product: tiles of both matrices go through workgroup
// memory as vectors of four, which lie there as they lie in the operand, along
// the inner dimension or across it. Each thread keeps a block of results in
// registers and combines vectors of both kinds without turning them.

import { elementOf, type Kind } from "./element.ts";
import {
  printKeep,
  printTask,
  printVector,
  type Product,
  type Readings,
} from "./product.ts";
import type { Source } from "./program.ts";

/** How a product is cut among workgroups and threads. */
export interface Tiling {
  /** Rows and columns of results per workgroup. */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of results per thread, multiples of four. */
  readonly perRow: number;
  readonly perColumn: number;
}

/** Inner elements that are in workgroup memory at a time. */
const DEPTH = 16;
const VECTORS = DEPTH / 4;
/** Inner elements that a turn goes on, those of the loop inside counted, which compilers may unroll or not. */
export const TILE_REACH: number = DEPTH / (VECTORS + 2);
/** Vectors of a row of a tile that lies along the inner dimension; one more, so that threads meet no bank twice. */
const STEP = VECTORS + 1;

/** One of the two tiles. */
interface Side {
  readonly name: "x" | "y";
  /** Whether vectors lie along the inner dimension. */
  readonly inner: boolean;
  /** Rows or columns of the tile. */
  readonly size: number;
  /** Those of a thread. */
  readonly per: number;
  /** The thread's number among those along this side, and how many they are. */
  readonly thread: string;
  readonly threads: number;
}

/** Bytes of workgroup memory that a tiling may need. */
export function tileBytes({ rows, columns }: Tiling): number {
  return (rows + columns) * STEP * 16;
}

/** The place in the tile of a thread's `r`-th row or column. */
function place({ inner, thread, threads }: Side, r: number): string {
  return inner
    ? `${thread} + ${r * threads}`
    : `${thread} * 4 + ${(r >> 2) * 4 * threads + (r & 3)}`;
}

/** What is particular to one kind of product, as text. */
export interface TileText {
  /** The arithmetic. */
  readonly kind: Kind;
  /** `vector_x` and `vector_y`, which read four neighbours, and `keep`, which stores a result. */
  readonly declarations: string;
  /** Whether neighbours of the left operand, and of the right one, lie along the inner dimension. */
  readonly inner: { readonly x: boolean; readonly y: boolean };
  /** What `vector_y` takes in place of the base and the place of the neighbours: computed once, since that stays. */
  readonly prepare?: (near: string) => string;
}

/** The text for matrices that lie in memory. */
export function matrixText(product: Product, reading: Readings): TileText {
  const { kind } = elementOf(product.x.info);
  return {
    kind,
    declarations: `${printKeep(product, kind)}
${printVector("x", product.x, reading.x, kind)}
${printVector("y", product.y, reading.y, kind)}`,
    inner: { x: reading.x.along === 2, y: reading.y.along === 1 },
  };
}

/** Prints the tiled product. */
export function printTiles(tiling: Tiling, text: TileText): Source {
  const { rows, columns, perRow, perColumn } = tiling;
  const { kind, inner, prepare } = text;
  const threadsX = columns / perColumn;
  const threadsY = rows / perRow;
  const threads = threadsX * threadsY;
  const x: Side = {
    name: "x",
    inner: inner.x,
    size: rows,
    per: perRow,
    thread: "ty",
    threads: threadsY,
  };
  const y: Side = {
    name: "y",
    inner: inner.y,
    size: columns,
    per: perColumn,
    thread: "tx",
    threads: threadsX,
  };
  const sums: string[] = [];
  const stores: string[] = [];
  for (let r = 0; r < perRow; r++) {
    stores.push(`{ let row = row0 + ${place(x, r)};\nif (row < m) {`);
    for (let c = 0; c < perColumn; c++) {
      sums.push(`var s${r}_${c} = ${kind}();`);
      stores.push(
        `{ let column = column0 + ${place(y, c)};
if (column < n) { keep(s${r}_${c}, b, row, column, out0); } }`,
      );
    }
    stores.push("} }");
  }
  const fillX = printFill(x, threads, null);
  const fillY = printFill(y, threads, prepare ?? null);
  return {
    threads: [threads, 1, 1],
    declarations: `${text.declarations}
${declareTile(x, kind)}
${declareTile(y, kind)}`,
    body: `${printTask()}
let row0 = down * ${rows};
let column0 = across * ${columns};
let tx = i32(lane) % ${threadsX};
let ty = i32(lane) / ${threadsX};
${sums.join("\n")}
${fillX.before}
${fillY.before}
for (var k0 = begin; k0 < end; k0 += ${DEPTH}) {
${fillX.each}
${fillY.each}
workgroupBarrier();
for (var q = 0; q < ${VECTORS}; q++) {
${printSteps(x, y, kind).join("\n")}
}
workgroupBarrier();
}
if (inside) {
${stores.join("\n")}
}`,
  };
}

function declareTile({ name, inner, size }: Side, kind: string): string {
  const vectors = inner ? size * STEP : DEPTH * size / 4;
  return `var<workgroup> tile_${name}: array<vec4<${kind}>, ${vectors}>;`;
}

/** Reads a tile; neighbouring threads read neighbouring vectors. */
function printFill(
  { name, inner, size }: Side,
  threads: number,
  prepare: ((near: string) => string) | null,
): { before: string; each: string } {
  const total = size * VECTORS;
  const fast = inner ? VECTORS : size / 4;
  const [base, first, count] = name === "x"
    ? ["x0", "row0", "m"]
    : ["y0", "column0", "n"];
  const before: string[] = [];
  const each: string[] = [];
  for (let at = 0; at < total; at += threads) {
    const cell = `${name}_cell${at}`;
    const [near, far] = [`${name}_near${at}`, `${name}_far${at}`];
    before.push(
      `let ${cell} = i32(lane) + ${at};`,
      `let ${near} = (${cell} % ${fast}) * 4;`,
      `let ${far} = ${cell} / ${fast};`,
    );
    const ready = `${name}_ready${at}`;
    if (prepare !== null) {
      before.push(`let ${ready} = ${prepare(`${first} + ${near}`)};`);
    }
    const value = prepare !== null
      ? `vector_${name}(${ready}, k0 + ${far}, vec2<i32>(${count}, end))`
      : inner
      ? `vector_${name}(${base}, k0 + ${near}, ${first} + ${far}, vec2<i32>(end, ${count}))`
      : `vector_${name}(${base}, ${first} + ${near}, k0 + ${far}, vec2<i32>(${count}, end))`;
    const guard = at + threads > total ? `if (${cell} < ${total}) ` : "";
    const step = inner ? STEP : size / 4;
    each.push(
      `${guard}{ tile_${name}[${far} * ${step} + ${near} / 4] = ${value}; }`,
    );
  }
  return { before: before.join("\n"), each: each.join("\n") };
}

/** Loads the thread's vectors along the inner dimension at `q`, a row or column each. */
function loadInner(side: Side, r: number): string {
  return `let ${side.name}_${r} = tile_${side.name}[(${
    place(side, r)
  }) * ${STEP} + q];`;
}

/** Loads the thread's vectors across the inner dimension at `4q + j`. */
function loadAcross(side: Side, j: number): string[] {
  return Array.from(
    { length: side.per / 4 },
    (_, g) =>
      `let ${side.name}_${j}_${g} = tile_${side.name}[(q * 4 + ${j}) * ${
        side.size / 4
      } + ${side.thread} + ${g * side.threads}];`,
  );
}

/** The `j`-th inner element of a thread's `r`-th row or column. */
function element({ name, inner }: Side, r: number, j: number): string {
  return inner
    ? `${name}_${r}.${"xyzw"[j]}`
    : `${name}_${j}_${r >> 2}.${"xyzw"[r & 3]}`;
}

/** Four steps along the inner dimension; few vectors are alive at a time. */
function printSteps(x: Side, y: Side, kind: string): string[] {
  const lines: string[] = [];
  const add = (r: number, c: number, j: number) => {
    const sum = `s${r}_${c}`;
    const a = element(x, r, j);
    const b = element(y, c, j);
    lines.push(
      kind === "f32"
        ? `${sum} = fma(${a}, ${b}, ${sum});`
        : `${sum} = ${sum} + ${a} * ${b};`,
    );
  };
  if (x.inner) { for (let r = 0; r < x.per; r++) lines.push(loadInner(x, r)); }
  if (x.inner && y.inner) {
    for (let c = 0; c < y.per; c++) {
      lines.push(loadInner(y, c));
      for (let j = 0; j < 4; j++) {
        for (let r = 0; r < x.per; r++) add(r, c, j);
      }
    }
    return lines;
  }
  if (y.inner) { for (let c = 0; c < y.per; c++) lines.push(loadInner(y, c)); }
  for (let j = 0; j < 4; j++) {
    if (!x.inner) lines.push(...loadAcross(x, j));
    if (!y.inner) lines.push(...loadAcross(y, j));
    for (let r = 0; r < x.per; r++) {
      for (let c = 0; c < y.per; c++) add(r, c, j);
    }
  }
  return lines;
}
