// Which elements new ones are computed from when a dimension is resized, and
// with which weights. Pure: knows nothing of tensors.

import type { Windows } from "./device.ts";
import { singleWindows, weightedWindows } from "./windows.ts";

/** How a dimension is resized. */
export interface Resizing {
  /** Length before. */
  readonly from: number;
  /** Length after. */
  readonly to: number;
  /** The factor that the caller gave; null where it comes from the lengths. */
  readonly factor: number | null;
  /** Whether the centers of the first and last elements coincide. */
  readonly alignCorners: boolean;
}

/** Distance in the input between neighbours of the result. */
function distance({ from, to, factor, alignCorners }: Resizing): number {
  if (alignCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
  return factor !== null && factor > 0 ? 1 / factor : from / to;
}

/** Position in the input of an element of the result. */
function source(how: Resizing, step: number, o: number): number {
  return how.alignCorners ? o * step : (o + 0.5) * step - 0.5;
}

/** Positions are computed in float32, as PyTorch does: it decides which is nearest. */
function nearest(how: Resizing, exact: boolean): Windows {
  const { from, to, factor } = how;
  const step = Math.fround(
    factor !== null && factor > 0
      ? 1 / factor
      : Math.fround(from) / Math.fround(to),
  );
  const starts = new Int32Array(to);
  for (let o = 0; o < to; o++) {
    const at = Math.fround((exact ? o + 0.5 : o) * step);
    starts[o] = Math.min(Math.floor(at), from - 1);
  }
  return singleWindows(starts);
}

function linear(how: Resizing): Windows {
  const { from, to } = how;
  const step = distance(how);
  return weightedWindows(Array.from({ length: to }, (_, o) => {
    if (from === to) return [[o, 1] as const];
    const at = Math.max(source(how, step, o), 0);
    const low = Math.min(Math.floor(at), from - 1);
    const high = Math.min(low + 1, from - 1);
    const part = Math.min(Math.max(at - low, 0), 1);
    return [[low, 1 - part] as const, [high, part] as const];
  }));
}

/** Keys' cubic, by distance; `a` says how far it overshoots. */
function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function bicubic(how: Resizing): Windows {
  const { from, to } = how;
  const step = distance(how);
  return weightedWindows(Array.from({ length: to }, (_, o) => {
    const at = source(how, step, o);
    const low = Math.floor(at);
    return [-1, 0, 1, 2].map((k) =>
      [
        Math.min(Math.max(low + k, 0), from - 1),
        cubic(at - low - k, -0.75),
      ] as const
    );
  }));
}

/** The windows of a mode along one dimension. */
export function resizingWindows(mode: string, how: Resizing): Windows {
  switch (mode) {
    case "nearest":
      return nearest(how, false);
    case "nearest-exact":
      return nearest(how, true);
    case "bicubic":
      return bicubic(how);
    default:
      return linear(how);
  }
}

/** Windows that are as wide as the step between elements of the result, so that none is passed over. */
export function filterWindows(isCubic: boolean, how: Resizing): Windows {
  const { from, to } = how;
  const step = distance(how);
  const wide = Math.max(step, 1);
  const support = (isCubic ? 2 : 1) * wide;
  const weight = (d: number) =>
    isCubic ? cubic(d, -0.5) : Math.max(0, 1 - Math.abs(d));
  return weightedWindows(Array.from({ length: to }, (_, o) => {
    const center = step * (o + 0.5);
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), from);
    const row: [number, number][] = [];
    let total = 0;
    for (let i = first; i < end; i++) {
      const w = weight((i - center + 0.5) / wide);
      row.push([i, w]);
      total += w;
    }
    return row.map(([at, w]) => [at, total === 0 ? w : w / total] as const);
  }));
}
