// The commands of many ops in one encoder and one pass, submitted together: on
// a read, after some hundred dispatches, or before a write that must keep its
// place. The numbers that kernels take lie in one uniform buffer, by slots.

import type { GpuBuffer } from "./buffers.ts";
import type { Context } from "./context.ts";

/** Bytes of numbers that one kernel sees. */
export const WORD_BYTES = 1024;
/** Numbers that one kernel sees. */
export const WORD_COUNT = 256;

/** Bytes of the numbers of one batch. */
const RING_BYTES = 2 ** 18;
/** Dispatches in one submission, at most. */
const MOST_DISPATCHES = 256;
/** Submissions in flight, at most: then the host waits for the GPU. */
const MOST_IN_FLIGHT = 16;

/** Records commands and submits them in batches. */
export class Queue {
  readonly #context: Context;
  readonly #ring = new Int32Array(RING_BYTES / 4);
  readonly #offset = new Uint32Array(1);
  readonly #align: number;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #top = 0;
  #dispatches = 0;
  #inFlight = 0;
  #wait: (() => void) | null = null;
  /** The buffer that holds the numbers. */
  readonly uniforms: GPUBuffer;
  /** Number of the batch that is being recorded. */
  batch = 1;

  constructor(context: Context) {
    this.#context = context;
    this.#align = context.device.limits.minUniformBufferOffsetAlignment;
    this.uniforms = context.device.createBuffer({
      size: RING_BYTES,
      usage: 0x40 | 0x08, // UNIFORM | COPY_DST
    });
  }

  /** Tells how to wait for the GPU; without that nothing holds the host back. */
  onFull(wait: () => void): void {
    this.#wait = wait;
  }

  /** Adds one dispatch of a kernel with its numbers. */
  dispatch(
    pipeline: GPUComputePipeline,
    group: GPUBindGroup,
    words: Int32Array,
    count: number,
    x: number,
    y: number,
  ): void {
    if (
      this.#dispatches === MOST_DISPATCHES ||
      this.#top + WORD_BYTES > RING_BYTES
    ) this.flush();
    const ring = this.#ring;
    const at = this.#top >> 2;
    for (let k = 0; k < count; k++) ring[at + k] = words[k]!;
    this.#offset[0] = this.#top;
    const bytes = count * 4;
    this.#top += Math.ceil(bytes / this.#align) * this.#align;
    this.#pass ??= this.#begin().beginComputePass();
    this.#pass.setPipeline(pipeline);
    this.#pass.setBindGroup(0, group, this.#offset, 0, 1);
    this.#pass.dispatchWorkgroups(x, y);
    this.#dispatches++;
  }

  /** Adds a copy between buffers; all in bytes, multiples of four. */
  copy(
    from: GPUBuffer,
    fromOffset: number,
    to: GPUBuffer,
    toOffset: number,
    bytes: number,
  ): void {
    this.#endPass();
    this.#begin().copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
  }

  /** Writes host bytes into a buffer, after what was recorded before. */
  write(
    to: GpuBuffer,
    toOffset: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    // A write takes effect before the whole batch that is being recorded.
    if (to.lastBatch === this.batch) this.flush();
    this.#context.device.queue.writeBuffer(
      to.buffer,
      toOffset,
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  /** Submits what was recorded. */
  flush(): void {
    const { device } = this.#context;
    const encoder = this.#encoder;
    if (encoder === null) return;
    this.#endPass();
    if (this.#top > 0) {
      device.queue.writeBuffer(
        this.uniforms,
        0,
        this.#ring.buffer,
        0,
        this.#top,
      );
    }
    device.queue.submit([encoder.finish()]);
    this.#encoder = null;
    this.#top = 0;
    this.#dispatches = 0;
    this.batch++;
    if (++this.#inFlight >= MOST_IN_FLIGHT && this.#wait !== null) {
      // Waiting submits as well.
      this.#inFlight = 0;
      this.#wait();
    }
  }

  /** Says that the GPU has done all that was submitted. */
  settle(): void {
    this.#inFlight = 0;
  }

  #begin(): GPUCommandEncoder {
    return this.#encoder ??= this.#context.device.createCommandEncoder();
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
  }
}
