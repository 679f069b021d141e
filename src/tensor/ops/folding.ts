// Windows of a plane as columns of a matrix, and their sum back into a plane.

import { checkIntegers } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import { emptyTensor, stridedLike } from "../op.ts";
import {
  checkOptions,
  contiguousStrides,
  type Shape,
  showShape,
  type Size,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode unfold} and {@linkcode fold}; one number stands for height and width. */
export interface FoldOptions {
  /** Distance between the positions of a window; 1 where not given. */
  readonly dilation?: Size;
  /** Zeros that are added on all sides. */
  readonly padding?: Size;
  /** Distance between windows; 1 where not given. */
  readonly stride?: Size;
}

type Pair = readonly [number, number];

/** Where the windows lie; each pair is of height and width. */
interface Blocks {
  readonly size: Pair;
  readonly kernel: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  readonly stride: Pair;
  /** Number of windows. */
  readonly count: Pair;
}

const KEYS = ["dilation", "padding", "stride"];

function pair(name: string, value: Size): Pair {
  checkIntegers(value, "unfold", name);
  if (typeof value === "number") return [value, value];
  if (value.length === 1) return [value[0]!, value[0]!];
  if (value.length === 2) return [value[0]!, value[1]!];
  throw new RuntimeError(
    `It is expected ${name} equals to 2, but got size ${value.length}`,
  );
}

function blocksOf(size: Pair, kernelSize: Size, options: FoldOptions): Blocks {
  const kernel = pair("kernelSize", kernelSize);
  const dilation = pair("dilation", options.dilation ?? 1);
  const padding = pair("padding", options.padding ?? 0);
  const stride = pair("stride", options.stride ?? 1);
  for (
    const [what, word, values] of [
      ["kernel size", "kernel", kernel],
      ["dilation", "dilation", dilation],
      ["padding", "pad", padding],
      ["stride", "stride", stride],
    ] as const
  ) {
    const least = word === "pad" ? 0 : 1;
    if (values[0] >= least && values[1] >= least) continue;
    throw new RuntimeError(
      `${what} should be ${
        least === 0 ? "non-negative" : "greater than zero"
      }, but got ${word}_height: ${values[0]} ${word}_width: ${values[1]}`,
    );
  }
  const along = (k: 0 | 1) =>
    Math.floor(
      (size[k] + 2 * padding[k] - dilation[k] * (kernel[k] - 1) - 1) /
        stride[k],
    ) + 1;
  const count: Pair = [along(0), along(1)];
  return { size, kernel, dilation, padding, stride, count };
}

/** Where a position of all windows lies: which windows, from which element on. */
function places(b: Blocks, k: 0 | 1, offset: number): [number, number, number] {
  const first = offset * b.dilation[k] - b.padding[k];
  const skip = first < 0 ? Math.ceil(-first / b.stride[k]) : 0;
  const start = first + skip * b.stride[k];
  const inside = Math.floor((b.size[k] - 1 - start) / b.stride[k]) + 1;
  return [skip, start, Math.max(0, Math.min(b.count[k] - skip, inside))];
}

/** Calls `visit` with the windows of a plane and the elements that are at one position of them, as views of both. */
function eachPosition(
  columns: Tensor,
  planes: Tensor,
  b: Blocks,
  visit: (column: Tensor, plane: Tensor) => void,
): void {
  const [rows, across] = b.count;
  const [kh, kw] = b.kernel;
  const grid = columns.view([
    ...planes.shape.slice(0, -2),
    kh,
    kw,
    rows,
    across,
  ]);
  const lead = planes.shape.length - 2;
  for (let i = 0; i < kh; i++) {
    const [skipY, y, ny] = places(b, 0, i);
    for (let j = 0; j < kw; j++) {
      const [skipX, x, nx] = places(b, 1, j);
      if (ny === 0 || nx === 0) continue;
      const column = grid.select(lead, i).select(lead, j)
        .narrow(lead, skipY, ny).narrow(lead + 1, skipX, nx);
      const [sy, sx] = b.stride;
      const plane = planes.narrow(lead, y, (ny - 1) * sy + 1)
        .narrow(lead + 1, x, (nx - 1) * sx + 1);
      const shape = [...plane.shape.slice(0, -2), ny, nx];
      const strides = [
        ...plane.strides.slice(0, -2),
        plane.strides.at(-2)! * sy,
        plane.strides.at(-1)! * sx,
      ];
      visit(column, plane.asStrided(shape, strides, plane.offset));
    }
  }
}

const UNFOLD: KernelOp<Blocks> = defineKernel<Blocks>({
  name: "im2col",
  node: "Im2ColBackward0",
  forward: ([x], b) => {
    const { device } = x!.storage;
    const shape = x!.shape.slice(0, -2);
    const channels = shape.pop()!;
    const [kh, kw] = b.kernel;
    shape.push(channels * kh * kw, b.count[0] * b.count[1]);
    const out = emptyTensor(device, x!.info, shape);
    if (out.count === 0) return out;
    if (b.padding[0] > 0 || b.padding[1] > 0) device.fill(out, 0);
    const [rows, across] = b.count;
    if (b.padding[0] === 0 && b.padding[1] === 0) {
      // All windows at once: a view that repeats elements.
      const view = [...x!.shape.slice(0, -2), kh, kw, rows, across];
      const [sy, sx] = [x!.strides.at(-2)!, x!.strides.at(-1)!];
      const strides = [
        ...x!.strides.slice(0, -2),
        sy * b.dilation[0],
        sx * b.dilation[1],
        sy * b.stride[0],
        sx * b.stride[1],
      ];
      device.copy(
        stridedLike(out, view, contiguousStrides(view), out.offset, true),
        stridedLike(x!, view, strides, x!.offset, false),
      );
      return out;
    }
    eachPosition(out, x!, b, (column, plane) => column.copy_(plane));
    return out;
  },
  vjps: [(g, _n, b) => run(FOLD, [g], b)],
});

const FOLD: KernelOp<Blocks> = defineKernel<Blocks>({
  name: "col2im",
  node: "Col2ImBackward0",
  forward: ([x], b) => {
    const { device } = x!.storage;
    const [kh, kw] = b.kernel;
    const lead = x!.shape.slice(0, -2);
    const channels = x!.shape.at(-2)! / (kh * kw);
    const shape = [...lead, channels, b.size[0], b.size[1]];
    const out = emptyTensor(device, x!.info, shape);
    device.fill(out, 0);
    if (x!.count === 0) return out;
    eachPosition(
      x!.contiguous(),
      out,
      b,
      (column, plane) => plane.add_(column),
    );
    return out;
  },
  vjps: [(g, _n, b) => run(UNFOLD, [g], b)],
});

const show = (values: Shape) => `(${values.join(", ")})`;

/**
 * Lays windows of the last two dimensions of `x`, of shape
 * `[batch, channels, height, width]` or without the batch, beside each other:
 * the result has shape `[batch, channels × window, number of windows]`. See
 * `torch.nn.functional.unfold`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(6).reshape([1, 2, 3]);
 * const columns = dg.nn.functional.unfold(x, 2);
 * assertEquals(columns.tolist(), [[0, 1], [1, 2], [3, 4], [4, 5]]);
 * ```
 */
export function unfold(
  x: Tensor,
  kernelSize: Size,
  options: FoldOptions = {},
): Tensor {
  checkOptions(options, KEYS, "unfold");
  const r = x.shape.length;
  if ((r !== 3 && r !== 4) || x.shape.slice(r - 3).includes(0)) {
    throw new RuntimeError(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${
        showShape(x.shape)
      }`,
    );
  }
  const size: Pair = [x.shape[r - 2]!, x.shape[r - 1]!];
  const b = blocksOf(size, kernelSize, options);
  if (b.count[0] < 1 || b.count[1] < 1) {
    throw new RuntimeError(
      `Given input with spatial size ${show(size)}, kernelSize=${
        show(b.kernel)
      }, dilation=${show(b.dilation)}, padding=${
        show(b.padding)
      }, calculated shape of the array of sliding blocks as ${
        show(b.count)
      }, but its components must be at least one.`,
    );
  }
  return run(UNFOLD, [x], b);
}

/**
 * Adds up windows that {@linkcode unfold} laid beside each other into planes of
 * `outputSize`. See `torch.nn.functional.fold`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const columns = dg.ones([4, 2]);
 * const x = dg.nn.functional.fold(columns, [2, 3], 2);
 * assertEquals(x.tolist(), [[[1, 2, 1], [1, 2, 1]]]);
 * ```
 */
export function fold(
  x: Tensor,
  outputSize: Size,
  kernelSize: Size,
  options: FoldOptions = {},
): Tensor {
  checkOptions(options, KEYS, "fold");
  const size = pair("outputSize", outputSize);
  const b = blocksOf(size, kernelSize, options);
  const r = x.shape.length;
  if ((r !== 2 && r !== 3) || x.shape.slice(r - 2).includes(0)) {
    throw new RuntimeError(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${
        showShape(x.shape)
      }`,
    );
  }
  const window = b.kernel[0] * b.kernel[1];
  const [rows, columns] = [x.shape[r - 2]!, x.shape[r - 1]!];
  if (rows % window !== 0) {
    throw new RuntimeError(
      `Expected size of input's dimension 1 to be divisible by the product of kernelSize, but got input.size(1)=${rows} and kernelSize=${
        show(b.kernel)
      }.`,
    );
  }
  const expected = b.count[0] * b.count[1];
  if (columns !== expected || b.count[0] < 1) {
    throw new RuntimeError(
      `Given outputSize=${show(size)}, kernelSize=${show(b.kernel)}, dilation=${
        show(b.dilation)
      }, padding=${show(b.padding)}, stride=${
        show(b.stride)
      }, expected size of input's dimension 2 to match the calculated number of sliding blocks ${
        b.count[0]
      } * ${b.count[1]} = ${expected}, but got input.size(2)=${columns}.`,
    );
  }
  return run(FOLD, [x], b);
}
