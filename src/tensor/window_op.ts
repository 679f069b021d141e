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
  /** Lengths of the dimensions. */
  readonly size: Shape;
  /** The windows along each. */
  readonly windows: readonly Windows[];
  /** Divides each sum: a number, or one per window, row-major. */
  readonly divisor: number | Float64Array;
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

/** Positions of a window up to which one pass over all dimensions is better than one along each. */
const MOST_AT_ONCE = 64;

/** Sums of windows over the last dimensions, divided, where the device does that in one pass; not recorded. */
function atOnce(
  x: Tensor,
  windows: readonly Windows[],
  divisor: number | Float64Array,
): Tensor | null {
  const { device } = x.storage;
  if (device.windowMean === undefined || typeof divisor !== "number") {
    return null;
  }
  const first = x.shape.length - windows.length;
  const shape = x.shape.slice();
  let positions = 1;
  for (let k = 0; k < windows.length; k++) {
    const { starts, sliding, most } = windows[k]!;
    if (sliding === null) return null;
    positions *= most;
    shape[first + k] = starts.length;
  }
  if (positions > MOST_AT_ONCE || x.count === 0) return null;
  const out = emptyTensor(device, x.info, shape);
  device.windowMean(out, toDense(x), { windows, divisor });
  return out;
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

/** What both ways compute in: 16-bit floats in float32. */
function wide(x: Tensor): Tensor {
  const narrow = x.info.category === 2 && x.info.bytes <= 2;
  return narrow ? castTo(x, FLOAT32) : x;
}

function forward(x: Tensor, o: Windowing): Tensor {
  if (x.info.category !== 2) {
    const divisor = divisorFor(x, o, resultSize(o));
    return sums(x, o.windows).div(divisor, { roundingMode: "trunc" });
  }
  const source = wide(x);
  const out = atOnce(source, o.windows, o.divisor) ?? means(source, o);
  return castTo(out, x.info);
}

/** Sums along one dimension after the other, divided. */
function means(x: Tensor, o: Windowing): Tensor {
  const out = sums(x, o.windows);
  if (o.divisor === 1) return out === x ? x.clone() : out;
  const divisor = divisorFor(out, o, resultSize(o));
  return out === x ? out.div(divisor) : out.div_(divisor);
}

function backward(g: Tensor, o: Windowing): Tensor {
  const source = wide(g);
  const turned = o.windows.map((w, k) => transposed(w, o.size[k]!));
  let out = atOnce(source, turned, o.divisor);
  if (out === null) {
    out = sums(
      o.divisor === 1
        ? source
        : source.div(divisorFor(source, o, resultSize(o))),
      turned,
    );
    if (out === source) out = source.clone();
  }
  return castTo(out, g.info);
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
