// The data set that most scripts use: rows of tensors.

import { checkArray, shown } from "../tensor/arguments.ts";
import { ValueError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { tensor } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dataset } from "./dataset.ts";

/** A row of each tensor. */
export type TensorSample<T extends readonly Tensor[]> = {
  -readonly [K in keyof T]: Tensor;
};

/**
 * The rows of tensors of equal length: sample `i` has row `i` of each. Throws a
 * ValueError where the lengths differ. See `torch.utils.data.TensorDataset`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(6).reshape([3, 2]);
 * const y = dg.tensor([0, 1, 0]);
 * const dataset = new dg.utils.data.TensorDataset([x, y]);
 * const [features, label] = dataset.at(1);
 * assertEquals([features.tolist(), label.item()], [[2, 3], 1]);
 * ```
 */
export class TensorDataset<T extends readonly Tensor[] = readonly Tensor[]>
  extends Dataset<TensorSample<T>> {
  /** The tensors. */
  readonly tensors: readonly [...T];

  /** Takes tensors of equal length. */
  constructor(tensors: readonly [...T]) {
    super();
    checkArray(tensors, "TensorDataset", "tensors");
    if (tensors.length === 0) {
      throw new ValueError("At least one tensor should be passed");
    }
    for (const x of tensors) {
      if (!isTensor(x)) {
        throw new TypeError(
          `TensorDataset(): argument 'tensors' must hold tensors, not ${
            shown(x)
          }`,
        );
      }
      if (x.size(0) !== tensors[0]!.size(0)) {
        throw new ValueError(
          "Size mismatch between tensors",
          `the lengths are ${tensors.map((x) => x.size(0)).join(", ")}`,
        );
      }
    }
    this.tensors = tensors;
  }

  /** Number of rows. */
  override get length(): number {
    return this.tensors[0]!.length;
  }

  /** The rows of an index, a view of each tensor. */
  override at(index: number): TensorSample<T> {
    return this.tensors.map((x) => x.at(index)) as TensorSample<T>;
  }

  /** Picks all rows of a batch at once, unless that would show in the graph. */
  batchOf(indices: readonly number[]): TensorSample<T> | null {
    const { length } = this;
    for (const i of indices) {
      if (!(Number.isInteger(i) && i >= 0 && i < length)) return null;
    }
    if (this.tensors.some((x) => x.requiresGrad)) return null;
    return this.tensors.map((x) => {
      const { device } = x;
      const index = tensor(Int32Array.from(indices), { device });
      return x.indexSelect(0, index);
    }) as TensorSample<T>;
  }
}
