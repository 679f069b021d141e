// The eigenvalues of an upper Hessenberg matrix by the QR algorithm with double
// shifts of J. Francis, and its real Schur form, with the shifts and the tests
// of LAPACK's `dlahqr`, so that eigenvalues come in its order.

import { type Block, elementsOf, startOf } from "./block.ts";
import { rotatePair } from "./rotations.ts";
import { SchurBlock } from "./schur_block.ts";
import { type SchurWork, step } from "./schur_step.ts";

/** A rounding error's size. */
const ROUNDING = Number.EPSILON;
/** The smallest normal number. */
const NORMAL = 2 ** -1022;
/** Steps without success after which other shifts are tried. */
const PATIENCE = 10;

/** Finds the eigenvalues. Returns 0, or how many were not found. */
export function findSchur(work: SchurWork): number {
  const { x, q, low, high, re, im } = work;
  const data = elementsOf(x);
  const start = startOf(x);
  const { down, rows: n } = x;
  for (let i = 0; i < n; i++) {
    re[i] = data[start + i * (down + 1)]!;
    im[i] = 0;
  }
  if (low >= high) return 0;
  const count = high - low + 1;
  const least = NORMAL * (count / ROUNDING);
  const most = 30 * Math.max(10, count);
  const block = new SchurBlock();
  const shifts = new Float64Array(4);
  const v = new Float64Array(4);
  for (let i = high; i >= low;) {
    let l = low;
    for (let steps = 1;; steps++) {
      l = firstSmall(data, start, down, l, i, low, high, least);
      if (l > low) data[start + l * down + l - 1] = 0;
      if (l >= i - 1) break;
      if (steps > most) return i + 1;
      chooseShifts(data, start, down, l, i, steps, shifts);
      const m = startOfStep(data, start, down, l, i, shifts, v);
      step(work, l, i, m, v);
    }
    if (l === i) {
      re[i] = data[start + i * (down + 1)]!;
      im[i] = 0;
      i--;
      continue;
    }
    splitPair(data, start, down, i, block, x, q, low, high);
    re[i - 1] = block.a;
    re[i] = block.d;
    im[i - 1] = block.imaginary;
    im[i] = 0 - block.imaginary;
    i -= 2;
  }
  return 0;
}

/** The last place from `l` to `i` where the matrix falls apart. */
function firstSmall(
  data: Float64Array,
  start: number,
  down: number,
  l: number,
  i: number,
  low: number,
  high: number,
  least: number,
): number {
  for (let k = i; k > l; k--) {
    const at = start + k * down + k;
    const beside = Math.abs(data[at - 1]!);
    if (beside <= least) return k;
    const before = data[at - down - 1]!;
    const own = data[at]!;
    let sum = Math.abs(before) + Math.abs(own);
    if (sum === 0) {
      if (k - 2 >= low) sum += Math.abs(data[at - down - 2]!);
      if (k + 1 <= high) sum += Math.abs(data[at + down]!);
    }
    if (beside > ROUNDING * sum) continue;
    // M. Ahues and F. Tisseur: the other side of the diagonal counts as well.
    const above = Math.abs(data[at - down]!);
    const apart = Math.abs(before - own);
    const ab = Math.max(beside, above);
    const ba = Math.min(beside, above);
    const aa = Math.max(Math.abs(own), apart);
    const bb = Math.min(Math.abs(own), apart);
    const s = aa + ab;
    if (ba * (ab / s) <= Math.max(least, ROUNDING * (bb * (aa / s)))) return k;
  }
  return l;
}

/** Both shifts, each as its real and its imaginary part: the eigenvalues of the last two rows. */
function chooseShifts(
  data: Float64Array,
  start: number,
  down: number,
  l: number,
  i: number,
  steps: number,
  shifts: Float64Array,
): void {
  const end = start + i * (down + 1);
  let h11 = data[end - down - 1]!;
  let h21 = data[end - 1]!;
  let h12 = data[end - down]!;
  let h22 = data[end]!;
  if (steps % PATIENCE === 0) {
    const top = start + l * (down + 1);
    const last = steps % (2 * PATIENCE) === 0;
    const s = last
      ? Math.abs(h21) + Math.abs(data[end - down - 2]!)
      : Math.abs(data[top + down]!) + Math.abs(data[top + 2 * down + 1]!);
    h11 = h22 = 0.75 * s + (last ? h22 : data[top]!);
    h12 = -0.4375 * s;
    h21 = s;
  }
  const s = Math.abs(h11) + Math.abs(h12) + Math.abs(h21) + Math.abs(h22);
  shifts.fill(0);
  if (s === 0) return;
  h11 /= s;
  h21 /= s;
  h12 /= s;
  h22 /= s;
  const half = (h11 + h22) / 2;
  const determinant = (h11 - half) * (h22 - half) - h12 * h21;
  const root = Math.sqrt(Math.abs(determinant));
  if (determinant >= 0) {
    shifts[0] = shifts[2] = half * s;
    shifts[1] = root * s;
    shifts[3] = -root * s;
  } else {
    // Of real ones, the nearer one twice.
    const first = half + root;
    const second = half - root;
    const nearer = Math.abs(first - h22) <= Math.abs(second - h22);
    shifts[0] = shifts[2] = (nearer ? first : second) * s;
  }
}

/** The row where a step may begin, and in `v` what its first reflection is made of. */
function startOfStep(
  data: Float64Array,
  start: number,
  down: number,
  l: number,
  i: number,
  shifts: Float64Array,
  v: Float64Array,
): number {
  const [re1, im1, re2, im2] = shifts as unknown as [
    number,
    number,
    number,
    number,
  ];
  for (let m = i - 2;; m--) {
    const at = start + m * (down + 1);
    const own = data[at]!;
    const next = data[at + down + 1]!;
    const below = data[at + down]!;
    const s = Math.abs(own - re2) + Math.abs(im2) + Math.abs(below);
    const part = below / s;
    const v1 = part * data[at + 1]! + (own - re1) * ((own - re2) / s) -
      im1 * (im2 / s);
    const v2 = part * (own + next - re1 - re2);
    const v3 = part * data[at + 2 * down + 1]!;
    const sum = Math.abs(v1) + Math.abs(v2) + Math.abs(v3);
    v[0] = v1 / sum;
    v[1] = v2 / sum;
    v[2] = v3 / sum;
    if (m === l) return m;
    const around = Math.abs(data[at - down - 1]!) + Math.abs(own) +
      Math.abs(next);
    const weight = Math.abs(v[1]!) + Math.abs(v[2]!);
    if (
      Math.abs(data[at - 1]!) * weight <= ROUNDING * Math.abs(v[0]!) * around
    ) return m;
  }
}

/** Brings rows `i - 1` and `i`, which stand alone, into form. */
function splitPair(
  data: Float64Array,
  start: number,
  down: number,
  i: number,
  block: SchurBlock,
  x: Block,
  q: Block | null,
  low: number,
  high: number,
): void {
  const at = start + (i - 1) * down + i - 1;
  block.a = data[at]!;
  block.b = data[at + 1]!;
  block.c = data[at + down]!;
  block.d = data[at + down + 1]!;
  block.reduce();
  data[at] = block.a;
  data[at + 1] = block.b;
  data[at + down] = block.c;
  data[at + down + 1] = block.d;
  if (q === null) return;
  const { cosine, sine } = block;
  const rest = x.rows - i - 1;
  const right = { ...x, at: x.at + i + 1, columns: rest };
  rotatePair(right, data, i - 1, i, cosine, sine);
  for (let p = start + i - 1; p < at; p += down) {
    const a = data[p]!;
    const b = data[p + 1]!;
    data[p] = cosine * a + sine * b;
    data[p + 1] = cosine * b - sine * a;
  }
  const wide = { ...q, at: q.at + low, columns: high - low + 1 };
  rotatePair(wide, elementsOf(q), i - 1, i, cosine, sine);
}
