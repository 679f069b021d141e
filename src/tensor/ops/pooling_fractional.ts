// Max pooling over windows whose places are drawn by chance.

import { INT64 } from "../dtype.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import { emptyTensor } from "../op.ts";
import { type Named, named } from "../results.ts";
import { checkOptions, countElements, type Size } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode fractionalMaxPool2d} and {@linkcode fractionalMaxPool3d}; size or ratio has to be given. */
export interface FractionalMaxPoolOptions {
  /** Size of the result. */
  readonly outputSize?: Size | null;
  /** Or its share of the input's, between 0 and 1. */
  readonly outputRatio?: number | readonly number[] | null;
  /** Whether to give the positions of the largest elements as well. */
  readonly returnIndices?: boolean;
  /** The samples that place the windows, `[n, c, dimensions]`; drawn where not given. */
  readonly randomSamples?: Tensor | null;
}

/** Options that ask for the positions as well. */
export interface WithFractionalIndices {
  /** True: the positions are wanted. */
  readonly returnIndices: true;
}

const KEYS = ["outputSize", "outputRatio", "returnIndices", "randomSamples"];

function spreadOver(
  size: number | readonly number[],
  dimensions: number,
): readonly number[] {
  if (typeof size !== "number") return size;
  return new Array<number>(dimensions).fill(size);
}

/** Where the windows along one dimension begin, as PyTorch computes it in the type of the samples. */
function starts(
  sample: number,
  input: number,
  output: number,
  window: number,
  round: (x: number) => number,
): number[] {
  const out: number[] = [];
  if (output > 1) {
    const alpha = round((input - window) / (output - 1));
    const first = Math.trunc(round(sample * alpha));
    for (let i = 0; i < output - 1; i++) {
      out.push(Math.trunc(round(round(i + sample) * alpha)) - first);
    }
  }
  if (output > 0) out.push(input - window);
  return out;
}

/** Offsets of all combinations of one offset for each dimension, row-major. */
function combinations(
  offsets: readonly (readonly number[])[],
  shape: readonly number[],
): number[] {
  return offsets.reduce<number[]>(
    (done, choices, d) =>
      done.flatMap((at) => choices.map((choice) => at * shape[d]! + choice)),
    [0],
  );
}

function pool(
  name: string,
  dimensions: number,
  x: Tensor,
  kernelSize: Size,
  options: FractionalMaxPoolOptions,
): Named<"values" | "indices"> {
  checkOptions(options, KEYS, name);
  const { outputSize = null, outputRatio = null } = options;
  if (outputSize === null && outputRatio === null) {
    throw new ValueError(
      `${name} requires specifying either an output_size or an output_ratio`,
    );
  }
  const lead = x.ndim - dimensions;
  if (lead !== 1 && lead !== 2 || countElements(x.shape.slice(1)) === 0) {
    throw new RuntimeError(
      `${name}(): Expected ${dimensions + 1}D or ${
        dimensions + 2
      }D tensor with non-zero sizes, but got [${x.shape.join(", ")}]`,
    );
  }
  const image = x.shape.slice(lead);
  const window = spreadOver(kernelSize, dimensions);
  const size = outputSize !== null
    ? spreadOver(outputSize, dimensions)
    : spreadOver(outputRatio!, dimensions)
      .map((ratio, d) => Math.trunc(image[d]! * ratio));
  image.forEach((length, d) => {
    if (size[d]! + window[d]! - 1 <= length) return;
    const what = ["time", "height", "width"].slice(-dimensions)[d];
    throw new RuntimeError(
      `${name}(): pool ${what} ${
        window[d]
      } too large relative to input ${what} ${length}`,
    );
  });
  const planes = countElements(x.shape.slice(0, lead));
  const places = unrecorded(() => {
    const samples = options.randomSamples ?? x.newEmpty(
      [lead === 1 ? 1 : x.shape[0]!, x.shape[lead - 1]!, dimensions],
    ).uniform_();
    return placesOf(x, samples, image, size, window);
  });
  const flat = x.reshape([planes, countElements(image)]);
  const outputs = countElements(size);
  const windows = flat.gather(1, places.reshape([planes, -1]))
    .reshape([planes, outputs, -1]);
  const { values, indices } = windows.max(2);
  const shape = [...x.shape.slice(0, lead), ...size];
  const chosen = places.gather(2, indices.unsqueeze(2)).reshape(shape);
  return named({ values: values.reshape(shape), indices: chosen });
}

/** The positions of the elements of every window, `[planes, windows, elements]`. */
function placesOf(
  x: Tensor,
  samples: Tensor,
  image: readonly number[],
  size: readonly number[],
  window: readonly number[],
): Tensor {
  const dimensions = image.length;
  const round = x.dtype === "float64" ? (n: number) => n : Math.fround;
  const drawn = samples.reshape(-1).tolist<number[]>();
  const planes = drawn.length / dimensions;
  const inside = combinations(
    window.map((length) => Array.from({ length }, (_, i) => i)),
    image,
  );
  const out: number[] = [];
  for (let plane = 0; plane < planes; plane++) {
    const begins = image.map((length, d) => {
      // In two dimensions the first sample is that of the width.
      const at = dimensions === 2 ? 1 - d : d;
      const sample = drawn[plane * dimensions + at]!;
      return starts(sample, length, size[d]!, window[d]!, round);
    });
    for (const corner of combinations(begins, image)) {
      for (const offset of inside) out.push(corner + offset);
    }
  }
  const { device } = x.storage;
  const shape = [planes, countElements(size), inside.length];
  const indices = emptyTensor(device, INT64, shape);
  device.write(indices, out);
  return indices;
}

/**
 * The largest elements of windows of an image `[n, c, h, w]` whose places are
 * drawn by chance, so that its size shrinks by any ratio (Graham, 2014). Takes
 * `outputSize` or `outputRatio`. See
 * `torch.nn.functional.fractional_max_pool2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.ones([1, 1, 7, 7]);
 * const y = F.fractionalMaxPool2d(x, 2, { outputSize: 4 });
 * assertEquals(y.shape, [1, 1, 4, 4]);
 * ```
 */
export function fractionalMaxPool2d(
  x: Tensor,
  kernelSize: Size,
  options: FractionalMaxPoolOptions & WithFractionalIndices,
): Named<"values" | "indices">;
/** The largest elements only. */
export function fractionalMaxPool2d(
  x: Tensor,
  kernelSize: Size,
  options: FractionalMaxPoolOptions,
): Tensor;
export function fractionalMaxPool2d(
  x: Tensor,
  kernelSize: Size,
  options: FractionalMaxPoolOptions,
): Tensor | Named<"values" | "indices"> {
  const both = pool("fractionalMaxPool2d", 2, x, kernelSize, options);
  return options.returnIndices ? both : both.values;
}

/**
 * The largest elements of windows of an image `[n, c, d, h, w]` whose places
 * are drawn by chance, so that its size shrinks by any ratio (Graham, 2014).
 * Takes `outputSize` or `outputRatio`. See
 * `torch.nn.functional.fractional_max_pool3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const x = dg.ones([1, 1, 7, 7, 7]);
 * const y = F.fractionalMaxPool3d(x, 2, { outputSize: 4 });
 * assertEquals(y.shape, [1, 1, 4, 4, 4]);
 * ```
 */
export function fractionalMaxPool3d(
  x: Tensor,
  kernelSize: Size,
  options: FractionalMaxPoolOptions & WithFractionalIndices,
): Named<"values" | "indices">;
/** The largest elements only. */
export function fractionalMaxPool3d(
  x: Tensor,
  kernelSize: Size,
  options: FractionalMaxPoolOptions,
): Tensor;
export function fractionalMaxPool3d(
  x: Tensor,
  kernelSize: Size,
  options: FractionalMaxPoolOptions,
): Tensor | Named<"values" | "indices"> {
  const both = pool("fractionalMaxPool3d", 3, x, kernelSize, options);
  return options.returnIndices ? both : both.values;
}
