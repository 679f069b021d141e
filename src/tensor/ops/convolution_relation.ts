// The records of convolutions. One relation ties an image, a weight and a
// result together (see Placement): a convolution, its transpose and the
// gradient of the weight each sum over it for one of the three, and are each
// other's derivatives, so that every order exists. The sums are the device's.

import { IN0, IN1 } from "../../grad/node.ts";
import type { Strided } from "../device.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import { emptyTensor, stridedLike } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import type { Layout, Placement } from "./convolution_geometry.ts";

/** `[..., groups * n, ...]` as `[..., groups, n, ...]`: the dimension `dim` as two. */
function split(x: Strided, dim: number, groups: number): Strided {
  const rank = x.shape.length + 1;
  const shape = new Array<number>(rank);
  const strides = new Array<number>(rank);
  for (let d = 0; d < rank; d++) {
    const from = d <= dim ? d : d - 1;
    shape[d] = x.shape[from]!;
    strides[d] = x.strides[from]!;
  }
  const count = shape[dim]! / groups;
  shape[dim] = groups;
  shape[dim + 1] = count;
  strides[dim]! *= count;
  const { storage, info, offset } = x;
  const all = x.count;
  return { storage, info, shape, strides, offset, count: all, dense: false };
}

/** What {@linkcode split} gives of a dense tensor, where that is known; null where it has to be found. */
function known(x: Strided, layout: Layout | undefined): Strided | null {
  if (layout === undefined || !x.dense || x.count !== layout.count) return null;
  const { shape, strides, count } = layout;
  const { storage, info, offset } = x;
  return { storage, info, shape, strides, offset, count, dense: false };
}

/** `[n, groups * c, ...sizes]` as `[n, groups, c, ...sizes]`. */
function byGroup(x: Strided, groups: number): Strided {
  return split(x, 1, groups);
}

/** `[groups * n, c, ...window]` as `[groups, n, c, ...window]`, or a bias `[groups * n]` as `[groups, n]`. */
function weightByGroup(w: Strided, groups: number): Strided {
  return split(w, 0, groups);
}

/** Puts the first three dimensions into another order. */
function arrange(x: Strided, order: readonly number[]): Strided {
  const shape = [...order.map((d) => x.shape[d]!), ...x.shape.slice(3)];
  const strides = [...order.map((d) => x.strides[d]!), ...x.strides.slice(3)];
  return stridedLike(x, shape, strides, x.offset, false);
}

/** Reads windows from their ends. */
function flipped(w: Strided): Strided {
  const strides = w.strides.map((step, d) => d < 3 ? step : -step);
  let { offset } = w;
  for (let d = 3; d < strides.length; d++) {
    offset += Math.max(w.shape[d]! - 1, 0) * w.strides[d]!;
  }
  return stridedLike(w, w.shape, strides, offset, false);
}

const ONES: readonly (readonly number[])[] = [[], [1], [1, 1], [1, 1, 1]];

function ones(like: readonly number[]): readonly number[] {
  return ONES[like.length]!;
}

/** Sums a gradient over all but its channels. */
function biasGradient(g: Tensor): Tensor {
  return g.sum(g.shape.map((_, d) => d).filter((d) => d !== 1));
}

/** What {@linkcode weightByGroup} gives; null where there is no bias. */
function biasByGroup(
  bias: Strided | undefined,
  groups: number,
): Strided | null {
  return bias === undefined ? null : weightByGroup(bias, groups);
}

/** The result that an image and a weight give: a convolution. */
export const CONVOLUTION: KernelOp<Placement> = defineKernel<Placement>({
  name: "convolution",
  forward: ([x, w, bias], windows) => {
    const { groups, stride, padding, dilation, result, dense } = windows;
    const shape = [x!.shape[0]!, w!.shape[0]!, ...result];
    const { device } = x!.storage;
    const out = emptyTensor(device, x!.info, shape);
    device.convolve(
      known(out, dense?.out) ?? byGroup(out, groups),
      known(x!, dense?.x) ?? byGroup(x!, groups),
      known(w!, dense?.w) ?? weightByGroup(w!, groups),
      biasByGroup(bias, groups),
      { stride, padding, dilation, spread: ones(stride) },
    );
    return out;
  },
  vjps: [
    (g, n, windows) => run(TRANSPOSED, [g, n.input(1)], windows),
    (g, n, windows) => run(CORRELATION, [n.input(0), g], windows),
    biasGradient,
  ],
  saves: [IN1, IN0, 0],
});

/** The image that a result and a weight give: a transposed convolution. */
export const TRANSPOSED: KernelOp<Placement> = defineKernel<Placement>({
  name: "convTranspose",
  node: "ConvolutionBackward0",
  forward: ([x, w, bias], windows) => {
    const { groups, stride, padding, dilation, image, window } = windows;
    const shape = [x!.shape[0]!, w!.shape[1]! * groups, ...image];
    const { device } = x!.storage;
    const out = emptyTensor(device, x!.info, shape);
    device.convolve(
      byGroup(out, groups),
      byGroup(x!, groups),
      flipped(arrange(weightByGroup(w!, groups), [0, 2, 1])),
      biasByGroup(bias, groups),
      {
        stride: ones(stride),
        padding: padding.map((n, d) => (window[d]! - 1) * dilation[d]! - n),
        dilation,
        spread: stride,
      },
    );
    return out;
  },
  vjps: [
    (g, n, windows) => run(CONVOLUTION, [g, n.input(1)], windows),
    (g, n, windows) => run(CORRELATION, [g, n.input(0)], windows),
    biasGradient,
  ],
  saves: [IN1, IN0, 0],
});

/** The weight that an image and a result would give: the gradient of a weight. */
const CORRELATION: KernelOp<Placement> = defineKernel<Placement>({
  name: "convolutionWeight",
  node: "ConvolutionBackwardBackward0",
  forward: ([x, y], windows) => {
    const { groups, stride, padding, dilation, window } = windows;
    const { device } = x!.storage;
    const channels = x!.shape[1]! / groups;
    const shape = [y!.shape[1]!, channels, ...window];
    const out = emptyTensor(device, x!.info, shape);
    device.convolve(
      arrange(weightByGroup(out, groups), [2, 0, 1]),
      arrange(byGroup(x!, groups), [2, 1, 0]),
      arrange(byGroup(y!, groups), [1, 2, 0]),
      null,
      { stride: dilation, padding, dilation: stride, spread: ones(stride) },
    );
    return out;
  },
  vjps: [
    (g, n, windows) => run(TRANSPOSED, [n.input(1), g], windows),
    (g, n, windows) => run(CONVOLUTION, [n.input(0), g], windows),
  ],
  saves: [IN1, IN0],
});
