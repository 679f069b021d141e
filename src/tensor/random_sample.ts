// Sampling with parameters that are tensors: `normal`, `bernoulli`, `poisson`
// and `multinomial`.

import { BATCHING, sampleCount, sampleDevice } from "./batching.ts";
import { deviceOf } from "./device.ts";
import { allocateLike, finish } from "./create.ts";
import {
  fillBernoulli,
  fillBernoulliFrom,
  fillNormal,
  fillNormalFrom,
} from "./distributions.ts";
import { fillPoisson } from "./distribution_poisson.ts";
import { defaultDtypeInfo, INT64 } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { record } from "../grad/history.ts";
import { checkTensor } from "./is_tensor.ts";
import { multinomialIndices } from "./multinomial.ts";
import { emptyTensor } from "./op.ts";
import {
  generatorOf,
  type GeneratorOptions,
  hostArray,
  hostValues,
  RANDOM_KEYS,
  type RandomOptions,
  samplingOp,
  writeSamples,
} from "./random_fill.ts";
import {
  broadcastShapes,
  checkOptions,
  type Shape,
  type Size,
  toShape,
} from "./shape.ts";
import type { Tensor } from "./tensor.ts";

const NORMAL_MEAN = samplingOp("normal", "NormalBackward1");
const NORMAL_STD = samplingOp("normal", "NormalBackward2");
const NORMAL_BOTH = samplingOp("normal", "NormalBackward3", 2);

/**
 * Makes a tensor of normal samples, each of its own mean and standard
 * deviation; they broadcast, and the type is that of `mean` if it is a tensor.
 * See `torch.normal`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const mean = dg.tensor([1, 2, 3]);
 * assertEquals(dg.normal(mean, dg.zeros(3)).tolist(), [1, 2, 3]);
 * assertEquals(dg.normal(0, 1, [2, 2]).shape, [2, 2]);
 * ```
 */
export function normal(
  mean: Tensor,
  std?: Tensor | number,
  options?: GeneratorOptions,
): Tensor;
/** Makes a tensor of normal samples, each of its own standard deviation. */
export function normal(
  mean: number,
  std: Tensor,
  options?: GeneratorOptions,
): Tensor;
/** Makes a tensor of normal samples of one distribution. */
export function normal(
  mean: number,
  std: number,
  size: Size,
  options?: RandomOptions,
): Tensor;
export function normal(
  mean: Tensor | number,
  std: Tensor | number = 1,
  third?: Size | GeneratorOptions,
  fourth: RandomOptions = {},
): Tensor {
  if (typeof mean === "number" && typeof std === "number") {
    checkOptions(fourth, RANDOM_KEYS, "normal");
    if (typeof third !== "number" && !Array.isArray(third)) {
      throw new TypeError(
        "normal() of a plain mean and standard deviation needs a size: normal(mean, std, size)",
      );
    }
    const shape = toShape(third as Size);
    const device = sampleDevice(deviceOf(fourth.device));
    const out = allocateLike(shape, defaultDtypeInfo(), { ...fourth, device });
    const samples = hostArray(out.info, sampleCount(out));
    fillNormal(generatorOf(fourth), samples, out.info, mean, std);
    writeSamples(out, samples, null);
    return finish(out, fourth);
  }
  return normalOf(mean, std, third as GeneratorOptions | undefined);
}

function normalOf(
  mean: Tensor | number,
  std: Tensor | number,
  options: GeneratorOptions = {},
): Tensor {
  checkOptions(options, ["generator"], "normal");
  const inputs = [mean, std].filter((x) => typeof x !== "number") as Tensor[];
  const first = inputs[0]!;
  const shape = inputs.length === 1
    ? first.shape
    : broadcastShapes(first.shape, inputs[1]!.shape);
  const { info } = first;
  const out = emptyTensor(sampleDevice(first.storage.device), info, shape);
  const samples = hostArray(info, sampleCount(out));
  fillNormalFrom(
    generatorOf(options),
    samples,
    info,
    parameter(mean, shape),
    parameter(std, shape),
  );
  writeSamples(out, samples, null);
  const op = inputs.length === 2
    ? NORMAL_BOTH
    : typeof mean === "number"
    ? NORMAL_STD
    : NORMAL_MEAN;
  record(op, inputs, out, null);
  return out;
}

function parameter(
  x: Tensor | number,
  shape: Shape,
): number | ArrayLike<number> {
  return typeof x === "number" ? x : hostValues(x.detach().expand(shape));
}

const BERNOULLI = samplingOp("bernoulli", "BernoulliBackward0");

/** As PyTorch, which has no derivative for the form with one probability. */
const BERNOULLI_P: typeof BERNOULLI = {
  name: "bernoulli",
  node: "NotImplemented",
  vjps: [null],
  saves: [0],
};

/**
 * Makes a tensor like `x` that is 1 where a draw falls below that element's
 * probability in `x`, else 0. See `torch.bernoulli`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.bernoulli(dg.tensor([0, 1, 1])).tolist(), [0, 1, 1]);
 * assertEquals(dg.bernoulli(dg.zeros(3), 1).tolist(), [1, 1, 1]);
 * ```
 */
export function bernoulli(x: Tensor, options?: GeneratorOptions): Tensor;
/** Makes a tensor like `x` that is 1 where a draw falls below the one probability `p`, else 0. */
export function bernoulli(
  x: Tensor,
  p: number,
  options?: GeneratorOptions,
): Tensor;
export function bernoulli(
  x: Tensor,
  p?: number | GeneratorOptions,
  options?: GeneratorOptions,
): Tensor {
  checkTensor(x, "bernoulli", "input");
  const given = typeof p === "object" ? p : options ?? {};
  checkOptions(given, ["generator"], "bernoulli");
  const generator = generatorOf(given);
  const out = emptyTensor(sampleDevice(x.storage.device), x.info, x.shape);
  const samples = hostArray(x.info, sampleCount(out));
  const single = typeof p === "number";
  if (single) fillBernoulli(generator, samples, x.info, p);
  else {
    const values = hostValues(x.detach());
    fillBernoulliFrom(generator, samples, x.info, values, x.info);
  }
  writeSamples(out, samples, null);
  record(single ? BERNOULLI_P : BERNOULLI, [x], out, null);
  return out;
}

const POISSON = samplingOp("poisson", "PoissonBackward0");

/**
 * Makes a tensor like `x` of Poisson samples, each of the rate in `x`. Throws a
 * RuntimeError where a rate is negative. See `torch.poisson`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.manualSeed(0);
 * assertEquals(dg.poisson(dg.tensor([0, 0])).tolist(), [0, 0]);
 * const x = dg.poisson(dg.full(1000, 4));
 * assertEquals(Math.round(x.mean().item()), 4);
 * ```
 */
export function poisson(x: Tensor, options: GeneratorOptions = {}): Tensor {
  checkTensor(x, "poisson", "input");
  checkOptions(options, ["generator"], "poisson");
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `"poisson_cpu" not implemented for '${x.info.scalarName}'`,
      'convert the rates with to("float32")',
    );
  }
  const out = emptyTensor(x.storage.device, x.info, x.shape);
  const samples = new Float64Array(x.count);
  fillPoisson(generatorOf(options), samples, hostValues(x.detach()));
  out.storage.device.write(out, samples);
  record(POISSON, [x], out, null);
  return out;
}

/** Options of {@linkcode multinomial}. */
export interface MultinomialOptions extends GeneratorOptions {
  /** Whether an index may be drawn more than once. */
  readonly replacement?: boolean;
}

/**
 * Draws `numSamples` indices, weighted by the elements of a vector or of each
 * row of a matrix; the weights need not sum to 1. The result is int64, of shape
 * `[numSamples]` or `[rows, numSamples]`. See `torch.multinomial`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = dg.tensor([0, 3, 0]);
 * assertEquals(dg.multinomial(weights, 1).tolist(), [1]);
 * assertEquals(dg.multinomial(weights, 4, { replacement: true }).shape, [4]);
 * ```
 */
export function multinomial(
  x: Tensor,
  numSamples: number,
  options: MultinomialOptions = {},
): Tensor {
  checkOptions(options, ["replacement", "generator"], "multinomial");
  const { replacement = false } = options;
  const { shape, strides } = x;
  if (shape.length !== 1 && shape.length !== 2) {
    throw new RuntimeError("prob_dist must be 1 or 2 dim");
  }
  if (!Number.isInteger(numSamples)) {
    throw new TypeError(
      "multinomial(): argument 'num_samples' (position 2) must be int, not float",
    );
  }
  const rows = shape.length === 1 ? 1 : shape[0]!;
  const device = sampleDevice(x.storage.device);
  const many = BATCHING.samples?.multiplicity(device) ?? 1;
  const columns = shape[shape.length - 1]!;
  const byColumn = many === 1 && shape.length === 2 && rows > 1 &&
    columns > 1 &&
    strides[0] !== 0 && strides[0]! < strides[1]!;
  const indices = multinomialIndices(
    generatorOf(options),
    x.info.category === 2 ? hostValues(x.detach()) : [],
    x.info,
    rows * many,
    columns,
    numSamples,
    replacement,
    byColumn,
  );
  const size = shape.length === 1 ? [numSamples] : [rows, numSamples];
  const out = emptyTensor(device, INT64, size);
  out.storage.device.write(out, indices);
  return out;
}
