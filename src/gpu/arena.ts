// One buffer in which all small tensors lie: kernels on them share a bind
// group, which costs less than making one for every combination of buffers.

import type { Buffers, GpuBuffer } from "./buffers.ts";

/** Bytes of the arena, where one binding holds as many. */
const ARENA_BYTES = 2 ** 24;
/** Bytes of the largest tensor that lies there. */
const MOST_BYTES = 2 ** 16;
/** Sizes are multiples of that many bytes. */
const GRAIN = 64;
const MOST_GRAINS = MOST_BYTES / GRAIN;
/** Bytes that must have come back before it is worth looking for neighbours again. */
const MERGE_BYTES = 2 ** 20;

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
  /** Bytes that came back since neighbours were last looked for. */
  #given = 0;
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
    let at = this.#find(grains);
    if (at < 0 && this.#given >= MERGE_BYTES) {
      this.#merge();
      at = this.#find(grains);
    }
    if (at < 0) return null;
    const size = grains * GRAIN;
    this.live += size;
    return { base: at >> 2, bytes: size };
  }

  /** Where there is room for a piece: one of its size, what was never taken, or a part of a larger one; -1 where none is. */
  #find(grains: number): number {
    const free = this.#free[grains];
    if (free !== undefined && free.length > 0) return free.pop()!;
    const size = grains * GRAIN;
    if (this.#top + size <= this.#size) {
      const at = this.#top;
      this.#top += size;
      return at;
    }
    for (let g = grains; g < MOST_GRAINS;) {
      g = roundedUp(g + 1);
      const larger = this.#free[g];
      if (larger === undefined || larger.length === 0) continue;
      const at = larger.pop()!;
      this.#put(at + size, g - grains);
      return at;
    }
    return -1;
  }

  /** Has room taken from now on, in as few pieces as there are sizes for. */
  #put(at: number, grains: number): void {
    while (grains > 0) {
      const part = roundedDown(Math.min(grains, MOST_GRAINS));
      (this.#free[part] ??= []).push(at);
      at += part * GRAIN;
      grains -= part;
    }
  }

  /** Makes neighbours one: another kind of work needs other sizes. */
  #merge(): void {
    this.#given = 0;
    const pieces: [number, number][] = [];
    this.#free.forEach((free, grains) => {
      for (const at of free) pieces.push([at, grains]);
    });
    this.#free.length = 0;
    pieces.sort(([a], [b]) => a - b);
    for (let k = 0; k < pieces.length;) {
      const [start] = pieces[k]!;
      let end = start;
      while (k < pieces.length && pieces[k]![0] === end) {
        end += pieces[k++]![1] * GRAIN;
      }
      if (end === this.#top) this.#top = start;
      else this.#put(start, (end - start) / GRAIN);
    }
  }

  /** Takes a piece back. */
  give({ base, bytes }: Piece): void {
    this.live -= bytes;
    this.#given += bytes;
    (this.#free[bytes / GRAIN] ??= []).push(base * 4);
  }
}

/** Few sizes, so that a piece fits the next tensor: quarters between powers of two. */
function sizeInGrains(bytes: number): number {
  return roundedUp(Math.max(1, Math.ceil(bytes / GRAIN)));
}

/** The least size that holds so many. */
function roundedUp(grains: number): number {
  if (grains <= 4) return grains;
  // A quarter of the largest power of two below.
  const step = 1 << (29 - Math.clz32(grains - 1));
  return (grains + step - 1) & -step;
}

/** The largest size among so many. */
function roundedDown(grains: number): number {
  if (grains <= 8) return grains;
  return grains & -(1 << (29 - Math.clz32(grains)));
}
