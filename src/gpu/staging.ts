// Reading buffers. A staging buffer that was mapped once before ("primed") can
// be read without awaiting: the call blocks until the GPU is done. A buffer
// that was not primed must never be read so; all buffers here are.

import { RuntimeError } from "../tensor/errors.ts";
import type { Buffers, GpuBuffer } from "./buffers.ts";
import { sizeClass } from "./buffers.ts";
import type { Context } from "./context.ts";
import type { Queue } from "./queue.ts";

/** A stretch of a buffer that is to be read; offset and length are multiples of four. */
export interface Stretch {
  /** What to read. */
  readonly from: GpuBuffer;
  /** First byte. */
  readonly offset: number;
  /** Number of bytes. */
  readonly bytes: number;
}

const USAGE = 0x01 | 0x08; // MAP_READ | COPY_DST
const READ = 0x01;
/** Staging buffers that are kept, by bytes altogether. */
const MOST_KEPT = 2 ** 26;

/** A read tells of its failure itself. */
function ignore(): void {}

/** Reads buffers through staging buffers, which it keeps. */
export class Staging {
  readonly #context: Context;
  readonly #queue: Queue;
  readonly #buffers: Buffers;
  readonly #free = new Map<number, GPUBuffer[]>();
  #kept = 0;
  /** Staging buffers that exist. */
  count = 0;

  constructor(context: Context, queue: Queue, buffers: Buffers) {
    this.#context = context;
    this.#queue = queue;
    this.#buffers = buffers;
  }

  /** Copies stretches to the host, one after the other, blocking until the GPU is done. */
  readSync(stretches: readonly Stretch[]): Uint8Array<ArrayBuffer> {
    const { abilities } = this.#context;
    if (!abilities.syncRead) {
      throw new RuntimeError(
        "this WebGPU device cannot be read synchronously",
        "use await x.read() or await dg.read([x, y]) in place of item(), tolist() and printing",
      );
    }
    this.#context.check();
    const [buffer, bytes] = this.#submit(stretches);
    // Deno keeps this promise and what is hung on it until the event loop turns.
    buffer.mapAsync(READ, 0, bytes).catch(ignore);
    let out: Uint8Array<ArrayBuffer>;
    try {
      out = new Uint8Array(buffer.getMappedRange(0, bytes).slice(0));
      buffer.unmap();
    } catch (error) {
      this.#fail(buffer, error);
    }
    this.#done(buffer, this.#queue.mark);
    return out;
  }

  /** The asynchronous twin of {@linkcode Staging.readSync}. */
  async read(stretches: readonly Stretch[]): Promise<Uint8Array<ArrayBuffer>> {
    this.#context.check();
    const [buffer, bytes] = this.#submit(stretches);
    const { mark } = this.#queue;
    try {
      await buffer.mapAsync(READ, 0, bytes);
    } catch (error) {
      this.#fail(buffer, error);
    }
    const out = new Uint8Array(buffer.getMappedRange(0, bytes).slice(0));
    buffer.unmap();
    this.#done(buffer, mark);
    return out;
  }

  /** A buffer that cannot be mapped, although all commands were valid: the device is gone. */
  #fail(buffer: GPUBuffer, error: unknown): never {
    this.count--;
    this.#context.check();
    this.#context.lose(`it cannot be read (${(error as Error).message})`);
    buffer.destroy();
    this.#context.check();
    throw error;
  }

  /** Records the copies and submits. */
  #submit(stretches: readonly Stretch[]): [GPUBuffer, number] {
    let bytes = 0;
    for (const stretch of stretches) bytes += stretch.bytes;
    const buffer = this.#take(bytes);
    let at = 0;
    for (const { from, offset, bytes } of stretches) {
      this.#queue.copy(from.buffer, offset, buffer, at, bytes);
      at += bytes;
    }
    this.#queue.flush();
    return [buffer, bytes];
  }

  #take(bytes: number): GPUBuffer {
    const size = sizeClass(bytes);
    const waiting = this.#free.get(size);
    if (waiting !== undefined && waiting.length > 0) {
      this.#kept -= size;
      return waiting.pop()!;
    }
    const buffer = this.#buffers.create({
      size,
      usage: USAGE,
      mappedAtCreation: true,
    });
    buffer.getMappedRange();
    buffer.unmap();
    this.count++;
    return buffer;
  }

  #done(buffer: GPUBuffer, mark: number): void {
    this.#queue.settle(mark);
    const { size } = buffer;
    if (this.#kept + size > MOST_KEPT) {
      buffer.destroy();
      this.count--;
      return;
    }
    this.#kept += size;
    const waiting = this.#free.get(size);
    if (waiting === undefined) this.#free.set(size, [buffer]);
    else waiting.push(buffer);
  }

  /** Blocks until the GPU has done all that was submitted; only where reads can block. */
  wait(): void {
    const probe = this.#buffers.take(4);
    this.readSync([{ from: probe, offset: 0, bytes: 4 }]);
    this.#buffers.give(probe);
  }

  /** Destroys the staging buffers that are kept. */
  trim(): void {
    for (const waiting of this.#free.values()) {
      for (const buffer of waiting) buffer.destroy();
      this.count -= waiting.length;
    }
    this.#free.clear();
    this.#kept = 0;
  }
}
