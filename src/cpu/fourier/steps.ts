// The steps that a transform of a line is made of, as numbers, so that a kernel
// walks through them as well as a loop in JavaScript. Lines that are worked on
// together lie side by side: element j of line q at `j * columns + q`.
//
// Factors are pairs (c, s). What multiplies by one computes
// `c * x + s * turn(x)`, where `turn` multiplies by -i in a forward transform
// and by i in a backward one: one table serves both.

/** What a step does; its words follow. */
export const STEP = {
  /** The last one. */
  end: 0,
  /** `[count, at]`: multiplies the first elements by factors. */
  multiply: 1,
  /** `[from, to]`: sets elements to zero. */
  clear: 2,
  /** `[half, at]`: from the transform of pairs to that of the real line. */
  halfOut: 3,
  /** `[half, at]`: from half a spectrum to what transforms into pairs. */
  halfIn: 4,
  /** `[length]`: from half a spectrum to all of it. */
  mirror: 5,
  /** `[count, at, pitch]`: multiplies rows by rows of a table of `pitch` columns, at those columns where the lines are; in kernels only. */
  twist: 6,
  /** Plus the radix, `[rest, done, at, flips]`: a pass, the other way where it flips. */
  pass: 16,
} as const;

/** Words of a step; the last one has only the first. */
export const STEP_WORDS = 5;

/** Radices that passes exist for, in the order in which they are taken out of a length. */
export const RADICES: readonly number[] = [4, 2, 3, 5, 7, 11, 13];

/** A pass over a line: `rest` groups of `done` transforms of length `radix`. */
export interface Pass {
  /** Length of its transforms. */
  readonly radix: number;
  /** What is left of the length after it. */
  readonly rest: number;
  /** The product of the radices before. */
  readonly done: number;
}

/** The passes for a length; none where it has a prime factor too large. */
export function passesOf(length: number): Pass[] {
  const out: Pass[] = [];
  let rest = length;
  let done = 1;
  for (const radix of RADICES) {
    while (rest % radix === 0) {
      rest /= radix;
      out.push({ radix, rest, done });
      done *= radix;
    }
  }
  return rest === 1 ? out : [];
}
