// Repeating a tensor as a whole or element by element; copies.

import { checkInteger, checkIntegers } from "../arguments.ts";
import { type DTypeInfo, INT32, INT64 } from "../dtype.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { emptyTensor, stridedLike } from "../op.ts";
import {
  checkOptions,
  contiguousStrides,
  normalizeDim,
  type Size,
  toShape,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const REPEAT = defineKernel<readonly number[]>({
  name: "repeat",
  forward: ([x], repeats) => {
    const pad = repeats.length - x!.shape.length;
    const { device } = x!.storage;
    const pairs: number[] = [];
    const strides: number[] = [];
    const shape = toShape(repeats.map((times, d) => {
      const n = d < pad ? 1 : x!.shape[d - pad]!;
      pairs.push(times, n);
      strides.push(0, d < pad ? 0 : x!.strides[d - pad]!);
      return times * n;
    }));
    const out = emptyTensor(device, x!.info, shape);
    if (out.count === 0) return out;
    // Seen in pairs (repetition, element), one copy does it.
    device.copy(
      stridedLike(out, pairs, contiguousStrides(pairs), 0, true),
      stridedLike(x!, pairs, strides, x!.offset, false),
    );
    return out;
  },
  vjps: [(g, n, repeats) => {
    const shape = n.inputShape(0);
    const pad = repeats.length - shape.length;
    if (repeats.includes(0)) return g.newZeros(shape);
    const pairs = repeats.flatMap((times, d) => [
      times,
      d < pad ? 1 : shape[d - pad]!,
    ]);
    const dims = repeats.map((_, d) => 2 * d);
    if (dims.length === 0) return g;
    return g.reshape(pairs).sum(dims).sumToSize(shape);
  }],
});

/**
 * Repeats the whole tensor along each dimension; more numbers than dimensions
 * add dimensions in front. See `Tensor.repeat`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1, 2]).repeat(2).tolist(), [1, 2, 1, 2]);
 * assertEquals(dg.tensor([1, 2]).repeat([2, 1]).tolist(), [[1, 2], [1, 2]]);
 * ```
 */
export function repeat(x: Tensor, repeats: Size): Tensor {
  checkIntegers(repeats, "repeat", "repeats");
  const times = typeof repeats === "number" ? [repeats] : repeats.slice();
  if (times.length < x.shape.length) {
    throw new RuntimeError(
      "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
      "tile() takes fewer numbers than dimensions",
    );
  }
  return run(REPEAT, [x], times);
}

/**
 * Repeats the whole tensor along its last dimensions, NumPy's way. See `torch.tile`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2]]).tile(2).tolist(), [[1, 2, 1, 2]]);
 * ```
 */
export function tile(x: Tensor, dims: Size): Tensor {
  checkIntegers(dims, "tile", "dims");
  const times = typeof dims === "number" ? [dims] : dims.slice();
  while (times.length < x.shape.length) times.unshift(1);
  return repeat(x, times);
}

/** Options of {@linkcode repeatInterleave}. */
export interface RepeatInterleaveOptions {
  /** Length of the result along the dimension, which is checked. */
  readonly outputSize?: number;
}

/**
 * Repeats each element where it stands, as often as a number or a tensor of
 * integers (int64 or int32) says; without `dim`, of the flattened tensor. See
 * `torch.repeat_interleave`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * assertEquals(x.repeatInterleave(2).tolist(), [1, 1, 2, 2]);
 * const times = dg.tensor([1, 2], { dtype: "int64" });
 * assertEquals(x.repeatInterleave(times, 0).tolist(), [1, 2, 2]);
 * assertEquals(dg.repeatInterleave(times).tolist(), [0, 1, 1]);
 * ```
 */
export function repeatInterleave(
  x: Tensor,
  repeats: number | Tensor,
  dim?: number | null,
  options?: RepeatInterleaveOptions,
): Tensor;
/** The position of each element as often as the element says. */
export function repeatInterleave(repeats: Tensor): Tensor;
export function repeatInterleave(
  x: Tensor,
  repeats?: number | Tensor,
  dim?: number | null,
  options: RepeatInterleaveOptions = {},
): Tensor {
  checkOptions(options, ["outputSize"], "repeatInterleave");
  const { outputSize } = options;
  if (repeats === undefined) {
    if (x.shape.length !== 1) {
      throw new RuntimeError(
        "repeat_interleave only accept 1D vector as repeat",
      );
    }
    return indexOf(x, x.info, repeatedPositions(x, x.count));
  }
  if (typeof repeats !== "number") {
    checkTensor(repeats, "repeatInterleave", "repeats");
  }
  if (dim != null && x.shape.length === 0 && typeof repeats === "object") {
    throw new IndexError(
      `Dimension specified as ${dim} but tensor has no dimensions`,
    );
  }
  if (dim != null && x.shape.length === 0) {
    // PyTorch makes room for the repeats in a dimension that is not there.
    throw new IndexError(
      `Dimension out of range (expected to be in range of [-1, 0], but got ${
        dim < -1 ? dim : Math.max(dim, 1)
      })`,
    );
  }
  const flat = dim == null;
  const source = flat ? x.flatten() : x;
  const at = flat ? 0 : normalizeDim(dim, x.shape.length);
  if (typeof repeats === "number") {
    return repeatEach(source, repeats, at, outputSize);
  }
  const positions = repeatedPositions(repeats, source.shape[at]!);
  if (outputSize !== undefined && outputSize !== positions.length) {
    throw new RuntimeError("allocated size does not match required size");
  }
  return source.indexSelect(at, indexOf(source, INT64, positions));
}

/** Positions as a tensor beside another. */
function indexOf(
  like: Tensor,
  info: DTypeInfo,
  positions: readonly number[],
): Tensor {
  const { device } = like.storage;
  const out = emptyTensor(device, info, [positions.length]);
  device.write(out, positions);
  return out;
}

function repeatEach(
  x: Tensor,
  times: number,
  dim: number,
  outputSize: number | undefined,
): Tensor {
  checkInteger(times, "repeatInterleave", "repeats");
  if (times < 0) throw new RuntimeError("Repeats must be non-negative");
  const length = x.shape[dim]! * times;
  if (outputSize !== undefined && outputSize !== length) {
    throw new RuntimeError(
      `repeatInterleave: Invalid outputSize, expected ${length} but got ${outputSize}`,
    );
  }
  return x.unsqueeze(dim + 1)
    .expand(x.shape.toSpliced(dim + 1, 0, times))
    .clone()
    .view(x.shape.with(dim, length));
}

/** Position in the source of each position of the result. */
function repeatedPositions(repeats: Tensor, length: number): number[] {
  if (repeats.shape.length > 1) {
    throw new RuntimeError("repeats must be 0-dim or 1-dim tensor");
  }
  if (repeats.info !== INT64 && repeats.info !== INT32) {
    throw new RuntimeError(
      `"repeat_interleave_cpu" not implemented for '${repeats.info.scalarName}'`,
      "convert the repeats with long()",
    );
  }
  if (repeats.count !== 1 && repeats.count !== length) {
    throw new RuntimeError(
      `repeats must have the same size as input along dim, but got repeats.size(0) = ${repeats.count} and input.size(0) = ${length}`,
    );
  }
  const times: number[] = repeats.expand([length]).tolist();
  if (times.some((n) => n < 0)) {
    throw new RuntimeError("repeats can not be negative");
  }
  return times.flatMap((n, k) => new Array<number>(n).fill(k));
}
