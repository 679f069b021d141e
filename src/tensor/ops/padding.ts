// Padding: with a number, with the mirror image, with the border, or with the
// other end. Paddings come in pairs, those of the last dimension first; a
// negative one takes elements away.

import { checkIntegers } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, type KernelOp, run, unrecorded } from "../kernel_op.ts";
import { emptyTensor } from "../op.ts";
import { checkOptions, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** How the padding is filled. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Options of {@linkcode pad}. */
export interface PadOptions {
  /** How the padding is filled: with a number, the mirror image, the border, or the other end. */
  readonly mode?: PadMode;
  /** The number; 0 where not given. */
  readonly value?: number | null;
}

/** Elements added before and after, by dimension. */
interface Margins {
  readonly before: Shape;
  readonly after: Shape;
}

/** What the rule of constant padding knows. */
interface ConstantOptions extends Margins {
  readonly value: number;
}

function marginsOf(x: Tensor, pad: readonly number[]): Margins {
  const rank = x.shape.length;
  const at = (d: number, side: number) => pad[2 * (rank - 1 - d) + side] ?? 0;
  return {
    before: x.shape.map((_, d) => at(d, 0)),
    after: x.shape.map((_, d) => at(d, 1)),
  };
}

function paddedShape(shape: Shape, { before, after }: Margins): Shape {
  return shape.map((n, d) => n + before[d]! + after[d]!);
}

/** The part of `x` that the padding leaves; a view. */
function inside(x: Tensor, { before, after }: Margins): Tensor {
  let out = x;
  x.shape.forEach((n, d) => {
    const start = Math.max(before[d]!, 0);
    const length = n - start - Math.max(after[d]!, 0);
    if (length !== n) out = out.narrow(d, start, Math.max(length, 0));
  });
  return out;
}

function negated(margins: Margins): Margins {
  const turn = (list: Shape) => list.map((n) => 0 - n);
  return { before: turn(margins.before), after: turn(margins.after) };
}

const CONSTANT_PAD: KernelOp<ConstantOptions> = defineKernel<ConstantOptions>({
  name: "constantPadNd",
  forward: ([x], o) => {
    const { device } = x!.storage;
    const out = emptyTensor(device, x!.info, paddedShape(x!.shape, o));
    const core = inside(x!, negated(o));
    if (core.count < out.count) device.fill(out, o.value);
    if (core.count > 0) inside(out, o).copy_(core);
    return out;
  },
  vjps: [(g, _n, o) => run(CONSTANT_PAD, [g], { ...negated(o), value: 0 })],
});

function constantPad(x: Tensor, margins: Margins, value: number): Tensor {
  paddedShape(x.shape, margins).forEach((n) => {
    if (n < 0) throw new RuntimeError("narrow(): length must be non-negative.");
  });
  return run(CONSTANT_PAD, [x], { ...margins, value });
}

/** Which positions of a dimension a margin shows, nearest first; the margins lie around `length` positions from `start` on. */
type Source = (
  work: Tensor,
  dim: number,
  start: number,
  length: number,
  width: number,
  after: boolean,
) => Tensor;

const reflection: Source = (work, dim, start, length, width, after) =>
  work.narrow(dim, after ? start + length - 1 - width : start + 1, width)
    .flip([dim]);

const border: Source = (work, dim, start, length, width, after) => {
  const one = work.narrow(dim, after ? start + length - 1 : start, 1);
  const shape = one.shape.slice();
  shape[dim] = width;
  return one.expand(shape);
};

/** Calls `visit(dim, margin, start, length, width, after)` for each margin, the last dimension first. */
function eachMargin(
  shape: Shape,
  { before, after }: Margins,
  visit: (
    dim: number,
    at: number,
    start: number,
    length: number,
    width: number,
    after: boolean,
  ) => void,
): void {
  for (let d = shape.length - 1; d >= 0; d--) {
    const left = Math.max(before[d]!, 0);
    const right = Math.max(after[d]!, 0);
    const length = shape[d]! - left - right;
    if (left > 0) visit(d, 0, left, length, left, false);
    if (right > 0) visit(d, left + length, left, length, right, true);
  }
}

/** Defines padding with the tensor's own elements, beside its transpose. */
function defineOwnPad(
  kind: string,
  rank: number,
  source: Source,
): KernelOp<Margins> {
  const name = `${kind[0]!.toLowerCase()}${kind.slice(1)}${rank}d`;
  const op: KernelOp<Margins> = defineKernel<Margins>({
    name,
    node: `${kind}${rank}DBackward0`,
    forward: ([x], o) => {
      const grow = growOnly(o);
      const shape = paddedShape(x!.shape, grow);
      const out = emptyTensor(x!.storage.device, x!.info, shape);
      inside(out, grow).copy_(x!);
      eachMargin(shape, grow, (dim, at, start, length, width, after) => {
        // Margins of the dimensions before are filled later, these corners too.
        out.narrow(dim, at, width).copy_(
          source(out, dim, start, length, width, after),
        );
      });
      return inside(out, negated(cropOnly(o))).contiguous();
    },
    vjps: [(g, _n, o) => run(transpose, [g], o)],
  });
  const transpose: KernelOp<Margins> = defineKernel<Margins>({
    name: `${name}Backward`,
    node: `${kind}${rank}DBackwardBackward0`,
    forward: ([g], o) => {
      const grow = growOnly(o);
      const crop = negated(cropOnly(o));
      const shape = paddedShape(g!.shape, crop);
      const work = emptyTensor(g!.storage.device, g!.info, shape);
      if (g!.count < work.count) work.zero_();
      inside(work, crop).copy_(g!);
      const margins: Parameters<Parameters<typeof eachMargin>[2]>[] = [];
      eachMargin(shape, grow, (...margin) => margins.push(margin));
      for (const [dim, at, start, length, width, after] of margins.reverse()) {
        const strip = work.narrow(dim, at, width);
        if (source === reflection) {
          const from = after ? start + length - 1 - width : start + 1;
          work.narrow(dim, from, width).add_(strip.flip([dim]));
        } else {
          const one = work.narrow(dim, after ? start + length - 1 : start, 1);
          one.add_(strip.sum(dim, { keepdim: true }));
        }
      }
      return inside(work, grow).contiguous();
    },
    vjps: [(g, _n, o) => run(op, [g], o)],
  });
  return op;
}

/** The margins that take elements away. */
function cropOnly({ before, after }: Margins): Margins {
  const less = (list: Shape) => list.map((n) => Math.min(n, 0));
  return { before: less(before), after: less(after) };
}

/** The margins that add elements. */
function growOnly({ before, after }: Margins): Margins {
  const more = (list: Shape) => list.map((n) => Math.max(n, 0));
  return { before: more(before), after: more(after) };
}

const REFLECTIONS = [1, 2, 3].map((rank) =>
  defineOwnPad("ReflectionPad", rank, reflection)
);
const REPLICATIONS = [1, 2, 3].map((rank) =>
  defineOwnPad("ReplicationPad", rank, border)
);

const AXES = ["", "W", "HW", "DHW"];

function checkOwn(
  x: Tensor,
  rank: number,
  margins: Margins,
  reflects: boolean,
): void {
  const r = x.shape.length;
  const first = r - rank - 1;
  if (x.shape.some((n, d) => d >= first && n === 0)) {
    throw new RuntimeError(
      `Expected ${rank + 1}D or ${
        rank + 2
      }D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${
        showShape(x.shape)
      }`,
    );
  }
  for (let d = r - 1; d > r - 1 - rank; d--) {
    const n = x.shape[d]!;
    const [p, q] = [margins.before[d]!, margins.after[d]!];
    if (reflects && (p >= n || q >= n)) {
      throw new RuntimeError(
        `Argument #${
          4 + 2 * (r - 1 - d)
        }: Padding size should be less than the corresponding input dimension, but got: padding (${p}, ${q}) at dimension ${d} of input ${
          showShape(x.shape)
        }`,
      );
    }
  }
  const out = paddedShape(x.shape, margins).slice(r - rank);
  if (out.every((n) => n >= 1)) return;
  const axes = AXES[rank]!;
  const list = (values: Shape) =>
    values.map((n, k) => `${axes[k]}: ${n}`).join(", ");
  throw new RuntimeError(
    `input (${list(x.shape.slice(r - rank))}) is too small. Calculated output ${
      out.map((n, k) => `${axes[k]}: ${n}`).join(" ")
    }`,
  );
}

/** Copies the other end into each margin, as PyTorch does: the graph shows it. */
function circularPad(x: Tensor, margins: Margins, rank: number): Tensor {
  const shape = paddedShape(x.shape, margins);
  const first = x.shape.length - rank;
  x.shape.forEach((n, d) => {
    if (d < first) return;
    if (shape[d]! < 0) {
      throw new RuntimeError(
        "Negative padding value is resulting in an empty dimension",
      );
    }
    const [p, q] = [margins.before[d]!, margins.after[d]!];
    // A margin may not be wider than what a negative one leaves.
    if (p > n + Math.min(q, 0) || q > n + Math.min(p, 0)) {
      throw new RuntimeError(
        "Padding value causes wrapping around more than once.",
      );
    }
  });
  const out = unrecorded(() => x.newEmpty(shape));
  let target = out;
  let source = x;
  for (let d = x.shape.length - 1; d >= first; d--) {
    const [p, q] = [margins.before[d]!, margins.after[d]!];
    const length = x.shape[d]! + Math.min(p, 0) + Math.min(q, 0);
    target = target.narrow(d, Math.max(p, 0), length);
    source = source.narrow(d, Math.max(-p, 0), length);
  }
  target.copy_(source);
  for (let d = x.shape.length - 1; d >= first; d--) {
    const left = Math.max(margins.before[d]!, 0);
    const right = Math.max(margins.after[d]!, 0);
    const n = shape[d]!;
    if (left > 0) {
      out.narrow(d, 0, left).copy_(out.narrow(d, n - left - right, left));
    }
    if (right > 0) {
      out.narrow(d, n - right, right).copy_(out.narrow(d, left, right));
    }
  }
  return out;
}

/**
 * Adds elements at both ends of the last dimensions of `x`. `padding` lists
 * how many, in pairs from the last dimension on: `[left, right, top, bottom]`;
 * negative numbers take elements away. Modes other than `"constant"` pad the
 * last one, two or three dimensions of a tensor that has one or two more. See
 * `torch.nn.functional.pad`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { pad } = dg.nn.functional;
 * const x = dg.tensor([[1, 2, 3]]);
 * assertEquals(pad(x, [1, 0], { value: 9 }).tolist(), [[9, 1, 2, 3]]);
 * assertEquals(pad(x, [2, 1], { mode: "reflect" }).tolist(), [[3, 2, 1, 2, 3, 2]]);
 * ```
 */
export function pad(
  x: Tensor,
  padding: readonly number[],
  options: PadOptions = {},
): Tensor {
  checkOptions(options, ["mode", "value"], "pad");
  checkIntegers(padding, "pad", "padding");
  const { mode = "constant", value = null } = options;
  const rank = padding.length / 2;
  const r = x.shape.length;
  if (!Number.isInteger(rank)) {
    throw new RuntimeError("Padding length must be divisible by 2");
  }
  if (rank > r) {
    throw new RuntimeError(
      `Padding length should be less than or equal to two times the input dimension but got padding length ${padding.length} and input of dimension ${r}`,
    );
  }
  const margins = marginsOf(x, padding);
  if (mode === "constant") return constantPad(x, margins, value ?? 0);
  if (!["reflect", "replicate", "circular"].includes(mode)) {
    throw new RuntimeError(
      `Unrecognised padding mode ${String(mode)}`,
      'the modes are "constant", "reflect", "replicate" and "circular"',
    );
  }
  if (value !== null) {
    throw new RuntimeError(
      `Padding mode "${mode}" doesn't take in value argument`,
    );
  }
  if (!(rank >= 1 && rank <= 3 && (r === rank + 1 || r === rank + 2))) {
    throw new RuntimeError(
      `Padding size ${padding.length} is not supported for ${r}D input tensor.
Supported combinations for non-constant padding:
  - 2D or 3D input: padding size = 2 (pads last dimension)
  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)
  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)`,
    );
  }
  switch (mode) {
    case "circular":
      return circularPad(x, margins, rank);
    case "reflect":
      checkOwn(x, rank, margins, true);
      return run(REFLECTIONS[rank - 1]!, [x], margins);
    case "replicate":
      checkOwn(x, rank, margins, false);
      return run(REPLICATIONS[rank - 1]!, [x], margins);
  }
}
