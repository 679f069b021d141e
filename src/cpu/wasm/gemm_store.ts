// How a tile of results, whole or cut off, reaches memory: the sums are put
// straight, multiplied, added to what belongs to them, and bounded.

import { F32, F64, type FunctionBuilder, I32, V128 } from "./emitter.ts";
import { add, advance, assign, mul, num, repeat } from "./gemm_code.ts";
import {
  type FloatType,
  groupsOf,
  locals,
  multiplyAdd,
  type Tile,
  VECTORS,
} from "./gemm_tile.ts";

/** What happens to sums before they are stored. */
export const MODE = {
  /** Nothing. */
  plain: 0,
  /** They are multiplied, and bounded from below. */
  scaled: 1,
  /** They are multiplied, added to a multiple of something else, and bounded. */
  added: 2,
} as const;

/** Where a tile goes: variables of a function. */
export interface Place {
  /** Address of its first element. */
  readonly out: number;
  /** Bytes from row to row. */
  readonly pitch: number;
  /** Which {@linkcode MODE}. */
  readonly mode: number;
  /** Rows that exist. */
  readonly rows: number;
  /** Columns that exist. */
  readonly columns: number;
  /** Address of memory for a whole tile. */
  readonly spare: number;
  /** Address of what is added to the first element. */
  readonly from: number;
  /** Bytes from row to row there. */
  readonly fromPitch: number;
  /** Address of the factor of the sums. */
  readonly alpha: number;
  /** Address of the factor of what is added. */
  readonly beta: number;
  /** Address of the lower bound of the results. */
  readonly bound: number;
}

/** Pushes a vector whose lanes come from two others, each from its own place. */
function blend(
  f: FunctionBuilder,
  bytes: number,
  lanes: readonly number[],
  x: number,
  y: number,
): void {
  const from = (lane: number) => lanes.includes(lane) ? 0 : 16;
  f.get(x).get(y).shuffle(
    Array.from({ length: 16 }, (_, i) => i + from(Math.floor(i / bytes))),
  );
}

/** Puts the sums of a tile straight: turned by r lanes, row s of a group lies in lane i of sum s - i. */
export function straighten(
  f: FunctionBuilder,
  type: FloatType,
  tile: Tile,
): void {
  const temporary = locals(f, 4, V128);
  const [u, v, w, x] = temporary as [number, number, number, number];
  const { bytes } = type;
  let row = 0;
  for (const group of groupsOf(type, tile.rows)) {
    for (let i = 0; i < VECTORS; i++) {
      const sum = (r: number) => tile.sums[(row + r) * VECTORS + i]!;
      const even = bytes === 8 ? [0] : [0, 2];
      if (group === 2) {
        blend(f, bytes, even, sum(0), sum(1));
        f.set(u);
        blend(f, bytes, even, sum(1), sum(0));
        f.set(sum(1)).get(u).set(sum(0));
        continue;
      }
      const pairs = [[0, 2, u], [2, 0, v], [1, 3, w], [3, 1, x]] as const;
      for (const [p, q, to] of pairs) {
        blend(f, bytes, [0, 1], sum(p), sum(q));
        f.set(to);
      }
      [[u, x], [w, u], [v, w], [x, v]].forEach(([p, q], r) => {
        blend(f, bytes, even, p!, q!);
        f.set(sum(r));
      });
    }
    row += group;
  }
}

/** Stores a tile, or as much of it as lies in the result; its rows lie straight. */
export function storeTile(
  f: FunctionBuilder,
  type: FloatType,
  tile: Tile,
  place: Place,
): void {
  f.get(place.columns).i32(type.columns).op("i32.ge_s").if();
  storeRows(f, type, tile, place);
  f.else();
  tile.sums.forEach((sum, i) =>
    f.get(place.spare).get(sum).memory("v128.store", 16 * i)
  );
  storeElements(f, type, place);
  f.end();
}

/** Rows whose columns all exist. */
function storeRows(
  f: FunctionBuilder,
  type: FloatType,
  tile: Tile,
  place: Place,
): void {
  const { out, pitch, rows, from, fromPitch } = place;
  const to = f.local(I32);
  const read = f.local(I32);
  const [alpha, beta, floor, value] = locals(f, 4, V128) as [
    number,
    number,
    number,
    number,
  ];
  const { vector } = type;
  const each = (
    reads: boolean,
    visit: (sum: number, at: number) => void,
  ): void => {
    f.get(out).set(to);
    if (reads) f.get(from).set(read);
    f.block();
    for (let r = 0; r < tile.rows; r++) {
      if (r > 0) {
        f.get(rows).i32(r).op("i32.le_s").brIf(0);
        advance(f, to, pitch);
        if (reads) advance(f, read, fromPitch);
      }
      for (let i = 0; i < VECTORS; i++) {
        visit(tile.sums[r * VECTORS + i]!, 16 * i);
      }
    }
    f.end();
  };
  f.get(place.mode).op("i32.eqz").if();
  each(false, (sum, at) => f.get(to).get(sum).memory("v128.store", at));
  f.else();
  f.get(place.alpha).memory(type.splat).set(alpha);
  f.get(place.beta).memory(type.splat).set(beta);
  f.get(place.bound).memory(type.splat).set(floor);
  f.get(place.mode).i32(MODE.scaled).op("i32.eq").if();
  each(false, (sum, at) =>
    f.get(to).get(sum).get(alpha).simd(`${vector}.mul`)
      .get(floor).simd(`${vector}.pmax`).memory("v128.store", at));
  f.else();
  each(true, (sum, at) => {
    f.get(sum).get(alpha).simd(`${vector}.mul`).set(sum);
    f.get(read).memory("v128.load", at).set(value);
    multiplyAdd(f, type, value, beta, sum);
    f.get(to).get(sum).get(floor).simd(`${vector}.pmax`);
    f.memory("v128.store", at);
  });
  f.end().end();
}

/** Element by element from the copy at `spare`. */
function storeElements(
  f: FunctionBuilder,
  type: FloatType,
  place: Place,
): void {
  const { out, pitch, mode, rows, columns, spare } = place;
  const { from, fromPitch } = place;
  const { bytes, scalar } = type;
  const to = f.local(I32);
  const sums = f.local(I32);
  const read = f.local(I32);
  const row = f.local(I32);
  const column = f.local(I32);
  const value = f.local(bytes === 4 ? F32 : F64);
  f.i32(0).set(row).loop();
  assign(f, to, add(out, mul(row, pitch)));
  assign(f, read, add(from, mul(row, fromPitch)));
  assign(f, sums, add(spare, mul(row, num(16 * VECTORS))));
  f.get(columns).set(column);
  repeat(f, column, () => {
    f.get(sums).memory(`${scalar}.load`).set(value);
    f.get(mode).if();
    f.get(value).get(place.alpha).memory(`${scalar}.load`).op(`${scalar}.mul`);
    f.set(value);
    f.get(mode).i32(MODE.added).op("i32.eq").if();
    f.get(read).memory(`${scalar}.load`);
    f.get(place.beta).memory(`${scalar}.load`).op(`${scalar}.mul`);
    f.get(value).op(`${scalar}.add`).set(value).end();
    // NaN is not less than the bound.
    f.get(place.bound).memory(`${scalar}.load`).get(value);
    f.get(value).get(place.bound).memory(`${scalar}.load`);
    f.op(`${scalar}.lt`).op("select").set(value).end();
    f.get(to).get(value).memory(`${scalar}.store`);
    for (const address of [to, read, sums]) advance(f, address, num(bytes));
  });
  advance(f, row, num(1));
  f.get(row).get(rows).op("i32.lt_s").brIf(0).end();
}
