// Sequences of different lengths in one tensor: padded to one length, or packed
// one step after the other, as recurrent layers take them.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { fromTypedArray } from "../tensor/create.ts";
import { showByToString } from "../tensor/inspect.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { cat, stack } from "../tensor/ops/joining.ts";
import { checkOptions, showShape } from "../tensor/shape.ts";
import type { ToTarget } from "../tensor/ops/conversion.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Sequences of different lengths, packed step by step: first the first elements
 * of all, then the second ones of those that have one, and so on, longer
 * sequences first. Made by {@linkcode packPaddedSequence} and
 * {@linkcode packSequence}. See `torch.nn.utils.rnn.PackedSequence`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { packSequence } = dg.nn.utils.rnn;
 * const packed = packSequence([dg.tensor([1, 2]), dg.tensor([3])]);
 * assertEquals(packed.data.tolist(), [1, 3, 2]);
 * assertEquals(packed.batchSizes.tolist(), [2, 1]);
 * ```
 */
export class PackedSequence {
  /** The elements, step by step. */
  readonly data: Tensor;
  /** How many sequences have each step. */
  readonly batchSizes: Tensor;
  /** Which sequence of the batch stands where, where they were sorted. */
  readonly sortedIndices: Tensor | null;
  /** Where each sequence of the batch stands. */
  readonly unsortedIndices: Tensor | null;

  /** Takes what was packed. */
  constructor(
    data: Tensor,
    batchSizes: Tensor,
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
  ) {
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices ?? invertPermutation(sortedIndices);
  }

  /** The same with the data converted or moved. See `PackedSequence.to`. */
  to(target: ToTarget): PackedSequence {
    return this.with(this.data.to(target));
  }

  /** The same structure with other data. */
  with(data: Tensor): PackedSequence {
    const { batchSizes, sortedIndices, unsortedIndices } = this;
    return new PackedSequence(data, batchSizes, sortedIndices, unsortedIndices);
  }

  /** The repr, which is that of a named tuple. */
  toString(): string {
    const show = (x: Tensor | null) => x === null ? "None" : x.toString();
    return `PackedSequence(data=${show(this.data)}, batch_sizes=${
      show(this.batchSizes)
    }, sorted_indices=${show(this.sortedIndices)}, unsorted_indices=${
      show(this.unsortedIndices)
    })`;
  }
}

showByToString(PackedSequence.prototype);

/** The permutation that undoes another one; null for null. See `torch.nn.utils.rnn.invert_permutation`. */
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  if (permutation === null) return null;
  return longs(inverse(integers(permutation))).to(permutation.device);
}

function inverse(order: readonly number[]): number[] {
  const out = new Array<number>(order.length);
  order.forEach((from, to) => out[from] = to);
  return out;
}

function longs(values: readonly number[]): Tensor {
  return fromTypedArray(BigInt64Array.from(values, BigInt), [values.length]);
}

/** The values of a vector of integers. */
export function integers(x: Tensor | readonly number[]): number[] {
  return isTensor(x) ? Array.from(x.typedArray(), Number) : [...x as number[]];
}

/** Options of {@linkcode packPaddedSequence}. */
export interface PackOptions {
  /** Whether the batch is the first dimension, rather than the second. */
  readonly batchFirst?: boolean;
  /** Whether sequences must come with lengths in decreasing order; true where not given. */
  readonly enforceSorted?: boolean;
}

/**
 * Packs sequences that were padded to one length: `x` has shape
 * `[steps, batch, ...]`, or `[batch, steps, ...]` with `batchFirst`, and
 * `lengths` says how long each is. Throws a RuntimeError where lengths are not
 * in decreasing order, unless `enforceSorted` is false. See
 * `torch.nn.utils.rnn.pack_padded_sequence`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { packPaddedSequence } = dg.nn.utils.rnn;
 * const x = dg.tensor([[1, 0, 0], [2, 3, 4]]);
 * const options = { batchFirst: true, enforceSorted: false };
 * const packed = packPaddedSequence(x, [1, 3], options);
 * assertEquals(packed.data.tolist(), [2, 1, 3, 4]);
 * assertEquals(packed.sortedIndices!.tolist(), [1, 0]);
 * ```
 */
export function packPaddedSequence(
  x: Tensor,
  lengths: Tensor | readonly number[],
  options: PackOptions = {},
): PackedSequence {
  checkOptions(options, ["batchFirst", "enforceSorted"], "packPaddedSequence");
  const { batchFirst = false, enforceSorted = true } = options;
  const given = integers(lengths);
  if (x.shape.length < 2) {
    throw new RuntimeError(
      `packPaddedSequence: expected at least 2 dimensions, got ${
        showShape(x.shape)
      }`,
    );
  }
  const batch = x.shape[batchFirst ? 0 : 1]!;
  const steps = x.shape[batchFirst ? 1 : 0]!;
  if (given.length !== batch) {
    throw new RuntimeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${given.length} (batch_size=${batch})`,
    );
  }
  const order = given.map((_, k) => k);
  if (!enforceSorted) order.sort((a, b) => given[b]! - given[a]!);
  const sorted = order.map((k) => given[k]!);
  checkLengths(sorted, steps);
  const index: number[] = [];
  const batchSizes: number[] = [];
  for (let t = 0; t < (sorted[0] ?? 0); t++) {
    let count = 0;
    while (count < batch && sorted[count]! > t) {
      const k = order[count++]!;
      index.push(batchFirst ? k * steps + t : t * batch + k);
    }
    batchSizes.push(count);
  }
  const data = x.flatten({ startDim: 0, endDim: 1 })
    .indexSelect(0, longs(index).to(x.device));
  return new PackedSequence(
    data,
    longs(batchSizes),
    enforceSorted ? null : longs(order).to(x.device),
  );
}

function checkLengths(lengths: readonly number[], steps: number): void {
  if (lengths.some((n) => n <= 0)) {
    throw new RuntimeError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
  }
  if (lengths.some((n, k) => n > (lengths[k - 1] ?? Infinity))) {
    throw new RuntimeError(
      "`lengths` array must be sorted in decreasing order when `enforceSorted` is true. You can pass `enforceSorted=false` to packPaddedSequence and/or packSequence to sidestep this requirement if you do not need ONNX exportability.",
    );
  }
  if (lengths.length > 0 && lengths[0]! > steps) {
    throw new RuntimeError(
      `Expected lengths of at most ${steps}, the number of steps, but got ${
        lengths[0]
      }`,
    );
  }
}

/** Options of {@linkcode padPackedSequence}. */
export interface PadPackedOptions {
  /** Whether the batch becomes the first dimension, rather than the second. */
  readonly batchFirst?: boolean;
  /** What stands behind the shorter sequences; 0 where not given. */
  readonly paddingValue?: number;
  /** Number of steps of the result, at least those of the longest sequence. */
  readonly totalLength?: number;
}

/**
 * Undoes {@linkcode packPaddedSequence}: returns the padded sequences, in their
 * original order, and their lengths. See
 * `torch.nn.utils.rnn.pad_packed_sequence`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { packSequence, padPackedSequence } = dg.nn.utils.rnn;
 * const packed = packSequence([dg.tensor([1, 2]), dg.tensor([3])]);
 * const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
 * assertEquals(padded.tolist(), [[1, 2], [3, 0]]);
 * assertEquals(lengths.tolist(), [2, 1]);
 * ```
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options: PadPackedOptions = {},
): [Tensor, Tensor] {
  const KEYS = ["batchFirst", "paddingValue", "totalLength"];
  checkOptions(options, KEYS, "padPackedSequence");
  const { batchFirst = false, paddingValue = 0, totalLength } = options;
  const { data } = sequence;
  const sizes = integers(sequence.batchSizes);
  const longest = sizes.length;
  if (totalLength !== undefined && totalLength < longest) {
    throw new ValueError(
      `Expected totalLength to be at least the length of the longest sequence in input, but got totalLength=${totalLength} and max sequence length being ${longest}`,
    );
  }
  const steps = totalLength ?? longest;
  const batch = sizes[0] ?? 0;
  const rows = data.shape[0]!;
  // The row behind the last one is the padding.
  const padding = data.newFull([1, ...data.shape.slice(1)], paddingValue);
  const order = sequence.unsortedIndices === null
    ? sizes.length === 0 ? [] : Array.from({ length: batch }, (_, k) => k)
    : integers(sequence.unsortedIndices);
  const index = new Array<number>(batch * steps).fill(rows);
  const lengths = new Array<number>(batch).fill(0);
  order.forEach((from, k) => {
    let start = 0;
    sizes.forEach((count, t) => {
      if (from < count) {
        index[batchFirst ? k * steps + t : t * batch + k] = start + from;
        lengths[k]!++;
      }
      start += count;
    });
  });
  const shape = batchFirst ? [batch, steps] : [steps, batch];
  const padded = cat([data, padding])
    .indexSelect(0, longs(index).to(data.device))
    .reshape([...shape, ...data.shape.slice(1)]);
  return [padded, longs(lengths)];
}

/** Options of {@linkcode padSequence}. */
export interface PadSequenceOptions {
  /** Whether the batch becomes the first dimension, rather than the second. */
  readonly batchFirst?: boolean;
  /** What stands beside the shorter sequences; 0 where not given. */
  readonly paddingValue?: number;
  /** On which side; `"right"` where not given. */
  readonly paddingSide?: "left" | "right";
}

/**
 * Pads sequences of shape `[length, ...]` to the longest length and stacks them:
 * `[steps, batch, ...]`, or `[batch, steps, ...]` with `batchFirst`. See
 * `torch.nn.utils.rnn.pad_sequence`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { padSequence } = dg.nn.utils.rnn;
 * const x = [dg.tensor([1, 2, 3]), dg.tensor([4])];
 * const padded = padSequence(x, { batchFirst: true, paddingValue: -1 });
 * assertEquals(padded.tolist(), [[1, 2, 3], [4, -1, -1]]);
 * ```
 */
export function padSequence(
  sequences: readonly Tensor[],
  options: PadSequenceOptions = {},
): Tensor {
  const KEYS = ["batchFirst", "paddingValue", "paddingSide"];
  checkOptions(options, KEYS, "padSequence");
  const { batchFirst = false, paddingValue = 0, paddingSide = "right" } =
    options;
  const [first] = sequences;
  if (first === undefined) {
    throw new RuntimeError("received an empty list of sequences");
  }
  if (paddingSide !== "left" && paddingSide !== "right") {
    throw new RuntimeError(
      `Expected paddingSide to be one of left or right, but got ${
        String(paddingSide)
      }.`,
    );
  }
  const rest = first.shape.slice(1);
  const steps = Math.max(...sequences.map((x) => x.shape[0]!));
  const padded = sequences.map((x) => {
    const missing = steps - x.shape[0]!;
    if (missing === 0) return x;
    const padding = x.newFull([missing, ...rest], paddingValue);
    return cat(paddingSide === "right" ? [x, padding] : [padding, x]);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

/**
 * Undoes {@linkcode padSequence}: the sequences, without their padding. See
 * `torch.nn.utils.rnn.unpad_sequence`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { unpadSequence } = dg.nn.utils.rnn;
 * const x = dg.tensor([[1, 2], [3, 0]]);
 * const parts = unpadSequence(x, [2, 1], { batchFirst: true });
 * assertEquals(parts.map((part) => part.tolist()), [[1, 2], [3]]);
 * ```
 */
export function unpadSequence(
  padded: Tensor,
  lengths: Tensor | readonly number[],
  options: { readonly batchFirst?: boolean } = {},
): Tensor[] {
  checkOptions(options, ["batchFirst"], "unpadSequence");
  const dim = options.batchFirst ?? false ? 0 : 1;
  const given = integers(lengths);
  if (given.length !== padded.shape[dim]) {
    throw new ValueError(
      `expected ${
        padded.shape[dim]
      } lengths, one per sequence, got ${given.length}`,
    );
  }
  return given.map((n, k) => padded.select(dim, k).narrow(0, 0, n));
}

/**
 * Packs sequences of shape `[length, ...]`. See
 * `torch.nn.utils.rnn.pack_sequence`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { packSequence } = dg.nn.utils.rnn;
 * const x = [dg.tensor([1]), dg.tensor([2, 3])];
 * const packed = packSequence(x, { enforceSorted: false });
 * assertEquals(packed.data.tolist(), [2, 1, 3]);
 * ```
 */
export function packSequence(
  sequences: readonly Tensor[],
  options: { readonly enforceSorted?: boolean } = {},
): PackedSequence {
  checkOptions(options, ["enforceSorted"], "packSequence");
  const lengths = sequences.map((x) => x.shape[0]!);
  return packPaddedSequence(padSequence(sequences), lengths, options);
}

/**
 * Undoes {@linkcode packSequence}. See `torch.nn.utils.rnn.unpack_sequence`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { packSequence, unpackSequence } = dg.nn.utils.rnn;
 * const parts = unpackSequence(packSequence([dg.ones(2), dg.zeros(1)]));
 * assertEquals(parts.map((x) => x.tolist()), [[1, 1], [0]]);
 * ```
 */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}
