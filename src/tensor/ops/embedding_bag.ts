// Sums, means and maxima of rows of a table, a bag of rows each.

import {
  type CompositeContext,
  compositeContext,
  defineComposite,
} from "../composite_op.ts";
import { INT64 } from "../dtype.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { isIndexType } from "../index_range.ts";
import { run, unrecorded } from "../kernel_op.ts";
import { emptyTensor } from "../op.ts";
import { checkOptions, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** How {@linkcode embeddingBag} makes one row of those of a bag. */
export type BagMode = "sum" | "mean" | "max";

/** Options of {@linkcode embeddingBag}. */
export interface EmbeddingBagOptions {
  /** Where each bag begins, for a vector of indices. */
  readonly offsets?: Tensor | null;
  /** Rows of a larger norm are scaled down to it, in place, before they are read. */
  readonly maxNorm?: number | null;
  /** Order of that norm; 2 where not given. */
  readonly normType?: number;
  /** Whether the gradient of a row is divided by how often it was read. */
  readonly scaleGradByFreq?: boolean;
  /** How rows become one; `"mean"` where not given. */
  readonly mode?: BagMode;
  /** Factor of each row that is read, for `"sum"`. */
  readonly perSampleWeights?: Tensor | null;
  /** Whether the last offset is the end of the last bag. */
  readonly includeLastOffset?: boolean;
  /** The row that counts for nothing. */
  readonly paddingIdx?: number | null;
}

const KEYS = [
  "offsets",
  "maxNorm",
  "normType",
  "scaleGradByFreq",
  "mode",
  "perSampleWeights",
  "includeLastOffset",
  "paddingIdx",
];

interface BagContext extends CompositeContext {
  readonly mode: BagMode;
  readonly bags: number;
  /** Number of rows in each bag, at least 1; null for sums. */
  readonly counts: Tensor | null;
  /** Share of the gradient of each row that is read; null for all of it. */
  readonly shares: Tensor | null;
}

const BAG = defineComposite<BagContext>({
  name: "embeddingBag",
  node: "EmbeddingBagBackward0",
  differentiable: [true, false, false, true],
  compute: ([weight, indices, bag, factors], o) => {
    let rows = weight!.indexSelect(0, indices!);
    if (o.shares !== null) {
      const share = o.shares.unsqueeze(1);
      rows = rows.mul(share).add(rows.detach().mul(share.neg().add(1)));
    }
    if (factors !== undefined) rows = rows.mul(factors.unsqueeze(1));
    const out = weight!.newZeros([o.bags, weight!.shape[1]!]);
    if (o.mode === "max") {
      const index = bag!.unsqueeze(1).expand(rows.shape);
      return out.scatterReduce(0, index, rows, "amax", { includeSelf: false });
    }
    const sums = out.indexAdd(0, bag!, rows);
    return o.counts === null ? sums : sums.div(o.counts.unsqueeze(1));
  },
});

function integers(like: Tensor, values: readonly number[]): Tensor {
  const { device } = like.storage;
  const out = emptyTensor(device, INT64, [values.length]);
  device.write(out, values);
  return out;
}

function numbers(like: Tensor, values: readonly number[]): Tensor {
  const { device } = like.storage;
  const out = emptyTensor(device, like.info, [values.length]);
  device.write(out, values);
  return out;
}

/** Scales rows down whose norm is larger than `most`; not recorded. */
function bound(
  weight: Tensor,
  indices: readonly number[],
  most: number,
  order: number,
): void {
  const rows = [...new Set(indices)];
  if (rows.length === 0) return;
  unrecorded(() => {
    const index = integers(weight, rows);
    const values = weight.indexSelect(0, index);
    const norms = values.norm(1, { p: order, keepdim: true });
    const factors = norms.gt(most).mul(norms.add(1e-7).pow(-1).mul(most).sub(1))
      .add(1);
    weight.indexCopy_(0, index, values.mul(factors));
  });
}

/** Where the bags begin, and where the last one ends. */
function bounds(
  indices: Tensor,
  offsets: Tensor | null,
  includeLast: boolean,
): number[] {
  if (indices.shape.length === 2) {
    if (offsets !== null) {
      throw new ValueError(
        "if input is 2D, then offsets has to be null, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type Tensor",
      );
    }
    const [rows, width] = indices.shape as [number, number];
    return Array.from({ length: rows + 1 }, (_, k) => k * width);
  }
  if (indices.shape.length !== 1) {
    throw new ValueError(
      `input has to be 1D or 2D Tensor, but got Tensor of dimension ${indices.shape.length}`,
    );
  }
  if (offsets === null) {
    throw new ValueError("offsets has to be a 1D Tensor but got null");
  }
  if (offsets.shape.length !== 1) {
    throw new ValueError("offsets has to be a 1D Tensor");
  }
  const out = Array.from(offsets.typedArray(), Number);
  const size = indices.count;
  if (out.length > 0 && out[0] !== 0) {
    throw new RuntimeError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${
        out[0]
      }`,
    );
  }
  const last = out.at(-1) ?? 0;
  if (last > size) {
    throw new RuntimeError(
      `offsets[-1] can not be greater than input's length ${size} but got offsets[-1] of ${last}`,
    );
  }
  if (!includeLast) out.push(size);
  return out;
}

function checkFactors(indices: Tensor, factors: Tensor, mode: BagMode): void {
  if (mode !== "sum") {
    throw new RuntimeError(
      `embeddingBag: perSampleWeights was not null. perSampleWeights is only supported for mode='sum' (got mode='${mode}').`,
    );
  }
  if (sameShape(indices.shape, factors.shape)) return;
  throw new ValueError(
    `embeddingBag: If perSampleWeights (${
      showShape(factors.shape)
    }) is not null, then it must have the same shape as the input (${
      showShape(indices.shape)
    })`,
  );
}

/**
 * Looks up rows of `weight`, `[rows, width]`, and sums them, or takes their mean
 * or maximum, bag by bag: each row of a matrix of indices is a bag, and in a
 * vector `offsets` say where bags begin. An empty bag gives zeros. See
 * `torch.nn.functional.embedding_bag`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const weight = dg.tensor([[1, 2], [3, 4], [5, 6]]);
 * const x = dg.tensor([[0, 1], [2, 2]], { dtype: "int64" });
 * const rows = dg.nn.functional.embeddingBag(x, weight);
 * assertEquals(rows.tolist(), [[2, 3], [5, 6]]);
 * ```
 */
export function embeddingBag(
  x: Tensor,
  weight: Tensor,
  options: EmbeddingBagOptions = {},
): Tensor {
  checkOptions(options, KEYS, "embeddingBag");
  if (weight.info.category === 3) {
    throw new RuntimeError(
      `Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got ${weight.info.scalarName} instead`,
    );
  }
  const { mode = "mean", normType = 2, scaleGradByFreq = false } = options;
  const factors = options.perSampleWeights ?? null;
  if (!isIndexType(x)) {
    throw new RuntimeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${x.info.scalarName} instead`,
      "convert it with long()",
    );
  }
  if (factors !== null) checkFactors(x, factors, mode);
  const starts = bounds(
    x,
    options.offsets ?? null,
    options.includeLastOffset ?? false,
  );
  if (mode !== "sum" && mode !== "mean" && mode !== "max") {
    throw new ValueError("mode has to be one of sum, mean or max");
  }
  const rows = weight.shape[0]!;
  const indices = Array.from(x.typedArray(), Number);
  indices.forEach((value, k) => {
    if (value >= 0 && value < rows) return;
    throw new RuntimeError(
      `Index ${k} of input takes value ${value} which is not in the valid range [0, ${rows})`,
    );
  });
  const { maxNorm } = options;
  if (maxNorm != null) bound(weight, indices, maxNorm, normType);
  return lookUp(weight, indices, starts, factors, {
    mode,
    padding: paddingOf(options.paddingIdx ?? null, rows),
    scaleGradByFreq,
  });
}

function paddingOf(index: number | null, rows: number): number {
  return index === null ? -1 : index < 0 ? index + rows : index;
}

function lookUp(
  weight: Tensor,
  indices: readonly number[],
  starts: readonly number[],
  factors: Tensor | null,
  o: {
    readonly mode: BagMode;
    readonly padding: number;
    readonly scaleGradByFreq: boolean;
  },
): Tensor {
  const bags = starts.length - 1;
  const bag: number[] = [];
  const kept: number[] = [];
  const counts = new Array<number>(Math.max(bags, 0)).fill(0);
  for (let b = 0; b < bags; b++) {
    for (let k = starts[b]!; k < starts[b + 1]!; k++) {
      if (indices[k] === o.padding) continue;
      kept.push(k);
      bag.push(b);
      counts[b]!++;
    }
  }
  const chosen = kept.map((k) => indices[k]!);
  const frequency = new Map<number, number>();
  for (const i of chosen) frequency.set(i, (frequency.get(i) ?? 0) + 1);
  const context: BagContext = {
    ...compositeContext(),
    mode: o.mode,
    bags,
    counts: o.mode === "mean"
      ? numbers(weight, counts.map((n) => Math.max(n, 1)))
      : null,
    shares: o.scaleGradByFreq
      ? numbers(weight, chosen.map((i) => 1 / frequency.get(i)!))
      : null,
  };
  const inputs = [weight, integers(weight, chosen), integers(weight, bag)];
  if (factors !== null) {
    const all = factors.reshape(-1);
    const whole = kept.length === indices.length;
    inputs.push(whole ? all : all.indexSelect(0, integers(weight, kept)));
  }
  return run(BAG, inputs, context);
}
