// Matrix products. Transposed, strided and repeated operands are read where
// they are. A product whose results are too few to keep the GPU busy is cut
// along the inner dimension, and the pieces are added in order by a second
// kernel. Which kernel serves depends on shapes and strides only.

import type { Epilogue, Strided } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { CALL } from "./call.ts";
import type { Context } from "./context.ts";
import { elementOf } from "./element.ts";
import {
  matrixText,
  printTiles,
  TILE_REACH,
  tileBytes,
  type Tiling,
} from "./matmul_tile.ts";
import {
  DOT_TILING,
  printVectorProduct,
  reachOf,
  vectorTiling,
} from "./matvec_shader.ts";
import {
  applies,
  operandsOf,
  type Product,
  PRODUCT_WORDS,
  putProduct,
  type Reading,
  readingOf,
  type Readings,
  readings,
} from "./product.ts";
import { sumPieces } from "./piece_sum.ts";
import type { Engine, Source } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";
import { turnsAtOnce } from "./turns.ts";

/** The largest first. Each has so many workgroups at least, which keep a large GPU busy. */
const TILINGS = [
  { rows: 128, columns: 128, perRow: 8, perColumn: 8, least: 96 },
  { rows: 64, columns: 64, perRow: 4, perColumn: 4, least: 48 },
  { rows: 32, columns: 32, perRow: 4, perColumn: 4, least: 0 },
].map((tiling, number) => ({ ...tiling, number, bytes: tileBytes(tiling) }));

/** A tiling with its place among them. */
export interface NumberedTiling extends Tiling {
  /** Its place. */
  readonly number: number;
}

/** Workgroups below which a deep product is cut along the inner dimension. */
const FEW = 64;
/** Inner elements of a piece, at least. */
const PIECE = 512;

/** How many workgroups a tiling needs for each matrix. */
export function groupsOf(
  { rows, columns }: Tiling,
  m: number,
  n: number,
): { down: number; across: number } {
  return { down: Math.ceil(m / rows), across: Math.ceil(n / columns) };
}

/** The largest tiling that still makes enough workgroups. */
export function tilingFor(
  engine: Engine,
  batch: number,
  m: number,
  n: number,
): NumberedTiling {
  const { maxShared } = engine.context;
  for (let k = 0; k < TILINGS.length; k++) {
    const tiling = TILINGS[k]!;
    const { rows, columns, least, bytes } = tiling;
    const groups = Math.ceil(m / rows) * Math.ceil(n / columns) * batch;
    if (groups >= least && bytes <= maxShared) return tiling;
  }
  return TILINGS.at(-1)!;
}

/** Into how many pieces sums of `k` elements are cut, so that there are enough workgroups and no thread loops for too long. */
export function piecesFor(
  { context }: Engine,
  tasks: number,
  k: number,
  reach: number,
): number {
  const least = leastPieces(context, k, reach);
  if (tasks >= FEW) return least;
  return Math.max(
    least,
    Math.min(Math.ceil(FEW / tasks), Math.floor(k / PIECE)),
  );
}

/** The fewest pieces of which no thread loops for too long: a turn takes it `reach` elements further. */
export function leastPieces(
  context: Context,
  k: number,
  reach: number,
): number {
  return Math.max(1, Math.ceil(k / (reach * turnsAtOnce(context))));
}

/**
 * Batched matrix product: `out[b] = x[b] @ y[b]`, all of rank 3. Tells whether
 * the epilogue was applied.
 */
export function runMatmul(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  x: Strided,
  y: Strided,
  epilogue: Epilogue | null,
): boolean {
  if (out.count === 0) return false;
  const batch = out.shape[0]!;
  const m = out.shape[1]!;
  const n = out.shape[2]!;
  const k = x.shape[2]!;
  const plan = m === 1 || n === 1
    ? planVector(m, n, readingOf(isRow(m, n) ? y : x))
    : planTiles(engine, batch, m, n);
  const tasks = plan.down * plan.across * batch;
  const pieces = piecesFor(engine, tasks, k, plan.reach);
  if (pieces === 1) {
    const own = epilogue !== null && applies(epilogue) ? epilogue : null;
    multiply(engine, plan, { out, x, y, pieces, epilogue: own });
    return own !== null;
  }
  const kept = elementOf(out.info).kind === "f32" ? FLOAT32 : INT32;
  const parts = temporary(kept, [pieces, batch, m, n]);
  multiply(engine, plan, { out: parts, x, y, pieces, epilogue: null });
  const { storage, info, offset, count } = parts;
  sumPieces(engine, temporary, out, {
    storage,
    info,
    shape: [batch, m, n, pieces],
    strides: [m * n, n, 1, batch * m * n],
    offset,
    count,
    dense: false,
  });
  return false;
}

/** How a product is launched. */
interface Plan {
  /** The number of its tiling; those of vectors come after the others. */
  readonly number: number;
  readonly down: number;
  readonly across: number;
  /** The operand that is a vector. */
  readonly vector: "x" | "y" | null;
  /** How many inner elements a turn of a thread goes on. */
  readonly reach: number;
}

function planTiles(
  engine: Engine,
  batch: number,
  m: number,
  n: number,
): Plan {
  const { rows, columns, number } = tilingFor(engine, batch, m, n);
  return {
    number,
    down: Math.ceil(m / rows),
    across: Math.ceil(n / columns),
    vector: null,
    reach: TILE_REACH,
  };
}

/** Matrices whose neighbours lie along the inner dimension, and across it. */
const VECTOR_TILINGS = [
  vectorTiling(true),
  vectorTiling(false),
  DOT_TILING,
] as const;

/** Whether the left operand is the vector; of two vectors it is the matrix. */
function isRow(m: number, n: number): boolean {
  return m === 1 && n !== 1;
}

function planVector(m: number, n: number, matrix: Reading): Plan {
  const row = isRow(m, n);
  // Dimension 1 of the right operand is the inner one, 2 of the left.
  const inner = matrix.along === (row ? 1 : 2);
  const kind = !inner ? 1 : m * n === 1 ? 2 : 0;
  const groups = Math.ceil((row ? n : m) / VECTOR_TILINGS[kind].results);
  return {
    number: TILINGS.length + 2 * kind + (row ? 1 : 0),
    down: row ? 1 : groups,
    across: row ? groups : 1,
    vector: row ? "x" : "y",
    reach: reachOf(VECTOR_TILINGS[kind]),
  };
}

function printProduct(
  number: number,
  product: Product,
  reading: Readings,
  lanes: number,
): Source {
  const tiling = TILINGS[number];
  if (tiling !== undefined) {
    return printTiles(tiling, matrixText(product, reading));
  }
  const rest = number - TILINGS.length;
  const vectors = VECTOR_TILINGS[rest >> 1]!;
  return printVectorProduct(vectors, rest % 2 === 1, product, reading, lanes);
}

function multiply(engine: Engine, plan: Plan, product: Product): void {
  const { number, down, across } = plan;
  const { out, x, y, epilogue } = product;
  const reading = readings(product, plan.vector);
  putProduct(product, down, across);
  const groups = down * across * x.shape[0]! * product.pieces;
  const { programs, context } = engine;
  const { lanes } = context.abilities.subgroups;
  const { products } = programs;
  const addend = epilogue === null ? null : epilogue.addend;
  const end = epilogue === null
    ? 0
    : 1 + (addend === null ? 0 : 2) + (epilogue.relu ? 4 : 0);
  CALL.begin(PRODUCT_WORDS);
  const known = CALL.add(out) && CALL.add(x) && CALL.add(y) &&
    (addend === null || CALL.add(addend));
  // Four numbers of 4 bits, then 4, 4 and 3 bits, then those of the operands.
  const types = (out.info.code << 8 | x.info.code << 4 | y.info.code) << 4 |
    (addend === null ? 0 : addend.info.code);
  const code = CALL.places * 2 ** 27 +
    (((types << 4 | number) << 4 | reading.code) << 3 | end);
  if (known) {
    const found = products.get(code);
    if (found !== undefined) {
      programs.run(found, CALL.memories, CALL.words, groups);
      return;
    }
  }
  const made = programs.launch(
    `${
      plan.vector === null ? "matmul" : "matvec"
    } ${number} ${reading.code} ${end}`,
    operandsOf(product, reading),
    () => printProduct(number, product, reading, lanes),
    PRODUCT_WORDS,
    groups,
  );
  if (made !== null && known) products.set(code, made);
}
