// The program of a thread, as text: a worker from a `data:` URL needs no
// permission and no file. The words that it shares with pool.ts are here too,
// so that both sides agree.

/** Places of the control words, in 32-bit words; those that are polled have a cache line each. */
export const WORD = {
  /** Number of the launch: changes when there is work. Threads wait on it. */
  epoch: 0,
  /** Chunks that other threads have finished. */
  done: 32,
  /** Threads that sleep. */
  sleeping: 48,
  /** Not 0 while threads without work must not spin. */
  quiet: 64,
  /** Threads that are running. */
  ready: 80,
  /** Not 0 where a chunk failed. */
  failed: 81,
  /** Threads that may take part, the main one included. */
  active: 96,
  /** Number of the kernel. */
  kernel: 97,
  /** Address of the kernel's module. */
  pointer: 98,
  /** Bytes of the kernel's module. */
  length: 99,
  /** Items. */
  items: 100,
  /** Items of a chunk. */
  chunk: 101,
  /** Chunks. */
  count: 102,
  /** Parts that the chunks are cut into, one for each thread to begin with. */
  parts: 103,
  /**
   * Of each part, a cache line apart: the launch's number in the upper 24 bits,
   * the next chunk in the lower 8.
   */
  claim: 128,
} as const;

/** Words between the claims of two parts. */
export const CLAIM_STEP = 16;

/** Control words, for so many threads. */
export const controlWords = (threads: number): number =>
  WORD.claim + CLAIM_STEP * threads;

/** In place of a chunk's number: the words of the launch are being written. */
export const CLOSED = 255;

/** What a thread is started with. */
export interface WorkerData {
  /** The shared memory. */
  readonly memory: WebAssembly.Memory;
  /** Number of the thread, from 1 on. */
  readonly id: number;
  /** Address of the control words. */
  readonly control: number;
  /** Address of the main thread's arguments. */
  readonly shared: number;
  /** Address of this thread's copy of the arguments. */
  readonly own: number;
  /** Number of control words. */
  readonly words: number;
}

/**
 * The program. A thread claims chunks of the running launch with one
 * compare-and-swap on number and chunk together: it succeeds only if that
 * launch is still running, which proves that what was read for it is true. It
 * begins with the part of its own number: so that what one op left in a core's
 * cache the next op finds there; then it helps with the others' parts. Between
 * launches it spins for a while and then sleeps.
 */
export const WORKER_SOURCE: string = `
import { workerData } from "node:worker_threads";
const { memory, id, control, shared, own, words } = workerData;
const { add, compareExchange, load, store, sub, wait } = Atomics;
const pause = Atomics.pause ?? (() => {});
const c = new Int32Array(memory.buffer, control, words);
const args = new Int32Array(memory.buffer, shared, 192);
const mine = new Int32Array(memory.buffer, own, 192);
const kernels = new Map();
// About 0.4 ms: longer than what lies between the ops of a training step.
const SPINS = 8000;

function kernelOf(number, pointer, length) {
  let run = kernels.get(number);
  if (run === undefined) {
    const bytes = new Uint8Array(length);
    bytes.set(new Uint8Array(memory.buffer, pointer, length));
    const module = new WebAssembly.Module(bytes);
    run = new WebAssembly.Instance(module, { env: { memory } }).exports.run;
    kernels.set(number, run);
  }
  return run;
}

function rest(seen) {
  for (let spins = 0; load(c, ${WORD.epoch}) === seen; spins++) {
    if (spins < SPINS && load(c, ${WORD.quiet}) === 0) {
      pause();
      continue;
    }
    add(c, ${WORD.sleeping}, 1);
    while (load(c, ${WORD.epoch}) === seen) wait(c, ${WORD.epoch}, seen);
    sub(c, ${WORD.sleeping}, 1);
  }
  return load(c, ${WORD.epoch});
}

function runs(claim, seen) {
  return claim >>> 8 === seen && (claim & 255) !== ${CLOSED};
}

function help(seen) {
  const active = c[${WORD.active}];
  const parts = c[${WORD.parts}];
  const first = ${WORD.claim} + ${CLAIM_STEP} * (id % parts);
  if (!runs(load(c, first), seen)) return;
  const number = c[${WORD.kernel}];
  const pointer = c[${WORD.pointer}] >>> 0;
  const length = c[${WORD.length}];
  const items = c[${WORD.items}];
  const chunk = c[${WORD.chunk}];
  const count = c[${WORD.count}];
  if (id >= active || !runs(load(c, first), seen)) return;
  const run = kernelOf(number, pointer, length);
  mine.set(args);
  mine[63] = id;
  for (let turn = 0; turn < parts; turn++) {
    const part = (id + turn) % parts;
    const at = ${WORD.claim} + ${CLAIM_STEP} * part;
    const end = Math.floor((part + 1) * count / parts);
    for (;;) {
      const claim = load(c, at);
      const k = claim & 255;
      if (!runs(claim, seen) || k >= end) break;
      if (compareExchange(c, at, claim, claim + 1) !== claim) continue;
      try {
        run(own, k * chunk, Math.min(items, (k + 1) * chunk));
      } catch {
        store(c, ${WORD.failed}, 1);
      }
      add(c, ${WORD.done}, 1);
    }
  }
}

let seen = load(c, ${WORD.epoch});
add(c, ${WORD.ready}, 1);
for (;;) {
  seen = rest(seen);
  help(seen);
}
`;
