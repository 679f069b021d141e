// Panels: strips of rows, packed, times one strip of columns, tile by tile.

import { FunctionBuilder, I32 } from "./emitter.ts";
import { advance, assign, min, num, repeat } from "./gemm_code.ts";
import { type Place, storeTile, straighten } from "./gemm_store.ts";
import { clearTile, type FloatType, makeTile, stepTile } from "./gemm_tile.ts";

/** Steps along the inner dimension that are written out. */
const UNROLL = 4;

/**
 * A function that multiplies strips of `most` rows, packed, by one strip of
 * columns, whose elements of a step lie side by side: (depth, rows, left, right,
 * step of the right), and then what {@linkcode Place} names.
 */
export function panelFunction(type: FloatType, most: number): FunctionBuilder {
  const f = new FunctionBuilder(new Array<number>(15).fill(I32));
  const [depth, height, left, right, step] = [0, 1, 2, 3, 4];
  const rows = f.local(I32);
  const place: Place = {
    ...{ rows, out: 5, pitch: 6, columns: 7, spare: 8, mode: 9 },
    ...{ from: 10, fromPitch: 11, alpha: 12, beta: 13, bound: 14 },
  };
  const b = f.local(I32);
  const count = f.local(I32);
  const tile = makeTile(f, most);
  const one = (): void => {
    stepTile(f, type, tile, left, b);
    advance(f, left, num(most * type.bytes));
    advance(f, b, step);
  };
  f.loop();
  clearTile(f, tile);
  f.get(right).set(b);
  f.get(depth).i32(UNROLL).op("i32.div_u").set(count);
  repeat(f, count, () => {
    for (let u = 0; u < UNROLL; u++) one();
  });
  f.get(depth).i32(UNROLL).op("i32.rem_u").set(count);
  repeat(f, count, one);
  assign(f, rows, min(height, num(most)));
  straighten(f, type, tile);
  storeTile(f, type, tile, place);
  f.get(place.pitch).i32(most).op("i32.mul").get(place.out).op("i32.add");
  f.set(place.out);
  f.get(place.fromPitch).i32(most).op("i32.mul").get(place.from);
  f.op("i32.add").set(place.from);
  f.get(height).i32(most).op("i32.sub").tee(height);
  f.i32(0).op("i32.gt_s").brIf(0).end();
  return f;
}
