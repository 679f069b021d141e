// Sizes, strides and paddings of pooling as callers give them: the checks, and
// the windows that follow. Knows tensors as types only.

import { checkIntegers } from "./arguments.ts";
import type { Windows } from "./device.ts";
import { RuntimeError } from "./errors.ts";
import { repeated, type Shape, showShape, type Size } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { slidingWindows } from "./windows.ts";

/** What pooling over sliding windows is called with; one number stands for every dimension. */
export interface PoolArguments {
  /** Lengths of a window. */
  readonly kernelSize: Size;
  /** Distance between windows. */
  readonly stride: Size;
  /** Positions that are added on both sides. */
  readonly padding: Size;
  /** Distance between the positions of a window. */
  readonly dilation: Size;
  /** Whether a last window may reach beyond the end. */
  readonly ceilMode: boolean;
}

/** The arguments by dimension, and the windows. */
export interface PoolGeometry {
  readonly kernelSize: Shape;
  readonly stride: Shape;
  readonly padding: Shape;
  readonly dilation: Shape;
  /** Lengths of the pooled dimensions in the input. */
  readonly size: Shape;
  /** Their lengths in the result. */
  readonly out: Shape;
}

const COUNTS = ["", "one", "two", "three"];
const AXES = ["", "W", "HW", "THW"];

/** How PyTorch words that a list has the wrong length. */
function lengthError(
  name: string,
  argument: string,
  rank: number,
  length: number,
): RuntimeError {
  if (name === "maxPool1d") {
    const kinds = argument === "stride"
      ? "None, an int, list of ints, or tuple"
      : `an int, list of ints${argument === "padding" ? "," : ""} or tuple`;
    return new RuntimeError(
      `${name}() ${argument} must be ${kinds} of ints of size 1 but got size ${length}`,
    );
  }
  if (rank === 1) {
    return new RuntimeError(
      `${name}() argument '${argument}' should contain one int (got ${length})`,
    );
  }
  const either = name === "avgPool3d"
    ? "be"
    : argument === "dilation"
    ? "be either"
    : "either be";
  const omitted = argument === "stride" ? "omitted, " : "";
  return new RuntimeError(
    `${name}: ${argument} must ${either} ${omitted}a single int, or a tuple of ${
      COUNTS[rank]
    } ints`,
  );
}

/** One number per dimension. */
function perDim(
  name: string,
  argument: string,
  value: Size,
  rank: number,
): Shape {
  checkIntegers(value, name, argument);
  if (typeof value === "number") return repeated(value, rank);
  if (value.length === 1) return repeated(value[0]!, rank);
  if (value.length === rank) return value;
  throw lengthError(name, argument, rank, value.length);
}

/** Several numbers as PyTorch lists them: `kH: 2 kW: 2`. */
function list(prefix: string, values: Shape): string {
  const shown = values.length === 1 ? [1, values[0]!] : values;
  const axes = AXES[shown.length]!;
  return shown.map((value, k) => `${prefix}${axes[k]}: ${value}`).join(" ");
}

/** Checks the arguments of pooling over the last `rank` dimensions. */
export function poolGeometry(
  name: string,
  x: Tensor,
  rank: number,
  args: PoolArguments,
): PoolGeometry {
  const kernelSize = perDim(name, "kernelSize", args.kernelSize, rank);
  const stride = perDim(name, "stride", args.stride, rank);
  const padding = perDim(name, "padding", args.padding, rank);
  const dilation = perDim(name, "dilation", args.dilation, rank);
  checkRank(name, x, rank);
  const size = x.shape.slice(-rank);
  const out = new Array<number>(rank);
  const g = { kernelSize, stride, padding, dilation, size, out };
  if (name === "maxPool1d") checkLine(g);
  else checkPositive(g);
  for (let k = 0; k < rank; k++) out[k] = countWindows(g, k, args.ceilMode);
  checkInput(name, x, rank);
  checkResult(name, x, g);
  return g;
}

/** The checks of `maxPool1d`, which has sentences of its own. */
function checkLine(
  { kernelSize, stride, padding, dilation }: PoolGeometry,
): void {
  checkAbove("kernelSize", kernelSize[0]!);
  checkAbove("stride", stride[0]!);
  const [p, k] = [padding[0]!, kernelSize[0]!];
  if (p < 0) {
    throw new RuntimeError(
      `maxPool1d() padding must be non-negative, but got ${p}`,
    );
  }
  if (p > k / 2) {
    throw new RuntimeError(
      `maxPool1d() padding should be at most half of kernel size, but got padding=${p} and kernelSize=${k}`,
    );
  }
  checkAbove("dilation", dilation[0]!);
}

function checkAbove(name: string, value: number): void {
  if (value > 0) return;
  throw new RuntimeError(
    `maxPool1d() ${name} must be greater than zero, but got ${value}`,
  );
}

function checkPositive(
  { kernelSize, stride, padding, dilation }: PoolGeometry,
): void {
  for (let k = 0; k < stride.length; k++) {
    if (stride[k] === 0) throw new RuntimeError("stride should not be zero");
    const [p, size, d] = [padding[k]!, kernelSize[k]!, dilation[k]!];
    if (p < 0) {
      throw new RuntimeError(`pad must be non-negative, but got pad: ${p}`);
    }
    if (p > Math.trunc(((size - 1) * d + 1) / 2)) {
      throw new RuntimeError(
        `pad should be at most half of effective kernel size, but got pad=${p}, kernelSize=${size} and dilation=${d}`,
      );
    }
  }
  checkGreater("kernel size", "k", kernelSize);
  checkGreater("stride", "d", stride);
  checkGreater("dilation", "dilation", dilation);
}

function checkGreater(what: string, prefix: string, values: Shape): void {
  if (values.every((value) => value > 0)) return;
  throw new RuntimeError(
    `${what} should be greater than zero, but got ${list(prefix, values)}`,
  );
}

function checkRank(name: string, x: Tensor, rank: number): void {
  const r = x.shape.length;
  if (r === rank + 1 || r === rank + 2) return;
  if (name === "maxPool1d") refuseInput(name, x, rank);
  if (rank === 1) {
    throw new RuntimeError(
      `Expected 2 to 3 dimensions, but got ${r}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`,
    );
  }
  if (name === "avgPool2d") refuseInput(name, x, rank);
  throw new RuntimeError(
    `non-empty ${rank + 1}D or ${
      rank + 2
    }D (batch mode) tensor expected for input`,
    `the shape is ${showShape(x.shape)}`,
  );
}

/** Fails where a dimension other than the batch is empty. */
function checkInput(name: string, x: Tensor, rank: number): void {
  let d = x.shape.length - rank - 1;
  while (d < x.shape.length && x.shape[d] !== 0) d++;
  if (d === x.shape.length) return;
  if (rank < 3) refuseInput(name, x, rank);
  const where = name === "maxPool3d"
    ? "max_pool3d_with_indices_out_cpu_template"
    : name;
  throw new RuntimeError(
    `${where}(): Expected input's non-batch dimensions to have positive length, but input has a shape of ${
      showShape(x.shape)
    } and non-batch dimension 0 has length zero!`,
  );
}

function refuseInput(name: string, x: Tensor, rank: number): never {
  // One dimension is averaged as two.
  const line = rank === 1 && name !== "maxPool1d";
  const shape = line ? x.shape.toSpliced(-1, 0, 1) : x.shape;
  const least = (line ? 2 : rank) + 1;
  const prefix = name === "maxPool1d" ? `${name}: ` : "";
  throw new RuntimeError(
    `${prefix}Expected ${least}D or ${least + 1}D (batch mode) ` +
      `tensor with optional 0 dim batch size for input, but got:${
        showShape(shape)
      }`,
  );
}

/** Fails where the padding is too wide for the windows, or there would be no result. */
function checkResult(
  name: string,
  x: Tensor,
  { kernelSize, padding, size, out }: PoolGeometry,
): void {
  let fits = true;
  for (let k = 0; k < out.length; k++) {
    if (padding[k]! > kernelSize[k]! / 2) fits = false;
  }
  if (!fits) {
    const [k, p] = [kernelSize, padding];
    throw new RuntimeError(
      "pad should be smaller than or equal to half of kernel size, but got " +
        (size.length === 3
          ? `kT: ${k[0]} kW: ${k[2]} kH: ${k[1]} padT: ${p[0]} padW: ${
            p[2]
          } padH: ${p[1]}`
          : `padW = ${p[1]}, padH = ${p[0]}, kW = ${k[1]}, kH = ${k[0]}`),
    );
  }
  if (name === "avgPool3d" && size.some((n, k) => n < kernelSize[k]!)) {
    throw new RuntimeError(
      `input image (${
        size.map((n, k) => `${AXES[3]![k]}: ${n}`).join(" ")
      }) smaller than kernel size (${list("k", kernelSize)})`,
    );
  }
  if (out.every((n) => n > 0)) return;
  if (name === "maxPool1d") {
    throw new RuntimeError(`${name}() Invalid computed output size: ${out[0]}`);
  }
  const channels = x.shape[x.shape.length - size.length - 1]!;
  const shown = (dims: Shape) =>
    [channels, ...(dims.length === 1 ? [1] : []), ...dims].join("x");
  throw new RuntimeError(
    `Given input size: (${shown(size)}). Calculated output size: (${
      shown(out)
    }). Output size is too small`,
  );
}

/** Number of windows along a dimension. */
function countWindows(g: PoolGeometry, k: number, ceil: boolean): number {
  const [n, stride, padding] = [g.size[k]!, g.stride[k]!, g.padding[k]!];
  const room = n + 2 * padding - g.dilation[k]! * (g.kernelSize[k]! - 1) - 1;
  const out = Math.floor((room + (ceil ? stride - 1 : 0)) / stride) + 1;
  // The last window must begin inside the input or the padding before it.
  return ceil && (out - 1) * stride >= n + padding ? out - 1 : out;
}

/** The windows along each dimension. */
export function poolWindows(g: PoolGeometry): Windows[] {
  const windows: Windows[] = [];
  for (let k = 0; k < g.size.length; k++) {
    windows.push(knownWindows(
      g.size[k]!,
      g.out[k]!,
      g.kernelSize[k]!,
      g.stride[k]!,
      g.padding[k]!,
      g.dilation[k]!,
    ));
  }
  return windows;
}

/** Windows that were asked for last, each behind the length and number that it was made for. */
const RECENT: { readonly n: number; readonly windows: Windows }[] = [];
/** How many are remembered. */
const MOST_RECENT = 16;
let oldest = 0;

/** As {@linkcode slidingWindows}: a layer asks for the same ones again and again. */
function knownWindows(
  n: number,
  count: number,
  size: number,
  stride: number,
  padding: number,
  dilation: number,
): Windows {
  for (let k = 0; k < RECENT.length; k++) {
    const known = RECENT[k]!;
    const { starts, step, sliding } = known.windows;
    if (
      known.n === n && starts.length === count && step === dilation &&
      sliding!.size === size && sliding!.stride === stride &&
      sliding!.padding === padding
    ) return known.windows;
  }
  const windows = slidingWindows(n, count, size, stride, padding, dilation);
  RECENT[oldest] = { n, windows };
  oldest = (oldest + 1) % MOST_RECENT;
  return windows;
}

/** Whether all windows have as many positions that count, those in the padding included or not: none is cut off. */
export function areWhole(
  g: PoolGeometry,
  ceilMode: boolean,
  padded: boolean,
): boolean {
  return !ceilMode && (padded || g.padding.every((n) => n === 0));
}

/** Number of positions of each window along a dimension that count, those in the padding included. */
export function paddedLengths(g: PoolGeometry, k: number): number[] {
  const [n, padding] = [g.size[k]!, g.padding[k]!];
  return Array.from({ length: g.out[k]! }, (_, o) => {
    const start = o * g.stride[k]! - padding;
    return Math.min(start + g.kernelSize[k]!, n + padding) - start;
  });
}
