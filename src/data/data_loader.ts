// Batches of a data set, one after the other. Synchronous like everything else;
// and asynchronous, some batches ahead, for samples that are promises.

import { shown } from "../tensor/arguments.ts";
import { ValueError } from "../tensor/errors.ts";
import { generatorOf, type GeneratorOptions } from "../tensor/random_fill.ts";
import { checkOptions } from "../tensor/shape.ts";
import { type Collated, defaultCollate, defaultConvert } from "./collate.ts";
import { Dataset, type DatasetLike, isIndexed, samplesAt } from "./dataset.ts";
import {
  BatchSampler,
  drawSeed,
  RandomSampler,
  type Sampler,
  SequentialSampler,
} from "./sampler.ts";

/** Options of {@linkcode DataLoader}. */
export interface DataLoaderOptions<T, B> extends GeneratorOptions {
  /** Samples per batch, 1 where not given; with null, samples come one by one and without a dimension for the batch. */
  readonly batchSize?: number | null;
  /** Whether samples come in random order, another one each time; false where not given. */
  readonly shuffle?: boolean;
  /** Gives the indices in place of `shuffle`. */
  readonly sampler?: Iterable<number>;
  /** Gives lists of indices, in place of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  readonly batchSampler?: Iterable<readonly number[]>;
  /** Whether a last batch that would be smaller is left out; false where not given. */
  readonly dropLast?: boolean;
  /** Makes a batch of samples; `defaultCollate` where not given. With `batchSize: null` it gets one sample at a time. */
  readonly collateFn?: (samples: Awaited<T>[]) => B;
  /** How many batches `for await` asks for ahead of the one in use; 2 where not given. */
  readonly prefetch?: number;
}

const KEYS = [
  "batchSize",
  "shuffle",
  "sampler",
  "batchSampler",
  "dropLast",
  "collateFn",
  "prefetch",
  "generator",
];

/** What a loader reads: samples by index, or whatever can be iterated. */
export type DataSource<T> = DatasetLike<T> | Iterable<T> | AsyncIterable<T>;

/** One index, or those of a batch. */
type Wanted = number | readonly number[];

/**
 * Batches of a data set: of a `Dataset`, an array, a tensor, or anything that can
 * be iterated. Use it in `for…of`; in `for await…of` samples may be promises,
 * and the next batches are on their way while one is in use. Each loop begins
 * anew. A seed gives PyTorch's order, and takes from the generator what PyTorch
 * takes. Throws a ValueError where options contradict each other. See
 * `torch.utils.data.DataLoader`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const x = dg.arange(10).reshape([5, 2]);
 * const y = dg.arange(5);
 * const dataset = new dg.utils.data.TensorDataset([x, y]);
 * const loader = new dg.utils.data.DataLoader(dataset, {
 *   batchSize: 2,
 *   shuffle: true,
 * });
 * const seen: number[] = [];
 * for (const [features, labels] of loader) {
 *   assertEquals(features.size(1), 2);
 *   seen.push(...labels.tolist<number[]>());
 * }
 * assertEquals([loader.length, seen.sort()], [3, [0, 1, 2, 3, 4]]);
 * ```
 */
export class DataLoader<T, B = Collated<Awaited<T>>>
  implements Iterable<B>, AsyncIterable<B> {
  /** The data set. */
  readonly dataset: DataSource<T>;
  /** Samples per batch; null where something else decides. */
  readonly batchSize: number | null;
  /** Whether a last batch that would be smaller is left out. */
  readonly dropLast: boolean;
  /** Gives the indices; null where there are none. */
  readonly sampler: Iterable<number> | null;
  /** Gives lists of indices; null where there are none. */
  readonly batchSampler: Iterable<readonly number[]> | null;
  readonly #options: DataLoaderOptions<T, B>;

  /** Takes the data set. */
  constructor(dataset: DataSource<T>, options: DataLoaderOptions<T, B> = {}) {
    checkOptions(options, KEYS, "DataLoader");
    checkDataset(dataset);
    generatorOf(options);
    checkTogether(options, isIndexed(dataset));
    const { batchSize = 1, batchSampler, dropLast = false } = options;
    this.dataset = dataset;
    this.batchSize = batchSampler === undefined ? batchSize : null;
    this.dropLast = dropLast;
    this.#options = options;
    this.sampler = isIndexed(dataset) && batchSampler === undefined
      ? samplerOf(dataset, options)
      : null;
    if (batchSampler !== undefined) this.batchSampler = batchSampler;
    else if (this.sampler === null || batchSize === null) {
      checkBatchSize(batchSize);
      this.batchSampler = null;
    } else {
      this.batchSampler = new BatchSampler(this.sampler, batchSize, dropLast);
    }
  }

  /** Number of batches. Throws a TypeError where nobody knows how many samples there are. */
  get length(): number {
    const { batchSampler, sampler, batchSize, dropLast } = this;
    const counted = batchSampler ?? sampler ?? this.dataset;
    const { length } = counted as Partial<Sampler>;
    if (typeof length !== "number") {
      throw new TypeError("the data set does not know its length");
    }
    if (counted !== this.dataset || batchSize === null) return length;
    return (dropLast ? Math.floor : Math.ceil)(length / batchSize);
  }

  /** The batches, in a new order where they are shuffled. */
  [Symbol.iterator](): Generator<B> {
    // PyTorch draws a seed for its workers, whether there are any or not.
    drawSeed(generatorOf(this.#options));
    const { dataset } = this;
    if (isIndexed(dataset)) return this.#indexed(dataset);
    if (Symbol.iterator in dataset) return this.#streamed(dataset);
    throw new TypeError(
      "the data set is asynchronous: iterate its DataLoader with for await",
    );
  }

  /** The same for `for await`: samples may be promises, and batches are asked for ahead. */
  [Symbol.asyncIterator](): AsyncGenerator<B> {
    drawSeed(generatorOf(this.#options));
    const { dataset } = this;
    const { prefetch = 2 } = this.#options;
    if (!Number.isInteger(prefetch) || prefetch < 0) {
      throw new ValueError("prefetch option should be non-negative");
    }
    if (!isIndexed(dataset)) {
      const batches = this.#streamedLater(dataset);
      return ahead(() => batches.next(), prefetch, () => batches.return(null));
    }
    const wanted = this.#wanted();
    const next = async (): Promise<IteratorResult<B, unknown>> => {
      const { done, value } = wanted.next();
      if (done) return { done, value };
      return { done: false, value: await this.#fetchLater(dataset, value) };
    };
    return ahead(next, prefetch, () => wanted.return?.());
  }

  #wanted(): Iterator<Wanted> {
    const sampler: Iterable<Wanted> = this.batchSampler ?? this.sampler!;
    return sampler[Symbol.iterator]();
  }

  *#indexed(dataset: DatasetLike<T>): Generator<B> {
    const wanted = this.#wanted();
    for (let next = wanted.next(); !next.done; next = wanted.next()) {
      const index = next.value;
      if (typeof index === "number") {
        yield this.#single(dataset.at(index) as Awaited<T>);
      } else {
        yield this.#shortcut(dataset, index) ??
          this.#batch(samplesAt(dataset, index) as Awaited<T>[]);
      }
    }
  }

  async #fetchLater(dataset: DatasetLike<T>, wanted: Wanted): Promise<B> {
    if (typeof wanted === "number") {
      return this.#single(await dataset.at(wanted) as Awaited<T>);
    }
    return this.#shortcut(dataset, wanted) ??
      this.#batch(await Promise.all(samplesAt(dataset, wanted)));
  }

  *#streamed(dataset: Iterable<T>): Generator<B> {
    const samples = dataset as Iterable<Awaited<T>>;
    if (this.batchSize === null) {
      for (const sample of samples) yield this.#single(sample);
      return;
    }
    const { batchSize, dropLast } = this;
    for (const batch of new BatchSampler(samples, batchSize, dropLast)) {
      yield this.#batch(batch);
    }
  }

  async *#streamedLater(
    dataset: Iterable<T> | AsyncIterable<T>,
  ): AsyncGenerator<B> {
    const { batchSize, dropLast } = this;
    let batch: Awaited<T>[] = [];
    for await (const sample of dataset) {
      if (batchSize === null) {
        yield this.#single(sample);
        continue;
      }
      if (batch.push(sample) < batchSize) continue;
      yield this.#batch(batch);
      batch = [];
    }
    if (batch.length > 0 && !dropLast) yield this.#batch(batch);
  }

  /** The batch that the data set makes itself, where it can. */
  #shortcut(dataset: DatasetLike<T>, indices: readonly number[]): B | null {
    const { collateFn } = this.#options;
    const own = collateFn === undefined ||
      collateFn === defaultCollate as unknown;
    return own ? (dataset.batchOf?.(indices) ?? null) as B | null : null;
  }

  #batch(samples: readonly Awaited<T>[]): B {
    const { collateFn } = this.#options;
    return collateFn === undefined
      ? defaultCollate(samples) as B
      : collateFn(samples as Awaited<T>[]);
  }

  #single(sample: Awaited<T>): B {
    const { collateFn } = this.#options;
    return collateFn === undefined
      ? defaultConvert(sample) as B
      : collateFn(sample as unknown as Awaited<T>[]);
  }
}

function checkDataset(dataset: unknown): void {
  if (dataset instanceof Dataset && !isIndexed(dataset)) {
    throw new TypeError(
      "Subclasses of Dataset should implement length and at(index), which are PyTorch's __len__ and __getitem__",
    );
  }
  const fits = typeof dataset === "object" && dataset !== null &&
    ("at" in dataset || Symbol.iterator in dataset ||
      Symbol.asyncIterator in dataset);
  if (fits) return;
  throw new TypeError(
    `DataLoader(): expected a data set with length and at(), or something that can be iterated, not ${
      shown(dataset)
    }`,
  );
}

function checkBatchSize(batchSize: number | null): void {
  if (batchSize === null || (Number.isInteger(batchSize) && batchSize > 0)) {
    return;
  }
  throw new ValueError(
    `batch_size should be a positive integer value, but got batch_size=${
      shown(batchSize)
    }`,
  );
}

/** Fails where options contradict each other. */
function checkTogether<T, B>(
  options: DataLoaderOptions<T, B>,
  indexed: boolean,
): void {
  const { batchSize = 1, shuffle, sampler, batchSampler, dropLast } = options;
  if (!indexed) {
    const given = shuffle
      ? "shuffle"
      : sampler !== undefined
      ? "sampler"
      : batchSampler !== undefined
      ? "batchSampler"
      : null;
    if (given !== null) {
      throw new ValueError(
        `DataLoader with IterableDataset: expected unspecified ${given} option`,
        "its samples have no index and come in their own order",
      );
    }
  }
  if (sampler !== undefined && shuffle) {
    throw new ValueError("sampler option is mutually exclusive with shuffle");
  }
  if (batchSampler !== undefined) {
    if (batchSize !== 1 || shuffle || sampler !== undefined || dropLast) {
      throw new ValueError(
        "batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast",
      );
    }
  } else if (batchSize === null && dropLast) {
    throw new ValueError(
      "batchSize=null option disables auto-batching and is mutually exclusive with dropLast",
    );
  }
}

function samplerOf<T, B>(
  dataset: DatasetLike<T>,
  options: DataLoaderOptions<T, B>,
): Iterable<number> {
  const { sampler, shuffle = false, generator } = options;
  if (sampler !== undefined) return sampler;
  if (!shuffle) return new SequentialSampler(dataset);
  return new RandomSampler(
    dataset,
    generator === undefined ? {} : { generator },
  );
}

/**
 * Asks for results before they are wanted, at most `count` more than the one
 * that is; `close` is called when the loop ends, however it does.
 */
async function* ahead<B>(
  next: () => Promise<IteratorResult<B, unknown>>,
  count: number,
  close: () => unknown,
): AsyncGenerator<B> {
  const asked: Promise<IteratorResult<B, unknown>>[] = [];
  try {
    for (;;) {
      while (asked.length <= count) {
        const result = next();
        // Whoever waits for it hears of a failure; nobody may wait any more.
        result.catch(() => {});
        asked.push(result);
      }
      const result = await asked.shift()!;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await close();
  }
}
