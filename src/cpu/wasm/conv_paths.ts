// Chooses how WebAssembly computes a convolution. Zeros around and between the
// elements of an image become elements of a copy, so that windows never look
// outside; then it is a product of matrices whose operands tables describe.

import type { ConvolutionGeometry, Strided } from "../../tensor/device.ts";
import { MEMORY } from "../memory.ts";
import type { CpuStorage } from "../storage.ts";
import { TUNING } from "../tuning.ts";
import { LONGEST_RUN, type TableProduct, tableProduct } from "./conv_kernel.ts";
import { blasProduct, blasServes } from "./conv_blas.ts";
import { dotProducts } from "./conv_dots.ts";
import { phasesOf } from "./conv_phases.ts";
import {
  address,
  copy,
  fill,
  part,
  product,
  scratchLike,
} from "./conv_scratch.ts";
import { writeBias, writeTable } from "./conv_tables.ts";
import { STRIPS, THIN_DEPTH, THIN_ROWS, thinProduct } from "./conv_thin.ts";
import { FLOAT32, FLOAT64, ROWS } from "./gemm_tile.ts";

/** Scratch memory of this file, see gemm_scratch.ts. */
const PURPOSE = {
  input: 18,
  weight: 19,
  image: 20,
  result: 21,
  windows: 22,
  elements: 23,
  channels: 24,
  weights: 25,
  bias: 26,
  rows: 28,
};

/** Windows up to which long sums are inner products. */
const FEW_COLUMNS = 64;
/** Most bytes of the copy of images that is worked on at a time. */
const LIMIT = 32 * 2 ** 20;

/** The work of a call; kept, because there is one at a time. */
const P: TableProduct = {
  type: FLOAT32,
  batch: 0,
  groups: 0,
  rows: 0,
  columns: 0,
  depth: 0,
  x: 0,
  xBatch: 0,
  xGroup: 0,
  windows: 0,
  elements: 0,
  runs: null,
  w: 0,
  wGroup: 0,
  channels: 0,
  weights: 0,
  out: 0,
  outBatch: 0,
  outGroup: 0,
  outRow: 0,
  bias: 0,
};

/**
 * An operand that lies in the shared memory, itself or as a copy, which repeats
 * no element: repeated ones are not read by vectors. Null where there is no room.
 */
function placed(x: Strided, purpose: number): Strided | null {
  const { pointer, data, base } = x.storage as CpuStorage;
  const repeats = (d: number) => x.shape[d]! > 1 && x.strides[d] === 0;
  const repeated = x.shape.some((_, d) => repeats(d));
  if (pointer !== 0 && !repeated) return x;
  const out = scratchLike(x, purpose, x.shape);
  if (out === null) return null;
  const one = repeated && x.shape.every((n, d) => n === 1 || repeats(d));
  if (one) fill(out, data[base + x.offset] as number);
  else copy(out, x);
  return out;
}

/** Batches `from` to below `to`. */
function someBatches(x: Strided, from: number, to: number): Strided {
  const shape = [to - from, ...x.shape.slice(1)];
  return part(x, shape, x.strides, x.offset + from * x.strides[0]!);
}

/** An image with all elements that windows look at: its own one, or a copy with zeros. */
function framed(
  x: Strided,
  extent: readonly number[],
  { padding, spread }: ConvolutionGeometry,
): Strided | null {
  const fits = extent.every((n, d) =>
    spread[d] === 1 && padding[d]! <= 0 && n - padding[d]! <= x.shape[d + 3]!
  );
  if (fits) {
    let { offset } = x;
    padding.forEach((n, d) => offset -= n * x.strides[d + 3]!);
    return part(x, x.shape, x.strides, offset);
  }
  const out = scratchLike(x, PURPOSE.image, [
    ...x.shape.slice(0, 3),
    ...extent,
  ]);
  if (out === null) return null;
  fill(out, 0);
  const shape = x.shape.slice();
  const strides = out.strides.slice();
  let from = x.offset;
  let to = 0;
  for (let d = 0; d < extent.length; d++) {
    const apart = spread[d]!;
    const before = padding[d]!;
    const first = Math.max(0, Math.ceil(-before / apart));
    const last = Math.min(
      x.shape[d + 3]! - 1,
      Math.floor((extent[d]! - 1 - before) / apart),
    );
    if (last < first) return out;
    shape[d + 3] = last - first + 1;
    from += first * x.strides[d + 3]!;
    to += (first * apart + before) * out.strides[d + 3]!;
    strides[d + 3]! *= apart;
  }
  copy(part(out, shape, strides, to), part(x, shape, x.strides, from));
  return out;
}

/** Whether the last `rank` dimensions lie side by side. */
function isFlat(x: Strided, rank: number): boolean {
  let step = 1;
  for (let d = x.shape.length - 1; d >= x.shape.length - rank; d--) {
    if (x.shape[d] !== 1 && x.strides[d] !== step) return false;
    step *= x.shape[d]!;
  }
  return true;
}

/** See `Device.convolve`. Returns whether it served. */
export function wasmConvolution(
  out: Strided,
  x: Strided,
  w: Strided,
  bias: Strided | null,
  geometry: ConvolutionGeometry,
): boolean {
  const { info } = out;
  if (MEMORY === null || info.category !== 2 || info.bytes < 4) return false;
  const depth = product(w.shape.slice(2));
  if (out.count * depth < TUNING.convolveLeast || depth === 0) return false;
  const image = placed(x, PURPOSE.input);
  const weight = placed(w, PURPOSE.weight);
  if (image === null || weight === null) return false;
  P.bias = 0;
  if (bias !== null) {
    P.bias = writeBias(PURPOSE.bias, bias);
    if (P.bias === 0) return false;
  }
  const { spread } = geometry;
  if (spread.every((n) => n === 1)) {
    return convolve(out, image, weight, bias, geometry);
  }
  return phasesOf(out, weight, geometry).every((phase) => {
    if (phase.w.count > 0) {
      return convolve(phase.out, image, phase.w, bias, phase.geometry);
    }
    return fillChannels(phase.out, bias);
  });
}

/** Stores the bias, or zeros, where no window sees an element. */
function fillChannels(out: Strided, bias: Strided | null): boolean {
  const { shape } = out;
  if (bias !== null) {
    const strides = [0, ...bias.strides, ...shape.slice(3).map(() => 0)];
    copy(out, part(bias, shape, strides, bias.offset));
    return true;
  }
  const zero = scratchLike(out, PURPOSE.image, [1]);
  if (zero === null) return false;
  (zero.storage as CpuStorage).data[0] = 0;
  copy(out, part(zero, shape, shape.map(() => 0), 0));
  return true;
}

/** A convolution by batches whose images are not too large. */
function convolve(
  out: Strided,
  x: Strided,
  w: Strided,
  bias: Strided | null,
  geometry: ConvolutionGeometry,
): boolean {
  const extent = geometry.stride.map((n, d) =>
    (out.shape[d + 3]! - 1) * n +
    (w.shape[d + 3]! - 1) * geometry.dilation[d]! + 1
  );
  const batch = out.shape[0]!;
  const size = product(x.shape.slice(1, 3)) * product(extent) * out.info.bytes;
  const most = Math.max(1, Math.floor(LIMIT / size));
  const whole = isFlat(out, extent.length) &&
    (out.storage as CpuStorage).pointer !== 0;
  for (let n = 0; n < batch; n += most) {
    const end = Math.min(batch, n + most);
    const to = someBatches(out, n, end);
    const from = framed(someBatches(x, n, end), extent, geometry);
    const own = whole ? to : scratchLike(out, PURPOSE.result, to.shape);
    if (from === null || own === null) return false;
    if (!multiply(own, from, w, bias, geometry)) return false;
    if (!whole) copy(to, own);
  }
  return true;
}

/** The convolution of an image whose windows lie inside; the result's windows lie side by side. */
function multiply(
  out: Strided,
  x: Strided,
  w: Strided,
  bias: Strided | null,
  { stride, dilation }: ConvolutionGeometry,
): boolean {
  const { info, shape, strides } = out;
  const { bytes } = info;
  const places = shape.slice(3);
  const steps = stride.map((n, d) => n * x.strides[d + 3]!);
  const count = product(places);
  // Batches that lie side by side are one.
  const merges = strides[0] === count || shape[0] === 1;
  P.type = bytes === 4 ? FLOAT32 : FLOAT64;
  P.batch = merges ? 1 : shape[0]!;
  P.groups = shape[1]!;
  P.rows = shape[2]!;
  P.columns = merges ? count * shape[0]! : count;
  P.depth = product(w.shape.slice(2));
  const { columns } = P.type;
  P.windows = writeTable(
    PURPOSE.windows,
    merges ? [shape[0]!, ...places] : places,
    merges ? [x.strides[0]!, ...steps] : steps,
    bytes,
    Math.ceil(P.columns / columns / STRIPS) * columns * STRIPS,
  );
  P.elements = writeTable(
    PURPOSE.elements,
    w.shape.slice(2),
    [x.strides[2]!, ...dilation.map((n, d) => n * x.strides[d + 3]!)],
    bytes,
    P.depth,
  );
  if (P.windows === 0 || P.elements === 0) return false;
  // Neighbouring windows are neighbours in memory, and so are their elements.
  const last = w.shape.length - 1;
  const length = w.shape[last]!;
  P.runs = steps[last - 3] === 1 && length > 1 && length <= LONGEST_RUN
    ? { length, gap: dilation[last - 3]! * bytes }
    : null;
  P.x = address(x);
  P.xBatch = x.strides[0]! * bytes;
  P.xGroup = x.strides[1]! * bytes;
  P.out = address(out);
  P.outBatch = strides[0]! * bytes;
  P.outGroup = strides[1]! * bytes;
  P.outRow = strides[2]! * bytes;
  if (P.rows <= THIN_ROWS && P.depth <= THIN_DEPTH) {
    const own = scratchLike(w, PURPOSE.rows, w.shape);
    if (own === null) return false;
    copy(own, w);
    return thinProduct(P, address(own));
  }
  if (blasServes(P)) {
    const own = scratchLike(w, PURPOSE.rows, w.shape);
    if (own === null) return false;
    copy(own, w);
    if (blasProduct(P, out, own, bias, steps[last - 3] === 1)) return true;
  }
  P.w = address(w);
  P.wGroup = w.strides[0]! * bytes;
  P.channels = writeTable(
    PURPOSE.channels,
    [P.rows],
    [w.strides[1]!],
    bytes,
    P.rows + ROWS,
  );
  P.weights = writeTable(
    PURPOSE.weights,
    w.shape.slice(2),
    w.strides.slice(2),
    bytes,
    P.depth,
  );
  if (P.channels === 0 || P.weights === 0) return false;
  if (P.rows <= THIN_ROWS && P.columns <= FEW_COLUMNS && P.bias === 0) {
    return dotProducts(P);
  }
  return tableProduct(P);
}
