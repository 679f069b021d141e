// In which order samples come. Draws exactly what PyTorch draws, when it does.

import { shown } from "../tensor/arguments.ts";
import { asTensor } from "../tensor/create.ts";
import { ValueError } from "../tensor/errors.ts";
import {
  defaultGenerator,
  Generator as RandomGenerator,
} from "../tensor/generator.ts";
import { multinomial } from "../tensor/random_sample.ts";
import { randint, randperm } from "../tensor/random.ts";
import { generatorOf, type GeneratorOptions } from "../tensor/random_fill.ts";
import { checkOptions, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Indices, or lists of them, in the order in which samples are wanted; each iteration begins anew. See `torch.utils.data.Sampler`. */
export interface Sampler<T = number> extends Iterable<T> {
  /** How many there are. */
  readonly length: number;
}

/** What has a length. */
export interface Sized {
  /** The length. */
  readonly length: number;
}

/** The draw that PyTorch's iterators begin with: 63 random bits. */
export function drawSeed(generator: RandomGenerator): bigint {
  return generator.random64() & 0x7fffffffffffffffn;
}

function checkPositive(value: number, name: string): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new ValueError(
    `${name} should be a positive integer value, but got ${name}=${
      shown(value)
    }`,
  );
}

function checkBoolean(value: boolean, name: string): void {
  if (typeof value === "boolean") return;
  throw new TypeError(
    `${name} should be a boolean value, but got ${name}=${shown(value)}`,
  );
}

/**
 * Indices in order. See `torch.utils.data.SequentialSampler`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const sampler = new dg.utils.data.SequentialSampler(["a", "b"]);
 * assertEquals([...sampler], [0, 1]);
 * ```
 */
export class SequentialSampler implements Sampler {
  readonly #source: Sized;

  /** Takes what has a length. */
  constructor(source: Sized) {
    this.#source = source;
  }

  /** Number of indices. */
  get length(): number {
    return this.#source.length;
  }

  /** The indices. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

/** Options of {@linkcode RandomSampler}. */
export interface RandomSamplerOptions extends GeneratorOptions {
  /** Whether an index may come again before all came; false where not given. */
  readonly replacement?: boolean;
  /** How many indices; as many as there are samples where not given. */
  readonly numSamples?: number;
}

/**
 * Indices in random order. Without a generator of its own, each iteration seeds
 * one from the default generator. A seed gives PyTorch's order. See
 * `torch.utils.data.RandomSampler`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const generator = new dg.Generator(0);
 * const sampler = new dg.utils.data.RandomSampler("abcd", { generator });
 * assertEquals([...sampler], [0, 1, 3, 2]);
 * ```
 */
export class RandomSampler implements Sampler {
  readonly #source: Sized;
  readonly #replacement: boolean;
  readonly #numSamples: number | undefined;
  readonly #options: GeneratorOptions;

  /** Takes what has a length; throws a ValueError where that is 0. */
  constructor(source: Sized, options: RandomSamplerOptions = {}) {
    checkOptions(
      options,
      ["replacement", "numSamples", "generator"],
      "RandomSampler",
    );
    const { replacement = false, numSamples, ...rest } = options;
    this.#source = source;
    this.#replacement = replacement;
    this.#numSamples = numSamples;
    this.#options = rest;
    checkBoolean(replacement, "replacement");
    if (!Number.isInteger(this.length) || this.length <= 0) {
      throw new ValueError(
        `num_samples should be a positive integer value, but got num_samples=${
          shown(this.length)
        }`,
      );
    }
    generatorOf(rest);
  }

  /** Number of indices. */
  get length(): number {
    return this.#numSamples ?? this.#source.length;
  }

  /** The indices. */
  *[Symbol.iterator](): Generator<number> {
    const { length: n } = this.#source;
    const { generator = new RandomGenerator(drawSeed(defaultGenerator)) } =
      this.#options;
    const options = { generator, device: "cpu" } as const;
    const { length } = this;
    if (this.#replacement) {
      // PyTorch draws 32 at a time.
      for (let left = length; left >= 0; left -= 32) {
        const some = Math.min(left, 32);
        yield* randint(n, [some], options).tolist<number[]>();
      }
      return;
    }
    for (let left = length; left >= n; left -= n) {
      yield* randperm(n, options).tolist<number[]>();
    }
    // Drawn even where nothing is left, as PyTorch does.
    yield* randperm(n, options).tolist<number[]>().slice(0, length % n);
  }
}

/**
 * Given indices in random order. See `torch.utils.data.SubsetRandomSampler`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * const sampler = new dg.utils.data.SubsetRandomSampler([5, 6, 7, 8]);
 * assertEquals([...sampler], [5, 6, 8, 7]);
 * ```
 */
export class SubsetRandomSampler implements Sampler {
  /** The indices. */
  readonly indices: readonly number[];
  readonly #options: GeneratorOptions;

  /** Takes the indices. */
  constructor(indices: readonly number[], options: GeneratorOptions = {}) {
    checkOptions(options, ["generator"], "SubsetRandomSampler");
    this.indices = indices;
    this.#options = options;
  }

  /** Number of indices. */
  get length(): number {
    return this.indices.length;
  }

  /** The indices. */
  *[Symbol.iterator](): Generator<number> {
    const options = { ...this.#options, device: "cpu" } as const;
    const order = randperm(this.length, options).tolist<number[]>();
    for (const i of order) yield this.indices[i]!;
  }
}

/** Options of {@linkcode WeightedRandomSampler}. */
export interface WeightedSamplerOptions extends GeneratorOptions {
  /** Whether an index may come again; true where not given. */
  readonly replacement?: boolean;
}

/**
 * Indices by chance, each as often as its weight says; weights need not sum up
 * to 1. See `torch.utils.data.WeightedRandomSampler`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = [0, 1, 0];
 * const sampler = new dg.utils.data.WeightedRandomSampler(weights, 3);
 * assertEquals([...sampler], [1, 1, 1]);
 * ```
 */
export class WeightedRandomSampler implements Sampler {
  /** The weights, in float64. */
  readonly weights: Tensor;
  /** Number of indices. */
  readonly length: number;
  readonly #options: WeightedSamplerOptions;

  /** Takes a weight for each sample, and how many indices to draw. */
  constructor(
    weights: readonly number[] | Tensor,
    numSamples: number,
    options: WeightedSamplerOptions = {},
  ) {
    checkOptions(options, ["replacement", "generator"], "WeightedSampler");
    checkPositive(numSamples, "num_samples");
    const { replacement = true } = options;
    checkBoolean(replacement, "replacement");
    this.weights = asTensor(weights, { dtype: "float64", device: "cpu" });
    if (this.weights.ndim !== 1) {
      throw new ValueError(
        `weights should be a 1d sequence but given weights have shape ${
          showShape(this.weights.shape)
        }`,
      );
    }
    this.length = numSamples;
    this.#options = { ...options, replacement };
  }

  /** The indices. */
  *[Symbol.iterator](): Generator<number> {
    const drawn = multinomial(this.weights, this.length, this.#options);
    yield* drawn.tolist<number[]>();
  }
}

/**
 * The indices of another sampler in lists of `batchSize`. With `dropLast` a last
 * list that would be shorter is left out. See `torch.utils.data.BatchSampler`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { BatchSampler } = dg.utils.data;
 * assertEquals([...new BatchSampler([4, 5, 6], 2, false)], [[4, 5], [6]]);
 * assertEquals([...new BatchSampler([4, 5, 6], 2, true)], [[4, 5]]);
 * ```
 */
export class BatchSampler<T = number> implements Sampler<T[]> {
  /** What gives the indices. */
  readonly sampler: Iterable<T>;
  /** Length of the lists. */
  readonly batchSize: number;
  /** Whether a last list that would be shorter is left out. */
  readonly dropLast: boolean;

  /** Takes a sampler, or whatever else gives indices. */
  constructor(sampler: Iterable<T>, batchSize: number, dropLast: boolean) {
    checkPositive(batchSize, "batch_size");
    checkBoolean(dropLast, "drop_last");
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  /** Number of lists. Throws a TypeError where nobody knows how many indices there are. */
  get length(): number {
    const { length } = this.sampler as Partial<Sampler<T>>;
    if (typeof length !== "number") {
      throw new TypeError("the sampler has no length");
    }
    const round = this.dropLast ? Math.floor : Math.ceil;
    return round(length / this.batchSize);
  }

  /** The lists. */
  *[Symbol.iterator](): Generator<T[]> {
    let batch: T[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}
