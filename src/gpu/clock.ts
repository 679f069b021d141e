// Measures kernels by the GPU's own time: each dispatch is a pass of its own,
// whose begin and end the GPU notes. What was noted is read when there is no
// more room, and at the end.

import type { Clock } from "../tensor/witness.ts";
import type { Context } from "./context.ts";
import type { PassClock, Queue } from "./queue.ts";
import type { Staging } from "./staging.ts";

/** Passes that are measured between two reads; WebGPU allows two notes for each. */
const PASSES = 2048;

/** Where the GPU notes times, and from where they are read. */
interface Notes {
  readonly queries: GPUQuerySet;
  readonly buffer: GPUBuffer;
}

/** Measures the kernels of one GPU. */
export class GpuClock implements Clock, PassClock {
  readonly #context: Context;
  readonly #queue: Queue;
  readonly #staging: Staging;
  #notes: Notes | null = null;
  #times: number[] = [];
  #pending = 0;

  constructor(context: Context, queue: Queue, staging: Staging) {
    this.#context = context;
    this.#queue = queue;
    this.#staging = staging;
  }

  start(): boolean {
    const { abilities, device, isLost } = this.#context;
    if (!abilities.timestamps || !abilities.syncRead || isLost) return false;
    this.#notes = {
      queries: device.createQuerySet({ type: "timestamp", count: 2 * PASSES }),
      buffer: device.createBuffer({
        size: 16 * PASSES,
        usage: 0x200 | 0x04, // QUERY_RESOLVE | COPY_SRC
      }),
    };
    this.#times = [];
    this.#queue.measure(this);
    return true;
  }

  get count(): number {
    return this.#times.length + this.#pending;
  }

  get full(): boolean {
    return this.#pending === PASSES;
  }

  next(): GPUComputePassTimestampWrites {
    const at = 2 * this.#pending++;
    return {
      querySet: this.#notes!.queries,
      beginningOfPassWriteIndex: at,
      endOfPassWriteIndex: at + 1,
    };
  }

  collect(): void {
    const count = this.#pending;
    if (count === 0) return;
    const { queries, buffer } = this.#notes!;
    this.#pending = 0;
    this.#queue.encode((encoder) =>
      encoder.resolveQuerySet(queries, 0, 2 * count, buffer, 0)
    );
    const { size } = buffer;
    const context = this.#context;
    const from = { buffer, context, id: 0, size, lastBatch: 0 };
    const bytes = this.#staging.readSync([
      { from, offset: 0, bytes: 16 * count },
    ]);
    const notes = new BigUint64Array(bytes.buffer);
    for (let k = 0; k < count; k++) {
      // Nanoseconds; a GPU that was reset meanwhile may count backwards.
      const time = Number(notes[2 * k + 1]! - notes[2 * k]!) / 1e6;
      this.#times.push(Math.max(0, time));
    }
  }

  stop(): readonly number[] {
    if (!this.#context.isLost) this.collect();
    this.#queue.measure(null);
    this.#notes?.queries.destroy();
    this.#notes?.buffer.destroy();
    this.#notes = null;
    this.#pending = 0;
    return this.#times;
  }
}
