// Sampling from a table of probabilities, with PyTorch's two algorithms and in
// the order of its draws. Pure: knows nothing of tensors; arrays are
// contiguous.

import { type DTypeInfo, FLOAT32, FLOAT64 } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { fillExponential, roundTo } from "./distributions.ts";
import type { Generator } from "./generator.ts";

/** Float32 counts exactly up to here, and PyTorch asks for no more. */
const MOST_CATEGORIES = 2 ** 24;

/**
 * Draws `count` indices for each of `rows` distributions over `columns`
 * categories, weighted by the entries of `weights` (row by row, of the
 * floating-point type `dtype`; they need not sum to 1). See
 * `torch.multinomial`. Returns `rows * count` indices. `byColumn` tells that
 * the weights lie column by column in memory, which decides the order of draws
 * without replacement; here they come row by row all the same.
 *
 * Throws RuntimeError where PyTorch does: no samples asked for, more than
 * there are categories without replacement, a weight that is negative,
 * infinite or NaN, a row of zeros.
 */
export function multinomialIndices(
  generator: Generator,
  weights: ArrayLike<number>,
  dtype: DTypeInfo,
  rows: number,
  columns: number,
  count: number,
  replacement: boolean,
  byColumn = false,
): Int32Array {
  if (dtype.category !== 2) {
    throw new RuntimeError(
      `multinomial only supports floating-point dtypes for input, got: ${dtype.scalarName}`,
    );
  }
  if (!(count > 0)) {
    throw new RuntimeError("cannot sample n_sample <= 0 samples");
  }
  if (!replacement && count > columns) {
    throw new RuntimeError(
      "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
      "pass { replacement: true }, or ask for fewer samples",
    );
  }
  if (columns > MOST_CATEGORIES) {
    throw new RuntimeError("number of categories cannot exceed 2^24");
  }
  const out = new Int32Array(rows * count);
  if (out.length === 0) return out;
  requireWeights(weights, rows, columns);
  if (replacement) {
    withReplacement(generator, weights, dtype, columns, count, out);
  } else {
    const keys = drawKeys(generator, dtype, rows, columns, byColumn);
    withoutReplacement(keys, weights, dtype, columns, count, out);
  }
  return out;
}

function requireWeights(
  weights: ArrayLike<number>,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < rows * columns; i++) {
    const weight = weights[i]!;
    if (weight >= 0 && weight < Infinity) continue;
    throw new RuntimeError(
      "probability tensor contains either `inf`, `nan` or element < 0",
    );
  }
  for (let row = 0; row < rows; row++) {
    let column = 0;
    while (column < columns && weights[row * columns + column] === 0) column++;
    if (column < columns) continue;
    throw new RuntimeError(
      "invalid multinomial distribution (sum of probabilities <= 0)",
    );
  }
}

/** Looks draws up in the cumulative distribution of each row. */
function withReplacement(
  generator: Generator,
  weights: ArrayLike<number>,
  dtype: DTypeInfo,
  columns: number,
  count: number,
  out: Int32Array,
): void {
  // 16-bit types accumulate in float32.
  const type = dtype === FLOAT64 ? FLOAT64 : FLOAT32;
  const cumulative = new Float64Array(columns);
  let at = 0;
  for (let start = 0; at < out.length; start += columns) {
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      sum = roundTo(type, sum + weights[start + j]!);
      cumulative[j] = sum;
    }
    for (let j = 0; j < columns; j++) {
      cumulative[j] = roundTo(type, cumulative[j]! / sum);
    }
    cumulative[columns - 1] = 1;
    for (let j = 0; j < count; j++) {
      const u = generator.random53() * 2 ** -53;
      let low = 0;
      let high = columns;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (cumulative[middle]! < u) low = middle + 1;
        else high = middle;
      }
      out[at++] = low;
    }
  }
}

/** Exponential samples, one for each weight. */
function drawKeys(
  generator: Generator,
  dtype: DTypeInfo,
  rows: number,
  columns: number,
  byColumn: boolean,
): Float64Array | Float32Array {
  const size = rows * columns;
  const wide = dtype === FLOAT64;
  const drawn = wide ? new Float64Array(size) : new Float32Array(size);
  fillExponential(generator, drawn, dtype);
  if (!byColumn) return drawn;
  const keys = drawn.slice();
  for (let i = 0; i < size; i++) {
    keys[i] = drawn[(i % columns) * rows + Math.floor(i / columns)]!;
  }
  return keys;
}

/**
 * Divides the weights by exponential samples and takes the largest: the trick
 * of Gumbel and softmax. All samples are drawn before the first row is read.
 */
function withoutReplacement(
  keys: Float64Array | Float32Array,
  weights: ArrayLike<number>,
  dtype: DTypeInfo,
  columns: number,
  count: number,
  out: Int32Array,
): void {
  const rows = out.length / count;
  for (let i = 0; i < keys.length; i++) {
    keys[i] = roundTo(dtype, weights[i]! / keys[i]!);
  }
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    if (count === 1) {
      let best = 0;
      for (let j = 1; j < columns; j++) {
        if (keys[start + j]! > keys[start + best]!) best = j;
      }
      out[row] = best;
      continue;
    }
    const order = Int32Array.from({ length: columns }, (_, j) => j);
    order.sort((a, b) => keys[start + b]! - keys[start + a]! || a - b);
    out.set(order.subarray(0, count), row * count);
  }
}
