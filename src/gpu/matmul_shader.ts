// Matrix products: tiles of both matrices go through workgroup memory, and each
// thread keeps a small block of results in registers. Transposed, strided and
// repeated operands are read where they are. A product whose results are too
// few to keep the GPU busy is cut along the inner dimension, and the pieces are
// added in order by a second kernel.

import type { Strided } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { convertKind, elementOf } from "./element.ts";
import {
  type Engine,
  type Operand,
  type Source,
  word,
  WORDS,
} from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";

/** How a product is cut among workgroups and threads. */
interface Tiling {
  /** Rows and columns of results per workgroup. */
  readonly rows: number;
  readonly columns: number;
  /** Inner elements that are in workgroup memory at a time. */
  readonly depth: number;
  /** Rows and columns of results per thread. */
  readonly perRow: number;
  readonly perColumn: number;
}

const LARGE: Tiling = {
  rows: 64,
  columns: 64,
  depth: 16,
  perRow: 4,
  perColumn: 4,
};
const SMALL: Tiling = {
  rows: 16,
  columns: 16,
  depth: 16,
  perRow: 1,
  perColumn: 1,
};
/** One row or one column of results: threads lie along the other. */
const ROW: Tiling = {
  rows: 1,
  columns: 64,
  depth: 64,
  perRow: 1,
  perColumn: 1,
};
const COLUMN: Tiling = {
  rows: 64,
  columns: 1,
  depth: 64,
  perRow: 1,
  perColumn: 1,
};

/** Workgroups below which a deep product is cut along the inner dimension. */
const FEW = 64;
/** Inner elements of a piece, at least. */
const PIECE = 512;

function tilingFor(m: number, n: number): Tiling {
  if (m === 1) return ROW;
  if (n === 1) return COLUMN;
  return m * n >= 64 * 64 ? LARGE : SMALL;
}

/** Batched matrix product: `out[b] = x[b] @ y[b]`, all of rank 3. */
export function runMatmul(
  engine: Engine,
  temporary: Temporary,
  sum: (out: Strided, parts: Strided) => void,
  out: Strided,
  x: Strided,
  y: Strided,
): void {
  const [batch, m, n] = out.shape as [number, number, number];
  const k = x.shape[2]!;
  if (out.count === 0) return;
  const tiling = tilingFor(m, n);
  const tiles = Math.ceil(m / tiling.rows) * Math.ceil(n / tiling.columns);
  const pieces = tiles * batch >= FEW ? 1 : Math.max(
    1,
    Math.min(Math.ceil(FEW / (tiles * batch)), Math.floor(k / PIECE)),
  );
  if (pieces === 1) {
    multiply(engine, tiling, out, x, y, 1);
    return;
  }
  const kept = elementOf(out.info).kind === "f32" ? FLOAT32 : INT32;
  const parts = temporary(kept, [pieces, batch, m, n]);
  multiply(engine, tiling, parts, x, y, pieces);
  const { storage, info, offset, count } = parts;
  const step = batch * m * n;
  sum(out, {
    storage,
    info,
    shape: [batch, m, n, pieces],
    strides: [m * n, n, 1, step],
    offset,
    count,
    dense: false,
  });
}

function multiply(
  engine: Engine,
  tiling: Tiling,
  out: Strided,
  x: Strided,
  y: Strided,
  pieces: number,
): void {
  const [batch, m, k] = x.shape as [number, number, number];
  const n = y.shape[2]!;
  const [outRow, outColumn, outBatch] = pieces === 1
    ? [out.strides[1]!, out.strides[2]!, out.strides[0]!]
    : [n, 1, m * n];
  const down = Math.ceil(m / tiling.rows);
  const across = Math.ceil(n / tiling.columns);
  let w = 0;
  for (
    const value of [
      m,
      n,
      k,
      down,
      across,
      batch,
      Math.ceil(k / pieces),
      x.offset,
      x.strides[0]!,
      x.strides[1]!,
      x.strides[2]!,
      y.offset,
      y.strides[0]!,
      y.strides[1]!,
      y.strides[2]!,
      out.offset,
      outBatch,
      outRow,
      outColumn,
      down * across * batch * pieces,
    ]
  ) WORDS[w++] = value;
  // Neighbouring threads read neighbouring elements, whichever way they lie.
  const xAlongK = x.strides[2] === 1 || x.strides[1] !== 1;
  const yAlongN = y.strides[2] === 1 || y.strides[1] !== 1;
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false },
    { name: "y", x: y, write: false },
  ];
  const { rows, columns, depth } = tiling;
  engine.programs.launch(
    `matmul ${rows}x${columns}x${depth} ${xAlongK ? "k" : "m"}${
      yAlongN ? "n" : "k"
    }`,
    operands,
    () => printMatmul(tiling, xAlongK, yAlongN, out, x, y),
    w,
    down * across * batch * pieces,
  );
}

function printMatmul(
  tiling: Tiling,
  xAlongK: boolean,
  yAlongN: boolean,
  out: Strided,
  x: Strided,
  y: Strided,
): Source {
  const { rows, columns, depth, perRow, perColumn } = tiling;
  const threadsX = columns / perColumn;
  const threadsY = rows / perRow;
  const threads = threadsX * threadsY;
  const own = elementOf(out.info).kind;
  const { kind } = elementOf(x.info);
  const zero = kind === "f32" ? "0.0" : "0";
  const value = (name: string, at: string, info: Strided["info"]) =>
    convertKind(elementOf(info).kind, kind, `load_${name}(${at})`);
  const fill = (
    name: string,
    across: number,
    down: number,
    acrossFirst: boolean,
    text: (r: string, c: string) => string,
  ) => {
    const total = across * down;
    const rounds = Math.ceil(total / threads);
    const lines = [];
    for (let round = 0; round < rounds; round++) {
      const index = `(i32(lane) + ${round * threads})`;
      const fast = acrossFirst ? across : down;
      const r = acrossFirst ? `${index} / ${fast}` : `${index} % ${fast}`;
      const c = acrossFirst ? `${index} % ${fast}` : `${index} / ${fast}`;
      const guard = (round + 1) * threads > total
        ? `if (${index} < ${total}) `
        : "";
      lines.push(
        `${guard}{ let r = ${r}; let c = ${c}; ${text("r", "c")} }`,
      );
    }
    return `// ${name}\n${lines.join("\n")}`;
  };
  const sums: string[] = [];
  for (let r = 0; r < perRow; r++) {
    for (let c = 0; c < perColumn; c++) sums.push(`s${r}_${c}`);
  }
  const steps = [
    ...Array.from(
      { length: perRow },
      (_, r) =>
        `let a${r} = tile_x[(ty * ${perRow} + ${r}) * ${depth + 1} + p];`,
    ),
    ...Array.from(
      { length: perColumn },
      (_, c) => `let b${c} = tile_y[p * ${columns} + tx + ${c * threadsX}];`,
    ),
    ...sums.map((s) => {
      const [r, c] = s.slice(1).split("_");
      return kind === "f32"
        ? `${s} = fma(a${r}, b${c}, ${s});`
        : `${s} = ${s} + a${r} * b${c};`;
    }),
  ];
  const stores = sums.map((s) => {
    const [r, c] = s.slice(1).split("_").map(Number) as [number, number];
    return `{ let row = row0 + ty * ${perRow} + ${r}; let column = column0 + tx + ${
      c * threadsX
    };
if (row < m && column < n) { store_out(out0 + row * ${word(17)} + column * ${
      word(18)
    }, ${convertKind(kind, own, s)}); } }`;
  });
  return {
    threads: [threads, 1, 1],
    declarations: `var<workgroup> tile_x: array<${kind}, ${rows * (depth + 1)}>;
var<workgroup> tile_y: array<${kind}, ${depth * columns}>;`,
    body: `let m = ${word(0)};
let n = ${word(1)};
let down = ${word(3)};
let across = ${word(4)};
var task = i32(flat);
let inside = task < ${word(19)};
let column0 = (task % across) * ${columns};
task = task / across;
let row0 = (task % down) * ${rows};
task = task / down;
let b = task % ${word(5)};
let piece = task / ${word(5)};
let begin = piece * ${word(6)};
let end = select(begin, min(${word(2)}, begin + ${word(6)}), inside);
let x0 = ${word(7)} + b * ${word(8)};
let y0 = ${word(11)} + b * ${word(12)};
let out0 = ${word(15)} + (piece * ${word(5)} + b) * ${word(16)};
let tx = i32(lane) % ${threadsX};
let ty = i32(lane) / ${threadsX};
${sums.map((s) => `var ${s}: ${kind} = ${zero};`).join("\n")}
for (var k0 = begin; k0 < end; k0 += ${depth}) {
${
      fill("x", depth, rows, xAlongK, (r, c) =>
        `let row = row0 + ${r}; let k = k0 + ${c};
var v: ${kind} = ${zero};
if (row < m && k < end) { v = ${
          value("x", `x0 + row * ${word(9)} + k * ${word(10)}`, x.info)
        }; }
tile_x[${r} * ${depth + 1} + ${c}] = v;`)
    }
${
      fill("y", columns, depth, yAlongN, (r, c) =>
        `let k = k0 + ${r}; let column = column0 + ${c};
var v: ${kind} = ${zero};
if (column < n && k < end) { v = ${
          value("y", `y0 + k * ${word(13)} + column * ${word(14)}`, y.info)
        }; }
tile_y[${r} * ${columns} + ${c}] = v;`)
    }
workgroupBarrier();
for (var p = 0; p < ${depth}; p++) {
${steps.join("\n")}
}
workgroupBarrier();
}
if (inside) {
${stores.join("\n")}
}`,
  };
}
