// One buffer in which all small tensors lie: kernels on them share a bind
// group, which costs less than making one for every combination of buffers.

import type { Buffers, GpuBuffer } from "./buffers.ts";

/** Bytes of the arena, where one binding holds as many. */
const ARENA_BYTES = 2 ** 24;
/** Bytes of the largest tensor that lies there. */
const MOST_BYTES = 2 ** 16;
/** Sizes are multiples of that many bytes. */
const GRAIN = 64;

/** A piece of the arena. */
export interface Piece {
  /** Where it begins, in words of four bytes. */
  readonly base: number;
  /** Its size. */
  readonly bytes: number;
}

/** Hands out pieces of one buffer and takes them back, by size. */
export class Arena {
  readonly #buffers: Buffers;
  readonly #size: number;
  readonly #free: number[][] = [];
  #top = 0;
  #segments: readonly GpuBuffer[] | null = null;
  /** Bytes of the pieces that are taken. */
  live = 0;

  constructor(buffers: Buffers) {
    this.#buffers = buffers;
    this.#size = Math.min(ARENA_BYTES, buffers.most);
  }

  /** Its size; 0 before it is first used. */
  get bytes(): number {
    return this.#segments === null ? 0 : this.#size;
  }

  /** The buffer. */
  get segments(): readonly GpuBuffer[] {
    return this.#segments ??= [this.#buffers.take(this.#size)];
  }

  /** Takes a piece; null where the arena is full or the tensor too large for it. */
  take(bytes: number): Piece | null {
    if (bytes > MOST_BYTES) return null;
    const grains = sizeInGrains(bytes);
    const free = this.#free[grains];
    const size = grains * GRAIN;
    if (free !== undefined && free.length > 0) {
      this.live += size;
      return { base: free.pop()! >> 2, bytes: size };
    }
    if (this.#top + size > this.#size) return null;
    const at = this.#top;
    this.#top += size;
    this.live += size;
    return { base: at >> 2, bytes: size };
  }

  /** Takes a piece back. */
  give({ base, bytes }: Piece): void {
    this.live -= bytes;
    (this.#free[bytes / GRAIN] ??= []).push(base * 4);
  }
}

/** Few sizes, so that a piece fits the next tensor: quarters between powers of two. */
function sizeInGrains(bytes: number): number {
  const grains = Math.max(1, Math.ceil(bytes / GRAIN));
  if (grains <= 4) return grains;
  // A quarter of the largest power of two below.
  const step = 1 << (29 - Math.clz32(grains - 1));
  return (grains + step - 1) & -step;
}
