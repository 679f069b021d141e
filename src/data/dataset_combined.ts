// Data sets made of others: one after the other, and side by side.

import { checkInteger } from "../tensor/arguments.ts";
import { IndexError, ValueError } from "../tensor/errors.ts";
import {
  Dataset,
  type DatasetLike,
  isIndexed,
  IterableDataset,
  samplesAt,
} from "./dataset.ts";

/**
 * Data sets one after the other. A negative index counts from the end. See
 * `torch.utils.data.ConcatDataset`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const both = new dg.utils.data.ConcatDataset([["a", "b"], ["c"]]);
 * assertEquals([both.length, both.at(2), both.at(-3)], [3, "c", "a"]);
 * ```
 */
export class ConcatDataset<T> extends Dataset<T> {
  /** The data sets. */
  readonly datasets: readonly DatasetLike<T>[];
  /** Where each ends. */
  readonly cumulativeSizes: readonly number[];

  /** Takes data sets of samples by index. */
  constructor(datasets: Iterable<DatasetLike<T>>) {
    super();
    this.datasets = [...datasets];
    if (this.datasets.length === 0) {
      throw new ValueError("datasets should not be an empty iterable");
    }
    for (const dataset of this.datasets) {
      if (!isIndexed(dataset)) {
        throw new ValueError("ConcatDataset does not support IterableDataset");
      }
    }
    let total = 0;
    this.cumulativeSizes = this.datasets.map(({ length }) => total += length);
  }

  /** Number of samples of all. */
  override get length(): number {
    return this.cumulativeSizes.at(-1)!;
  }

  /** The sample of an index. */
  override at(index: number): T {
    checkInteger(index, "ConcatDataset.at", "index");
    if (-index > this.length) {
      throw new ValueError(
        "absolute value of index should not exceed dataset length",
      );
    }
    const wanted = index < 0 ? this.length + index : index;
    // The first that ends behind the index.
    let low = 0;
    let high = this.datasets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cumulativeSizes[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    const dataset = this.datasets[low];
    if (dataset === undefined) {
      throw new IndexError(
        `index ${index} is out of range for a data set of ${this.length} samples`,
      );
    }
    return dataset.at(wanted - (this.cumulativeSizes[low - 1] ?? 0)) as T;
  }
}

/**
 * Data sets of samples in a row, one after the other. See
 * `torch.utils.data.ChainDataset`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const chain = new dg.utils.data.ChainDataset([new Set([1, 2]), new Set([3])]);
 * assertEquals([...chain], [1, 2, 3]);
 * ```
 */
export class ChainDataset<T> extends IterableDataset<T> {
  /** The data sets. */
  readonly datasets: Iterable<Iterable<T>>;

  /** Takes whatever can be iterated. */
  constructor(datasets: Iterable<Iterable<T>>) {
    super();
    this.datasets = datasets;
  }

  /** The samples of all. */
  override *[Symbol.iterator](): Generator<T> {
    for (const dataset of this.datasets) yield* dataset;
  }
}

/** Data sets by position or by name. */
export type DatasetStack =
  | readonly DatasetLike<unknown>[]
  | Readonly<Record<string, DatasetLike<unknown>>>;

/** A sample of each data set, by position or by name. */
export type StackSample<D extends DatasetStack> = {
  -readonly [K in keyof D]: D[K] extends DatasetLike<infer T> ? T : never;
};

/**
 * Data sets of equal length side by side: a sample has one sample of each, in an
 * array or by name. Throws a ValueError where the lengths differ. See
 * `torch.utils.data.StackDataset`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const texts = ["a", "b"];
 * const pairs = new dg.utils.data.StackDataset({ id: [7, 8], text: texts });
 * assertEquals(pairs.at(1), { id: 8, text: "b" });
 * ```
 */
export class StackDataset<const D extends DatasetStack>
  extends Dataset<StackSample<D>> {
  /** The data sets. */
  readonly datasets: D;

  /** Takes an array or an object of data sets. */
  constructor(datasets: D) {
    super();
    this.datasets = datasets;
    const all = Object.values<DatasetLike<unknown>>(datasets);
    if (all.length === 0) {
      throw new ValueError("At least one dataset should be passed");
    }
    if (all.some(({ length }) => length !== all[0]!.length)) {
      throw new ValueError("Size mismatch between datasets");
    }
  }

  /** Number of samples. */
  override get length(): number {
    return Object.values<DatasetLike<unknown>>(this.datasets)[0]!.length;
  }

  /** The samples of an index. */
  override at(index: number): StackSample<D> {
    return this.atAll([index])[0]!;
  }

  /** The samples of several indices. */
  atAll(indices: readonly number[]): StackSample<D>[] {
    const list = Array.isArray(this.datasets);
    const out = indices.map((): Record<string, unknown> | unknown[] =>
      list ? [] : {}
    );
    for (const [name, dataset] of Object.entries(this.datasets)) {
      const items = samplesAt(dataset, indices);
      if (items.length !== indices.length) {
        throw new ValueError(
          `Nested dataset's output size mismatch. Expected ${indices.length}, got ${items.length}`,
        );
      }
      out.forEach((sample, i) => Reflect.set(sample, name, items[i]));
    }
    return out as StackSample<D>[];
  }
}
