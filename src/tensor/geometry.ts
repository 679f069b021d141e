// Walking several strided operands of one shape together: dimensions that can
// be walked as one are merged. Pure: knows nothing of tensors or devices.

import type { Strided } from "./device.ts";

/** Operands of one shape, with as few dimensions as their strides allow. */
export interface Walk {
  /** Merged shape, of at least two dimensions. */
  readonly shape: number[];
  /** Strides per operand. */
  readonly strides: number[][];
}

/** Strides of an operand stretched to a larger shape: 0 where it repeats. */
export function broadcastStrides(
  x: Strided,
  shape: readonly number[],
): number[] {
  const pad = shape.length - x.shape.length;
  const strides = new Array<number>(shape.length);
  for (let d = 0; d < shape.length; d++) {
    strides[d] = d < pad || (x.shape[d - pad] === 1 && shape[d] !== 1)
      ? 0
      : x.strides[d - pad]!;
  }
  return strides;
}

/** Merges the dimensions of operands; each is given by its strides for `shape`. */
export function mergeDims(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): Walk {
  const outShape: number[] = [];
  const out: number[][] = strides.map(() => []);
  for (let d = 0; d < shape.length; d++) {
    const n = shape[d]!;
    if (n === 1) continue;
    const last = outShape.length - 1;
    const merges = last >= 0 &&
      strides.every((s, k) => out[k]![last] === s[d]! * n);
    if (merges) {
      outShape[last]! *= n;
      strides.forEach((s, k) => out[k]![last] = s[d]!);
    } else {
      outShape.push(n);
      strides.forEach((s, k) => out[k]!.push(s[d]!));
    }
  }
  while (outShape.length < 2) {
    outShape.unshift(1);
    out.forEach((s) => s.unshift(0));
  }
  return { shape: outShape, strides: out };
}

/** Strides of an operand, that along `dim` replaced by 0: positions there come from an index. */
export function splitStrides(
  x: Strided,
  dim: number,
): { strides: number[]; along: number } {
  const strides = x.strides.slice();
  const along = x.shape.length === 0 ? 0 : strides[dim]!;
  strides[dim] = 0;
  return { strides, along };
}
