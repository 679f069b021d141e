// The three Fourier transforms that PyTorch has nodes for, along any number of
// dimensions: complex to complex, real to complex, and half a spectrum to real.
// Everything in ops/fft* is made of them.

import type { Node } from "../../grad/node.ts";
import type { Device, Strided } from "../device.ts";
import type { FourierTask } from "../device_fourier.ts";
import { complexInfo, type DTypeInfo, partInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import { emptyTensor, stridedLike, toDense } from "../op.ts";
import { countElements, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pad } from "./padding.ts";

/** What results are divided by: nothing, the root of the number of points, or that number. */
export type FourierScale = "none" | "root" | "points";

interface Transform {
  /** Name that users call it by, for errors. */
  readonly name: string;
  /** Along which dimensions; the last one is special to real transforms. */
  readonly dims: readonly number[];
  readonly scale: FourierScale;
}

interface ComplexTransform extends Transform {
  readonly backward: boolean;
}

interface RealTransform extends Transform {
  /** Whether the results are whole spectra. */
  readonly whole: boolean;
}

interface HalfTransform extends Transform {
  /** Length of the result along the last dimension. */
  readonly length: number;
}

function fourierOf(
  { storage: { device } }: Tensor,
  name: string,
): NonNullable<Device["fourier"]> {
  if (device.fourier === undefined) {
    throw new RuntimeError(
      `The operator 'fft.${name}' is not currently implemented for the ${device.type} device.`,
      "move the tensor there and back: x.cpu() and to(device)",
    );
  }
  return device.fourier.bind(device);
}

function factorOf(scale: FourierScale, points: number): number {
  if (scale === "none") return 1;
  return 1 / (scale === "root" ? Math.sqrt(points) : points);
}

/** The same elements as lines along `dim`: `[outer, length, inner]`. */
function linesOf(x: Tensor, dim: number): Strided {
  const { shape } = x;
  const outer = countElements(shape.slice(0, dim));
  const length = shape[dim]!;
  const inner = countElements(shape.slice(dim + 1));
  const lines = [outer, length, inner];
  const strides = [length * inner, inner, 1];
  return stridedLike(x, lines, strides, x.offset, true);
}

/** Transforms along one dimension, from `x` to `out`; both are dense. */
function along(
  name: string,
  task: FourierTask,
  out: Tensor,
  x: Tensor,
  dim: number,
): void {
  const fourier = fourierOf(x, name);
  if (out.count > 0) fourier(task, linesOf(out, dim), linesOf(x, dim));
}

function resized(x: Tensor, dim: number, length: number): Shape {
  return x.shape.with(dim, length);
}

function resultLike(x: Tensor, info: DTypeInfo, shape: Shape): Tensor {
  return emptyTensor(x.storage.device, info, shape);
}

function pointsOf(shape: Shape, dims: readonly number[]): number {
  return countElements(dims.map((dim) => shape[dim]!));
}

/** Complex transforms one dimension after the other, the last first; from `x`, which may be `out`, to `out`. */
function complexAlong(
  { name, dims, backward }: Omit<ComplexTransform, "scale">,
  out: Tensor,
  x: Tensor,
  scale: number,
): void {
  let from = x;
  for (let k = dims.length - 1; k >= 0; k--) {
    const dim = dims[k]!;
    const length = out.shape[dim]!;
    const factor = k === 0 ? scale : 1;
    const task = { kind: "c2c", backward, length, scale: factor } as const;
    along(name, task, out, from, dim);
    from = out;
  }
}

const C2C: KernelOp<ComplexTransform> = defineKernel<ComplexTransform>({
  name: "fftC2c",
  node: "FftC2CBackward0",
  forward: ([x], o) => {
    if (o.dims.length === 0) return x!.clone();
    const out = resultLike(x!, x!.info, x!.shape);
    const factor = factorOf(o.scale, pointsOf(x!.shape, o.dims));
    complexAlong(o, out, toDense(x!), factor);
    return out;
  },
  vjps: [(g, _n, o) => run(C2C, [g], { ...o, backward: !o.backward })],
  complexRules: true,
});

const R2C: KernelOp<RealTransform> = defineKernel<RealTransform>({
  name: "fftR2c",
  node: "FftR2CBackward0",
  forward: ([x], o) => {
    const { name, dims, scale, whole } = o;
    const last = dims.at(-1)!;
    const length = x!.shape[last]!;
    const count = whole ? length : Math.floor(length / 2) + 1;
    const info = complexInfo(x!.info);
    const out = resultLike(x!, info, resized(x!, last, count));
    const factor = factorOf(scale, pointsOf(x!.shape, dims));
    const rest = dims.slice(0, -1);
    const own = rest.length === 0 ? factor : 1;
    const task = { kind: "r2c", backward: false, length, scale: own } as const;
    along(name, task, out, toDense(x!), last);
    complexAlong({ name, dims: rest, backward: false }, out, out, factor);
    return out;
  },
  vjps: [(g, n, o) => realGradient(g, n, o)],
  complexRules: true,
});

/** The rest of the spectrum had no part in the result, and the input no imaginary one. */
function realGradient(g: Tensor, n: Node, o: RealTransform): Tensor {
  const last = o.dims.at(-1)!;
  const missing = n.inputShape(0)[last]! - g.shape[last]!;
  let whole = g;
  if (missing > 0) {
    const margins = new Array<number>(2 * (g.shape.length - last)).fill(0);
    margins[margins.length - 1] = missing;
    whole = pad(g, margins);
  }
  const { name, dims, scale } = o;
  return run(C2C, [whole], { name, dims, scale, backward: true }).real;
}

const C2R: KernelOp<HalfTransform> = defineKernel<HalfTransform>({
  name: "fftC2r",
  node: "FftC2RBackward0",
  forward: ([x], { name, dims, scale, length }) => {
    const last = dims.at(-1)!;
    const rest = dims.slice(0, -1);
    let from = toDense(x!);
    if (rest.length > 0) {
      const between = resultLike(from, from.info, from.shape);
      complexAlong({ name, dims: rest, backward: true }, between, from, 1);
      from = between;
    }
    const out = resultLike(
      from,
      partInfo(x!.info),
      resized(from, last, length),
    );
    const factor = factorOf(scale, pointsOf(out.shape, dims));
    const task = {
      kind: "c2r",
      backward: true,
      length,
      scale: factor,
    } as const;
    along(name, task, out, from, last);
    return out;
  },
  vjps: [(g, n, { name, dims, scale }) => {
    const half = run(R2C, [g], { name, dims, scale, whole: false });
    return half.mul(timesUsed(g, n.inputShape(0), dims.at(-1)!));
  }],
  complexRules: true,
});

/** How often each element of half a spectrum is in the whole: those that are opposite themselves once. */
function timesUsed(g: Tensor, half: Shape, dim: number): Tensor {
  const count = half[dim]!;
  const times = resultLike(
    g,
    g.info,
    half.map((_, d) => d < dim ? 1 : d === dim ? count : 1),
  );
  times.fill_(1);
  const twice = g.shape[dim]! - count;
  if (twice > 0) times.narrow(dim, 1, twice).fill_(2);
  return times;
}

/** Complex to complex. */
export function complexTransform(x: Tensor, options: ComplexTransform): Tensor {
  fourierOf(x, options.name);
  return run(C2C, [x], options);
}

/** Real to complex, forward. */
export function realTransform(x: Tensor, options: RealTransform): Tensor {
  fourierOf(x, options.name);
  return run(R2C, [x], options);
}

/** Half a spectrum to real, backward. */
export function halfTransform(x: Tensor, options: HalfTransform): Tensor {
  fourierOf(x, options.name);
  return run(C2R, [x], options);
}
