// Matrix products. Transposed, strided and repeated operands are read where
// they are. A product whose results are too few to keep the GPU busy is cut
// along the inner dimension, and the pieces are added in order by a second
// kernel. Which kernel serves depends on shapes and strides only.

import type { Epilogue, Strided } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { elementOf } from "./element.ts";
import {
  matrixText,
  printTiles,
  tileBytes,
  type Tiling,
} from "./matmul_tile.ts";
import { printVectorProduct, vectorTiling } from "./matvec_shader.ts";
import {
  applies,
  operandsOf,
  type Product,
  PRODUCT_WORDS,
  productKey,
  putProduct,
  type Reading,
  readingOf,
  type Readings,
  readings,
} from "./product.ts";
import { sumPieces } from "./piece_sum.ts";
import type { Engine, Source } from "./program.ts";
import type { Temporary } from "./reduce_shader.ts";

/** The largest first. Each has so many workgroups at least, which keep a large GPU busy. */
const TILINGS: readonly (Tiling & { readonly least: number })[] = [
  { rows: 128, columns: 128, perRow: 8, perColumn: 8, least: 96 },
  { rows: 64, columns: 64, perRow: 4, perColumn: 4, least: 48 },
  { rows: 32, columns: 32, perRow: 4, perColumn: 4, least: 0 },
];

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
): Tiling {
  const { maxComputeWorkgroupStorageSize } = engine.context.device.limits;
  for (const tiling of TILINGS) {
    const { down, across } = groupsOf(tiling, m, n);
    if (
      down * across * batch >= tiling.least &&
      tileBytes(tiling) <= maxComputeWorkgroupStorageSize
    ) return tiling;
  }
  return TILINGS.at(-1)!;
}

/** Into how many pieces sums of `k` elements are cut. */
export function piecesFor(tasks: number, k: number): number {
  if (tasks >= FEW) return 1;
  return Math.max(1, Math.min(Math.ceil(FEW / tasks), Math.floor(k / PIECE)));
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
  const [batch, m, n] = out.shape as [number, number, number];
  const k = x.shape[2]!;
  const plan = m === 1 || n === 1
    ? planVector(m, n, readingOf(m === 1 ? y : x))
    : planTiles(engine, batch, m, n);
  const tasks = plan.down * plan.across * batch;
  const pieces = piecesFor(tasks, k);
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
  readonly key: string;
  readonly down: number;
  readonly across: number;
  /** The operand that is a vector. */
  readonly vector: "x" | "y" | null;
  print(product: Product, reading: Readings): Source;
}

function planTiles(
  engine: Engine,
  batch: number,
  m: number,
  n: number,
): Plan {
  const tiling = tilingFor(engine, batch, m, n);
  return {
    key: `matmul ${tiling.rows}x${tiling.columns}`,
    ...groupsOf(tiling, m, n),
    vector: null,
    print: (product, reading) =>
      printTiles(tiling, matrixText(product, reading)),
  };
}

function planVector(m: number, n: number, matrix: Reading): Plan {
  const row = m === 1;
  // Dimension 1 of the right operand is the inner one, 2 of the left.
  const tiling = vectorTiling(matrix.along === (row ? 1 : 2));
  const groups = Math.ceil((row ? n : m) / tiling.results);
  return {
    key: `matvec ${row ? "row" : "column"} ${tiling.across}`,
    down: row ? 1 : groups,
    across: row ? groups : 1,
    vector: row ? "x" : "y",
    print: (product, reading) =>
      printVectorProduct(tiling, row, product, reading),
  };
}

function multiply(engine: Engine, plan: Plan, product: Product): void {
  const { key, down, across } = plan;
  const reading = readings(product, plan.vector);
  putProduct(product, down, across);
  engine.programs.launch(
    `${key} ${productKey(product, reading)}`,
    operandsOf(product, reading),
    () => plan.print(product, reading),
    PRODUCT_WORDS,
    down * across * product.x.shape[0]! * product.pieces,
  );
}
