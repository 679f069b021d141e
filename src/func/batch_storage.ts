// The memory of a tensor that vmap maps: it looks like that of one sample, and
// is that of all. Knows devices only.

import type { Device, Storage } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";

/** Memory of one sample each, at fixed distances in the memory of another device. */
export class BatchStorage implements Storage {
  device: Device;
  readonly info: DTypeInfo;
  readonly length: number;
  /** The storage that the memory belongs to, if not this one: set when a result leaves. */
  owner: Storage | null;
  /** Where the elements are. */
  real: Storage;
  /** Position of the first sample's first element. */
  base: number;
  /** For each level of the device, from a sample to the next; 0 where all are one. */
  steps: readonly number[];

  constructor(
    device: Device,
    info: DTypeInfo,
    length: number,
    owner: Storage | null,
    real: Storage,
    base: number,
    steps: readonly number[],
  ) {
    this.device = device;
    this.info = info;
    this.length = length;
    this.owner = owner;
    this.real = real;
    this.base = base;
    this.steps = steps;
  }

  /** Devices look for their memory under these names: not here. */
  get data(): never {
    return refuseStray();
  }

  /** See {@linkcode BatchStorage.data}. */
  get pointer(): never {
    return refuseStray();
  }

  /** See {@linkcode BatchStorage.data}. */
  get memory(): never {
    return refuseStray();
  }

  /** Changes count where the elements are: whoever sees them there notices. */
  get version(): number {
    return this.real.version;
  }

  set version(value: number) {
    this.real.version = value;
  }
}

/** Fails because an op took what vmap maps for memory of its own: better than a wrong number. */
function refuseStray(): never {
  throw new RuntimeError(
    "vmap: an op without a batching rule was called on a tensor that is mapped",
    "call it outside of vmap(); this is a gap of the library, please report it",
  );
}
