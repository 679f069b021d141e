// Panels whose strip of columns is read as it lies: windows side by side in
// memory, whose elements come in runs of equal distance. Small weights would
// not repay packing it.

import { FunctionBuilder, I32 } from "./emitter.ts";
import { advance, assign, min, num, repeat } from "./gemm_code.ts";
import { type Place, storeTile, straighten } from "./gemm_store.ts";
import { clearTile, type FloatType, makeTile, stepTile } from "./gemm_tile.ts";

/** How the elements of a window come: in runs of so many, so many bytes apart. */
export interface Runs {
  /** Elements of a run. */
  readonly length: number;
  /** Bytes from one to the next. */
  readonly gap: number;
}

/**
 * As `panelFunction` in gemm_panel.ts, with the number of runs in place of the
 * depth, the address of the strip's first window, and that of the table of
 * elements in place of a step.
 */
export function runPanelFunction(
  type: FloatType,
  most: number,
  runs: Runs,
): FunctionBuilder {
  const f = new FunctionBuilder(new Array<number>(15).fill(I32));
  const [number, height, left, right, elements] = [0, 1, 2, 3, 4];
  const rows = f.local(I32);
  const place: Place = {
    ...{ rows, out: 5, pitch: 6, columns: 7, spare: 8, mode: 9 },
    ...{ from: 10, fromPitch: 11, alpha: 12, beta: 13, bound: 14 },
  };
  const b = f.local(I32);
  const table = f.local(I32);
  const count = f.local(I32);
  const tile = makeTile(f, most);
  f.loop();
  clearTile(f, tile);
  assign(f, table, elements);
  assign(f, count, number);
  repeat(f, count, () => {
    f.get(table).memory("i32.load").get(right).op("i32.add").set(b);
    for (let u = 0; u < runs.length; u++) {
      stepTile(f, type, tile, left, b);
      advance(f, left, num(most * type.bytes));
      advance(f, b, num(runs.gap));
    }
    advance(f, table, num(4 * runs.length));
  });
  assign(f, rows, min(height, num(most)));
  straighten(f, type, tile);
  storeTile(f, type, tile, place);
  for (
    const [to, pitch] of [[place.out, place.pitch], [
      place.from,
      place.fromPitch,
    ]] as const
  ) {
    f.get(pitch).i32(most).op("i32.mul").get(to).op("i32.add").set(to);
  }
  f.get(height).i32(most).op("i32.sub").tee(height);
  f.i32(0).op("i32.gt_s").brIf(0).end();
  return f;
}
