// What a data set is: samples by index, or samples in a row. Knows nothing of
// batches.

/**
 * Samples by index. Arrays, typed arrays and tensors are such as they are; a
 * {@linkcode Dataset} says how it makes its samples.
 */
export interface DatasetLike<T> {
  /** Number of samples. */
  readonly length: number;
  /** The sample of an index; it may be a promise, for `for await`. */
  at(index: number): T | undefined;
  /** Several samples at once, where that is faster than one by one. See `Dataset.__getitems__`. */
  atAll?(indices: readonly number[]): readonly T[];
  /**
   * The batch that the default collation would make of several samples, where
   * there is a faster way; else null.
   */
  batchOf?(indices: readonly number[]): unknown;
}

/**
 * A data set of samples by index: a class of one's own gives `length` and `at`.
 * `at` may return a promise, as where samples are files; batches then come by
 * `for await`. See `torch.utils.data.Dataset`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Squares extends dg.utils.data.Dataset<number> {
 *   override get length(): number {
 *     return 5;
 *   }
 *   override at(index: number): number {
 *     return index * index;
 *   }
 * }
 * const loader = new dg.utils.data.DataLoader(new Squares(), { batchSize: 2 });
 * assertEquals([...loader].map(String), [
 *   "tensor([0., 1.])",
 *   "tensor([4., 9.])",
 *   "tensor([16.])",
 * ]);
 * ```
 */
export abstract class Dataset<T> implements DatasetLike<T> {
  /** Number of samples. */
  abstract get length(): number;

  /** The sample of an index. */
  abstract at(index: number): T;

  /** The samples in order. */
  *[Symbol.iterator](): Generator<T> {
    const { length } = this;
    for (let i = 0; i < length; i++) yield this.at(i);
  }
}

/**
 * A data set of samples in a row, of which nobody need know how many there are:
 * a class of one's own gives an iterator. Whatever else can be iterated, such as
 * a generator, a `DataLoader` takes as well. See
 * `torch.utils.data.IterableDataset`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends dg.utils.data.IterableDataset<number> {
 *   override *[Symbol.iterator](): Generator<number> {
 *     for (let i = 3; i > 0; i--) yield i;
 *   }
 * }
 * const loader = new dg.utils.data.DataLoader(new Countdown(), {
 *   batchSize: 2,
 * });
 * assertEquals([...loader].map((x) => x.tolist()), [[3, 2], [1]]);
 * ```
 */
export abstract class IterableDataset<T> implements Iterable<T> {
  /** Begins anew. */
  abstract [Symbol.iterator](): Iterator<T>;
}

/** Whether samples come by index. */
export function isIndexed<T>(
  dataset: DatasetLike<T> | Iterable<T> | AsyncIterable<T>,
): dataset is DatasetLike<T> {
  return "at" in dataset && typeof dataset.at === "function" &&
    "length" in dataset;
}

/** The samples of several indices. */
export function samplesAt<T>(
  dataset: DatasetLike<T>,
  indices: readonly number[],
): readonly T[] {
  return dataset.atAll?.(indices) ??
    indices.map((index) => dataset.at(index) as T);
}
