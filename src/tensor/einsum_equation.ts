// Reads the equation of `einsum`: which subscripts each operand has, and in
// which order the result has them. Pure: knows nothing of tensors.

import { RuntimeError } from "./errors.ts";

/** The subscript that stands for an ellipsis. */
export const ELLIPSIS = 52;

/** What an equation says about operands of given ranks. */
export interface Equation {
  /** Subscripts of each operand, as numbers; see {@linkcode label}. */
  readonly operands: readonly (readonly number[])[];
  /** Dimensions that the longest ellipsis stands for. */
  readonly ellipsisRank: number;
  /** Where the ellipsis starts among the aligned dimensions. */
  readonly ellipsisAt: number;
  /** Place of each subscript among the aligned dimensions, -1 where unused. */
  readonly places: readonly number[];
  /** Dimensions of the result; they come first among the aligned ones. */
  readonly outRank: number;
  /** Aligned dimensions: those of the result, then those to sum over. */
  readonly rank: number;
}

/** The letter of a subscript. */
export function label(subscript: number): string {
  return String.fromCharCode(subscript < 26 ? 65 + subscript : 71 + subscript);
}

/** The number of a letter: A to Z, then a to z; -1 for any other character. */
function subscriptOf(letter: string): number {
  const code = letter.charCodeAt(0);
  if (code >= 65 && code <= 90) return code - 65;
  return code >= 97 && code <= 122 ? code - 71 : -1;
}

function requireLetter(subscript: number, index: number): void {
  if (subscript >= 0) return;
  throw new RuntimeError(
    `einsum(): invalid subscript given at index ${index} in the equation string, subscripts must be in [a-zA-Z]`,
  );
}

function parseOperands(lhs: string, count: number): number[][] {
  const out: number[][] = Array.from({ length: count }, () => []);
  let operand = 0;
  let seen = false;
  for (let i = 0; i < lhs.length; i++) {
    const letter = lhs[i]!;
    if (letter === " ") continue;
    if (letter === ".") {
      if (seen) {
        throw new RuntimeError(
          `einsum(): found '.' for operand ${operand} for which an ellipsis was already found`,
        );
      }
      if (lhs.slice(i, i + 3) !== "...") {
        throw new RuntimeError(
          `einsum(): found '.' for operand ${operand} that is not part of any ellipsis`,
        );
      }
      i += 2;
      out[operand]!.push(ELLIPSIS);
      seen = true;
    } else if (letter === ",") {
      operand++;
      if (operand >= count) {
        throw new RuntimeError(
          "einsum(): fewer operands were provided than specified in the equation",
        );
      }
      seen = false;
    } else {
      const subscript = subscriptOf(letter);
      requireLetter(subscript, i);
      out[operand]!.push(subscript);
    }
  }
  if (operand !== count - 1) {
    throw new RuntimeError(
      "einsum(): more operands were provided than specified in the equation",
    );
  }
  return out;
}

/** Counts the subscripts, and the dimensions that the longest ellipsis covers. */
function countLabels(
  operands: readonly (readonly number[])[],
  ranks: readonly number[],
): { counts: number[]; ellipsisRank: number } {
  const counts = new Array<number>(ELLIPSIS).fill(0);
  let ellipsisRank = 0;
  operands.forEach((labels, i) => {
    const rank = ranks[i]!;
    const named = labels.filter((s) => s !== ELLIPSIS);
    const open = named.length < labels.length;
    if (open) ellipsisRank = Math.max(ellipsisRank, rank - named.length);
    for (const s of named) counts[s]!++;
    if (open ? named.length <= rank : named.length === rank) return;
    throw new RuntimeError(
      open
        ? `einsum(): the number of subscripts in the equation (${named.length}) is more than the number of dimensions (${rank}) for operand ${i}`
        : `einsum(): the number of subscripts in the equation (${named.length}) does not match the number of dimensions (${rank}) for operand ${i} and no ellipsis was given`,
    );
  });
  return { counts, ellipsisRank };
}

/** Reads an equation for operands of the given ranks. */
export function parseEquation(
  equation: string,
  ranks: readonly number[],
): Equation {
  const arrow = equation.indexOf("->");
  const lhs = arrow < 0 ? equation : equation.slice(0, arrow);
  const operands = parseOperands(lhs, ranks.length);
  const { counts, ellipsisRank } = countLabels(operands, ranks);
  const places = new Array<number>(ELLIPSIS).fill(-1);
  let rank = 0;
  let ellipsisAt = -1;
  if (arrow < 0) {
    // The ellipsis, then the subscripts that occur once, in order.
    ellipsisAt = 0;
    rank = ellipsisRank;
    counts.forEach((n, s) => {
      if (n === 1) places[s] = rank++;
    });
  } else {
    const rhs = equation.slice(arrow + 2);
    for (let i = 0; i < rhs.length; i++) {
      const letter = rhs[i]!;
      if (letter === " ") continue;
      if (letter === ".") {
        if (ellipsisAt >= 0) {
          throw new RuntimeError(
            "einsum(): found '.' for output but an ellipsis (...) was already found",
          );
        }
        if (rhs.slice(i, i + 3) !== "...") {
          throw new RuntimeError(
            "einsum(): found '.' for output that is not part of any ellipsis (...)",
          );
        }
        i += 2;
        ellipsisAt = rank;
        rank += ellipsisRank;
        continue;
      }
      const s = subscriptOf(letter);
      requireLetter(s, arrow + 2 + i);
      if (counts[s] === 0 || places[s] !== -1) {
        throw new RuntimeError(
          `einsum(): output subscript ${letter} ${
            places[s]! > -1
              ? "appears more than once in the output"
              : "does not appear in the equation for any input operand"
          }`,
        );
      }
      places[s] = rank++;
    }
  }
  const outRank = rank;
  if (ellipsisAt < 0) {
    ellipsisAt = rank;
    rank += ellipsisRank;
  }
  counts.forEach((n, s) => {
    if (n > 0 && places[s] === -1) places[s] = rank++;
  });
  return { operands, ellipsisRank, ellipsisAt, places, outRank, rank };
}
