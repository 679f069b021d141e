// Convolutions of images with zeros between their elements, as transposed
// convolutions are: results whose windows lie alike between the zeros form a
// phase, which is a convolution without zeros, by a part of the weights.

import type { ConvolutionGeometry, Strided } from "../../tensor/device.ts";

/** Results that are a convolution of their own; without weights where they see zeros only. */
export interface Phase {
  /** The results. */
  readonly out: Strided;
  /** The weights that meet elements. */
  readonly w: Strided;
  /** Where the windows lie. */
  readonly geometry: ConvolutionGeometry;
}

/** A phase along one dimension. */
interface Line {
  /** First result, and the distance to the next. */
  readonly result: number;
  readonly resultStep: number;
  /** First element of the window, and the distance to the next. */
  readonly element: number;
  readonly elementStep: number;
  readonly padding: number;
  readonly dilation: number;
  readonly spread: number;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** The phases of a dimension; `stride` is 1 where there are several. */
function linesOf(
  results: number,
  window: number,
  stride: number,
  padding: number,
  dilation: number,
  spread: number,
): Line[] {
  // With strides of both kinds the zeros stay.
  if (spread === 1 || stride > 1) {
    const all = { result: 0, resultStep: 1, element: 0, elementStep: 1 };
    return [{ ...all, padding, dilation, spread }];
  }
  const common = divisor(dilation, spread);
  const elementStep = spread / common;
  const lines: Line[] = [];
  for (let result = 0; result < Math.min(spread, results); result++) {
    let element = 0;
    const at = () => result + element * dilation - padding;
    while (element < elementStep && at() % spread !== 0) element++;
    // Not to be met: no element of the window.
    if (element === elementStep) element = window;
    lines.push({
      result,
      resultStep: spread,
      element: Math.min(element, window),
      elementStep,
      padding: element < window ? -at() / spread : 0,
      dilation: dilation / common,
      spread: 1,
    });
  }
  return lines;
}

/** A part of the last dimensions: from where on, and in which steps. */
function everySo(
  x: Strided,
  first: readonly number[],
  steps: readonly number[],
): Strided {
  const { storage, info } = x;
  const shape = x.shape.slice();
  const strides = x.strides.slice();
  let { offset } = x;
  first.forEach((from, d) => {
    offset += from * x.strides[d + 3]!;
    shape[d + 3] = Math.ceil((x.shape[d + 3]! - from) / steps[d]!);
    strides[d + 3]! *= steps[d]!;
  });
  const count = shape.reduce((a, b) => a * b, 1);
  return { storage, info, shape, strides, offset, count, dense: false };
}

/** Cuts a convolution into its phases. */
export function phasesOf(
  out: Strided,
  w: Strided,
  { stride, padding, dilation, spread }: ConvolutionGeometry,
): Phase[] {
  let all: Line[][] = [[]];
  stride.forEach((step, d) => {
    const lines = linesOf(
      out.shape[d + 3]!,
      w.shape[d + 3]!,
      step,
      padding[d]!,
      dilation[d]!,
      spread[d]!,
    );
    all = all.flatMap((known) => lines.map((line) => [...known, line]));
  });
  return all.map((lines) => ({
    out: everySo(
      out,
      lines.map((line) => line.result),
      lines.map((line) => line.resultStep),
    ),
    w: everySo(
      w,
      lines.map((line) => line.element),
      lines.map((line) => line.elementStep),
    ),
    geometry: {
      stride,
      padding: lines.map((line) => line.padding),
      dilation: lines.map((line) => line.dilation),
      spread: lines.map((line) => line.spread),
    },
  }));
}
