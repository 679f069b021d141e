// Walking several strided operands of one shape together: dimensions that can
// be walked as one are merged, the innermost two go to the compiled loop.

import { broadcastStrides, mergeDims, type Walk } from "../tensor/geometry.ts";

export { broadcastStrides, mergeDims, type Walk };

/** Calls `visit` with the offsets of the operands for each index of all dimensions but the last `inner`. */
export function forEachOuter(
  walk: Walk,
  offsets: readonly number[],
  inner: number,
  visit: (at: readonly number[]) => void,
): void {
  const { shape, strides } = walk;
  const outer = shape.length - inner;
  const at = offsets.slice();
  if (shape.some((n) => n === 0)) return;
  const index = new Array<number>(Math.max(outer, 0)).fill(0);
  while (true) {
    visit(at);
    let d = outer - 1;
    for (; d >= 0; d--) {
      index[d]!++;
      for (let k = 0; k < at.length; k++) at[k]! += strides[k]![d]!;
      if (index[d]! < shape[d]!) break;
      for (let k = 0; k < at.length; k++) {
        at[k]! -= strides[k]![d]! * shape[d]!;
      }
      index[d] = 0;
    }
    if (d < 0) return;
  }
}
