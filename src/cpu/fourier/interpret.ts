// Walks through the steps of a transform in JavaScript; wasm/fourier_kernel.ts
// does the same in WebAssembly.

import { type PassData, passFour, passOdd, passTwo } from "./passes.ts";
import { STEP, STEP_WORDS } from "./steps.ts";

/**
 * Runs the steps on lines side by side in `line`; `other` is as large. Returns
 * that of the two which the result is in. `sign` is 1 forward, -1 backward.
 */
export function runSteps(
  steps: Int32Array,
  table: Float64Array,
  line: Float64Array,
  other: Float64Array,
  columns: number,
  sign: number,
): Float64Array {
  let from = line;
  let to = other;
  for (let i = 0; steps[i] !== STEP.end; i += STEP_WORDS) {
    const op = steps[i]!;
    const a = steps[i + 1]!;
    const b = steps[i + 2]!;
    switch (op) {
      case STEP.multiply:
        multiply(from, table, 2 * b, a, columns, sign);
        break;
      case STEP.clear:
        from.fill(0, 2 * a * columns, 2 * b * columns);
        break;
      case STEP.halfOut:
        halfOut(from, table, 2 * b, a, columns);
        break;
      case STEP.halfIn:
        halfIn(from, table, 2 * b, a, columns);
        break;
      case STEP.mirror:
        mirror(from, a, columns);
        break;
      default: {
        const data: PassData = {
          from,
          to,
          table,
          at: 2 * steps[i + 3]!,
          rest: a,
          side: b * columns,
          sign: steps[i + 4] === 0 ? sign : -sign,
        };
        const radix = op - STEP.pass;
        if (radix === 4) passFour(data);
        else if (radix === 2) passTwo(data);
        else passOdd(radix, data);
        [from, to] = [to, from];
      }
    }
  }
  return from;
}

function multiply(
  x: Float64Array,
  table: Float64Array,
  at: number,
  count: number,
  columns: number,
  sign: number,
): void {
  let i = 0;
  for (let j = 0; j < count; j++) {
    const c = table[at + 2 * j]!;
    const s = table[at + 2 * j + 1]! * sign;
    for (let q = 0; q < columns; q++, i += 2) {
      const r = x[i]!;
      x[i] = c * r + s * x[i + 1]!;
      x[i + 1] = c * x[i + 1]! - s * r;
    }
  }
}

/** See {@linkcode STEP}: the pairs' even and odd elements are told apart by symmetry. */
function halfOut(
  x: Float64Array,
  table: Float64Array,
  at: number,
  half: number,
  columns: number,
): void {
  for (let q = 0; q < columns; q++) {
    const first = 2 * q;
    const last = 2 * (half * columns + q);
    const sum = x[first]! + x[first + 1]!;
    x[last] = x[first]! - x[first + 1]!;
    x[last + 1] = 0;
    x[first] = sum;
    x[first + 1] = 0;
    for (let k = 1; 2 * k <= half; k++) {
      const u = 2 * (k * columns + q);
      const v = 2 * ((half - k) * columns + q);
      const c = table[at + 2 * k]!;
      const s = table[at + 2 * k + 1]!;
      const er = (x[u]! + x[v]!) / 2;
      const ei = (x[u + 1]! - x[v + 1]!) / 2;
      // The odd elements' transform: the difference turned by -i.
      const or = (x[u + 1]! + x[v + 1]!) / 2;
      const oi = (x[v]! - x[u]!) / 2;
      const wr = c * or + s * oi;
      const wi = c * oi - s * or;
      x[v] = er - wr;
      x[v + 1] = wi - ei;
      x[u] = er + wr;
      x[u + 1] = ei + wi;
    }
  }
}

/** The way back from {@linkcode halfOut}, times 2. */
function halfIn(
  x: Float64Array,
  table: Float64Array,
  at: number,
  half: number,
  columns: number,
): void {
  for (let q = 0; q < columns; q++) {
    const first = 2 * q;
    const last = x[2 * (half * columns + q)]!;
    x[first + 1] = x[first]! - last;
    x[first] = x[first]! + last;
    for (let k = 1; 2 * k <= half; k++) {
      const u = 2 * (k * columns + q);
      const v = 2 * ((half - k) * columns + q);
      const c = table[at + 2 * k]!;
      const s = table[at + 2 * k + 1]!;
      const er = x[u]! + x[v]!;
      const ei = x[u + 1]! - x[v + 1]!;
      const dr = x[u]! - x[v]!;
      const di = x[u + 1]! + x[v + 1]!;
      const or = c * dr - s * di;
      const oi = c * di + s * dr;
      // E + iO, and what lies opposite: the conjugate of E - iO... of the same two.
      x[u] = er - oi;
      x[u + 1] = ei + or;
      x[v] = er + oi;
      x[v + 1] = or - ei;
    }
  }
}

function mirror(x: Float64Array, length: number, columns: number): void {
  for (let q = 0; q < columns; q++) x[2 * q + 1] = 0;
  for (let k = 1; 2 * k < length; k++) {
    for (let q = 0; q < columns; q++) {
      const u = 2 * (k * columns + q);
      const v = 2 * ((length - k) * columns + q);
      x[v] = x[u]!;
      x[v + 1] = -x[u + 1]!;
    }
  }
}
