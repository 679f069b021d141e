// The eigenvalues of a symmetric tridiagonal matrix by the QL algorithm with
// implicit shifts, as B. Parlett's "The Symmetric Eigenvalue Problem" has it;
// its rotations make eigenvectors of the rows that they are applied to.

import type { Rotations } from "./rotations.ts";

/** What is nothing beside the largest elements: a part of what rounding did to the matrix before. */
const NOTHING = 2 ** -59;
/** Steps for each eigenvalue after which the algorithm has failed; it takes two on average. */
const MOST = 60;

/**
 * Turns the diagonal `d` into eigenvalues, in no order; `e`, what lies beside
 * it, is overwritten. Returns 0, or how many elements of `e` did not become 0.
 */
export function findEigenvalues(
  d: Float64Array,
  e: Float64Array,
  rotations: Rotations,
): number {
  const n = d.length;
  const least = NOTHING * normOf(d, e);
  const c = new Float64Array(n);
  const s = new Float64Array(n);
  for (let l = 0; l < n; l++) {
    for (let step = 0;; step++) {
      const m = firstSmall(d, e, l, least);
      if (m === l) break;
      if (step === MOST) {
        rotations.apply();
        return remaining(e, n);
      }
      const end = sweep(d, e, l, m, c, s);
      rotations.begin(end, m, false);
      for (let i = m - 1; i >= end; i--) rotations.note(c[i]!, -s[i]!);
    }
  }
  rotations.apply();
  return 0;
}

/** The largest sum of two neighbours. */
function normOf(d: Float64Array, e: Float64Array): number {
  let most = 0;
  for (let i = 0; i < d.length; i++) {
    most = Math.max(most, Math.abs(d[i]!) + Math.abs(e[i]!));
  }
  return most;
}

/** The first place from `l` on where the matrix falls apart. */
function firstSmall(
  d: Float64Array,
  e: Float64Array,
  l: number,
  least: number,
): number {
  const last = d.length - 1;
  for (let m = l; m < last; m++) {
    const size = Math.abs(e[m]!);
    if (size <= least) return m;
    const a = Math.abs(d[m]!);
    const b = Math.abs(d[m + 1]!);
    if (size <= Number.EPSILON / 2 * Math.sqrt(a) * Math.sqrt(b)) return m;
  }
  return last;
}

function remaining(e: Float64Array, n: number): number {
  let count = 0;
  for (let i = 0; i < n - 1; i++) if (e[i] !== 0) count++;
  return Math.max(count, 1);
}

/** One step from `m` up to `l`; its rotations are in `c` and `s`, from the returned place on. */
function sweep(
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
  c: Float64Array,
  s: Float64Array,
): number {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return i + 1;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * sine + 2 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
    c[i] = cosine;
    s[i] = sine;
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
  return l;
}
