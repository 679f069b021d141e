// The commands of many ops in one encoder and one pass, submitted together: on
// a read, after some hundred dispatches, when enough work has come together to
// hide what a submission costs, or before a large write that must keep its
// place. The numbers that kernels take lie in one uniform buffer, by slots.

import { collectGarbage } from "../tensor/garbage.ts";
import { RuntimeError } from "../tensor/errors.ts";
import type { GpuBuffer } from "./buffers.ts";
import type { Context } from "./context.ts";
import { WORD_COUNT } from "./module_text.ts";

/** Bytes of numbers that one kernel sees. */
const WORD_BYTES = WORD_COUNT * 4;

/** Bytes of the numbers of one batch. */
const RING_BYTES = 2 ** 18;
/** Dispatches in one submission, at most. */
const MOST_DISPATCHES = 256;
/** Workgroups in one submission after which the GPU need not wait for more. */
const ENOUGH_GROUPS = 2 ** 15;
/** Dispatches below which a submission is not worth its cost, however large they are. */
const FEW_DISPATCHES = 8;
/** Bytes of host data that wait in a buffer of their own for their turn in the batch. */
const UPLOAD_BYTES = 2 ** 20;
/** Dispatches in flight, at most: then the host waits for the GPU. */
const MOST_IN_FLIGHT = 4096;
/** The same where the host cannot wait: then ops are refused until it has awaited. */
const MOST_UNAWAITED = 2 ** 20;
/** Submissions after which garbage is collected: each leaves two kilobytes. */
const COLLECT_EVERY = 2048;
/** What a submission counts as in that. */
const SUBMISSION = 64;

/** Measures dispatches, each in a pass of its own. */
export interface PassClock {
  /** Whether there is no room for another pass. */
  readonly full: boolean;
  /** Reads what was measured and makes room. */
  collect(): void;
  /** Where the times of the next pass go. */
  next(): GPUComputePassTimestampWrites;
}

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
  #groups = 0;
  #pipeline: GPUComputePipeline | null = null;
  #upload: GPUBuffer | null = null;
  #uploaded = 0;
  #submitted = 0;
  #done = 0;
  #asked = false;
  #wait: (() => void) | null = null;
  #stopped = false;
  #clock: PassClock | null = null;
  /** The buffer that holds the numbers. */
  readonly uniforms: GPUBuffer;
  /** Number of the batch that is being recorded. */
  batch = 1;
  /** Dispatches in flight, at most, where the host cannot wait. */
  mostUnawaited: number = MOST_UNAWAITED;

  constructor(context: Context) {
    this.#context = context;
    this.#align = context.device.limits.minUniformBufferOffsetAlignment;
    this.uniforms = context.device.createBuffer({
      size: RING_BYTES,
      usage: 0x40 | 0x08, // UNIFORM | COPY_DST
    });
  }

  /** Tells how to wait for the GPU; without that ops are refused where too many are in flight. */
  onFull(wait: () => void): void {
    this.#wait = wait;
  }

  /** Has dispatches measured from now on; null ends that. */
  measure(clock: PassClock | null): void {
    this.#endPass();
    this.#clock = clock;
  }

  /** Records a command that is neither a dispatch nor a copy. */
  encode(record: (encoder: GPUCommandEncoder) => void): void {
    this.#endPass();
    record(this.#begin());
  }

  /** Submits if the batch cannot take another dispatch, or has enough to do. */
  makeRoom(): void {
    if (this.#clock !== null && this.#clock.full) this.#clock.collect();
    if (
      this.#dispatches >= MOST_DISPATCHES ||
      this.#top + WORD_BYTES > RING_BYTES ||
      (this.#groups >= ENOUGH_GROUPS && this.#dispatches >= FEW_DISPATCHES)
    ) {
      this.flush();
      if (this.#submitted - this.#done >= this.mostUnawaited) this.#refuse();
    }
  }

  /** Adds one dispatch of a kernel with its numbers; there is room for it. */
  dispatch(
    pipeline: GPUComputePipeline,
    group: GPUBindGroup,
    words: Int32Array,
    count: number,
    x: number,
    y: number,
  ): void {
    const ring = this.#ring;
    const at = this.#top >> 2;
    for (let k = 0; k < count; k++) ring[at + k] = words[k]!;
    this.#offset[0] = this.#top;
    this.#top += Math.ceil(count * 4 / this.#align) * this.#align;
    const pass = this.#pass ??= this.#beginPass();
    if (pipeline !== this.#pipeline) {
      this.#pipeline = pipeline;
      pass.setPipeline(pipeline);
    }
    pass.setBindGroup(0, group, this.#offset, 0, 1);
    pass.dispatchWorkgroups(x, y);
    this.#dispatches++;
    this.#groups += x * y;
    if (this.#clock !== null) this.#endPass();
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
    const { device } = this.#context;
    const { buffer, byteOffset, byteLength } = bytes;
    if (to.lastBatch !== this.batch) {
      device.queue.writeBuffer(
        to.buffer,
        toOffset,
        buffer,
        byteOffset,
        byteLength,
      );
      return;
    }
    // That would take effect before the whole batch that is being recorded.
    if (this.#uploaded + byteLength > UPLOAD_BYTES) {
      this.flush();
      this.write(to, toOffset, bytes);
      return;
    }
    const upload = this.#upload ??= device.createBuffer({
      size: UPLOAD_BYTES,
      usage: 0x04 | 0x08, // COPY_SRC | COPY_DST
    });
    const at = this.#uploaded;
    device.queue.writeBuffer(upload, at, buffer, byteOffset, byteLength);
    this.copy(upload, at, to.buffer, toOffset, byteLength);
    this.#uploaded += byteLength;
  }

  /** Drops what was recorded, and refuses what comes: the device is gone. */
  stop(): void {
    this.#endPass();
    this.#reset();
    this.#stopped = true;
    // Each dispatch will find that there is no room.
    this.#dispatches = MOST_DISPATCHES;
  }

  /** Submits what was recorded. */
  flush(): void {
    const context = this.#context;
    const { device } = context;
    if (this.#stopped) context.check();
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
    // Commands that are not valid would be told of when the event loop turns.
    this.#submitted += this.#dispatches + SUBMISSION;
    try {
      context.scoped(
        "validation",
        () => device.queue.submit([encoder.finish()]),
      );
    } finally {
      this.#reset();
    }
    // Encoders are garbage that V8 thinks small, and takes its time with.
    if (this.batch % COLLECT_EVERY === 0) collectGarbage();
    if (this.#submitted - this.#done < MOST_IN_FLIGHT) return;
    if (this.#wait === null) this.#ask();
    else {
      // Waiting submits as well.
      this.#done = this.#submitted;
      this.#wait();
    }
  }

  /** Has the GPU tell when it is done, which one hears of when the event loop turns. */
  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    const { mark } = this;
    const heard = () => {
      this.#asked = false;
      this.settle(mark);
      if (this.#submitted > mark) this.#ask();
    };
    this.#context.device.queue.onSubmittedWorkDone().then(heard, heard);
  }

  #refuse(): never {
    // Nothing is recorded, and each dispatch will ask again whether there is room.
    this.#dispatches = MOST_DISPATCHES;
    throw new RuntimeError(
      "too many ops wait for this WebGPU device, which cannot be waited for synchronously",
      "await x.read() now and then in a long loop",
    );
  }

  /** Begins the next batch. */
  #reset(): void {
    this.#encoder = null;
    this.#top = 0;
    this.#dispatches = 0;
    this.#groups = 0;
    this.#uploaded = 0;
    this.batch++;
  }

  /** What was submitted so far. */
  get mark(): number {
    return this.#submitted;
  }

  /** Says that the GPU has done all that was submitted up to a mark. */
  settle(mark: number): void {
    if (mark > this.#done) this.#done = mark;
    if (this.#encoder === null && !this.#stopped) this.#dispatches = 0;
  }

  #begin(): GPUCommandEncoder {
    return this.#encoder ??= this.#context.device.createCommandEncoder();
  }

  #beginPass(): GPUComputePassEncoder {
    const encoder = this.#begin();
    const clock = this.#clock;
    return clock === null
      ? encoder.beginComputePass()
      : encoder.beginComputePass({ timestampWrites: clock.next() });
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
    this.#pipeline = null;
  }
}
