// The heart of a matrix product: a tile of results that stays in registers
// while it sums products, and how a tile, whole or cut off, reaches memory.

import { LIMITS } from "../memory.ts";
import { FunctionBuilder, I32, V128, writeModule } from "./emitter.ts";
import { advance, assign, min, num, repeat } from "./gemm_code.ts";

/** Rows of the largest tile. Twelve sums, two columns and one row factor fill the 15 registers. */
export const ROWS = 6;
/** Vectors side by side in a tile. */
const VECTORS = 2;
/** Steps along the inner dimension that are written out. */
const UNROLL = 8;

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

/** The height of the tiles that cut so many rows up with the least waste. */
export function tileRows(m: number): number {
  return m > 4 * ROWS ? ROWS : Math.ceil(m / Math.ceil(m / ROWS));
}

/** The variables of a tile. */
export interface Tile {
  readonly rows: number;
  readonly sums: readonly number[];
  readonly right: readonly number[];
  readonly left: number;
}

/** Declares the variables of a tile of so many rows. */
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

/**
 * Adds one column times one row: `address(r)` pushes where the factor of row
 * `r` lies and returns an offset from there; the row starts at `b + offset`.
 */
export function stepTile(
  f: FunctionBuilder,
  type: FloatType,
  tile: Tile,
  address: (row: number) => number,
  b: number,
  offset: number,
): void {
  tile.right.forEach((v, i) =>
    f.get(b).memory("v128.load", offset + 16 * i).set(v)
  );
  for (let r = 0; r < tile.rows; r++) {
    const at = address(r);
    f.memory(type.splat, at).set(tile.left);
    tile.right.forEach((v, i) =>
      multiplyAdd(f, type, tile.left, v, tile.sums[r * VECTORS + i]!)
    );
  }
}

/** Where a tile goes: variables of a function. */
export interface Place {
  /** Address of its first element. */
  readonly out: number;
  /** Bytes from row to row. */
  readonly pitch: number;
  /** Whether to add to what is there. */
  readonly adds: number;
  /** Rows that exist. */
  readonly rows: number;
  /** Columns that exist. */
  readonly columns: number;
  /** Address of memory for a whole tile. */
  readonly spare: number;
}

/** Stores a tile, or as much of it as lies in the result. */
export function storeTile(
  f: FunctionBuilder,
  type: FloatType,
  tile: Tile,
  place: Place,
): void {
  const { out, pitch, adds, rows, columns, spare } = place;
  const { bytes, scalar, vector } = type;
  const each = (visit: (sum: number, at: number, row: number) => void) =>
    tile.sums.forEach((sum, i) =>
      visit(sum, 16 * (i % VECTORS), Math.floor(i / VECTORS))
    );
  const to = f.local(I32);
  const from = f.local(I32);
  const row = f.local(I32);
  const column = f.local(I32);
  f.get(rows).i32(tile.rows).op("i32.ge_s");
  f.get(columns).i32(type.columns).op("i32.ge_s").op("i32.and").if();
  f.get(out).set(to).get(adds).if();
  each((sum, at) => {
    f.get(to).get(to).memory("v128.load", at).get(sum).simd(`${vector}.add`)
      .memory("v128.store", at);
    if (at > 0) advance(f, to, pitch);
  });
  f.else();
  each((sum, at) => {
    f.get(to).get(sum).memory("v128.store", at);
    if (at > 0) advance(f, to, pitch);
  });
  f.end().else();
  each((sum, at, r) => f.get(spare).get(sum).memory("v128.store", 32 * r + at));
  f.i32(0).set(row).loop();
  f.get(out).get(row).get(pitch).op("i32.mul").op("i32.add").set(to);
  f.get(spare).get(row).i32(32).op("i32.mul").op("i32.add").set(from);
  f.get(columns).set(column);
  repeat(f, column, () => {
    f.get(to).get(from).memory(`${scalar}.load`);
    f.get(to).memory(`${scalar}.load`).op(`${scalar}.add`);
    f.get(from).memory(`${scalar}.load`).get(adds).op("select");
    f.memory(`${scalar}.store`);
    advance(f, to, num(bytes));
    advance(f, from, num(bytes));
  });
  advance(f, row, num(1));
  f.get(row).get(rows).op("i32.lt_s").brIf(0).end();
  f.end();
}

/**
 * A function that multiplies strips of `most` rows by one strip of columns, both
 * packed: (depth, rows, left, right, out, pitch, adds, columns, spare).
 */
export function panelFunction(type: FloatType, most: number): FunctionBuilder {
  const f = new FunctionBuilder(new Array<number>(9).fill(I32));
  const [depth, height, left, right, out] = [0, 1, 2, 3, 4];
  const [pitch, adds, columns, spare] = [5, 6, 7, 8];
  const b = f.local(I32);
  const count = f.local(I32);
  const rows = f.local(I32);
  const tile = makeTile(f, most);
  const steps = (number: number): void => {
    for (let u = 0; u < number; u++) {
      stepTile(
        f,
        type,
        tile,
        (r) => {
          f.get(left);
          return (u * most + r) * type.bytes;
        },
        b,
        32 * u,
      );
    }
    advance(f, left, num(number * most * type.bytes));
    advance(f, b, num(number * 32));
  };
  f.loop();
  clearTile(f, tile);
  f.get(right).set(b);
  f.get(depth).i32(UNROLL).op("i32.div_u").set(count);
  repeat(f, count, () => steps(UNROLL));
  f.get(depth).i32(UNROLL).op("i32.rem_u").set(count);
  repeat(f, count, () => steps(1));
  assign(f, rows, min(height, num(most)));
  storeTile(f, type, tile, { out, pitch, adds, rows, columns, spare });
  f.get(pitch).i32(most).op("i32.mul").get(out).op("i32.add").set(out);
  f.get(height).i32(most).op("i32.sub").tee(height);
  f.i32(0).op("i32.gt_s").brIf(0).end();
  return f;
}
