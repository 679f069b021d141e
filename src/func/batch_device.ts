// A device on which a tensor has the shape of one sample and the memory of all:
// each call becomes one call of the device where the memory is, with more
// dimensions in front. So all ops, views, changes in place and gradients work
// under vmap without knowing of it. Where vmaps nest, and where a gradient of one
// meets what another recorded, a device has several levels.

import type {
  ConvolutionGeometry,
  Device,
  Epilogue,
  MapKernel,
  MatrixTask,
  ReduceKernel,
  RowKernel,
  ScatterMode,
  Storage,
  Strided,
  UpdateKernel,
  Windows,
} from "../tensor/device.ts";
import type { FourierTask } from "../tensor/device_fourier.ts";
import { type DTypeInfo, INT32 } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { countElements } from "../tensor/shape.ts";
import { BatchMemory, type Samples } from "./batch_memory.ts";
import {
  convolveBatch,
  factorBatch,
  fourierBatch,
  matmulBatch,
} from "./batch_products.ts";

/** The levels of a device, earlier calls of vmap first; none where it is no vmap's. */
export function levelsOf(device: Device | null): readonly Samples[] {
  return device instanceof BatchDevice ? device.levels : NO_LEVELS;
}

const NO_LEVELS: readonly Samples[] = [];

/** Where the memory of a device's tensors is. */
export function baseOf(device: Device): Device {
  return device instanceof BatchDevice ? device.base : device;
}

/** The device for samples of some calls on a device, which may have levels itself. */
export function deviceWith(device: Device, levels: readonly Samples[]): Device {
  const all = new Set([...levelsOf(device), ...levels]);
  return [...all].sort((a, b) => a.number - b.number)
    .reduce((at: Device, level) => over(at, level), baseOf(device));
}

/** The device for samples on another, whose levels are earlier ones. */
function over(device: Device, level: Samples): Device {
  let found = level.devices.get(device);
  if (found === undefined) {
    found = new BatchDevice(baseOf(device), [...levelsOf(device), level]);
    level.devices.set(device, found);
  }
  return found;
}

/** What a device looks at by rows has a last dimension, which must not be that of samples. */
function row(x: Strided): Strided {
  if (x.shape.length > 0) return x;
  const { storage, info, offset } = x;
  const [shape, strides] = [[1], [1]];
  return { storage, info, shape, strides, offset, count: 1, dense: true };
}

/** The device for the samples of one vmap, or of several that nest. */
export class BatchDevice extends BatchMemory implements Device {
  readonly fourier?: NonNullable<Device["fourier"]>;

  constructor(base: Device, levels: readonly Samples[]) {
    super(base, levels);
    if (base.fourier !== undefined) {
      this.fourier = (task, out, x) => this.#transform(task, out, x);
    }
  }

  join(other: Device): Device | null {
    if (baseOf(other) !== this.base) return null;
    return deviceWith(this, levelsOf(other));
  }

  map(
    kernel: MapKernel,
    compute: DTypeInfo,
    out: Strided,
    a: Strided,
    b: Strided | null,
    c: Strided | null,
    params: readonly number[],
  ): void {
    const rank = out.shape.length;
    const to = this.target(out);
    this.base.map(
      kernel,
      compute,
      to,
      this.all(a, rank),
      b && this.all(b, rank),
      c && this.all(c, rank),
      params,
    );
  }

  update(
    kernel: UpdateKernel,
    operands: readonly Strided[],
    params: readonly number[],
  ): void {
    const all = operands.map((x, k) =>
      kernel.bodies[k] === null ? this.all(x) : this.target(x)
    );
    this.base.update(kernel, all, params);
  }

  reduce(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
    rank: number,
  ): void {
    this.into([out], ([to]) => {
      this.base.reduce(kernel, compute, to!, this.all(x), rank);
    });
  }

  scan(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
  ): void {
    this.into([row(out)], ([to]) => {
      this.base.scan(kernel, compute, to!, this.all(row(x)));
    });
  }

  rows(
    kernel: RowKernel,
    out: Strided | null,
    totals: readonly Strided[],
    inputs: readonly Strided[],
    params: readonly number[],
    rank: number,
  ): void {
    const to = out && this.target(row(out));
    const changed = kernel.changes.map(({ input }) => input);
    this.into(totals, (all) => {
      const from = inputs.map((x, k) =>
        changed.includes(k) ? this.target(row(x)) : this.all(row(x))
      );
      this.base.rows(kernel, to, all, from, params, rank);
    });
  }

  argReduce(
    largest: boolean,
    out: Strided,
    x: Strided,
    values: Strided | null,
  ): boolean {
    let done = false;
    this.into(values === null ? [out] : [out, values], ([to, best]) => {
      done = this.base.argReduce(largest, to!, this.all(row(x)), best ?? null);
    });
    return done;
  }

  argScan(
    largest: boolean,
    values: Strided,
    indices: Strided,
    x: Strided,
  ): void {
    this.into([row(values), row(indices)], ([best, at]) => {
      this.base.argScan(largest, best!, at!, this.all(row(x)));
    });
  }

  sort(
    values: Strided,
    indices: Strided,
    x: Strided,
    descending: boolean,
  ): void {
    this.into([row(values), row(indices)], ([sorted, at]) => {
      this.base.sort(sorted!, at!, this.all(row(x)), descending);
    });
  }

  gather(out: Strided, x: Strided, dim: number, index: Strided): void {
    const to = this.target(row(out));
    this.base.gather(
      to,
      this.all(row(x)),
      dim + this.levels.length,
      this.all(row(index)),
    );
  }

  scatter(
    out: Strided,
    dim: number,
    index: Strided,
    src: Strided,
    mode: ScatterMode,
  ): void {
    const to = this.target(row(out));
    const from = this.all(row(src));
    this.base.scatter(
      to,
      dim + this.levels.length,
      this.all(row(index)),
      from,
      mode,
    );
  }

  foldIndex(
    out: Strided,
    index: Strided,
    size: number,
    wraps: boolean,
    scale: number,
    carry: boolean,
  ): number | null {
    const to = this.target(out);
    const from = this.all(index, out.shape.length);
    return this.base.foldIndex(to, from, size, wraps, scale, carry);
  }

  nonzero(x: Strided): Storage {
    const all = this.all(x);
    const depth = this.levels.length;
    if (all.strides.slice(0, depth).every((step) => step === 0)) {
      // A mask that is not mapped is the same for all samples.
      const [shape, strides] = [x.shape, all.strides.slice(depth)];
      const { count, dense } = x;
      const one = { ...all, shape, strides, count, dense };
      return this.lift(this.base.nonzero(one), INT32);
    }
    throw new RuntimeError(
      "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over aten::nonzero. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature.",
      "the result would have another shape for each sample; where(mask, x, 0) keeps the shape",
    );
  }

  searchSorted(
    out: Strided,
    sorted: Strided,
    values: Strided,
    right: boolean,
  ): void {
    const lead = values.shape.slice(0, -1);
    const shared = sorted.shape.length === 1 && values.shape.length !== 1;
    const rows = shared
      ? {
        ...sorted,
        shape: [...lead, sorted.shape[0]!],
        strides: [...lead.map(() => 0), sorted.strides[0]!],
        count: countElements(lead) * sorted.shape[0]!,
      }
      : sorted;
    this.into([row(out)], ([to]) => {
      const from = this.dense(row(values));
      const by = this.dense(
        values.shape.length === 0 ? sorted : rows,
      );
      this.base.searchSorted(to!, by, from, right);
    });
  }

  windowSum(out: Strided, x: Strided, dim: number, windows: Windows): void {
    this.into([out], ([to]) => {
      this.base.windowSum(
        to!,
        this.dense(x),
        dim + this.levels.length,
        windows,
      );
    });
  }

  windowMax(
    values: Strided,
    indices: Strided,
    x: Strided,
    windows: readonly Windows[],
  ): void {
    this.into([values, indices], ([best, at]) => {
      this.base.windowMax(best!, at!, this.dense(x), windows);
    });
  }

  matmul(
    out: Strided,
    x: Strided,
    y: Strided,
    epilogue: Epilogue | null,
  ): boolean {
    const to = this.target(out);
    matmulBatch(this.base, this.levels.length, to, this.all(x), this.all(y));
    return epilogue === null;
  }

  convolve(
    out: Strided,
    x: Strided,
    w: Strided,
    bias: Strided | null,
    geometry: ConvolutionGeometry,
  ): void {
    convolveBatch(
      this.base,
      this.levels.length,
      this.target(out),
      this.all(x),
      this.all(w),
      bias && this.all(bias),
      geometry,
    );
  }

  factor(
    task: MatrixTask,
    results: readonly Strided[],
    operands: readonly Strided[],
  ): void {
    if (this.base.factor === undefined) {
      throw new RuntimeError(
        `The operator 'linalg.${task.name}' is not currently implemented for the ${this.type} device.`,
        "move the tensor there and back: x.cpu() and to(device)",
      );
    }
    factorBatch(
      this.base,
      this.levels.length,
      task,
      results.map((x) => this.target(x)),
      operands.map((x) => this.all(x)),
    );
  }

  /** What {@linkcode fourier} does, where the device beneath can. */
  #transform(task: FourierTask, out: Strided, x: Strided): void {
    const all = this.dense(x);
    this.into([out], ([result]) => {
      fourierBatch(this.base, this.levels.length, task, result!, all);
    });
  }
}
