// The memory of a vmap's device: what an operand that looks like one sample is
// where the memory is, with a dimension for each level in front. Knows devices
// only.

import { HostRead, refuseUnbatched } from "../tensor/batching.ts";
import type { Device, Storage, Strided, TypedArray } from "../tensor/device.ts";
import {
  DISPOSED,
  disposeStorage,
  refuseDisposed,
} from "../tensor/disposal.ts";
import { type DTypeInfo, partInfo } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { contiguousStrides, countElements } from "../tensor/shape.ts";
import { isDense } from "../tensor/view.ts";
import { BatchStorage } from "./batch_storage.ts";

/** How random numbers are drawn under a vmap. */
export type Randomness = "error" | "different" | "same";

let calls = 0;

/** One call of vmap. */
export class Samples {
  /** Counts the calls: samples of an earlier one lie further apart. */
  readonly number: number = calls++;
  /** How many there are. */
  readonly size: number;
  /** How deep vmaps nest, from 1. */
  readonly depth: number;
  readonly randomness: Randomness;
  /** Whether the function still runs. */
  open = true;
  /** The devices for them on others, which need not be made twice. */
  readonly devices: WeakMap<Device, Device> = new WeakMap();

  constructor(size: number, depth: number, randomness: Randomness) {
    this.size = size;
    this.depth = depth;
    this.randomness = randomness;
  }
}

/** Fails where samples do not begin where pairs of numbers do. */
function checkPairs({ base, steps }: BatchStorage): void {
  if (base % 2 === 0 && steps.every((step) => step % 2 === 0)) return;
  throw new RuntimeError(
    "Tensor must have a stride divisible by 2 for all but last dimension",
    "clone() what is seen as complex numbers first",
  );
}

/** Memory of all samples, and how to look at it. */
export class BatchMemory {
  readonly type: string;
  readonly indexInfo: DTypeInfo;
  /** Where the memory is. */
  readonly base: Device;
  /** The calls whose samples it holds, earlier ones first. */
  readonly levels: readonly Samples[];
  /** How many samples each of them has. */
  readonly sizes: readonly number[];
  /** How many samples there are together. */
  readonly size: number;
  readonly mostInRow?: number;

  constructor(base: Device, levels: readonly Samples[]) {
    this.base = base;
    this.levels = levels;
    this.sizes = levels.map(({ size }) => size);
    this.size = countElements(this.sizes);
    this.type = base.type;
    this.indexInfo = base.indexInfo;
    if (base.mostInRow !== undefined) this.mostInRow = base.mostInRow;
  }

  /** What it is, with the kernels that come on top. */
  get #device(): Device {
    return this as unknown as Device;
  }

  holds(other: Device): boolean {
    if (other === this.#device || other === this.base) return true;
    return other instanceof BatchMemory && other.base === this.base &&
      other.levels.every((level) => this.levels.includes(level));
  }

  /** All samples of an operand, a dimension for each level in front; at least `rank` behind them. */
  all(x: Strided, rank: number = x.shape.length): Strided {
    const { storage } = x;
    const { device } = storage;
    if (device === DISPOSED) refuseDisposed();
    const shape = this.sizes.slice();
    const strides = new Array<number>(shape.length).fill(0);
    let real = storage;
    let { offset } = x;
    if (device instanceof BatchMemory) {
      this.#checkHolds(device);
      const batch = storage as BatchStorage;
      real = batch.real;
      // Memory is counted in numbers; a complex element is two.
      const width = x.info.category === 3 ? 2 : 1;
      offset += batch.base / width;
      if (real.device === DISPOSED) refuseDisposed();
      device.levels.forEach((level, k) => {
        strides[this.levels.indexOf(level)] = batch.steps[k]! / width;
      });
      if (width > 1 && x.count > 0) checkPairs(batch);
    }
    for (let d = x.shape.length; d < rank; d++) {
      shape.push(1);
      strides.push(0);
    }
    shape.push(...x.shape);
    strides.push(...x.strides);
    const count = this.size * x.count;
    const dense = isDense(shape, strides);
    return {
      storage: real,
      info: x.info,
      shape,
      strides,
      offset,
      count,
      dense,
    };
  }

  #checkHolds(device: Device): void {
    if (this.holds(device)) return;
    throw new RuntimeError(
      "vmap: a tensor of another vmap was used, which does not enclose this one",
      "return it from the function that is mapped",
    );
  }

  /** All samples of an operand that is written to. */
  target(x: Strided): Strided {
    const { device } = x.storage;
    if (device === DISPOSED) refuseDisposed();
    if (device !== this.#device) refuseUnbatched();
    const batch = x.storage as BatchStorage;
    if (batch.steps.some((step, k) => step === 0 && this.sizes[k]! > 1)) {
      this.#separate(batch);
    }
    return this.all(x);
  }

  /** Gives samples that shared their memory one each. */
  #separate(batch: BatchStorage): void {
    const { info, length, real, base, steps } = batch;
    const own = this.scratch(info, [length]);
    const { shape, count } = own;
    const strides = [...steps, 1];
    this.base.copy(own, {
      storage: real,
      info,
      shape,
      strides,
      offset: base,
      count,
      dense: false,
    });
    batch.real = own.storage;
    batch.base = 0;
    batch.steps = own.strides.slice(0, -1);
  }

  /** Dense memory beneath for all samples of something of a shape. */
  scratch(info: DTypeInfo, shape: readonly number[]): Strided {
    const whole = [...this.sizes, ...shape];
    const count = countElements(whole);
    return {
      storage: this.base.allocate(info, count),
      info,
      shape: whole,
      strides: contiguousStrides(whole),
      offset: 0,
      count,
      dense: true,
    };
  }

  /** Calls `fn` with dense memory for each result, all samples of it, and brings it where it belongs. */
  protected into(outs: readonly Strided[], fn: (all: Strided[]) => void): void {
    const targets = outs.map((out) => this.target(out));
    const dense = targets.map((out) =>
      out.dense
        ? out
        : this.scratch(out.info, out.shape.slice(this.sizes.length))
    );
    fn(dense);
    targets.forEach((out, k) => {
      const from = dense[k]!;
      if (from === out) return;
      this.base.copy(out, from);
      disposeStorage(from.storage);
    });
  }

  protected dense(x: Strided): Strided {
    const all = this.all(x);
    if (all.dense) return all;
    const out = this.scratch(x.info, x.shape);
    this.base.copy(out, all);
    return out;
  }

  allocate(info: DTypeInfo, length: number): Storage {
    if (info.category === 3) {
      // The device beneath says so if it has no complex numbers.
      this.base.allocate(info, 0);
      return this.allocate(partInfo(info), 2 * length);
    }
    const real = this.base.allocate(info, this.size * length);
    const steps = contiguousStrides([...this.sizes, length]).slice(0, -1);
    return new BatchStorage(this.#device, info, length, null, real, 0, steps);
  }

  lift(storage: Storage, given: DTypeInfo): Storage {
    const info = partInfo(given);
    const { length } = storage;
    const x = {
      info,
      shape: [],
      strides: [],
      offset: 0,
      count: 1,
      dense: true,
    };
    const { storage: real, strides, offset } = this.all({ ...x, storage });
    const owner = storage.owner ?? storage;
    return new BatchStorage(
      this.#device,
      info,
      length,
      owner,
      real,
      offset,
      strides,
    );
  }

  alias(storage: Storage): Storage {
    const batch = storage as BatchStorage;
    const { info, length, real, base, steps } = batch;
    const other = real.device.alias(real);
    const owner = batch.owner ?? batch;
    return new BatchStorage(
      this.#device,
      info,
      length,
      owner,
      other,
      base,
      steps,
    );
  }

  free(storage: Storage): void {
    if (storage.owner === null) disposeStorage((storage as BatchStorage).real);
  }

  write(out: Strided, values: ArrayLike<number> | ArrayLike<bigint>): void {
    const to = this.target(out);
    // Samples of random numbers come all at once.
    const each = values.length === out.count;
    const shape = [
      ...this.levels.map(({ randomness, size }) =>
        each || randomness !== "different" ? 1 : size
      ),
      ...out.shape,
    ];
    const count = countElements(shape);
    const { info } = out;
    const from: Strided = {
      storage: this.base.allocate(info, count),
      info,
      shape,
      strides: contiguousStrides(shape),
      offset: 0,
      count,
      dense: true,
    };
    this.base.write(from, values);
    this.base.copy(to, from);
    disposeStorage(from.storage);
  }

  read(_x: Strided): TypedArray {
    throw new HostRead(
      "Cannot access data pointer of Tensor that doesn't have storage",
      "inside vmap() a tensor stands for all samples; return it and read the result",
    );
  }

  readAll(tensors: readonly Strided[]): Promise<TypedArray[]> {
    return Promise.resolve(tensors.map((x) => this.read(x)));
  }

  readOne(_x: Strided): number | bigint {
    throw new HostRead(
      "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, please try to rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch internals, please file a bug report.",
      "inside vmap() a tensor stands for all samples: where() chooses between values, and what depends on numbers is done outside",
    );
  }

  fill(out: Strided, value: number | bigint): void {
    this.base.fill(this.target(out), value);
  }

  copy(out: Strided, x: Strided): void {
    this.base.copy(this.target(out), this.all(x, out.shape.length));
  }
}
