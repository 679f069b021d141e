// vmap: a function of one sample becomes one of many. The function runs once,
// on tensors that look like one sample and live on a device that holds all.

import { MODE } from "../grad/mode.ts";
import { BATCHING, type SampleBatch } from "../tensor/batching.ts";
import type { Device, Strided, TypedArray } from "../tensor/device.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/generator.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { cat } from "../tensor/ops/joining.ts";
import { checkOptions, normalizeDim } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkFunction } from "./argnums.ts";
import { baseOf, BatchDevice, deviceWith, levelsOf } from "./batch_device.ts";
import { type Randomness, Samples } from "./batch_memory.ts";
import { enter, leave, watchBorders } from "./batching.ts";
import { kindOf, leavesOf, mapLeaves, withLeaves } from "./tree.ts";
import {
  checkOutDims,
  type Dims,
  inputDims,
  nameOf,
  outputDims,
} from "./vmap_dims.ts";

export type { Dims } from "./vmap_dims.ts";
export type { Randomness } from "./batch_memory.ts";

/** Options of {@linkcode vmap}. */
export interface VmapOptions {
  /** Which dimension of each argument numbers the samples; 0 where not given, null for what is the same for all. */
  readonly inDims?: Dims;
  /** Where the samples go in each result; 0 where not given, null for a result that is the same for all. */
  readonly outDims?: Dims;
  /** What random numbers do: refuse (`"error"`, where not given), differ by sample, or be the same. */
  readonly randomness?: Randomness;
  /** How many samples to compute at once; all where not given. */
  readonly chunkSize?: number | null;
}

/** The vmaps that run. */
class Running implements SampleBatch {
  readonly levels: readonly Samples[];

  constructor(levels: readonly Samples[]) {
    this.levels = levels;
  }

  device(natural: Device): Device {
    for (const { randomness } of this.levels) {
      if (randomness !== "error") continue;
      throw new RuntimeError(
        "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or perform the randomness operation out of vmap",
        'pass { randomness: "different" } or { randomness: "same" }',
      );
    }
    return deviceWith(baseOf(natural), this.levels.filter(isDifferent));
  }

  multiplicity(device: Device): number {
    return levelsOf(device).filter(isDifferent)
      .reduce((many, { size }) => many * size, 1);
  }

  checkInplace(device: Device): void {
    this.device(device);
    const own = levelsOf(device);
    if (this.levels.filter(isDifferent).every((at) => own.includes(at))) return;
    throw new RuntimeError(
      "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same randomness. If this is necessary for your usage, please file an issue with functorch.",
      "make the tensor by randn() and the like, or from one that is mapped",
    );
  }

  read(x: Strided): TypedArray {
    const device = this.device(x.storage.device);
    if (levelsOf(x.storage.device).some((at) => !isDifferent(at))) {
      throw new RuntimeError(
        "Vmap does not currently support same randomness with a batched tensor input. Please file an issue with functorch",
        'pass { randomness: "different" }',
      );
    }
    if (!(device instanceof BatchDevice)) return device.read(x);
    return device.base.read(device.all(x));
  }
}

function isDifferent({ randomness }: Samples): boolean {
  return randomness === "different";
}

let running: readonly Samples[] = [];

/** Runs a function on what {@linkcode enter} makes of tensors; the samples of each are numbered by a dimension. */
export function runMapped<T>(
  size: number,
  tensors: readonly Tensor[],
  dims: readonly number[],
  randomness: Randomness,
  fn: (inner: Tensor[], level: Samples) => T,
): T {
  watchBorders();
  const outer = running;
  const { samples } = BATCHING;
  const level = new Samples(size, outer.length + 1, randomness);
  running = [...outer, level];
  BATCHING.samples = new Running(running);
  MODE.transforms++;
  try {
    return fn(tensors.map((x, k) => enter(level, x, dims[k]!)), level);
  } finally {
    MODE.transforms--;
    level.open = false;
    running = outer;
    BATCHING.samples = samples;
  }
}

/** Rows of tensors through a function, all at once; stacks what it returns. */
export function mapRows(
  rows: readonly Tensor[],
  count: number,
  fn: (row: readonly Tensor[]) => readonly Tensor[],
): Tensor[] {
  const dims = rows.map(() => 0);
  return runMapped(
    count,
    rows,
    dims,
    "same",
    (inner, level) => fn(inner).map((x) => leave(level, x, 0)),
  );
}

/**
 * Makes a function of many samples out of `fn`, which is written for one: it
 * gets each tensor without the dimension that numbers the samples, and its
 * results get that dimension back. `fn` runs once: each op computes all samples
 * at a time. `vmap(grad(loss), { inDims: [null, 0, 0] })` gives a gradient for
 * each sample.
 *
 * Inside, tensors have the shape of one sample, and no value can be read:
 * `item()` is an error, and so are ops whose result has another shape for each
 * sample. Most ops take all samples in one call of the device; those that
 * themselves look at values (`linalg.det`, `linalg.lu`, `histc`, `kthvalue`) run
 * for one sample after the other, and some refuse (`ctcLoss` and `embeddingBag`
 * whose targets and indices are mapped). What is not mapped may not be changed in place to what is. Random
 * numbers are an error unless `randomness` says what they do. Results may be
 * arrays and objects of tensors. Vmaps nest, and go with all other transforms.
 * See `torch.func.vmap`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { grad, vmap } = dg.func;
 * const dots = vmap((x: dg.Tensor, y: dg.Tensor) => x.dot(y));
 * const x = dg.tensor([[1, 2], [3, 4], [5, 6]]);
 * assertEquals(dots(x, x).tolist(), [5, 25, 61]);
 * const loss = (w: dg.Tensor, x: dg.Tensor) => w.dot(x).pow(2);
 * const perSample = vmap(grad(loss), { inDims: [null, 0] });
 * assertEquals(perSample(dg.ones(2), x).tolist(), [[6, 12], [42, 56], [110, 132]]);
 * ```
 */
export function vmap<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: VmapOptions = {},
): (...args: A) => R {
  checkOptions(options, KEYS, "vmap");
  checkFunction(fn, "vmap");
  const { inDims = 0, outDims = 0, randomness = "error" } = options;
  const { chunkSize = null } = options;
  if (!["error", "different", "same"].includes(randomness)) {
    throw new RuntimeError(
      `Only allowed values for randomness are 'error', 'different', or 'same'. Got ${randomness}`,
    );
  }
  if (chunkSize !== null && !(chunkSize > 0)) {
    throw new ValueError(
      `vmap: chunkSize should be None or greater than 0. (got ${chunkSize})`,
    );
  }
  const untyped = fn as unknown as (...args: unknown[]) => unknown;
  return (...args) => {
    checkOutDims(fn, outDims);
    const { dims, size } = inputDims(fn, inDims, args);
    const call = { fn: untyped, like: args, dims, outDims, randomness };
    const leaves = leavesOf(args);
    const result = chunkSize === null || chunkSize >= size
      ? mapped(call, leaves, size)
      : inChunks(call, leaves, size, chunkSize);
    return result as R;
  };
}

const KEYS = ["inDims", "outDims", "randomness", "chunkSize"];

/** What is called, and how. */
interface Call {
  readonly fn: (...args: unknown[]) => unknown;
  /** Arguments of the same structure. */
  readonly like: readonly unknown[];
  readonly dims: readonly (number | null)[];
  readonly outDims: Dims;
  readonly randomness: Randomness;
}

function mapped(
  { fn, like, dims, outDims, randomness }: Call,
  leaves: readonly unknown[],
  size: number,
): unknown {
  const places = [...dims.keys()].filter((k) => dims[k] !== null);
  return runMapped(
    size,
    places.map((k) => leaves[k] as Tensor),
    places.map((k) => dims[k]!),
    randomness,
    (inner, level) => {
      const given = leaves.slice();
      places.forEach((k, i) => given[k] = inner[i]);
      const result = fn(...withLeaves(like, given) as unknown[]);
      const to = outputDims(fn, outDims, result);
      return mapLeaves(result, (x, k) => output(fn, level, x, to[k] ?? null));
    },
  );
}

function output(
  fn: (...args: never[]) => unknown,
  level: Samples,
  x: unknown,
  dim: number | null,
): unknown {
  const name = nameOf(fn);
  if (dim === null) {
    if (!isTensor(x) || !levelsOf(x.storage.device).includes(level)) return x;
    throw new ValueError(
      `vmap(${name}, ...): \`${name}\` can not return a BatchedTensor when outDim is None`,
      "null in outDims is for results that are the same for all samples",
    );
  }
  if (!isTensor(x)) {
    throw new ValueError(
      `vmap(${name}, ...): \`${name}\` must only return Tensors, got type ${
        kindOf(x)
      }. Did you mean to set outDims= to None for output?`,
      "null in outDims is PyTorch's None",
    );
  }
  return leave(level, x, normalizeDim(dim, x.shape.length + 1));
}

function inChunks(
  call: Call,
  leaves: readonly unknown[],
  size: number,
  step: number,
): unknown {
  const { dims, randomness, fn, outDims } = call;
  const state = randomness === "same" ? defaultGenerator.getState() : null;
  const results: unknown[] = [];
  for (let at = 0; at < size; at += step) {
    const length = Math.min(step, size - at);
    if (state !== null) defaultGenerator.setState(state);
    const part = leaves.map((x, k) =>
      dims[k] === null ? x : (x as Tensor).narrow(dims[k]!, at, length)
    );
    results.push(mapped(call, part, length));
  }
  const lists = results.map(leavesOf);
  const to = outputDims(fn, outDims, results[0]);
  return mapLeaves(results[0], (x, k) => {
    const dim = to[k] ?? null;
    return dim === null ? x : cat(lists.map((list) => list[k] as Tensor), dim);
  });
}
