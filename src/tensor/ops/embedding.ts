// Looking up rows of a table.

import { IN1 } from "../../grad/node.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { isIndexType } from "../index_range.ts";
import { defineKernel, type KernelOp, run, unrecorded } from "../kernel_op.ts";
import { indexHint } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** What the rules of the look-up know. */
interface TableOptions {
  /** Number of rows of the table. */
  readonly rows: number;
  /** The row that gets no gradient, or -1. */
  readonly paddingIdx: number;
}

const EMBEDDING: KernelOp<TableOptions> = defineKernel<TableOptions>({
  name: "embedding",
  forward: ([weight, indices]) =>
    weight!.indexSelect(0, indices!.reshape(-1))
      .reshape([...indices!.shape, weight!.shape[1]!]),
  vjps: [
    (g, n, o) => run(EMBEDDING_BACKWARD, [g, n.input(1)], o),
    null,
  ],
  saves: [IN1],
});

const EMBEDDING_BACKWARD: KernelOp<TableOptions> = defineKernel<TableOptions>({
  name: "embeddingBackward",
  node: "EmbeddingDenseBackwardBackward0",
  forward: ([g, indices], { rows, paddingIdx }) => {
    const width = g!.shape.at(-1)!;
    const out = g!.newZeros([rows, width]).indexAdd_(
      0,
      indices!.reshape(-1),
      g!.reshape([indices!.count, width]),
    );
    if (paddingIdx >= 0) out.select(0, paddingIdx).zero_();
    return out;
  },
  vjps: [
    (g, n, o) => {
      const { paddingIdx } = o;
      const seen = paddingIdx < 0 ? g : g.mul(
        g.newOnes([o.rows, 1]).indexFill_(
          0,
          n.input(1).newFull([1], paddingIdx, {
            dtype: g.storage.device.indexInfo.name,
          }),
          0,
        ),
      );
      return run(EMBEDDING, [seen, n.input(1)], o);
    },
    null,
  ],
  saves: [IN1],
});

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** The row that gets no gradient; counts from the end if negative. */
  readonly paddingIdx?: number | null;
  /** Largest norm of a row: longer ones that are looked up are shortened, in the table itself. */
  readonly maxNorm?: number | null;
  /** Order of that norm; 2 where not given. */
  readonly normType?: number;
  /** Whether a row's gradient is divided by how often it was looked up. */
  readonly scaleGradByFreq?: boolean;
}

const KEYS = ["paddingIdx", "maxNorm", "normType", "scaleGradByFreq"];

/**
 * Looks up rows of `weight`, of shape `[rows, width]`, by the integers in `x`
 * (int64 or int32); the result has one dimension more than `x`. Throws an
 * IndexError where there is no such row. See `torch.nn.functional.embedding`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const weight = dg.tensor([[1, 2], [3, 4], [5, 6]]);
 * const x = dg.tensor([2, 0], { dtype: "int64" });
 * const rows = dg.nn.functional.embedding(x, weight);
 * assertEquals(rows.tolist(), [[5, 6], [1, 2]]);
 * ```
 */
export function embedding(
  x: Tensor,
  weight: Tensor,
  options: EmbeddingOptions = {},
): Tensor {
  checkOptions(options, KEYS, "embedding");
  if (weight.shape.length !== 2) {
    throw new RuntimeError("'weight' must be 2-D");
  }
  const rows = weight.shape[0]!;
  let paddingIdx = options.paddingIdx ?? -1;
  if (options.paddingIdx != null) {
    if (paddingIdx < 0) paddingIdx += rows;
    if (!(paddingIdx >= 0 && paddingIdx < rows)) {
      throw new ValueError("Padding_idx must be within num_embeddings");
    }
  }
  if (!isIndexType(x)) {
    throw new RuntimeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${x.info.scalarName} instead (while checking arguments for embedding)`,
      indexHint(x),
    );
  }
  const { maxNorm = null, normType = 2, scaleGradByFreq = false } = options;
  if (maxNorm !== null) shorten(weight, x, maxNorm, normType);
  const y = run(EMBEDDING, [weight, x], { rows, paddingIdx });
  return scaleGradByFreq ? withSharedGradient(y, x) : y;
}

/** Shortens the rows that are looked up to a norm, in place. */
export function shorten(
  weight: Tensor,
  x: Tensor,
  maxNorm: number,
  p: number,
): void {
  unrecorded(() => {
    const seen = x.unique();
    const rows = weight.indexSelect(0, seen);
    const norms = rows.norm(1, { p, keepdim: true });
    const factors = norms.add(1e-7).reciprocal().mul(maxNorm);
    const fitted = rows.mul(
      factors.where(norms.gt(maxNorm), norms.newOnes([])),
    );
    weight.indexCopy_(0, seen, fitted);
  });
}

/** The same values; the gradient is divided by how often the row occurs in `x`. */
function withSharedGradient(y: Tensor, x: Tensor): Tensor {
  const shares = unrecorded(() =>
    x.reshape(-1).bincount().indexSelect(0, x.reshape(-1)).to(y.dtype)
      .reciprocal()
      .reshape([...x.shape, 1])
  );
  const values = y.detach();
  return values.add(y.sub(values).mul(shares));
}
