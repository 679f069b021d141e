// Windows along a dimension, as pooling and interpolation use them, and their
// transposes: which output positions look at an input position. Pure: knows
// nothing of tensors.

import type { Windows } from "./device.ts";

/** Windows without weights. */
function plain(
  starts: Int32Array,
  lengths: Int32Array,
  step: number,
): Windows {
  let most = 0;
  for (const n of lengths) if (n > most) most = n;
  return { starts, lengths, step, weights: null, most, sliding: null };
}

/** `count` windows of `size` positions, `dilation` apart, that move by `stride`; positions in the padding are left out. */
export function slidingWindows(
  n: number,
  count: number,
  size: number,
  stride: number,
  padding: number,
  dilation: number,
): Windows {
  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  for (let o = 0; o < count; o++) {
    const first = o * stride - padding;
    const skipped = first < 0 ? Math.ceil(-first / dilation) : 0;
    const start = first + skipped * dilation;
    const inside = Math.ceil((n - start) / dilation);
    const length = Math.max(0, Math.min(size - skipped, inside));
    starts[o] = length === 0 ? Math.max(0, Math.min(start, n - 1)) : start;
    lengths[o] = length;
  }
  const sliding = { turned: false, size, stride, padding };
  return { ...plain(starts, lengths, dilation), sliding };
}

/** `count` windows that share `n` positions as evenly as they can. */
export function adaptiveWindows(n: number, count: number): Windows {
  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  for (let o = 0; o < count; o++) {
    const start = Math.floor(o * n / count);
    starts[o] = start;
    lengths[o] = Math.ceil((o + 1) * n / count) - start;
  }
  return plain(starts, lengths, 1);
}

/** Windows of one position each. */
export function singleWindows(starts: Int32Array): Windows {
  return plain(starts, new Int32Array(starts.length).fill(1), 1);
}

/** Per output position, positions and their weights; equal positions add up. */
export function weightedWindows(
  rows: readonly (readonly (readonly [at: number, weight: number])[])[],
): Windows {
  const starts = new Int32Array(rows.length);
  const lengths = new Int32Array(rows.length);
  rows.forEach((row, o) => {
    const places = row.map(([at]) => at);
    starts[o] = Math.min(...places);
    lengths[o] = Math.max(...places) - starts[o]! + 1;
  });
  const { most } = plain(starts, lengths, 1);
  const weights = new Float64Array(rows.length * most);
  rows.forEach((row, o) => {
    for (const [at, weight] of row) {
      weights[o * most + at - starts[o]!]! += weight;
    }
  });
  return { starts, lengths, step: 1, weights, most, sliding: null };
}

/** The transpose of windows over `n` positions whose step is 1. */
export function transposed(windows: Windows, n: number): Windows {
  const starts = new Int32Array(n);
  const lengths = new Int32Array(n);
  const count = windows.starts.length;
  const end = (o: number) => windows.starts[o]! + windows.lengths[o]!;
  let first = 0;
  let last = 0;
  for (let i = 0; i < n; i++) {
    while (first < count && end(first) <= i) first++;
    if (last < first) last = first;
    while (last < count && windows.starts[last]! <= i) last++;
    starts[i] = Math.min(first, Math.max(count - 1, 0));
    lengths[i] = last - first;
  }
  const out = plain(starts, lengths, 1);
  if (windows.sliding !== null && windows.step === 1) {
    return { ...out, sliding: { ...windows.sliding, turned: true } };
  }
  if (windows.weights === null) return out;
  const weights = new Float64Array(n * out.most);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < lengths[i]!; k++) {
      const o = starts[i]! + k;
      weights[i * out.most + k] = windows
        .weights[o * windows.most + i - windows.starts[o]!]!;
    }
  }
  return { ...out, weights };
}
