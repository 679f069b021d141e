// Gathers and scatters by kernels: finds the planes that the operands have in
// common and cuts them into blocks that no two threads write to.

import type { ScatterMode, Strided } from "../../tensor/device.ts";
import { mergeDims, type Walk } from "../geometry.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { type CellType, gatherKernel, scatterKernel } from "./gather_kernel.ts";
import { launch, type WasmKernel, WORDS } from "./kernel.ts";
import { PLANE, PLANE_OUTER } from "./plane_kernel.ts";
import { bringBack, reach } from "./reach.ts";

/** Elements of a block, about: enough work for a thread. */
const PIECE = 16384;
/** Columns that are done together where rows lie far apart: a few cache lines. */
const NARROW = 64;
/** Fewest columns of a block where threads share columns. */
const LEAST_COLUMNS = 16;

/** Element types as scatters see them, by code; null where they only move. */
export const CELLS: readonly (CellType | null)[] = [
  "bool",
  "u8",
  "i8",
  "i16",
  "i32",
  "i64",
  null, // float16
  null, // bfloat16
  "f32",
  "f64",
];

/** Strides of an operand where a position replaces the stride along `dim`. */
function without(x: Strided, dim: number): number[] {
  const strides = x.strides.slice();
  strides[dim] = 0;
  return strides;
}

/** Writes where the operands lie; false where one is out of reach. */
export function writePointers(
  out: Strided,
  x: Strided,
  index: Strided,
): boolean {
  const q = reach(out, 0);
  const p = reach(x, 1);
  const j = reach(index, 2);
  WORDS[PLANE.out] = q;
  WORDS[PLANE.x] = p;
  WORDS[PLANE.index] = j;
  return q !== 0 && p !== 0 && j !== 0;
}

/** Writes the dimensions, of which two are rows and columns; returns how many planes there are. */
export function writeWalk(
  walk: Walk,
  rows: number,
  columns: number,
  sizes: readonly number[],
): number {
  const { shape, strides } = walk;
  let planes = 1;
  let at: number = PLANE.outer;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (d === rows || d === columns) continue;
    planes *= shape[d]!;
    WORDS[at] = shape[d]!;
    for (let k = 0; k < 3; k++) WORDS[at + 1 + k] = strides[k]![d]! * sizes[k]!;
    at += 4;
  }
  for (let k = 0; k < 3; k++) {
    WORDS[PLANE.outRow + k] = strides[k]![rows]! * sizes[k]!;
    WORDS[PLANE.outColumn + k] = strides[k]![columns]! * sizes[k]!;
  }
  WORDS[PLANE.rows] = shape[rows]!;
  WORDS[PLANE.columns] = shape[columns]!;
  return planes;
}

/** Cuts planes into blocks and starts them; `piece` elements are enough work for a thread. */
export function launchBlocks(
  kernel: WasmKernel,
  planes: number,
  rows: number,
  columns: number,
  rowBlock: number,
  columnBlock: number,
  piece: number = PIECE,
): void {
  const rowBlocks = Math.ceil(rows / rowBlock);
  const columnBlocks = Math.ceil(columns / columnBlock);
  WORDS[PLANE.rowBlock] = rowBlock;
  WORDS[PLANE.rowBlocks] = rowBlocks;
  WORDS[PLANE.columnBlock] = columnBlock;
  WORDS[PLANE.columnBlocks] = columnBlocks;
  const grain = Math.max(1, Math.ceil(piece / (rowBlock * columnBlock)));
  launch(kernel, planes * rowBlocks * columnBlocks, grain);
}

/** Whether rows are neighbours in both operands and have one position each. */
function inRows(walk: Walk, columns: number): boolean {
  const [a, b, index] = walk.strides as [number[], number[], number[]];
  return a[columns] === 1 && b[columns] === 1 && index[columns] === 0 &&
    walk.shape[columns]! > 1;
}

/** Gathers as `Device.gather` does, or returns false where no kernel serves. */
export function wasmGather(
  out: Strided,
  x: Strided,
  dim: number,
  index: Strided,
): boolean {
  if (out.count < TUNING.indexLeast || out.count === 0) return false;
  if ((out.storage as CpuStorage).pointer === 0) return false;
  const { bytes } = x.info;
  const along = x.strides[dim]!;
  const walk = mergeDims(index.shape, [
    out.strides,
    without(x, dim),
    index.strides,
  ]);
  const last = walk.shape.length - 1;
  if (last - 1 > PLANE_OUTER || !writePointers(out, x, index)) return false;
  const sizes = [bytes, bytes, index.info.bytes];
  const planes = writeWalk(walk, last - 1, last, sizes);
  WORDS[PLANE.unit] = along * bytes;
  const [rows, columns] = [walk.shape[last - 1]!, walk.shape[last]!];
  const byRows = inRows(walk, last);
  // Where each row reads here and there in another, a few columns at a time stay in the cache.
  const scattered = !byRows && walk.strides[1]![last] !== 0 && rows >= NARROW;
  const columnBlock = Math.min(columns, scattered ? NARROW : PIECE);
  const most = scattered ? rows : Math.ceil(PIECE / columnBlock);
  launchBlocks(
    gatherKernel(bytes, byRows),
    planes,
    rows,
    columns,
    Math.min(rows, most),
    columnBlock,
  );
  return true;
}

/** Scatters as `Device.scatter` does, or returns false where no kernel serves. */
export function wasmScatter(
  out: Strided,
  dim: number,
  index: Strided,
  src: Strided,
  mode: ScatterMode,
): boolean {
  const { count } = index;
  if (count < TUNING.indexLeast || count === 0) return false;
  const { bytes, code } = out.info;
  const type = CELLS[code]!;
  if ((type === null && mode !== "set") || src.info !== out.info) return false;
  // What overlaps may have to be read before it is written.
  const { pointer } = out.storage as CpuStorage;
  if (pointer !== 0 && pointer === (src.storage as CpuStorage).pointer) {
    return false;
  }
  const along = out.strides[dim]!;
  const walk = mergeDims(index.shape, [
    without(out, dim),
    src.strides,
    index.strides,
  ]);
  const last = walk.shape.length - 1;
  if (last - 1 > PLANE_OUTER) return false;
  // The dimension along which positions count: what lies there may be one
  // element, so one thread does all of it, in order.
  const still = walk.strides[0]!.flatMap((stride, d) =>
    stride === 0 && walk.shape[d]! > 1 ? [d] : []
  );
  if (still.length > 1 || !writePointers(out, src, index)) return false;
  const [turn = -1] = still;
  const rowDim = turn >= 0 && turn < last ? turn : last - 1;
  const sizes = [bytes, bytes, index.info.bytes];
  const planes = writeWalk(walk, rowDim, last, sizes);
  WORDS[PLANE.unit] = along * bytes;
  const [rows, columns] = [walk.shape[rowDim]!, walk.shape[last]!];
  const byRows = inRows(walk, last);
  let rowBlock = rows;
  let columnBlock = columns;
  if (turn === last) {
    rowBlock = Math.min(rows, Math.ceil(PIECE / columns));
  } else {
    const wide = byRows && planes > 1 ? PIECE : NARROW;
    const half = Math.max(LEAST_COLUMNS, Math.ceil(columns / 32) * 16);
    columnBlock = Math.min(columns, wide, half);
  }
  const kernel = scatterKernel(mode, type ?? BY_BYTES, byRows);
  launchBlocks(kernel, planes, rows, columns, rowBlock, columnBlock);
  bringBack(out, 0);
  return true;
}

/** Stands for the 16-bit floats where they only move. */
const BY_BYTES: CellType = "i16";
