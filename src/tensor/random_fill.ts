// Samples on their way into tensors: made on the host in the order in which
// PyTorch draws them, then written to the device. Every device gets the same
// numbers.

import { isTracked, record } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Differentiable, Vjp } from "../grad/node.ts";
import { BATCHING, sampleCount } from "./batching.ts";
import { CREATE_KEYS, type CreateOptions } from "./create.ts";
import type { RandomArray } from "./distributions.ts";
import { shown } from "./arguments.ts";
import type { DTypeInfo } from "./dtype.ts";
import { defaultGenerator, Generator } from "./generator.ts";
import { beginInplace, endInplace } from "./inplace.ts";
import { emptyTensor, stridedLike, ZERO_VJP } from "./op.ts";
import { isDense } from "./view.ts";
import type { Tensor } from "./tensor.ts";

/** Which generator to draw from. */
export interface GeneratorOptions {
  /** The source of the samples; the default generator where not given. */
  readonly generator?: Generator;
}

/** Options of functions that make tensors of samples. */
export interface RandomOptions extends CreateOptions, GeneratorOptions {}

/** The known options of {@linkcode RandomOptions}, for error messages. */
export const RANDOM_KEYS: readonly string[] = [...CREATE_KEYS, "generator"];

/** The generator that the options name. */
export function generatorOf(options: GeneratorOptions): Generator {
  const { generator = defaultGenerator } = options;
  if (generator instanceof Generator) return generator;
  throw new TypeError(
    `argument 'generator' must be a Generator, not ${
      shown(generator)
    }; make one with new Generator(seed)`,
  );
}

/** Makes the array that the fillers of an element type write to. */
export function hostArray(info: DTypeInfo, length: number): RandomArray {
  switch (info.name) {
    case "float64":
      return new Float64Array(length);
    case "int64":
      return new BigInt64Array(length);
    case "int32":
      return new Int32Array(length);
    case "int16":
      return new Int16Array(length);
    case "int8":
      return new Int8Array(length);
    case "uint8":
    case "bool":
      return new Uint8Array(length);
    default:
      return new Float32Array(length);
  }
}

/** Elements as the fillers read them, row-major. */
export function hostValues(x: Tensor): ArrayLike<number> {
  const plain = x.info.name === "bfloat16" || x.info.category !== 2
    ? x.to("float32")
    : x;
  const { samples } = BATCHING;
  const values = samples === null
    ? plain.storage.device.read(plain)
    : samples.read(plain);
  return values as ArrayLike<number>;
}

/**
 * The dimensions from the one with the largest steps in memory to the one with
 * the smallest: PyTorch fills a tensor in place in the order of its memory.
 * Null where that is row-major.
 */
export function memoryOrder(x: Tensor): readonly number[] | null {
  if (x.dense) return null;
  const { shape, strides } = x;
  const long = shape.map((_, d) => d).filter((d) => shape[d] !== 1);
  if (long.some((d) => strides[d] === 0)) return null;
  const sorted = long.toSorted((a, b) => strides[b]! - strides[a]! || a - b);
  if (sorted.every((d, i) => d === long[i])) return null;
  return [...sorted, ...shape.map((_, d) => d).filter((d) => shape[d] === 1)];
}

/** Writes samples to a tensor, in row-major order of the given dimensions. */
export function writeSamples(
  out: Tensor,
  samples: RandomArray,
  order: readonly number[] | null,
): void {
  const { device } = out.storage;
  if (out.dense && order === null) {
    device.write(out, samples);
    return;
  }
  const dims = order ?? out.shape.map((_, d) => d);
  const shape = dims.map((d) => out.shape[d]!);
  const strides = dims.map((d) => out.strides[d]!);
  const dense = emptyTensor(device, out.info, shape);
  device.write(dense, samples);
  device.copy(
    stridedLike(out, shape, strides, out.offset, isDense(shape, strides)),
    dense,
  );
}

/** What autograd sees of an op that overwrites a tensor with samples: a gradient of zero. */
export function samplingOp(
  name: string,
  node: string,
  inputs = 1,
): Differentiable {
  const vjps = new Array<Vjp>(inputs).fill(ZERO_VJP);
  return { name, node, vjps, saves: vjps.map(() => 0) };
}

/** Overwrites `x` with samples, in the order of its memory. `others` are inputs besides `x` that may be tracked. */
export function sampleInto(
  op: Differentiable,
  x: Tensor,
  fill: (out: RandomArray, order: readonly number[] | null) => void,
  others: readonly Tensor[] = [],
): Tensor {
  const tracked = MODE.grad && (isTracked(x) || others.some(isTracked));
  beginInplace(x, tracked);
  BATCHING.samples?.checkInplace(x.storage.device);
  const order = memoryOrder(x);
  const samples = hostArray(x.info, sampleCount(x));
  fill(samples, order);
  if (!tracked) {
    writeSamples(x, samples, order);
    x.storage.version++;
    return x;
  }
  const out = emptyTensor(x.storage.device, x.info, x.shape);
  writeSamples(out, samples, order);
  record(op, [x, ...others], out, null);
  return endInplace(x, out);
}
