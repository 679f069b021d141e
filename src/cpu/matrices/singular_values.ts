// The singular values of an upper bidiagonal matrix by G. Golub's and C.
// Reinsch's QR algorithm with implicit shifts, in the form of LINPACK's dsvdc;
// its rotations make singular vectors of the rows that they are applied to.

import { elementsOf } from "./block.ts";
import { rotatePair, type Rotations } from "./rotations.ts";

/** Steps for each value after which the algorithm has failed; it takes two on average. */
const MOST = 75;

/** Below this, numbers are nothing beside any that the matrix was scaled to. */
const TINY = 2 ** -966;

/**
 * Turns the diagonal `d` into singular values, in no order, some of them
 * negative; `e`, what lies above it, is overwritten. `u` and `v` hold left and
 * right vectors as rows. Returns 0, or how many values were not found.
 */
export function findSingularValues(
  d: Float64Array,
  e: Float64Array,
  u: Rotations,
  v: Rotations,
): number {
  let p = d.length;
  let steps = 0;
  while (p > 0) {
    const k = lastSmall(d, e, p);
    if (k === p - 2) {
      e[k] = 0;
      p--;
      steps = 0;
      continue;
    }
    const zero = lastZero(d, e, k, p);
    if (zero === p - 1) {
      chaseUp(d, e, k + 1, p, v);
    } else if (zero > k) {
      chaseDown(d, e, zero, p, u);
    } else {
      if (steps++ === MOST) break;
      step(d, e, k + 1, p, u, v);
    }
  }
  u.apply();
  v.apply();
  return p;
}

/** The last place below `p - 1` where the matrix falls apart; -1 where it does not. */
function lastSmall(d: Float64Array, e: Float64Array, p: number): number {
  let k = p - 2;
  for (; k >= 0; k--) {
    const near = Math.abs(d[k]!) + Math.abs(d[k + 1]!);
    if (Math.abs(e[k]!) <= TINY + Number.EPSILON / 2 * near) {
      e[k] = 0;
      break;
    }
  }
  return k;
}

/** The last value that is nothing beside its neighbours, behind `k`; `k` where there is none. */
function lastZero(
  d: Float64Array,
  e: Float64Array,
  k: number,
  p: number,
): number {
  let at = p - 1;
  for (; at > k; at--) {
    const near = (at < p - 1 ? Math.abs(e[at]!) : 0) +
      (at > k + 1 ? Math.abs(e[at - 1]!) : 0);
    if (Math.abs(d[at]!) <= TINY + Number.EPSILON / 2 * near) {
      d[at] = 0;
      break;
    }
  }
  return at;
}

/** The last value is 0: what stands above it goes up and out. */
function chaseUp(
  d: Float64Array,
  e: Float64Array,
  first: number,
  p: number,
  v: Rotations,
): void {
  v.apply();
  let f = e[p - 2]!;
  e[p - 2] = 0;
  for (let j = p - 2; j >= first; j--) {
    const t = Math.hypot(d[j]!, f);
    const c = t === 0 ? 1 : d[j]! / t;
    const s = t === 0 ? 0 : f / t;
    d[j] = t;
    if (j > first) {
      f = -s * e[j - 1]!;
      e[j - 1]! *= c;
    }
    const { matrix } = v;
    if (matrix !== null) {
      rotatePair(matrix, elementsOf(matrix), j, p - 1, c, s);
    }
  }
}

/** A value in between is 0: what stands beside it goes down and out. */
function chaseDown(
  d: Float64Array,
  e: Float64Array,
  zero: number,
  p: number,
  u: Rotations,
): void {
  u.apply();
  let f = e[zero]!;
  e[zero] = 0;
  for (let j = zero + 1; j < p; j++) {
    const t = Math.hypot(d[j]!, f);
    const c = t === 0 ? 1 : d[j]! / t;
    const s = t === 0 ? 0 : f / t;
    d[j] = t;
    if (j < p - 1) {
      f = -s * e[j]!;
      e[j]! *= c;
    }
    const { matrix } = u;
    if (matrix !== null) {
      rotatePair(matrix, elementsOf(matrix), j, zero, c, s);
    }
  }
}

/** The shift: an eigenvalue of the last two rows' product, divided by the scale. */
function shiftOf(
  d: Float64Array,
  e: Float64Array,
  first: number,
  p: number,
): { f: number; g: number } {
  const scale = Math.max(
    Math.abs(d[p - 1]!),
    Math.abs(d[p - 2]!),
    Math.abs(e[p - 2]!),
    Math.abs(d[first]!),
    Math.abs(e[first]!),
  );
  const last = d[p - 1]! / scale;
  const before = d[p - 2]! / scale;
  const beside = e[p - 2]! / scale;
  const top = d[first]! / scale;
  const next = e[first]! / scale;
  const b = ((before + last) * (before - last) + beside * beside) / 2;
  const c = (last * beside) ** 2;
  let shift = 0;
  if (b !== 0 || c !== 0) {
    const root = Math.sqrt(b * b + c);
    shift = c / (b + (b < 0 ? -root : root));
  }
  return { f: (top + last) * (top - last) + shift, g: top * next };
}

/** One step on the rows from `first` to below `p`. */
function step(
  d: Float64Array,
  e: Float64Array,
  first: number,
  p: number,
  u: Rotations,
  v: Rotations,
): void {
  let { f, g } = shiftOf(d, e, first, p);
  u.begin(first, p - 1, true);
  v.begin(first, p - 1, true);
  for (let j = first; j < p - 1; j++) {
    let t = lengthOf(f, g);
    let c = t === 0 ? 1 : f / t;
    let s = t === 0 ? 0 : g / t;
    if (j > first) e[j - 1] = t;
    f = c * d[j]! + s * e[j]!;
    e[j] = c * e[j]! - s * d[j]!;
    g = s * d[j + 1]!;
    d[j + 1]! *= c;
    v.note(c, s);
    t = lengthOf(f, g);
    c = t === 0 ? 1 : f / t;
    s = t === 0 ? 0 : g / t;
    d[j] = t;
    f = c * e[j]! + s * d[j + 1]!;
    d[j + 1] = c * d[j + 1]! - s * e[j]!;
    g = s * e[j + 1]!;
    e[j + 1]! *= c;
    u.note(c, s);
  }
  e[p - 2] = f;
}

/** The length of a vector of two elements, neither of which is huge. */
function lengthOf(a: number, b: number): number {
  const sum = a * a + b * b;
  return sum > 1e-280 ? Math.sqrt(sum) : Math.hypot(a, b);
}
