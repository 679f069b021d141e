// PyTorch's checks of what a Fourier transform is asked for, with its
// sentences: types, dimensions, numbers of points, scales.

import { checkInteger, checkIntegers } from "../arguments.ts";
import { complexInfo, defaultDtypeInfo, type DTypeInfo } from "../dtype.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import type { FourierScale } from "./fft_kernels.ts";
import { checkTensor } from "../is_tensor.ts";
import { type Dims, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pad } from "./padding.ts";

/**
 * Which of the two directions divides by the number of points: `"backward"`,
 * as where nothing is given, `"forward"`, or each by its root: `"ortho"`.
 */
export type FourierNorm = "backward" | "forward" | "ortho";

/** The scale of a transform in one of the directions. */
export function scaleOf(
  norm: FourierNorm | undefined,
  forward: boolean,
): FourierScale {
  switch (norm) {
    case undefined:
    case "backward":
      return forward ? "none" : "points";
    case "forward":
      return forward ? "points" : "none";
    case "ortho":
      return "root";
    default:
      throw new RuntimeError(
        `Invalid normalization mode: "${String(norm)}"`,
        'the modes are "backward", "forward" and "ortho"',
      );
  }
}

/** Integers become the default floating-point type, and all become complex where that is wanted; recorded. */
export function promoted(x: Tensor, name: string, complex: boolean): Tensor {
  checkTensor(x, name, "input");
  const { info } = x;
  if (info.category === 2 && info.bytes < 4) {
    throw new RuntimeError(
      `Unsupported dtype ${info.scalarName}`,
      "convert the tensor, for example with float()",
    );
  }
  const float: DTypeInfo = info.category < 2 ? defaultDtypeInfo() : info;
  return x.to((complex ? complexInfo(float) : float).name);
}

/** Fails where a tensor is complex. */
export function checkReal(x: Tensor, name: string, sentence: string): void {
  checkTensor(x, name, "input");
  if (x.info.category < 3) return;
  throw new RuntimeError(
    `${sentence} ${x.info.scalarName}`,
    "take real() or imag() of the tensor, or transform it with fft()",
  );
}

/** Fails unless there are points. */
export function checkPoints(points: number): void {
  if (points >= 1) return;
  throw new RuntimeError(
    `Invalid number of data points (${points}) specified`,
    "a transform has one point at least",
  );
}

/** A dimension of a tensor that has some. */
export function dimOf(x: Tensor, dim: number): number {
  if (x.shape.length === 0 && Number.isInteger(dim)) {
    throw new IndexError(
      `Dimension specified as ${dim} but tensor has no dimensions`,
    );
  }
  return normalizeDim(dim, x.shape.length);
}

/** The number of points of a transform along one dimension. */
export function pointsOf(
  n: number | undefined,
  standard: number,
  name: string,
): number {
  if (n !== undefined) checkInteger(n, name, "n");
  const points = n ?? standard;
  checkPoints(points);
  return points;
}

/** Where a transform along several dimensions goes, and its numbers of points. */
export interface FourierPlaces {
  /** The dimensions. */
  readonly dims: number[];
  /** Numbers of points. */
  readonly points: number[];
}

/** The dimensions and numbers of points that a caller names. */
export function placesOf(
  x: Tensor,
  dim: Dims | undefined,
  s: readonly number[] | undefined,
  name: string,
): FourierPlaces {
  const { shape } = x;
  const rank = shape.length;
  const dims = dim === undefined
    ? null
    : (typeof dim === "number" ? [dim] : dim).map((d) => dimOf(x, d));
  if (dims !== null && new Set(dims).size < dims.length) {
    throw new RuntimeError("FFT dims must be unique");
  }
  if (s !== undefined) {
    checkIntegers(s, name, "s");
    if (dims !== null && dims.length !== s.length) {
      throw new RuntimeError(
        "When given, dim and shape arguments must have the same length",
        `there are ${dims.length} dimensions and ${s.length} sizes`,
      );
    }
    if (s.length > rank) {
      throw new RuntimeError(
        `Got shape with ${s.length} values but input tensor only has ${rank} dimensions.`,
      );
    }
  }
  const count = s?.length ?? rank;
  const along = dims ??
    Array.from({ length: count }, (_, k) => rank - count + k);
  const points = along.map((d, k) => {
    const wanted = s?.[k] ?? -1;
    return wanted === -1 ? shape[d]! : wanted;
  });
  points.forEach(checkPoints);
  return { dims: along, points };
}

/** The same for half a spectrum; its last dimension has `length` points as a whole. */
export function halfPlacesOf(
  x: Tensor,
  dim: Dims | undefined,
  s: readonly number[] | undefined,
  name: string,
): FourierPlaces & { readonly length: number } {
  const { dims, points } = placesOf(x, dim, s, name);
  checkSome(dims, name);
  const last = dims.length - 1;
  const wanted = s?.[last] ?? -1;
  const length = wanted === -1 ? 2 * (x.shape[dims[last]!]! - 1) : wanted;
  checkPoints(length);
  points[last] = Math.floor(length / 2) + 1;
  return { dims, points, length };
}

/** Fails where no dimension is left. */
export function checkSome(dims: readonly number[], name: string): void {
  if (dims.length > 0) return;
  throw new RuntimeError(`${name} must transform at least one axis`);
}

/** Brings dimensions to lengths: cuts what is too long, and fills what is too short with zeros; recorded. */
export function fitted(
  x: Tensor,
  { dims, points }: FourierPlaces,
): Tensor {
  const rank = x.shape.length;
  const margins = new Array<number>(2 * rank).fill(0);
  let short = false;
  let out = x;
  dims.forEach((dim, k) => {
    const have = x.shape[dim]!;
    const want = points[k]!;
    if (have > want) out = out.narrow(dim, 0, want);
    else if (have < want) {
      margins[2 * (rank - 1 - dim) + 1] = want - have;
      short = true;
    }
  });
  return short ? pad(out, margins) : out;
}
