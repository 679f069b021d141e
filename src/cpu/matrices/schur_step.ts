// A step of the QR algorithm with two shifts: a bulge of three rows that moves
// down the diagonal by reflections.

import { type Block, elementsOf, startOf } from "./block.ts";

/** A matrix on its way to the Schur form. */
export interface SchurWork {
  /** The Hessenberg matrix. */
  readonly x: Block;
  /** The matrix whose rows take part in all reflections; null where eigenvalues only are wanted, and the form is not finished. */
  readonly q: Block | null;
  /** The rows that are not triangular yet: the first one. */
  readonly low: number;
  /** The last one. */
  readonly high: number;
  /** The eigenvalues' real parts. */
  readonly re: Float64Array;
  /** Their imaginary parts; of a pair, the positive one comes first. */
  readonly im: Float64Array;
}

/** Makes a reflection of what is in `v`: its first element becomes the length, the others the vector; the last one is the factor. */
function reflectFew(v: Float64Array, count: number): void {
  const first = v[0]!;
  const second = v[1]!;
  const third = count === 3 ? v[2]! : 0;
  let rest = second * second + third * third;
  let length: number;
  if (rest > 1e-280 && rest < 1e280 && first * first < 1e280) {
    length = Math.sqrt(first * first + rest);
  } else {
    rest = Math.hypot(second, third);
    length = Math.hypot(first, rest);
  }
  if (rest === 0) {
    v[3] = 0;
    return;
  }
  const beta = first >= 0 ? -length : length;
  v[0] = beta;
  v[1] = second / (first - beta);
  v[2] = third / (first - beta);
  v[3] = (beta - first) / beta;
}

/** One step on rows `l` to `i`, from row `m` on. */
export function step(
  { x, q, low, high }: SchurWork,
  l: number,
  i: number,
  m: number,
  v: Float64Array,
): void {
  const data = elementsOf(x);
  const start = startOf(x);
  const { down } = x;
  const top = q === null ? l : 0;
  const right = q === null ? i : x.rows - 1;
  for (let k = m; k < i; k++) {
    const count = Math.min(3, i - k + 1);
    const at = start + k * down;
    if (k > m) {
      v[0] = data[at + k - 1]!;
      v[1] = data[at + down + k - 1]!;
      v[2] = count === 3 ? data[at + 2 * down + k - 1]! : 0;
    }
    reflectFew(v, count);
    const tau = v[3]!;
    if (k > m) {
      data[at + k - 1] = v[0]!;
      data[at + down + k - 1] = 0;
      if (count === 3) data[at + 2 * down + k - 1] = 0;
    } else if (m > l) data[at + k - 1]! *= 1 - tau;
    if (tau === 0) continue;
    const last = Math.min(k + 3, i);
    if (count === 3) {
      mixThree(data, at + k, 1, down, right - k + 1, v[1]!, v[2]!, tau);
      mixThree(
        data,
        start + top * down + k,
        down,
        1,
        last - top + 1,
        v[1]!,
        v[2]!,
        tau,
      );
    } else {
      mixTwo(data, at + k, 1, down, right - k + 1, v[1]!, tau);
      mixTwo(
        data,
        start + top * down + k,
        down,
        1,
        last - top + 1,
        v[1]!,
        tau,
      );
    }
    if (q === null) continue;
    const row = startOf(q) + k * q.down + low;
    const width = high - low + 1;
    const rows = elementsOf(q);
    if (count === 3) mixThree(rows, row, 1, q.down, width, v[1]!, v[2]!, tau);
    else mixTwo(rows, row, 1, q.down, width, v[1]!, tau);
  }
}

/** Applies a reflection to three rows or columns that are `gap` apart; `step` leads along them. */
function mixThree(
  data: Float64Array,
  at: number,
  step: number,
  gap: number,
  count: number,
  v2: number,
  v3: number,
  tau: number,
): void {
  const t2 = tau * v2;
  const t3 = tau * v3;
  const end = at + count * step;
  for (let p = at; p < end; p += step) {
    const second = p + gap;
    const third = second + gap;
    const a = data[p]!;
    const b = data[second]!;
    const c = data[third]!;
    const sum = a + v2 * b + v3 * c;
    data[p] = a - sum * tau;
    data[second] = b - sum * t2;
    data[third] = c - sum * t3;
  }
}

/** Applies a reflection to two rows or columns that are `gap` apart. */
function mixTwo(
  data: Float64Array,
  at: number,
  step: number,
  gap: number,
  count: number,
  v2: number,
  tau: number,
): void {
  const t2 = tau * v2;
  const end = at + count * step;
  for (let p = at; p < end; p += step) {
    const sum = data[p]! + v2 * data[p + gap]!;
    data[p]! -= sum * tau;
    data[p + gap]! -= sum * t2;
  }
}
