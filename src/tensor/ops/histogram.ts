// Counting elements: by value, and by range.

import { checkInteger } from "../arguments.ts";
import { type Device, hostDevice } from "../device.ts";
import { type DTypeInfo, FLOAT32, FLOAT64, INT64 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { plainIndex } from "../index_range.ts";
import { defineKernel, run, unrecorded } from "../kernel_op.ts";
import { castTo, emptyTensor, toLong } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode bincount}. */
export interface BincountOptions {
  /** Counts each element by its weight instead of one. */
  readonly weights?: Tensor;
  /** The least length of the result. */
  readonly minlength?: number;
}

const BINCOUNT = defineKernel<{ readonly minlength: number }>({
  name: "bincount",
  node: "NotImplemented",
  forward: ([x, weights], { minlength }) => {
    const { device } = x!.storage;
    const most = x!.count === 0 ? -1 : x!.max().item<number>();
    const length = Math.max(most + 1, minlength);
    // PyTorch forgets the weights of nothing.
    const info = weights === undefined || x!.count === 0
      ? INT64
      : weightInfo(weights.info, device);
    const out = emptyTensor(device, info, [length]);
    device.fill(out, 0);
    if (x!.count === 0) return out;
    const where = plainIndex(x!, length, false, notCounted);
    const one = weights === undefined
      ? castTo(where.newOnes([]), INT64).expand(where.shape)
      : castTo(weights, info);
    device.scatter(out, 0, where, one, "sum");
    return out;
  },
  vjps: [null, null],
});

/** float64 but for float32, where the device has it: it is known by int64. */
function weightInfo(info: DTypeInfo, device: Device): DTypeInfo {
  return info === FLOAT32 || device.indexInfo !== INT64 ? FLOAT32 : FLOAT64;
}

function notCounted(): Error {
  return new RuntimeError(
    "bincount only supports 1-d non-negative integral inputs.",
    "the input must be a vector of integers, none of them negative",
  );
}

/**
 * Counts how often each non-negative integer occurs in a vector, or sums their
 * weights. See `torch.bincount`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([0, 1, 1, 3], { dtype: "int64" });
 * assertEquals(dg.bincount(x).tolist(), [1, 2, 0, 1]);
 * ```
 */
export function bincount(x: Tensor, options: BincountOptions = {}): Tensor {
  checkOptions(options, ["weights", "minlength"], "bincount");
  const { weights, minlength = 0 } = options;
  if (x.info.category !== 1) {
    throw new RuntimeError(
      `"bincount_cpu" not implemented for '${x.info.scalarName}'`,
      "convert the input with long()",
    );
  }
  checkInteger(minlength, "bincount", "minlength");
  if (minlength < 0) throw new RuntimeError("minlength should be >= 0");
  if (x.shape.length !== 1) throw notCounted();
  if (
    weights !== undefined &&
    (weights.shape.length !== 1 || weights.count !== x.count)
  ) {
    throw new RuntimeError(
      "weights should be 1-d and have the same length as input",
    );
  }
  const inputs = weights === undefined ? [x] : [x, weights];
  return run(BINCOUNT, inputs, { minlength });
}

/** Options of {@linkcode histc}. */
export interface HistcOptions {
  /** Number of ranges; 100 where not given. */
  readonly bins?: number;
  /** Lower end; the smallest element where `min` and `max` are equal. */
  readonly min?: number;
  /** Upper end, which the last range includes. */
  readonly max?: number;
}

/** The ends of a histogram. */
function ends(x: Tensor, min: number, max: number): [number, number] {
  let [low, high] = [min, max];
  if (min === max && x.count > 0) {
    low = x.min().item<number>();
    high = x.max().item<number>();
  }
  if (low === high) {
    low -= 1;
    high += 1;
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new RuntimeError(
      `torch.histc: range of [${spell(low)}, ${spell(high)}] is not finite`,
    );
  }
  return [low, high];
}

function spell(end: number): string {
  return Number.isFinite(end)
    ? String(end)
    : `${end < 0 ? "-" : ""}${Number.isNaN(end) ? "nan" : "inf"}`;
}

// An op, so that vmap finds the ends of each sample alone.
const HISTC = defineKernel<Required<HistcOptions>>({
  name: "histc",
  forward: ([x], { bins, min, max }) => {
    const flat = x!.reshape(-1);
    const [low, high] = ends(flat, min, max);
    const inside = flat.ge(low).logicalAnd(flat.le(high));
    const place = flat.sub(low).mul(bins).div(high - low).where(inside, 0);
    // The upper end itself falls into the last range.
    const where = toLong(place).clamp({ max: bins - 1 });
    const { device } = flat.storage;
    // Integers may be added in any order, which a GPU does at once.
    const dtype = device === hostDevice() ? flat.dtype : device.indexInfo.name;
    const counts = flat.newZeros([bins], { dtype });
    return counts.scatterAdd(0, where, inside.to(dtype)).to(flat.dtype);
  },
});

/**
 * Counts the elements in `bins` ranges of equal width between `min` and `max`;
 * elements outside count nowhere. See `torch.histc`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 1, 4]);
 * assertEquals(dg.histc(x, { bins: 4, min: 0, max: 4 }).tolist(), [0, 2, 1, 1]);
 * ```
 */
export function histc(x: Tensor, options: HistcOptions = {}): Tensor {
  checkOptions(options, ["bins", "min", "max"], "histc");
  const { bins = 100, min = 0, max = 0 } = options;
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `"histogram_cpu" not implemented for '${x.info.scalarName}'`,
      "convert the input to a floating-point type",
    );
  }
  checkInteger(bins, "histc", "bins");
  if (bins <= 0) {
    throw new RuntimeError(
      `torch.histogram(): bins must be > 0, but got ${bins} for dimension 0`,
    );
  }
  if (max < min) {
    throw new RuntimeError("torch.histc: max must be larger than min");
  }
  return unrecorded(() => run(HISTC, [x.detach()], { bins, min, max }));
}
