// The passes of a transform, in JavaScript: Stockham's form, which reads one
// buffer and writes the other, so that results come out in order. They serve
// where there is no WebAssembly memory, and are the oracle in the tests.

import { storeRoot } from "./roots.ts";

/** What a pass works on: numbers, and positions in them counted in numbers. */
export interface PassData {
  /** What is read. */
  readonly from: Float64Array;
  /** What is written. */
  readonly to: Float64Array;
  /** The factors. */
  readonly table: Float64Array;
  /** Position of the first factor. */
  readonly at: number;
  /** Groups, each of which has factors of its own. */
  readonly rest: number;
  /** Transforms of a group, side by side. */
  readonly side: number;
  /** 1 where the turn is by -i, forward; -1 where it is by i. */
  readonly sign: number;
}

/** Transforms of length 2. */
export function passTwo(
  { from, to, table, at, rest, side, sign }: PassData,
): void {
  const half = 2 * rest * side;
  for (let p = 0; p < rest; p++) {
    const c = table[at + 2 * p]!;
    const s = table[at + 2 * p + 1]! * sign;
    let x = 2 * p * side;
    let y = 2 * x;
    for (let q = 0; q < side; q++, x += 2, y += 2) {
      const ar = from[x]!;
      const ai = from[x + 1]!;
      const br = from[x + half]!;
      const bi = from[x + half + 1]!;
      to[y] = ar + br;
      to[y + 1] = ai + bi;
      const dr = ar - br;
      const di = ai - bi;
      to[y + 2 * side] = c * dr + s * di;
      to[y + 2 * side + 1] = c * di - s * dr;
    }
  }
}

/** Transforms of length 4. */
export function passFour(
  { from, to, table, at, rest, side, sign }: PassData,
): void {
  const quarter = 2 * rest * side;
  const step = 2 * side;
  for (let p = 0; p < rest; p++) {
    const w = at + 6 * p;
    const c1 = table[w]!;
    const s1 = table[w + 1]! * sign;
    const c2 = table[w + 2]!;
    const s2 = table[w + 3]! * sign;
    const c3 = table[w + 4]!;
    const s3 = table[w + 5]! * sign;
    let x = step * p;
    let y = 4 * x;
    for (let q = 0; q < side; q++, x += 2, y += 2) {
      const ar = from[x]!;
      const ai = from[x + 1]!;
      const br = from[x + quarter]!;
      const bi = from[x + quarter + 1]!;
      const cr = from[x + 2 * quarter]!;
      const ci = from[x + 2 * quarter + 1]!;
      const dr = from[x + 3 * quarter]!;
      const di = from[x + 3 * quarter + 1]!;
      const er = ar + cr;
      const ei = ai + ci;
      const fr = ar - cr;
      const fi = ai - ci;
      const gr = br + dr;
      const gi = bi + di;
      // Turned.
      const hr = sign * (bi - di);
      const hi = sign * (dr - br);
      to[y] = er + gr;
      to[y + 1] = ei + gi;
      const kr = fr + hr;
      const ki = fi + hi;
      to[y + step] = c1 * kr + s1 * ki;
      to[y + step + 1] = c1 * ki - s1 * kr;
      const lr = er - gr;
      const li = ei - gi;
      to[y + 2 * step] = c2 * lr + s2 * li;
      to[y + 2 * step + 1] = c2 * li - s2 * lr;
      const mr = fr - hr;
      const mi = fi - hi;
      to[y + 3 * step] = c3 * mr + s3 * mi;
      to[y + 3 * step + 1] = c3 * mi - s3 * mr;
    }
  }
}

/**
 * Transforms of an odd prime length: elements that lie opposite each other are
 * added and subtracted first, so that cosines multiply the sums and sines the
 * differences.
 */
export function passOdd(radix: number, data: PassData): void {
  const { from, to, table, at, rest, side, sign } = data;
  const pairs = (radix - 1) / 2;
  const { cosines, sines } = constantsOf(radix);
  const step = 2 * side;
  const part = step * rest;
  const sums = new Float64Array(2 * pairs);
  const differences = new Float64Array(2 * pairs);
  for (let p = 0; p < rest; p++) {
    const w = at + 2 * (radix - 1) * p;
    let x = step * p;
    let y = radix * x;
    for (let q = 0; q < side; q++, x += 2, y += 2) {
      let r0 = from[x]!;
      let i0 = from[x + 1]!;
      const fr = r0;
      const fi = i0;
      for (let k = 0; k < pairs; k++) {
        const u = x + (k + 1) * part;
        const v = x + (radix - 1 - k) * part;
        const ur = from[u]!;
        const ui = from[u + 1]!;
        const vr = from[v]!;
        const vi = from[v + 1]!;
        sums[2 * k] = ur + vr;
        sums[2 * k + 1] = ui + vi;
        differences[2 * k] = ur - vr;
        differences[2 * k + 1] = ui - vi;
        r0 += ur + vr;
        i0 += ui + vi;
      }
      to[y] = r0;
      to[y + 1] = i0;
      for (let j = 1; j <= pairs; j++) {
        let cr = fr;
        let ci = fi;
        let sr = 0;
        let si = 0;
        for (let k = 0; k < pairs; k++) {
          const index = j * (k + 1) % radix;
          const c = cosines[index]!;
          const s = sines[index]!;
          cr += c * sums[2 * k]!;
          ci += c * sums[2 * k + 1]!;
          sr += s * differences[2 * k]!;
          si += s * differences[2 * k + 1]!;
        }
        const tr = sign * si;
        const ti = -sign * sr;
        storeProduct(
          to,
          y + j * step,
          cr + tr,
          ci + ti,
          table,
          w + 2 * j - 2,
          sign,
        );
        const other = radix - j;
        storeProduct(
          to,
          y + other * step,
          cr - tr,
          ci - ti,
          table,
          w + 2 * other - 2,
          sign,
        );
      }
    }
  }
}

function storeProduct(
  to: Float64Array,
  at: number,
  x: number,
  y: number,
  table: Float64Array,
  w: number,
  sign: number,
): void {
  const c = table[w]!;
  const s = table[w + 1]! * sign;
  to[at] = c * x + s * y;
  to[at + 1] = c * y - s * x;
}

interface Constants {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

const CONSTANTS: Constants[] = [];

/** Cosines and sines of the multiples of `2 * pi / radix`. */
export function constantsOf(radix: number): Constants {
  return CONSTANTS[radix] ??= makeConstants(radix);
}

function makeConstants(radix: number): Constants {
  const root = new Float64Array(2);
  const cosines = new Float64Array(radix);
  const sines = new Float64Array(radix);
  for (let k = 0; k < radix; k++) {
    storeRoot(root, 0, k, radix);
    cosines[k] = root[0]!;
    sines[k] = root[1]!;
  }
  return { cosines, sines };
}
