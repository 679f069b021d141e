// The memory of a tensor on the GPU: one buffer, or several segments where one
// binding could not hold it.

import type { Device, Storage } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import type { Watched } from "../tensor/garbage.ts";
import type { Arena } from "./arena.ts";
import type { Buffers, GpuBuffer } from "./buffers.ts";
import type { Context } from "./context.ts";
import { storedBytes } from "./element.ts";

/** Buffers that hold the elements; shared by all storages that are names of the same memory. */
export class GpuMemory {
  /** Bytes of the buffers. */
  readonly bytes: number;
  /** The buffers, each of {@linkcode GpuMemory.perSegment} elements but the last. */
  readonly segments: readonly GpuBuffer[];
  /** Elements in each segment but the last. */
  readonly perSegment: number;

  /** Whether it is a piece of the arena, in words of four bytes. */
  readonly arena: boolean;
  /** Where it begins in the arena, in words. */
  readonly base: number;

  constructor(
    segments: readonly GpuBuffer[],
    perSegment: number,
    bytes: number,
    arena: boolean,
    base: number,
  ) {
    this.segments = segments;
    this.perSegment = perSegment;
    this.bytes = bytes;
    this.arena = arena;
    this.base = base;
  }
}

/** Memory on the GPU. */
export class GpuStorage implements Storage {
  device: Device;
  readonly length: number;
  readonly owner: Storage | null;
  version = 0;
  /** What `free` may give back: the memory, while it goes by no other name. */
  watched: Watched<GpuMemory> | null = null;
  /** The buffers. */
  memory: GpuMemory;

  constructor(
    device: Device,
    length: number,
    memory: GpuMemory,
    owner: Storage | null,
  ) {
    this.device = device;
    this.length = length;
    this.memory = memory;
    this.owner = owner;
  }
}

/** Positions are signed integers of 32 bits. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Reserves memory for so many elements. */
export function reserve(
  context: Context,
  buffers: Buffers,
  arena: Arena,
  info: DTypeInfo,
  length: number,
): GpuMemory {
  const bytes = storedBytes(info);
  if (length > MOST_ELEMENTS) {
    throw new RuntimeError(
      `a WebGPU tensor has at most ${MOST_ELEMENTS} elements, got ${length}`,
      "kernels count elements in 32 bits",
    );
  }
  const perSegment = context.maxBinding / bytes;
  if (bytes === 4) {
    const piece = arena.take(length * 4);
    if (piece !== null) {
      return new GpuMemory(
        arena.segments,
        perSegment,
        piece.bytes,
        true,
        piece.base,
      );
    }
  }
  const segments: GpuBuffer[] = [];
  let rest = length;
  try {
    do {
      const n = Math.min(rest, perSegment);
      segments.push(buffers.take(n * bytes));
      rest -= n;
    } while (rest > 0);
  } catch (error) {
    for (const segment of segments) buffers.give(segment);
    throw error;
  }
  const total = segments.reduce((sum, { size }) => sum + size, 0);
  return new GpuMemory(segments, perSegment, total, false, 0);
}
