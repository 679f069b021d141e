// Strides: when a tensor is dense, how a view reshapes, when memory overlaps.
// Pure: knows nothing of storage.

import type { Shape } from "./shape.ts";

/** Tells whether elements lie in row-major order without gaps. */
export function isDense(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const n = shape[i]!;
    if (n === 0) return true;
    if (n !== 1) {
      // Without elements there is nothing out of order.
      if (strides[i] !== step) return shape.includes(0);
      step *= n;
    }
  }
  return true;
}

/**
 * Strides under which the same memory reads as `wanted`, or null where it
 * cannot. Both shapes have the same number of elements.
 */
export function viewStrides(
  shape: Shape,
  strides: readonly number[],
  wanted: Shape,
): number[] | null {
  const out = new Array<number>(wanted.length).fill(1);
  if (shape.some((n) => n === 0)) {
    let step = 1;
    for (let i = wanted.length - 1; i >= 0; i--) {
      out[i] = step;
      step *= Math.max(wanted[i]!, 1);
    }
    return out;
  }
  let v = wanted.length - 1;
  let base = shape.length === 0 ? 1 : strides[shape.length - 1]!;
  let have = 1; // elements of the memory chunk gathered so far
  let used = 1; // elements of it given to wanted dimensions
  for (let d = shape.length - 1; d >= 0; d--) {
    have *= shape[d]!;
    const chunkEnds = d === 0 ||
      (shape[d - 1] !== 1 && strides[d - 1] !== have * base);
    if (!chunkEnds) continue;
    while (v >= 0 && (used < have || wanted[v] === 1)) {
      out[v] = used * base;
      used *= wanted[v]!;
      v--;
    }
    if (used !== have) return null;
    if (d > 0) {
      base = strides[d - 1]!;
      have = 1;
      used = 1;
    }
  }
  for (; v >= 0; v--) if (wanted[v] !== 1) return null;
  return out;
}

/** Lowest and one past the highest memory position that a geometry touches. */
export function memoryRange(
  shape: Shape,
  strides: readonly number[],
  offset: number,
): [number, number] {
  let low = offset;
  let high = offset;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 0) return [offset, offset];
    const reach = (shape[i]! - 1) * strides[i]!;
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high + 1];
}

/** Tells whether two indices of one geometry surely name the same memory (an expanded dimension). */
export function overlapsItself(
  shape: Shape,
  strides: readonly number[],
): boolean {
  for (let i = 0; i < shape.length; i++) {
    if (shape[i]! > 1 && strides[i] === 0) return true;
  }
  return false;
}
