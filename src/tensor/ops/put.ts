// Writing single elements of the flat tensor: the transpose of take.

import { IN1 } from "../../grad/node.ts";
import { IndexError, RuntimeError } from "../errors.ts";
import { plainIndex, takeFailure } from "../index_range.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { indexHint, isLong, toDense } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const PUT = defineKernel<boolean>({
  name: "put",
  forward: ([x, index, source], accumulate) => {
    const out = x!.clone();
    const where = plainIndex(index!, x!.count, true, takeFailure).reshape(-1);
    const values = toDense(source!).reshape(-1);
    const mode = accumulate ? "sum" : "set";
    x!.storage.device.scatter(out.reshape(-1), 0, where, values, mode);
    return out;
  },
  vjps: [
    (g, n, accumulate) => {
      if (accumulate) return g;
      const index = n.input(1);
      return g.put(index, g.newZeros(index.shape));
    },
    null,
    (g, n) => g.take(n.input(1)).reshape(n.inputShape(2)),
  ],
  saves: [IN1, 0, IN1],
});

/** Options of {@linkcode put}. */
export interface PutOptions {
  /** Adds to what is there; equal positions add up. */
  readonly accumulate?: boolean;
}

/**
 * Writes the elements of `source` at positions of the flat tensor; negative
 * positions count from the end. See `torch.Tensor.put`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const index = dg.tensor([0, -1], { dtype: "int64" });
 * const y = dg.put(dg.zeros([2, 2]), index, dg.tensor([5, 6]));
 * assertEquals(y.tolist(), [[5, 0], [0, 6]]);
 * ```
 */
export function put(
  x: Tensor,
  index: Tensor,
  source: Tensor,
  options: PutOptions = {},
): Tensor {
  checkOptions(options, ["accumulate"], "put");
  if (!isLong(index)) {
    throw new RuntimeError(
      `put_(): Expected a long tensor for index, but got ${index.info.scalarName}`,
      indexHint(index),
    );
  }
  if (x.info !== source.info) {
    throw new RuntimeError(
      `put_(): self and source expected to have the same dtype, but got self.dtype = ${x.info.scalarName} and source.dtype = ${source.info.scalarName}`,
      `convert the source with to("${x.dtype}")`,
    );
  }
  if (source.count !== index.count) {
    throw new IndexError(
      `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.count}, index.numel() = ${index.count}`,
    );
  }
  if (x.count === 0 && index.count > 0) {
    throw new IndexError("put_(): Tried to put elements into an empty tensor");
  }
  return run(PUT, [x, index, source], options.accumulate ?? false);
}

/** Writes elements in place; see {@linkcode put}. */
export function put_(
  x: Tensor,
  index: Tensor,
  source: Tensor,
  options?: PutOptions,
): Tensor {
  return inplace(x, [source], (x) => put(x, index, source, options));
}
