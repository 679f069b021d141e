// Views that see a part of a dimension: ranges, single positions, windows.

import { checkInteger } from "../arguments.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { defineMove, move } from "../move_op.ts";
import { selectDim, sliceDim } from "../part_op.ts";
import { normalizeDim, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Sees `length` positions of a dimension from `start` on, as a view. See `torch.narrow`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(5).narrow(0, 1, 3).tolist(), [1, 2, 3]);
 * ```
 */
export function narrow(
  x: Tensor,
  dim: number,
  start: number,
  length: number,
): Tensor {
  if (x.shape.length === 0) {
    throw new RuntimeError("narrow() cannot be applied to a 0-dim tensor.");
  }
  checkInteger(start, "narrow", "start");
  checkInteger(length, "narrow", "length");
  if (length < 0) {
    throw new RuntimeError("narrow(): length must be non-negative.");
  }
  const at = normalizeDim(dim, x.shape.length);
  const have = x.shape[at]!;
  if (start < -have || start > have) {
    throw new IndexError(
      `start out of range (expected to be in range of [${-have}, ${have}], but got ${start})`,
    );
  }
  const from = start < 0 ? start + have : start;
  if (from + length > have) {
    throw new RuntimeError(
      `start (${from}) + length (${length}) exceeds dimension size (${have}).`,
    );
  }
  return sliceDim(x, at, from, length);
}

/**
 * Sees one position of a dimension, which is dropped, as a view. See `torch.select`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).select(1, -1).tolist(), [2, 4]);
 * ```
 */
export function select(x: Tensor, dim: number, index: number): Tensor {
  if (x.shape.length === 0) {
    throw new IndexError("select() cannot be applied to a 0-dim tensor.");
  }
  checkInteger(index, "select", "index");
  const at = normalizeDim(dim, x.shape.length);
  const have = x.shape[at]!;
  if (index < -have || index >= have) {
    throw new IndexError(
      `select(): index ${index} out of range for tensor of size ${
        showShape(x.shape)
      } at dimension ${at}`,
    );
  }
  return selectDim(x, at, index < 0 ? index + have : index);
}

/** The windows of a dimension: `size` neighbours each, `step` apart. */
interface Windows {
  readonly dim: number;
  readonly size: number;
  readonly step: number;
}

const UNFOLD = defineMove<Windows>({
  name: "unfold",
  vjp: (g, n, windows) =>
    run(UNFOLD_BACKWARD, [g], { ...windows, shape: n.inputShape(0) }),
});

/** Adds windows up where they overlap. */
const UNFOLD_BACKWARD = defineKernel<Windows & { readonly shape: Shape }>({
  name: "unfoldBackward",
  node: "UnfoldBackwardBackward0",
  forward: ([g], { dim, size, step, shape }) => {
    const out = g!.newZeros(shape);
    if (shape.length === 0) {
      return g!.count === 0 ? out : out.copy_(g!.reshape(shape));
    }
    // Elements at the same place of all windows never overlap.
    const count = g!.shape[dim]!;
    for (let k = 0; k < size; k++) {
      sliceDim(out, dim, k, count, step).add_(selectDim(g!, g!.ndim - 1, k));
    }
    return out;
  },
  vjps: [(g, _n, { dim, size, step }) => g.unfold(dim, size, step)],
});

/** Adds windows up where they overlap, in a tensor of a shape. */
export function addWindows(x: Tensor, shape: Shape, windows: Windows): Tensor {
  return run(UNFOLD_BACKWARD, [x], { ...windows, shape });
}

/**
 * Sees all windows of `size` neighbours along a dimension, `step` apart, in a
 * new last dimension, as a view. See `Tensor.unfold`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(4).unfold(0, 2, 1).tolist(), [[0, 1], [1, 2], [2, 3]]);
 * ```
 */
export function unfold(
  x: Tensor,
  dim: number,
  size: number,
  step: number,
): Tensor {
  const at = normalizeDim(dim, x.shape.length);
  const have = x.shape[at] ?? 1;
  checkInteger(size, "unfold", "size");
  checkInteger(step, "unfold", "step");
  if (size < 0) throw new RuntimeError(`size is ${size} but must be >= 0`);
  if (size > have) {
    throw new RuntimeError(
      `maximum size for tensor at dimension ${at} is ${have} but size is ${size}`,
    );
  }
  if (step <= 0) {
    throw new RuntimeError(`step is ${step} but must be > 0`);
  }
  const shape = [...x.shape, size];
  const stride = x.strides[at] ?? 1;
  const strides = [...x.strides, stride];
  if (x.shape.length > 0) {
    shape[at] = Math.floor((have - size) / step) + 1;
    strides[at]! *= step;
  }
  return move(UNFOLD, x, shape, strides, x.offset, { dim: at, size, step });
}
