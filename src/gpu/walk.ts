// From the number of an element to its place in a storage: dimensions are
// merged where they can be, and shape and strides are numbers of the call.

import { word, WORDS, wordU } from "./program.ts";

/** Dimensions that are walked together, ready to be put among the numbers. */
export interface Walked {
  /** How many there are, after merging; the text of a kernel depends on it. */
  readonly rank: number;
  /** Lengths, after merging. */
  readonly shape: readonly number[];
  /** Strides of each operand, after merging. */
  readonly strides: readonly (readonly number[])[];
  /** Puts shape and strides among the numbers from `at` on; returns what is next. */
  put(at: number): number;
}

/** Merges dimensions; `strides` has a list for each operand. */
export function merged(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): Walked {
  const sizes: number[] = [];
  const lists: number[][] = [];
  for (let k = 0; k < strides.length; k++) lists.push([]);
  for (let d = 0; d < shape.length; d++) {
    const n = shape[d]!;
    if (n === 1) continue;
    const last = sizes.length - 1;
    let merges = last >= 0;
    for (let k = 0; merges && k < lists.length; k++) {
      merges = lists[k]![last] === strides[k]![d]! * n;
    }
    if (merges) sizes[last]! *= n;
    else sizes.push(n);
    const at = merges ? last : last + 1;
    for (let k = 0; k < lists.length; k++) lists[k]![at] = strides[k]![d]!;
  }
  return new Merged(sizes, lists);
}

class Merged implements Walked {
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];

  constructor(
    shape: readonly number[],
    strides: readonly (readonly number[])[],
  ) {
    this.shape = shape;
    this.strides = strides;
  }

  get rank(): number {
    return this.shape.length;
  }

  put(at: number): number {
    const { shape, strides } = this;
    let n = at;
    for (let d = 0; d < shape.length; d++) WORDS[n++] = shape[d]!;
    for (let k = 0; k < strides.length; k++) {
      const list = strides[k]!;
      for (let d = 0; d < list.length; d++) WORDS[n++] = list[d]!;
    }
    return n;
  }
}

/** What of an operand says where its elements lie. */
export interface Stepped {
  /** Its strides. */
  readonly strides: readonly number[];
}

/** Strides of the operands that are being merged, a stretch for each. */
const STEPS: number[] = [];
/** Dimensions of a tensor, at most: the length of a stretch. */
const MOST_DIMS = 64;

/**
 * Merges dimensions `from` to `to` as {@linkcode merged} does and puts them
 * among the numbers from `at` on, without making lists. Returns how many there
 * are; each takes a number, and one more for each operand.
 */
export function putMerged(
  shape: readonly number[],
  from: number,
  to: number,
  operands: readonly Stepped[],
  at: number,
): number {
  let rank = 0;
  for (let d = from; d < to; d++) {
    const n = shape[d]!;
    if (n === 1) continue;
    let merges = rank > 0;
    for (let k = 0; merges && k < operands.length; k++) {
      const step = operands[k]!.strides[d]! * n;
      merges = STEPS[k * MOST_DIMS + rank - 1] === step;
    }
    if (merges) WORDS[at + rank - 1]! *= n;
    else WORDS[at + rank++] = n;
    for (let k = 0; k < operands.length; k++) {
      STEPS[k * MOST_DIMS + rank - 1] = operands[k]!.strides[d]!;
    }
  }
  let w = at + rank;
  for (let k = 0; k < operands.length; k++) {
    for (let d = 0; d < rank; d++) WORDS[w++] = STEPS[k * MOST_DIMS + d]!;
  }
  return rank;
}

/** Statements that add the place of element `index` to variables, one for each operand. */
export function printIndex(
  index: string,
  at: number,
  rank: number,
  variables: readonly string[],
): string {
  if (rank === 0) return "";
  const stride = (k: number, d: number) => word(at + rank + k * rank + d);
  if (rank === 1) {
    return variables
      .map((name, k) => `${name} += ${index} * ${stride(k, 0)};`)
      .join("\n");
  }
  const lines = [`{ var rest = u32(${index});`];
  for (let d = rank - 1; d >= 0; d--) {
    const size = wordU(at + d);
    lines.push(
      d === 0
        ? "{ let c = i32(rest);"
        : `{ let c = i32(rest % ${size}); rest = rest / ${size};`,
    );
    variables.forEach((name, k) =>
      lines.push(`${name} += c * ${stride(k, d)};`)
    );
    lines.push("}");
  }
  lines.push("}");
  return lines.join("\n");
}
