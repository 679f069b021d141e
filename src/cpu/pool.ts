// The threads: workers that sleep in the shared memory until a launch has work
// for them. They are started when large ops have cost enough time and never
// waited for: the calling thread works from the first chunk on, whoever else
// is there helps.

import { blockSize, takeBlock } from "./heap.ts";
import {
  ARGUMENTS,
  ARGUMENTS_SIZE,
  CONTROL,
  ensurePages,
  LIMITS,
  MEMORY,
} from "./memory.ts";
import { MOST_THREADS, THREADS } from "./threads.ts";
import {
  CLAIM_STEP,
  CLOSED,
  controlWords,
  WORD,
  WORKER_SOURCE,
  type WorkerData,
} from "./worker_source.ts";

/** What `process.getBuiltinModule("node:worker_threads")` gives, as far as it is used. */
interface WorkerThreads {
  Worker: new (url: URL, options: { workerData: WorkerData }) => {
    unref(): void;
    on(event: "error", listener: () => void): void;
  };
}

/** A kernel as the pool sees it: its bytes, and its entry on this thread. */
interface Shareable {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly run: (args: number, begin: number, end: number) => void;
}

/** Chunks per thread: more even the load out, fewer cost less. */
const CHUNKS_PER_THREAD = 8;
/** Polls before the main thread sleeps for a moment: a thread may have lost its processor. */
const SPINS = 20_000;
/** Milliseconds of that moment. */
const NAP = 0.05;

const CONTROL_WORDS = controlWords(MOST_THREADS);
const control: Int32Array<ArrayBufferLike> = MEMORY === null
  ? new Int32Array(CONTROL_WORDS)
  : new Int32Array(MEMORY.buffer, CONTROL, CONTROL_WORDS);

/**
 * Milliseconds of work that could have been shared, after which one more thread
 * is started. Starting one blocks this thread for about as long, so that a
 * program never pays much more than the better of both choices.
 */
const START_AFTER = 50;

/** What this thread did alone since it last started another. */
let alone = 0;
/** Threads that were started, the main one included. */
let started = 1;
/** Whether starting one failed: there will be no more. */
let broken = MEMORY === null;
/** Address of each kernel's bytes in the shared memory, by number; 0 where there was no room. */
const PLACES: number[] = [];

/** Starts one more thread. */
function start(): void {
  try {
    const { process } = globalThis as unknown as {
      process?: { getBuiltinModule?(name: string): unknown };
    };
    const threads = process?.getBuiltinModule?.("node:worker_threads") as
      | WorkerThreads
      | undefined;
    if (threads === undefined) {
      broken = true;
      return;
    }
    if (!ensurePages(LIMITS.maximum)) {
      broken = true;
      return;
    }
    const url = new URL(
      `data:text/javascript,${encodeURIComponent(WORKER_SOURCE)}`,
    );
    const id = started;
    const worker = new threads.Worker(url, {
      workerData: {
        memory: MEMORY!,
        id,
        control: CONTROL,
        shared: ARGUMENTS,
        own: ARGUMENTS + id * ARGUMENTS_SIZE,
        words: CONTROL_WORDS,
      },
    });
    started++;
    // The process must end although the thread does not.
    worker.unref();
    worker.on("error", () => broken = true);
  } catch {
    broken = true;
  }
}

/** Whether another thread is wanted and possible. */
function wantsMore(): boolean {
  return started < THREADS.count && started < MOST_THREADS && !broken;
}

/** Starts all threads that are wanted at once. */
export function startThreads(): void {
  while (wantsMore()) start();
}

/** Counts time that passed with too few threads; enough of it starts one. */
function lacked(since: number): void {
  alone += performance.now() - since;
  if (alone < START_AFTER) return;
  alone = 0;
  start();
}

/** Copies a kernel's bytes to where threads can read them; false where there is no room. */
function publish(kernel: Shareable): boolean {
  const known = PLACES[kernel.id];
  if (known !== undefined) return known !== 0;
  const pointer = takeBlock(blockSize(kernel.bytes.length));
  PLACES[kernel.id] = pointer;
  if (pointer === 0) return false;
  new Uint8Array(MEMORY!.buffer, pointer, kernel.bytes.length)
    .set(kernel.bytes);
  return true;
}

/** Threads that take part at present, the main one included. */
export function threadsReady(): number {
  return Math.min(1 + Atomics.load(control, WORD.ready), THREADS.count);
}

/** Lets threads without work sleep at once, where other threads need the processors. */
export function quiet(on: boolean): void {
  if (started > 1) Atomics.store(control, WORD.quiet, on ? 1 : 0);
}

/**
 * Runs a kernel with whoever is there; false where nobody else is, and nothing
 * was done. Chunks begin at multiples of `grain`.
 */
export function share(
  kernel: Shareable,
  items: number,
  grain: number,
): boolean {
  const threads = threadsReady();
  const time = wantsMore() ? performance.now() : 0;
  if (threads === 1 || !publish(kernel)) {
    if (time === 0) return false;
    kernel.run(ARGUMENTS, 0, items);
    lacked(time);
    return true;
  }
  const most = Math.min(threads * CHUNKS_PER_THREAD, CLOSED - 1);
  const chunk = grain * Math.ceil(items / grain / most);
  const count = Math.ceil(items / chunk);
  if (count === 1) return false;

  const epoch = (control[WORD.epoch]! + 1) & 0xffffff;
  const first = epoch << 8;
  const parts = Math.min(threads, count);
  // Those of parts that this launch lacks as well: a thread that is late must
  // not take an old claim for one that still holds.
  for (let part = 0; part < started; part++) {
    Atomics.store(control, claimOf(part), first | CLOSED);
  }
  control[WORD.kernel] = kernel.id;
  control[WORD.pointer] = PLACES[kernel.id]!;
  control[WORD.length] = kernel.bytes.length;
  control[WORD.items] = items;
  control[WORD.chunk] = chunk;
  control[WORD.count] = count;
  control[WORD.parts] = parts;
  control[WORD.active] = threads;
  Atomics.store(control, WORD.done, 0);
  // A launch in which this thread failed as well has left it set.
  Atomics.store(control, WORD.failed, 0);
  for (let part = 0; part < parts; part++) {
    const start = Math.floor(part * count / parts);
    Atomics.store(control, claimOf(part), first | start);
  }
  Atomics.store(control, WORD.epoch, epoch);
  if (Atomics.load(control, WORD.sleeping) > 0) {
    Atomics.notify(control, WORD.epoch, threads - 1);
  }

  let own = 0;
  try {
    for (let part = 0; part < parts; part++) {
      const end = Math.floor((part + 1) * count / parts);
      for (let k = claim(part, end); k >= 0; k = claim(part, end)) {
        own++;
        kernel.run(ARGUMENTS, k * chunk, Math.min(items, (k + 1) * chunk));
      }
    }
  } finally {
    // If this thread failed, nobody starts another chunk, and those that are
    // being worked on must end before anyone touches the memory again.
    for (let part = 0; part < parts; part++) {
      const end = Math.floor((part + 1) * count / parts);
      while (claim(part, end) >= 0) own++;
    }
    waitFor(count - own);
  }
  if (Atomics.exchange(control, WORD.failed, 0) !== 0) {
    throw new Error("a kernel failed on another thread");
  }
  if (time !== 0) lacked(time);
  return true;
}

/** Place of the word that says what a part's next chunk is. */
function claimOf(part: number): number {
  return WORD.claim + CLAIM_STEP * part;
}

/** Takes the next chunk of a part that ends before `end`; -1 where all are taken. */
function claim(part: number, end: number): number {
  const at = claimOf(part);
  while (true) {
    const now = Atomics.load(control, at);
    const k = now & 255;
    if (k >= end) return -1;
    if (Atomics.compareExchange(control, at, now, now + 1) === now) return k;
  }
}

/** Waits until the others have finished so many chunks. */
function waitFor(chunks: number): void {
  let spins = 0;
  while (true) {
    const done = Atomics.load(control, WORD.done);
    if (done === chunks) return;
    if (++spins < SPINS) continue;
    Atomics.wait(control, WORD.done, done, NAP);
  }
}
