// Buffers by size class: a buffer that no tensor refers to any more is used
// again, in the order of the queue, without waiting for the GPU.

import { RuntimeError } from "../tensor/errors.ts";
import type { Context } from "./context.ts";

/** A WebGPU buffer with what the engine knows of it. */
export interface GpuBuffer {
  /** The buffer itself. */
  readonly buffer: GPUBuffer;
  /** The device that it is on. */
  readonly context: Context;
  /** Never used twice on a device, for keys of bind groups. */
  readonly id: number;
  /** Its size in bytes. */
  readonly size: number;
  /** The batch of commands that used it last. */
  lastBatch: number;
}

/** Sizes are rounded up to a quarter of the power of two below, at least 256 bytes. */
export function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const power = 2 ** Math.floor(Math.log2(bytes - 1));
  const step = Math.max(256, power / 4);
  return Math.ceil(bytes / step) * step;
}

const USAGE = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST

/** Buffers in use and buffers to be used again. */
export class Buffers {
  readonly #context: Context;
  readonly #free = new Map<number, GpuBuffer[]>();
  #nextId = 1;
  #relieve: (() => void) | null = null;
  /** Buffers that exist. */
  count = 0;
  /** Bytes of the buffers that exist. */
  bytes = 0;
  /** Bytes of the buffers that wait to be used again. */
  freeBytes = 0;
  /** Most bytes that were in use at a time. */
  peak = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Bytes of the largest buffer there is. */
  get most(): number {
    return this.#context.maxBinding;
  }

  /** Takes a buffer of at least so many bytes; its contents are undefined. */
  take(bytes: number): GpuBuffer {
    const size = Math.min(sizeClass(bytes), this.#context.maxBinding);
    const waiting = this.#free.get(size);
    let buffer: GpuBuffer;
    if (waiting !== undefined && waiting.length > 0) {
      this.freeBytes -= size;
      buffer = waiting.pop()!;
    } else buffer = this.#make(size);
    const used = this.bytes - this.freeBytes;
    if (used > this.peak) this.peak = used;
    return buffer;
  }

  /** Calls `relieve` where memory ran out: it gives back what it can. */
  onFull(relieve: () => void): void {
    this.#relieve = relieve;
  }

  #make(size: number): GpuBuffer {
    const buffer = this.create({ size, usage: USAGE });
    this.count++;
    this.bytes += size;
    const context = this.#context;
    return { buffer, context, id: this.#nextId++, size, lastBatch: 0 };
  }

  /**
   * Creates a buffer of any kind, which the caller looks after; gives back what
   * can be where there is no memory for it, and fails where that is not enough.
   * It is asked at once whether there was memory, which takes about 40 µs: a
   * buffer without memory would spoil every command that it occurs in.
   */
  create(what: GPUBufferDescriptor): GPUBuffer {
    const context = this.#context;
    context.check();
    const create = () => context.device.createBuffer(what);
    let outcome = context.attempt("out-of-memory", create);
    if (outcome.failure !== null) {
      this.#relieve?.();
      outcome = context.attempt("out-of-memory", create);
    }
    if (outcome.failure !== null) this.refuse(what.size);
    return outcome.result;
  }

  /** Gives a buffer back: commands that are recorded later may use it again. */
  give(buffer: GpuBuffer): void {
    const waiting = this.#free.get(buffer.size);
    if (waiting === undefined) this.#free.set(buffer.size, [buffer]);
    else waiting.push(buffer);
    this.freeBytes += buffer.size;
  }

  /**
   * Puts the buffers that wait in order: a program that goes in circles then
   * meets the same ones together, for which bind groups are kept.
   */
  arrange(): void {
    for (const waiting of this.#free.values()) {
      waiting.sort((a, b) => b.id - a.id);
    }
  }

  /** Destroys the buffers that wait to be used again. No recorded command may still refer to them. */
  trim(): void {
    for (const waiting of this.#free.values()) {
      for (const { buffer, size } of waiting) {
        buffer.destroy();
        this.count--;
        this.bytes -= size;
      }
    }
    this.#free.clear();
    this.freeBytes = 0;
  }

  /** Fails because there is no memory left, although all that could be was given back. */
  refuse(bytes: number): never {
    const live = this.bytes - this.freeBytes;
    const count = this.count - this.#waiting();
    throw new RuntimeError(
      `WebGPU out of memory. Tried to allocate ${showBytes(bytes)}.`,
      `${count} buffers of tensors that are alive take ${
        showBytes(live)
      }; memory() tells how much tensors take, dispose() and scope() give it back`,
    );
  }

  #waiting(): number {
    let count = 0;
    for (const waiting of this.#free.values()) count += waiting.length;
    return count;
  }
}

/** Shows a number of bytes as PyTorch's messages do. */
export function showBytes(bytes: number): string {
  if (bytes < 2 ** 20) return `${(bytes / 2 ** 10).toFixed(2)} KiB`;
  if (bytes < 2 ** 30) return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
