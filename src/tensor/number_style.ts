// Chooses how the numbers of one tensor are written, so that they line up:
// plain, with a trailing point, or scientific, and how wide. Knows values and
// print options, not tensors. Source: torch/_tensor_str.py, class _Formatter.

import { pythonExponential, pythonFixed } from "./format_number.ts";
import { type Complex, isComplexNumber } from "./complex_number.ts";
import type { ActivePrintOptions } from "./print_options.ts";

/** What an element reads as. */
export type Element = number | bigint | boolean | Complex;

/** The way all numbers of one tensor are written. */
export interface NumberStyle {
  /** Width of the widest number, by which lines are filled. */
  readonly width: number;
  /** Writes one element, padded on the left to the width. */
  format(value: Element): string;
}

/** Chooses the style of integers or booleans. */
export function integerStyle(values: Iterable<Element>): NumberStyle {
  return aligned(values, 1, integerText);
}

/** Chooses the style of complex numbers: each part has one of its own, and imaginary ones are not padded. */
export function complexStyle(
  values: readonly Complex[],
  options: ActivePrintOptions,
): NumberStyle {
  const real = floatStyle(values.map(({ re }) => re), options);
  const imaginary = floatStyle(values.map(({ im }) => im), options);
  return {
    width: real.width + imaginary.width + 1,
    format: (value) => {
      if (!isComplexNumber(value)) return real.format(value);
      const im = imaginary.format(value.im).trimStart();
      return `${real.format(value.re)}${im.startsWith("-") ? "" : "+"}${im}j`;
    },
  };
}

/** Chooses the style of floating-point numbers by the rules of PyTorch 2. */
export function floatStyle(
  values: readonly Element[],
  { precision, sciMode }: ActivePrintOptions,
): NumberStyle {
  // Zeros, infinities and NaNs have no say, neither in the notation nor in the
  // width: that is why a tensor of zeros fills its lines as if `0.` were one
  // character wide.
  const telling: number[] = [];
  let smallest = Infinity;
  let largest = 0;
  let integral = true;
  for (const element of values) {
    const value = Number(element);
    if (value === 0 || !Number.isFinite(value)) continue;
    telling.push(value);
    smallest = Math.min(smallest, Math.abs(value));
    largest = Math.max(largest, Math.abs(value));
    integral &&= Number.isInteger(value);
  }
  if (telling.length === 0) return aligned([], 1, integralText);
  const scientific = sciMode ??
    (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4);
  return aligned(telling, 1, floatText(scientific, integral, precision));
}

/**
 * Chooses the style of floating-point numbers by the rules of PyTorch 0.4.1.
 *
 * - All values finite and whole: digits and a point, however large.
 * - Otherwise scientific just when, counting digits before the point, the
 *   largest magnitude has more than 8, the smallest fewer than −4, or the two
 *   differ by more than `precision`. A zero counts as one digit.
 * - Every value takes part in the width, infinities and NaNs included.
 * - The mask that was to hide NaNs from the digit count hid negative values
 *   as well (it compared the magnitudes with the values), so only the positive
 *   ones decide, and without any the numbers are never scientific.
 *
 * So [102.4, 1024, 0.1024], which PyTorch 2 prints in scientific notation, has
 * 4 and 0 digits and prints plainly. 0.4.1 had no `sci_mode`; where it is set
 * here, it wins over the count. `edgeitems: 0`, with which 0.4.1 misbehaved, prints
 * as today.
 */
export function legacyFloatStyle(
  values: readonly Element[],
  { precision, sciMode }: ActivePrintOptions,
): NumberStyle {
  const numbers = values.map(Number);
  if (numbers.every(Number.isInteger)) {
    return aligned(numbers, 1, integralText);
  }
  const telling = numbers.filter((value) => value >= 0 && value < Infinity);
  const smallest = digitsBeforePoint(telling, Math.min);
  const largest = digitsBeforePoint(telling, Math.max);
  const scientific = sciMode ??
    (largest - smallest > precision || largest > 8 || smallest < -4);
  return aligned(numbers, 1, floatText(scientific, false, precision));
}

function digitsBeforePoint(
  values: readonly number[],
  choose: (a: number, b: number) => number,
): number {
  const value = values.length === 0 ? 0 : values.reduce((a, b) => choose(a, b));
  return value === 0 ? 1 : Math.floor(Math.log10(value)) + 1;
}

function aligned(
  values: Iterable<Element>,
  leastWidth: number,
  text: (value: Element) => string,
): NumberStyle {
  let width = leastWidth;
  for (const value of values) width = Math.max(width, text(value).length);
  return { width, format: (value) => text(value).padStart(width) };
}

function floatText(
  scientific: boolean,
  integral: boolean,
  precision: number,
): (value: Element) => string {
  if (scientific) return (value) => pythonExponential(Number(value), precision);
  if (integral) return integralText;
  return (value) => pythonFixed(Number(value), precision);
}

/** A whole number with the point that tells it from an integer. */
function integralText(value: Element): string {
  const digits = pythonFixed(Number(value), 0);
  return Number.isFinite(Number(value)) ? digits + "." : digits;
}

function integerText(value: Element): string {
  if (value === true) return "True";
  if (value === false) return "False";
  // Beyond 2^53 String() would round to the shortest digits.
  return typeof value === "number" && !Number.isSafeInteger(value)
    ? BigInt(value).toString()
    : String(value);
}
