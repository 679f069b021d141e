// Where the numbers of lines lie in memory, and what of them a transform works
// on: real lines of even length are taken as complex ones of half the length.

import type { FourierKind } from "../../tensor/device_fourier.ts";

/** Where the complex numbers lie that a transform begins or ends with; in elements. */
export interface Places {
  /** Complex numbers of a line. */
  readonly count: number;
  /** From one of a line to the next. */
  readonly along: number;
  /** From one line to the next. */
  readonly across: number;
  /** From the real part to the imaginary one; 0 where there is none. */
  readonly imaginary: number;
  /** From one batch of lines to the next. */
  readonly batch: number;
}

/** Half a spectrum: its number of elements. */
function halfOf(length: number): number {
  return Math.floor(length / 2) + 1;
}

/** What a transform reads. */
export function sourceOf(
  kind: FourierKind,
  length: number,
  inner: number,
): Places {
  if (kind === "r2c") return realPlaces(length, inner);
  return complexPlaces(kind === "c2c" ? length : halfOf(length), inner);
}

/** What a transform writes; `length` elements where a spectrum is whole. */
export function targetOf(
  kind: FourierKind,
  length: number,
  inner: number,
  whole: boolean,
): Places {
  if (kind === "c2r") return realPlaces(length, inner);
  const count = kind === "c2c" ? length : halfOf(length);
  const places = complexPlaces(count, inner);
  return whole ? { ...places, batch: 2 * length * inner } : places;
}

function complexPlaces(count: number, inner: number): Places {
  return {
    count,
    along: 2 * inner,
    across: 2,
    imaginary: 1,
    batch: 2 * count * inner,
  };
}

function realPlaces(length: number, inner: number): Places {
  const halves = length % 2 === 0;
  return {
    count: halves ? length / 2 : length,
    along: halves ? 2 * inner : inner,
    across: 1,
    imaginary: halves ? inner : 0,
    batch: length * inner,
  };
}
