// The heart of a matrix product: a tile of results that stays in registers
// while it sums products of two packed operands.
//
// V8 checks the bounds of every load here, and the check runs where additions
// run: a load per row factor would cost a seventh of the speed. So a vector of
// factors is loaded at once and turned lane by lane: after r turns it meets the
// columns shifted by r, and the sums of four rows lie askew. They are put
// straight once, when the tile is stored.

import { LIMITS } from "../memory.ts";
import { FunctionBuilder, V128, writeModule } from "./emitter.ts";

/** Rows of the largest tile. Twelve sums, two columns and one row factor fill the 15 registers. */
export const ROWS = 6;
/** Vectors side by side in a tile. */
export const VECTORS = 2;
/** How a floating point type is spelled. */
export interface FloatType {
  /** Bytes of an element. */
  readonly bytes: 4 | 8;
  /** Columns of a tile: two vectors. */
  readonly columns: 8 | 4;
  /** The type of its vectors. */
  readonly vector: "f32x4" | "f64x2";
  /** The type of its elements. */
  readonly scalar: "f32" | "f64";
  /** Loads an element into all lanes. */
  readonly splat: "v128.load32_splat" | "v128.load64_splat";
}

/** float32. */
export const FLOAT32: FloatType = {
  bytes: 4,
  columns: 8,
  vector: "f32x4",
  scalar: "f32",
  splat: "v128.load32_splat",
};

/** float64. */
export const FLOAT64: FloatType = {
  bytes: 8,
  columns: 4,
  vector: "f64x2",
  scalar: "f64",
  splat: "v128.load64_splat",
};

let fused: boolean | null = null;

/** Whether the engine multiplies and adds in one instruction. */
function canFuse(): boolean {
  if (fused === null) {
    const probe = new FunctionBuilder([], []);
    const v = probe.local(V128);
    probe.get(v).get(v).get(v).simd("f32x4.relaxed_madd").set(v);
    fused = WebAssembly.validate(writeModule({ probe }, LIMITS));
  }
  return fused;
}

/** `sum += x * y` for vectors in variables; rounds once where the engine can. */
export function multiplyAdd(
  f: FunctionBuilder,
  { vector }: FloatType,
  x: number,
  y: number,
  sum: number,
): void {
  f.get(x).get(y);
  if (canFuse()) f.get(sum).simd(`${vector}.relaxed_madd`).set(sum);
  else f.simd(`${vector}.mul`).get(sum).simd(`${vector}.add`).set(sum);
}

/** Declares several variables. */
export function locals(
  f: FunctionBuilder,
  count: number,
  type: number,
): number[] {
  return Array.from({ length: count }, () => f.local(type));
}

/** The variables of a tile. */
export interface Tile {
  /** Rows. */
  readonly rows: number;
  /** The sums, row by row; see {@linkcode groupsOf} for which rows lie askew. */
  readonly sums: readonly number[];
  /** The vectors of a row of the right operand. */
  readonly right: readonly number[];
  /** Factors of the left operand. */
  readonly left: number;
}

/** Declares the variables of a tile of so many rows, an even number. */
export function makeTile(f: FunctionBuilder, rows: number): Tile {
  return {
    rows,
    sums: locals(f, rows * VECTORS, V128),
    right: locals(f, VECTORS, V128),
    left: f.local(V128),
  };
}

/** Sets all sums to zero. */
export function clearTile(f: FunctionBuilder, { sums }: Tile): void {
  for (const sum of sums) f.f32x4(0).set(sum);
}

/** Rows whose factors fill a vector, or half of one; their sums lie askew together. */
export function groupsOf(type: FloatType, rows: number): number[] {
  const lanes = 16 / type.bytes;
  const groups: number[] = [];
  for (let left = rows; left > 0; left -= lanes) {
    groups.push(Math.min(left, lanes));
  }
  return groups;
}

/** Bytes of the vector of which lane i is lane i + 1 of another, turned within `group` lanes. */
function turned(type: FloatType, group: number): number[] {
  return Array.from({ length: 16 }, (_, i) => {
    const lane = Math.floor(i / type.bytes);
    const from = lane - lane % group + (lane + 1) % group;
    return from * type.bytes + i % type.bytes;
  });
}

/**
 * Adds one column times one row: the factors of the column's rows lie side by
 * side at `left`, the row's elements at `right`.
 */
export function stepTile(
  f: FunctionBuilder,
  type: FloatType,
  tile: Tile,
  left: number,
  right: number,
): void {
  tile.right.forEach((v, i) => f.get(right).memory("v128.load", 16 * i).set(v));
  let row = 0;
  for (const group of groupsOf(type, tile.rows)) {
    const load = group * type.bytes === 16 ? "v128.load" : "v128.load64_splat";
    f.get(left).memory(load, row * type.bytes).set(tile.left);
    for (let turn = 0; turn < group; turn++) {
      if (turn > 0) {
        f.get(tile.left).get(tile.left).shuffle(turned(type, group));
        f.set(tile.left);
      }
      tile.right.forEach((v, i) => {
        const sum = tile.sums[row * VECTORS + i]!;
        multiplyAdd(f, type, tile.left, v, sum);
      });
      row++;
    }
  }
}
