// Reversing, rolling and rotating: the same elements in another order, copied.

import { checkInteger, checkIntegers } from "../arguments.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { emptyTensor, stridedLike } from "../op.ts";
import { type Dims, normalizeDim, normalizeDims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const FLIP = defineKernel<readonly number[]>({
  name: "flip",
  forward: ([x], dims) => {
    const { shape, storage: { device } } = x!;
    const out = emptyTensor(device, x!.info, shape);
    if (out.count === 0) return out;
    // Negative strides read backwards.
    const strides = x!.strides.slice();
    let { offset } = x!;
    for (const dim of dims) {
      offset += (shape[dim]! - 1) * strides[dim]!;
      strides[dim] = -strides[dim]!;
    }
    device.copy(out, stridedLike(x!, shape, strides, offset, false));
    return out;
  },
  vjps: [(g, _n, dims) => g.flip(dims)],
});

/**
 * Reverses the order of elements along dimensions; a copy. See `torch.flip`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).flip([0]).tolist(), [[3, 4], [1, 2]]);
 * ```
 */
export function flip(x: Tensor, dims: Dims): Tensor {
  const rank = x.shape.length;
  return run(FLIP, [x], normalizeDims(dims, rank).filter((d) => d < rank));
}

/**
 * Reverses the order of columns; a copy. See `torch.fliplr`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).fliplr().tolist(), [[2, 1], [4, 3]]);
 * ```
 */
export function fliplr(x: Tensor): Tensor {
  if (x.shape.length < 2) throw new RuntimeError("Input must be >= 2-d.");
  return flip(x, 1);
}

/**
 * Reverses the order of rows; a copy. See `torch.flipud`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).flipud().tolist(), [[3, 4], [1, 2]]);
 * ```
 */
export function flipud(x: Tensor): Tensor {
  if (x.shape.length < 1) throw new RuntimeError("Input must be >= 1-d.");
  return flip(x, 0);
}

/** What the rule of {@linkcode roll} knows; without dims the tensor is rolled as if it were flat. */
interface RollOptions {
  readonly shifts: readonly number[];
  readonly dims: readonly number[];
}

const ROLL = defineKernel<RollOptions>({
  name: "roll",
  forward: ([x], { shifts, dims }) => {
    if (dims.length === 0) {
      return rollOne(x!.reshape(-1), shifts[0]!, 0).view(x!.shape);
    }
    return dims.reduce((y, dim, k) => rollOne(y, shifts[k]!, dim), x!);
  },
  vjps: [(g, _n, { shifts, dims }) =>
    g.roll(
      shifts.map((shift) => -shift),
      dims.length === 0 ? undefined : dims,
    )],
});

/** Rolls along one dimension: two copies of neighbouring parts. */
function rollOne(x: Tensor, shift: number, dim: number): Tensor {
  const { shape, storage: { device } } = x;
  const out = emptyTensor(device, x.info, shape);
  const n = shape[dim] ?? 1;
  if (out.count === 0) return out;
  const split = ((shift % n) + n) % n;
  if (split === 0) {
    device.copy(out, x);
    return out;
  }
  device.copy(out.narrow(dim, 0, split), x.narrow(dim, n - split, split));
  device.copy(out.narrow(dim, split, n - split), x.narrow(dim, 0, n - split));
  return out;
}

/**
 * Moves elements along dimensions; what falls off one end comes in at the other.
 * Without dims the tensor is rolled as if it were flat. See `torch.roll`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(4).roll(1).tolist(), [3, 0, 1, 2]);
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).roll(1, 0).tolist(), [[3, 4], [1, 2]]);
 * ```
 */
export function roll(x: Tensor, shifts: Dims, dims: Dims = []): Tensor {
  checkIntegers(shifts, "roll", "shifts");
  const amounts = typeof shifts === "number" ? [shifts] : shifts;
  const along = typeof dims === "number" ? [dims] : dims;
  const rank = x.shape.length;
  if (amounts.length === 0) throw new RuntimeError("`shifts` required");
  const flat = along.length === 0 && amounts.length === 1;
  if (!flat && along.length !== amounts.length) {
    throw new RuntimeError(
      `shifts and dimensions must align. shifts: ${amounts.length}, dims:${along.length}`,
    );
  }
  if (rank === 0 && along.length > 0) {
    throw new IndexError(
      `Dimension specified as ${along[0]} but tensor has no dimensions`,
    );
  }
  const dims0 = along.map((dim) => normalizeDim(dim, rank));
  return run(ROLL, [x], { shifts: amounts, dims: dims0 });
}

const ROT90 = defineKernel<{ readonly k: number; readonly dims: Rotation }>({
  name: "rot90",
  forward: ([x], { k, dims: [a, b] }) => {
    if (k === 0) return x!.clone();
    if (k === 2) return x!.flip([a, b]);
    return x!.flip([k === 1 ? b : a]).transpose(a, b).clone();
  },
  vjps: [(g, _n, { k, dims }) => g.rot90(-k, dims)],
});

/** The plane of a rotation. */
type Rotation = readonly [number, number];

const FIRST_PLANE: Rotation = [0, 1];

/**
 * Rotates by `k` quarter turns in the plane of two dimensions, from the first
 * towards the second; a copy. See `torch.rot90`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).rot90().tolist(), [[2, 4], [1, 3]]);
 * ```
 */
export function rot90(
  x: Tensor,
  k = 1,
  dims: readonly number[] = FIRST_PLANE,
): Tensor {
  const rank = x.shape.length;
  checkInteger(k, "rot90", "k");
  if (dims.length !== 2) {
    throw new RuntimeError(
      `expected total rotation dims == 2, but got dims = ${dims.length}`,
    );
  }
  if (rank < 2) {
    throw new RuntimeError(
      `expected total dims >= 2, but got total dims = ${rank}`,
    );
  }
  const [first, second] = dims as Rotation;
  const a = normalizeDim(first, rank);
  const b = normalizeDim(second, rank);
  if (a === b) {
    throw new RuntimeError(
      `expected rotation dims to be different, but got dim0 = ${first} and dim1 = ${second}`,
    );
  }
  return run(ROT90, [x], { k: ((k % 4) + 4) % 4, dims: [a, b] });
}
