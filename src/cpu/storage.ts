// Memory of the CPU device: typed arrays; tiny tensors are slices of shared
// slabs, because making a typed array costs more than the op that fills it.

import type { Device, Storage, TypedArray } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";

/** Elements in typed arrays, from `base` on. */
export class CpuStorage implements Storage {
  /** Where the memory is. */
  readonly device: Device;
  /** The array; shared with others where it is a slab. */
  readonly data: TypedArray;
  /** Position of the first element. */
  readonly base: number;
  /** Number of elements. */
  readonly length: number;
  /** Counts changes in place. */
  version = 0;

  /** Wraps a range of an array. */
  constructor(device: Device, data: TypedArray, base: number, length: number) {
    this.device = device;
    this.data = data;
    this.base = base;
    this.length = length;
  }
}

/** Up to this many elements come from a slab. */
const SLAB_LIMIT = 32;
/** Elements of a slab. One live element keeps all of it alive, so it is small. */
const SLAB_LENGTH = 256;

/** Makes an array of the storage type of each element type, by code. */
const MAKERS: readonly ((length: number) => TypedArray)[] = [
  (n) => new Uint8Array(n), // bool
  (n) => new Uint8Array(n),
  (n) => new Int8Array(n),
  (n) => new Int16Array(n),
  (n) => new Int32Array(n),
  (n) => new BigInt64Array(n),
  (n) => new Float16Array(n),
  (n) => new Uint16Array(n), // bfloat16: its bits
  (n) => new Float32Array(n),
  (n) => new Float64Array(n),
];

const slabs: TypedArray[] = MAKERS.map((make) => make(0));
const used: number[] = MAKERS.map(() => 0);

/** Makes an array of the storage type of an element type. */
export function makeArray(info: DTypeInfo, length: number): TypedArray {
  return MAKERS[info.code]!(length);
}

/** Reserves memory; contents are undefined where it comes from a slab. */
export function allocate(
  device: Device,
  info: DTypeInfo,
  length: number,
): CpuStorage {
  const { code } = info;
  if (length > SLAB_LIMIT) {
    return new CpuStorage(device, MAKERS[code]!(length), 0, length);
  }
  let slab = slabs[code]!;
  let base = used[code]!;
  if (base + length > slab.length) {
    slab = slabs[code] = MAKERS[code]!(SLAB_LENGTH);
    base = 0;
  }
  used[code] = base + length;
  return new CpuStorage(device, slab, base, length);
}
