// Reductions, scans and products of complex numbers, by calls of the same
// device with their parts.

import type {
  Device,
  MapKernel,
  ReduceKernel,
  Strided,
  Windows,
} from "./device.ts";
import { refuseComplex } from "./complex_refusal.ts";
import {
  copyComplex,
  fillComplex,
  part,
  release,
  scratch,
} from "./device_complex.ts";
import { mapComplex } from "./device_complex_maps.ts";
import { updateKernel } from "./device_updates.ts";
import { type DTypeInfo, partInfo } from "./dtype.ts";
import { call, input } from "./expr.ts";
import { isLinear, isProduct } from "./expr_complex.ts";
import { contiguousStrides, countElements } from "./shape.ts";

/** Whether a reduction treats both parts alike: a sum or a mean. */
function isSum(kernel: ReduceKernel): boolean {
  return kernel.start === 0 && isLinear(kernel.step) &&
    (kernel.prologue === null || isLinear(kernel.prologue)) &&
    (kernel.finish === null || isLinear(kernel.finish));
}

function isProductOf({ start, step, prologue, finish }: ReduceKernel): boolean {
  return start === 1 && isProduct(step) && prologue === null &&
    finish === null;
}

/** Calls `fn` with dense memory for each part of a result. */
function intoParts(
  device: Device,
  out: Strided,
  fn: (to: Strided, which: 0 | 1) => void,
): void {
  const to = scratch(device, partInfo(out.info), out.shape);
  for (const which of [0, 1] as const) {
    fn(to, which);
    device.copy(part(out, which), to);
  }
  release(device, to);
}

/** An operand in a complex type; itself where it has it. */
function converted(device: Device, x: Strided, info: DTypeInfo): Strided {
  if (x.info === info) return x;
  const out = scratch(device, info, x.shape);
  copyComplex(device, out, x);
  return out;
}

/** See `Device.reduce`; it computes in a complex type. */
export function reduceComplex(
  device: Device,
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
  rank: number,
): void {
  if (out.info.category !== 3) refuseComplex("reduce_cpu", compute);
  const from = converted(device, x, compute);
  const half = partInfo(compute);
  if (isSum(kernel)) {
    intoParts(device, out, (to, which) => {
      device.reduce(kernel, half, to, part(from, which), rank);
    });
  } else if (isProductOf(kernel)) multiplyAll(device, out, from, rank);
  else refuseComplex("reduce_cpu", compute);
  if (from !== x) release(device, from);
}

const PRODUCT: MapKernel = {
  // Only the translation is used, which goes by the object.
  id: -1,
  arity: 2,
  body: call("mul", input(0), input(1)),
};

function multiply(
  device: Device,
  out: Strided,
  a: Strided,
  b: Strided,
): void {
  mapComplex(device, PRODUCT, out.info, out, a, b, null, []);
}

/** A part of a vector of rows. */
function slice(x: Strided, from: number, length: number): Strided {
  const last = x.shape.length - 1;
  const shape = x.shape.with(last, length);
  const count = countElements(shape);
  return {
    storage: x.storage,
    info: x.info,
    shape,
    strides: x.strides,
    offset: x.offset + from * x.strides[last]!,
    count,
    dense: count < 2 || (x.dense && length === x.shape[last]),
  };
}

/** A dense copy of an operand, rows of its last `rank` dimensions. */
function rowsOf(device: Device, x: Strided, rank: number): Strided {
  const lead = x.shape.slice(0, x.shape.length - rank);
  const n = countElements(x.shape.slice(lead.length));
  const out = scratch(device, x.info, x.shape);
  copyComplex(device, out, x);
  const shape = [...lead, n];
  return { ...out, shape, strides: contiguousStrides(shape) };
}

/** The product of each row: halves are multiplied with each other until one element is left. */
function multiplyAll(
  device: Device,
  out: Strided,
  x: Strided,
  rank: number,
): void {
  const work = rowsOf(device, x, rank);
  let n = work.shape.at(-1)!;
  if (n === 0) fillComplex(device, out, 1);
  else {
    while (n > 1) {
      const half = n >> 1;
      const left = slice(work, 0, half);
      multiply(device, left, left, slice(work, n - half, half));
      n -= half;
    }
    const first = slice(work, 0, 1);
    // The result may have kept the reduced dimensions, with length one.
    copyComplex(device, {
      ...out,
      shape: first.shape,
      strides: contiguousStrides(first.shape),
    }, first);
  }
  release(device, work);
}

/** See `Device.scan`; it computes in a complex type. */
export function scanComplex(
  device: Device,
  kernel: ReduceKernel,
  compute: DTypeInfo,
  out: Strided,
  x: Strided,
): void {
  const from = converted(device, x, compute);
  const half = partInfo(compute);
  if (isSum(kernel)) {
    intoParts(device, out, (to, which) => {
      device.scan(kernel, half, to, part(from, which));
    });
  } else if (isProductOf(kernel)) {
    // Each pass multiplies with what lies twice as far back as in the last one.
    copyComplex(device, out, from);
    const n = out.shape.at(-1) ?? 1;
    const before = scratch(device, compute, out.shape);
    for (let step = 1; step < n; step *= 2) {
      copyComplex(device, before, out);
      multiply(
        device,
        slice(out, step, n - step),
        slice(before, step, n - step),
        slice(before, 0, n - step),
      );
    }
    release(device, before);
  } else refuseComplex("scan_cpu", compute);
  if (from !== x) release(device, from);
}

const SUBTRACT = updateKernel([call("sub", input(1), input(2)), null, null]);
const ADD = updateKernel([call("add", input(1), input(2)), null, null]);

/** See `Device.matmul`: four real products. The epilogue is the caller's. */
export function matmulComplex(
  device: Device,
  out: Strided,
  x: Strided,
  y: Strided,
): void {
  const [a, b] = bothParts(device, x);
  const [c, d] = bothParts(device, y);
  const p = scratch(device, a.info, out.shape);
  const q = scratch(device, a.info, out.shape);
  device.matmul(p, a, c, null);
  device.matmul(q, b, d, null);
  device.update(SUBTRACT, [part(out, 0), p, q], []);
  device.matmul(p, a, d, null);
  device.matmul(q, b, c, null);
  device.update(ADD, [part(out, 1), p, q], []);
  release(device, a, b, c, d, p, q);
}

/** Dense copies of both parts. */
function bothParts(device: Device, x: Strided): [Strided, Strided] {
  const info = partInfo(x.info);
  const re = scratch(device, info, x.shape);
  const im = scratch(device, info, x.shape);
  device.copy(re, part(x, 0));
  device.copy(im, part(x, 1));
  return [re, im];
}

/** See `Device.windowSum`. */
export function windowSumComplex(
  device: Device,
  out: Strided,
  x: Strided,
  dim: number,
  windows: Windows,
): void {
  const parts = bothParts(device, x);
  intoParts(device, out, (to, which) => {
    device.windowSum(to, parts[which], dim, windows);
  });
  release(device, ...parts);
}
