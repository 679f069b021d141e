// What is known about a length before there are numbers: the steps of a
// transform of that length and the roots of unity that they multiply by. Kept
// from call to call, in the memory of the kernels where there is one.

import { blockSize, giveBlock, onShortage, takeBlock } from "../heap.ts";
import type { FourierKind } from "../../tensor/device_fourier.ts";
import { MEMORY } from "../memory.ts";
import { passesOf, STEP, STEP_WORDS } from "./steps.ts";
import { allRoots } from "./roots.ts";
import { runSteps } from "./interpret.ts";

/** The steps for a length. */
export interface Plan {
  /** Steps, {@linkcode STEP_WORDS} words each. */
  readonly steps: Int32Array;
  /** Factors: pairs of numbers, see steps.ts; none where the plan is narrow. */
  readonly table: Float64Array;
  /** Address of the factors, which are float32 where the plan is narrow; 0 where they lie outside of the memory. */
  readonly pointer: number;
  /** Address of the steps. */
  readonly stepsPointer: number;
  /** Bytes of the block at that address. */
  readonly size: number;
  /** Complex numbers that a line takes while it is worked on. */
  readonly room: number;
}

const PLANS = new Map<string, Plan>();
/** Bytes that kept plans may take together, unless one alone takes more. */
const MOST_KEPT = 2 ** 27;
let kept = 0;

function drop(): void {
  for (const { pointer, size } of PLANS.values()) {
    if (pointer !== 0) giveBlock(pointer, size);
  }
  PLANS.clear();
  kept = 0;
}

onShortage(drop);

/** A length for which a transform that multiplies spectra is cheap: at least `least`. */
function niceLength(least: number): number {
  let best = 2 ** Math.ceil(Math.log2(least));
  for (const odd of [3, 5, 9, 15]) {
    const power = Math.ceil(Math.log2(least / odd));
    if (power >= 4) best = Math.min(best, odd * 2 ** power);
  }
  return best;
}

/** Collects steps and factors. */
class Draft {
  readonly words: number[] = [];
  readonly fills: ((table: Float64Array) => void)[] = [];
  length = 0;

  step(op: number, ...values: number[]): void {
    for (let i = 0; i < STEP_WORDS; i++) {
      this.words.push(i === 0 ? op : values[i - 1] ?? 0);
    }
  }

  /** Reserves factors and says how to fill them. */
  factors(count: number, fill: (t: Float64Array, at: number) => void): number {
    const at = this.length;
    this.length += count;
    this.fills.push((table) => fill(table, 2 * at));
    return at;
  }

  /** Roots `k * step` of `n`, for k from 0 to below `count`. */
  roots(count: number, n: number): number {
    return this.factors(count, (t, at) => {
      t.set(allRoots(n).subarray(0, 2 * count), at);
    });
  }
}

/** Adds the passes of a transform; `flips` where it goes the other way. Returns where its factors are. */
function addPasses(draft: Draft, n: number, flips: boolean): void {
  const roots = allRoots(n);
  for (const { radix, rest, done } of passesOf(n)) {
    const at = draft.factors(rest * (radix - 1), (t, from) => {
      let next = from;
      for (let p = 0; p < rest; p++) {
        for (let k = 1; k < radix; k++, next += 2) {
          const root = 2 * p * k * done;
          t[next] = roots[root]!;
          t[next + 1] = roots[root + 1]!;
        }
      }
    });
    draft.step(STEP.pass + radix, rest, done, at, flips ? 1 : 0);
  }
}

/**
 * A length with a large prime factor, by Bluestein: as
 * `2jk = j*j + k*k - (k-j)*(k-j)`, the transform is a product with a chirp, a
 * convolution with another and a product once more, and the convolution is
 * done by transforms of a longer length.
 */
function addChirp(draft: Draft, n: number): number {
  const m = niceLength(2 * n - 1);
  const roots = allRoots(2 * n);
  const chirp = (t: Float64Array, at: number) => {
    // j * j modulo 2n, without squares that are too large to be exact.
    for (let j = 0, square = 0; j < n; j++) {
      t[at + 2 * j] = roots[2 * square]!;
      t[at + 2 * j + 1] = roots[2 * square + 1]!;
      square = (square + 2 * j + 1) % (2 * n);
    }
  };
  const chirpAt = draft.factors(n, chirp);
  draft.step(STEP.multiply, n, chirpAt);
  draft.step(STEP.clear, n, m);
  addPasses(draft, m, false);
  const kernelAt = draft.factors(m, (t, at) => {
    const line = new Float64Array(2 * m);
    chirp(line, 0);
    for (let j = 1; j < n; j++) {
      line[2 * (m - j)] = line[2 * j]!;
      line[2 * (m - j) + 1] = line[2 * j + 1]!;
    }
    const { steps, table } = planFor("c2c", m, false);
    const found = runSteps(steps, table, line, new Float64Array(2 * m), 1, 1);
    for (let k = 0; k < m; k++) {
      t[at + 2 * k] = found[2 * k]! / m;
      // What multiplies by a table turns the other way, see steps.ts.
      t[at + 2 * k + 1] = -found[2 * k + 1]! / m;
    }
  });
  draft.step(STEP.multiply, m, kernelAt);
  addPasses(draft, m, true);
  draft.step(STEP.multiply, n, chirpAt);
  return m;
}

function addComplex(draft: Draft, n: number): number {
  if (passesOf(n).length > 0 || n === 1) {
    addPasses(draft, n, false);
    return n;
  }
  return addChirp(draft, n);
}

/**
 * What a plan is for: a transform; the first half of one of a long line, as
 * columns of `n` rows, `pitch` of them; or what comes before or after that of a
 * real line, whose length is `n`.
 */
export type PlanKind = FourierKind | "columns" | "before" | "after";

function fill(draft: Draft, kind: PlanKind, n: number, pitch: number): number {
  const halves = kind !== "c2c" && kind !== "columns" && n % 2 === 0;
  const length = halves ? n / 2 : n;
  let room = length + 1;
  if (kind === "before" || (kind === "c2r" && halves)) {
    draft.step(STEP.halfIn, length, draft.roots(length + 1, n));
  } else if (kind === "c2r") draft.step(STEP.mirror, n);
  if (kind !== "before" && kind !== "after") {
    room = Math.max(room, addComplex(draft, length));
  }
  if (kind === "after" || (kind === "r2c" && halves)) {
    draft.step(STEP.halfOut, length, draft.roots(length + 1, n));
  }
  if (kind === "columns") {
    const at = draft.factors(n * pitch, (t, from) => {
      const roots = allRoots(n * pitch);
      for (let j = 0, next = from; j < n; j++) {
        for (let q = 0; q < pitch; q++, next += 2) {
          t[next] = roots[2 * j * q]!;
          t[next + 1] = roots[2 * j * q + 1]!;
        }
      }
    });
    draft.step(STEP.twist, n, at, pitch);
  }
  return room;
}

function makePlan(
  kind: PlanKind,
  n: number,
  pitch: number,
  narrow: boolean,
): Plan {
  const draft = new Draft();
  const room = fill(draft, kind, n, pitch);
  const steps = Int32Array.from([...draft.words, STEP.end]);
  const table = new Float64Array(2 * draft.length);
  for (const fill of draft.fills) fill(table);
  return { ...placed(steps, table, narrow), steps, room };
}

const NOTHING = new Float64Array(0);

/** Copies what a kernel reads into its memory. */
function placed(
  steps: Int32Array,
  table: Float64Array,
  narrow: boolean,
): Pick<Plan, "table" | "pointer" | "stepsPointer" | "size"> {
  const bytes = (narrow ? 4 : 8) * table.length;
  const size = blockSize(bytes + 4 * steps.length);
  const pointer = MEMORY === null ? 0 : takeBlock(size);
  if (pointer === 0) return { table, pointer, stepsPointer: 0, size };
  const stepsPointer = pointer + bytes;
  const { buffer } = MEMORY!;
  const numbers = narrow
    ? new Float32Array(buffer, pointer, table.length)
    : new Float64Array(buffer, pointer, table.length);
  numbers.set(table);
  new Int32Array(buffer, stepsPointer, steps.length).set(steps);
  const kept = numbers instanceof Float64Array ? numbers : NOTHING;
  return { table: kept, pointer, stepsPointer, size };
}

/** The plan of a length: an old one, or a new one that is kept. */
export function planFor(
  kind: PlanKind,
  n: number,
  narrow: boolean,
  pitch = 0,
): Plan {
  const key = `${kind}${n},${pitch}${narrow}`;
  const known = PLANS.get(key);
  if (known !== undefined) return known;
  const plan = makePlan(kind, n, pitch, narrow);
  if (kept + plan.size > MOST_KEPT) drop();
  kept += plan.size;
  PLANS.set(key, plan);
  return plan;
}
