// What pooling and interpolation share: sums over windows along several
// dimensions, one after the other, and their transposes.

import type { Windows } from "./device.ts";
import { FLOAT32 } from "./dtype.ts";
import { defineKernel, type KernelOp, run } from "./kernel_op.ts";
import { castTo, emptyTensor, toDense } from "./op.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { transposed } from "./windows.ts";

/** Windows over the last dimensions of a tensor, and what their sums are divided by. */
export interface Windowing {
  /** The windows along each. */
  readonly windows: readonly Windows[];
  /** The transposes. */
  readonly turned: readonly Windows[];
  /** Divides each sum: a number, or one per window, row-major. */
  readonly divisor: number | Float64Array;
}

/** Describes windows over dimensions of lengths `size`. */
export function windowing(
  size: Shape,
  windows: readonly Windows[],
  divisor: number | Float64Array = 1,
): Windowing {
  const turned = windows.map((w, k) => transposed(w, size[k]!));
  return { windows, turned, divisor };
}

/** Lengths of the results. */
function resultSize({ windows }: Windowing): Shape {
  return windows.map(({ starts }) => starts.length);
}

/** Whether each position is a window of its own, so that there is nothing to do. */
function trivial(windows: Windows, n: number): boolean {
  const { starts, lengths, weights } = windows;
  return weights === null && starts.length === n &&
    starts.every((start, i) => start === i && lengths[i] === 1);
}

/** Sums windows over the last dimensions; not recorded. */
function sums(x: Tensor, windows: readonly Windows[]): Tensor {
  const { device } = x.storage;
  const first = x.shape.length - windows.length;
  let out = toDense(x);
  // What makes the tensor smallest goes first.
  const order = windows.map((_, k) => k).sort((a, b) =>
    growth(windows[a]!, x.shape[first + a]!) -
    growth(windows[b]!, x.shape[first + b]!)
  );
  for (const k of order) {
    const w = windows[k]!;
    const dim = first + k;
    if (trivial(w, out.shape[dim]!)) continue;
    const shape = out.shape.with(dim, w.starts.length);
    const next = emptyTensor(device, out.info, shape);
    if (next.count > 0) {
      if (out.count === 0) device.fill(next, 0);
      else device.windowSum(next, out, dim, w);
    }
    out = next;
  }
  return out;
}

function growth({ starts }: Windows, n: number): number {
  return starts.length / Math.max(n, 1);
}

/** The divisor as a number or a tensor that broadcasts to `like`. */
function divisorFor(
  like: Tensor,
  { divisor }: Windowing,
  size: Shape,
): Tensor | number {
  if (typeof divisor === "number") return divisor;
  const out = emptyTensor(like.storage.device, like.info, size);
  like.storage.device.write(out, divisor);
  return out;
}

/** 16-bit floats are computed in float32. */
function widened(x: Tensor, compute: (x: Tensor) => Tensor): Tensor {
  if (x.info.category !== 2 || x.info.bytes > 2) return compute(x);
  return castTo(compute(castTo(x, FLOAT32)), x.info);
}

function forward(x: Tensor, o: Windowing): Tensor {
  return widened(x, (x) => {
    const out = sums(x, o.windows);
    if (o.divisor === 1) return out === x ? x.clone() : out;
    const divisor = divisorFor(out, o, resultSize(o));
    return x.info.category !== 2
      ? out.div(divisor, { roundingMode: "trunc" })
      : out === x
      ? out.div(divisor)
      : out.div_(divisor);
  });
}

function backward(g: Tensor, o: Windowing): Tensor {
  return widened(g, (g) => {
    const scaled = o.divisor === 1 ? g : g.div(divisorFor(g, o, resultSize(o)));
    const out = sums(scaled, o.turned);
    return out === g ? g.clone() : out;
  });
}

/** Defines an op that sums windows, beside its transpose; the rule of each is the other. */
export function defineWindowing(
  name: string,
  node: string,
): KernelOp<Windowing> {
  const op: KernelOp<Windowing> = defineKernel<Windowing>({
    name,
    node: `${node}Backward0`,
    forward: ([x], o) => forward(x!, o),
    vjps: [(g, _n, o) => run(transpose, [g], o)],
  });
  const transpose: KernelOp<Windowing> = defineKernel<Windowing>({
    name: `${name}Backward`,
    node: `${node}BackwardBackward0`,
    forward: ([g], o) => backward(g!, o),
    vjps: [(g, _n, o) => run(op, [g], o)],
  });
  return op;
}

/** Applies an op that sums windows. */
export function applyWindowing(
  op: KernelOp<Windowing>,
  x: Tensor,
  o: Windowing,
): Tensor {
  return run(op, [x], o);
}
