// Storage of the CPU device. Tiny tensors are slices of garbage-collected
// slabs, because making a typed array costs more than the op that fills it;
// larger ones are blocks of the memory that WebAssembly kernels work in.

import type { Device, Storage, TypedArray } from "../tensor/device.ts";
import { refuseDisposed } from "../tensor/disposal.ts";
import { type DTypeInfo, partInfo } from "../tensor/dtype.ts";
import { blockSize, takeBlock } from "./heap.ts";
import { BUFFER } from "./memory.ts";
import {
  type Block,
  collect,
  mayReclaim,
  reclaims,
  release,
  relieve,
  watch,
} from "./reclaim.ts";
import { TUNING } from "./tuning.ts";

/** Elements in typed arrays, from `base` on. */
export class CpuStorage implements Storage {
  /** Where the memory is. */
  device: Device;
  /** The array; shared with others where it is a slab. */
  data: TypedArray;
  /** Position of the first element. */
  readonly base: number;
  /** Number of elements. */
  readonly length: number;
  /** Address of the first element in the shared memory; 0 where it lies elsewhere. */
  pointer: number;
  /** The storage whose block this one looks into, so that the block lives as long. */
  readonly owner: CpuStorage | null;
  /** Counts changes in place. */
  version = 0;
  /** What {@linkcode free} may release: its memory, while it goes by no other name. */
  block: Block | null = null;

  /** Wraps a range of an array. */
  constructor(
    device: Device,
    data: TypedArray,
    base: number,
    length: number,
    pointer: number,
    owner: CpuStorage | null,
  ) {
    this.device = device;
    this.data = data;
    this.base = base;
    this.length = length;
    this.pointer = pointer;
    this.owner = owner;
  }
}

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

/** Looks at a block of the shared memory as an array of each element type, by code. */
const VIEWS: readonly ((pointer: number, length: number) => TypedArray)[] = [
  (p, n) => new Uint8Array(BUFFER, p, n), // bool
  (p, n) => new Uint8Array(BUFFER, p, n),
  (p, n) => new Int8Array(BUFFER, p, n),
  (p, n) => new Int16Array(BUFFER, p, n),
  (p, n) => new Int32Array(BUFFER, p, n),
  (p, n) => new BigInt64Array(BUFFER, p, n),
  (p, n) => new Float16Array(BUFFER, p, n),
  (p, n) => new Uint16Array(BUFFER, p, n), // bfloat16: its bits
  (p, n) => new Float32Array(BUFFER, p, n),
  (p, n) => new Float64Array(BUFFER, p, n),
];

/** Bytes that go to ordinary arrays after a collection made no room, until the next one is tried; at least. */
const LEAST_PATIENCE = 64 * 2 ** 20;
let patience = LEAST_PATIENCE;
/** Bytes that went there since; a full memory must not cost a collection per tensor. */
let outside = Infinity;

/** A block of the shared memory; 0 where there is no room. */
function findBlock(size: number): number {
  const pointer = takeBlock(size);
  if (pointer !== 0) return pointer;
  outside += size;
  if (outside < patience) return 0;
  collect();
  const found = takeBlock(size);
  // A memory full of tensors that live on is asked ever more rarely.
  patience = found === 0 && outside < Infinity ? 2 * patience : LEAST_PATIENCE;
  outside = found === 0 ? 0 : Infinity;
  return found;
}

/** Storage in the shared memory; in an ordinary array where there is no room. */
function allocateBlock(
  device: Device,
  info: DTypeInfo,
  length: number,
): CpuStorage {
  relieve();
  const size = blockSize(length * info.bytes);
  const pointer = findBlock(size);
  const { code } = info;
  const data = pointer === 0
    ? MAKERS[code]!(length)
    : VIEWS[code]!(pointer, length);
  const out = new CpuStorage(device, data, 0, length, pointer, null);
  if (pointer !== 0 || reclaims()) out.block = watch(out, pointer, size);
  return out;
}

/**
 * Reserves memory; its contents are undefined. It may sweep, which takes back
 * the memory of tensors that nothing refers to any more: take addresses only
 * after the last allocation, from storages that are still in use.
 */
export function allocate(
  device: Device,
  info: DTypeInfo,
  length: number,
): CpuStorage {
  const { code } = info;
  // Complex elements are pairs of numbers.
  if (info.category === 3) return allocate(device, partInfo(info), 2 * length);
  if (length > TUNING.slabMost) {
    return mayReclaim()
      ? allocateBlock(device, info, length)
      : new CpuStorage(device, MAKERS[code]!(length), 0, length, 0, null);
  }
  let slab = slabs[code]!;
  let base = used[code]!;
  if (base + length > slab.length) {
    slab = slabs[code] = MAKERS[code]!(SLAB_LENGTH);
    base = 0;
  }
  used[code] = base + length;
  return new CpuStorage(device, slab, base, length, 0, null);
}

/** What disposed storages have for an array: whoever looks into it is refused. */
const NOTHING: TypedArray = new Proxy(new Uint8Array(0), {
  get: () => refuseDisposed(),
  set: () => refuseDisposed(),
});

/** Another name for the memory of a storage. */
export function alias(storage: CpuStorage): CpuStorage {
  const { device, data, base, length, pointer } = storage;
  const owner = storage.owner ?? storage;
  // From now on the garbage collector decides: it knows all names.
  owner.block = null;
  return new CpuStorage(device, data, base, length, pointer, owner);
}

/** Gives the memory of a storage back at once if it has no other name; see `Device.free`. */
export function free(storage: CpuStorage): void {
  const { block } = storage;
  if (block !== null) release(block);
  storage.block = null;
  storage.data = NOTHING;
  storage.pointer = 0;
}
