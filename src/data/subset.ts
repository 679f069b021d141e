// Parts of a data set, chosen and by chance.

import { checkArray } from "../tensor/arguments.ts";
import { ValueError } from "../tensor/errors.ts";
import { randperm } from "../tensor/random.ts";
import type { GeneratorOptions } from "../tensor/random_fill.ts";
import { checkOptions } from "../tensor/shape.ts";
import { Dataset, type DatasetLike, samplesAt } from "./dataset.ts";

/**
 * The samples of a data set at given indices. See `torch.utils.data.Subset`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const subset = new dg.utils.data.Subset(["a", "b", "c"], [2, 0]);
 * assertEquals([...subset], ["c", "a"]);
 * ```
 */
export class Subset<T> extends Dataset<T> {
  /** The whole data set. */
  readonly dataset: DatasetLike<T>;
  /** Where the samples are in it. */
  readonly indices: readonly number[];

  /** Takes a data set and indices. */
  constructor(dataset: DatasetLike<T>, indices: readonly number[]) {
    super();
    checkArray(indices, "Subset", "indices");
    this.dataset = dataset;
    this.indices = indices;
  }

  /** Number of indices. */
  override get length(): number {
    return this.indices.length;
  }

  /** The sample at an index of the subset. */
  override at(index: number): T {
    return this.dataset.at(this.#inWhole(index)) as T;
  }

  /** The samples at several indices. */
  atAll(indices: readonly number[]): readonly T[] {
    return samplesAt(this.dataset, indices.map((i) => this.#inWhole(i)));
  }

  /** See {@linkcode DatasetLike.batchOf}. */
  batchOf(indices: readonly number[]): unknown {
    return this.dataset.batchOf?.(indices.map((i) => this.#inWhole(i))) ?? null;
  }

  #inWhole(index: number): number {
    const found = this.indices.at(index);
    if (found !== undefined) return found;
    throw new RangeError(
      `index ${index} is out of range for a subset of ${this.length} samples`,
    );
  }
}

/** Lengths of the parts that fractions mean: rounded down, what is left going to the first ones. */
function lengthsOf(fractions: readonly number[], count: number): number[] {
  const lengths = fractions.map((fraction, i) => {
    if (fraction < 0 || fraction > 1) {
      throw new ValueError(`Fraction at index ${i} is not between 0 and 1`);
    }
    return Math.floor(count * fraction);
  });
  const left = count - sum(lengths);
  for (let i = 0; i < left; i++) lengths[i % lengths.length]! += 1;
  return lengths;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Splits a data set by chance into parts of given lengths, or of given fractions
 * that sum up to 1. A seed gives PyTorch's parts. Throws a ValueError where the
 * lengths do not sum up to the data set's. See `torch.utils.data.random_split`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const generator = new dg.Generator(42);
 * const letters = [..."abcdefghij"];
 * const [train, test] = dg.utils.data.randomSplit(letters, [0.7, 0.3], {
 *   generator,
 * });
 * assertEquals(train!.length, 7);
 * assertEquals([...test!], ["j", "d", "h"]);
 * ```
 */
export function randomSplit<T>(
  dataset: DatasetLike<T>,
  lengths: readonly number[],
  options: GeneratorOptions = {},
): Subset<T>[] {
  checkArray(lengths, "randomSplit", "lengths");
  checkOptions(options, ["generator"], "randomSplit");
  const total = sum(lengths);
  const count = dataset.length;
  // Python's math.isclose.
  const fractions = total <= 1 && 1 - total <= 1e-9;
  const parts = fractions ? lengthsOf(lengths, count) : lengths;
  if (sum(parts) !== count) {
    throw new ValueError(
      "Sum of input lengths does not equal the length of the input dataset!",
      `the lengths sum up to ${sum(parts)}, and there are ${count} samples`,
    );
  }
  const order = randperm(count, { ...options, device: "cpu" })
    .tolist<number[]>();
  let at = 0;
  return parts.map((length) =>
    new Subset(dataset, order.slice(at, at += length))
  );
}
