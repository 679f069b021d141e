// The memory that WebAssembly kernels work in: one shared block of 4 GiB,
// reserved at the start and touched only as it is used, handed out by size
// class. Where it cannot be had, tensors live in garbage-collected arrays.
// It begins with 16 MiB and becomes whole with the first kernel: V8 takes 4 GiB
// for a reason to collect garbage, which small programs need not wait for.

import type { MemoryLimits } from "./wasm/emitter.ts";

/** Pages that the memory begins with. */
const START = 256;

/** Limits of the whole memory. */
export const LIMITS: MemoryLimits = {
  initial: 65536,
  maximum: 65536,
  shared: true,
};

function reserve(): WebAssembly.Memory | null {
  try {
    return new WebAssembly.Memory({ ...LIMITS, initial: START });
  } catch {
    return null;
  }
}

/** The memory, or null where it could not be reserved. */
export const MEMORY: WebAssembly.Memory | null = reserve();

/** All of the memory as it is now; views of what it was before stay good. */
export let BUFFER: ArrayBufferLike = MEMORY === null
  ? new ArrayBuffer(0)
  : MEMORY.buffer;

let pages: number = START;

/**
 * Makes sure that there are so many pages, or tells that they cannot be had. To
 * be called for all of them before the first thread starts: others would learn
 * of them too late.
 */
export function ensurePages(count: number): boolean {
  if (count <= pages) return true;
  if (MEMORY === null || count > LIMITS.maximum) return false;
  try {
    MEMORY.grow(LIMITS.maximum - pages);
  } catch {
    return false;
  }
  pages = LIMITS.maximum;
  BUFFER = MEMORY.buffer;
  return true;
}

/**
 * Limits for the module of a kernel. Those of a memory that is whole let V8
 * compare addresses with a constant.
 */
export function limitsForKernel(): MemoryLimits {
  ensurePages(LIMITS.maximum);
  return { ...LIMITS, initial: pages };
}

/** Where the arguments of a kernel's call lie; see wasm/kernel.ts. */
export const ARGUMENTS = 1024;

/** Bytes of a thread's copy of the arguments; that of thread t begins at `ARGUMENTS + t * this`. */
export const ARGUMENTS_SIZE = 1024;

/** Where the threads' control words lie; see pool.ts. */
export const CONTROL = 0xc000;

/** Where constants of kernels lie that are too many for their code; see wasm/vector_wide_sine.ts. */
export const CONSTANTS = 0xe000;

/** Bytes at the start that are never handed out: null, arguments, threads' control words. */
export const HEAP_START: number = 1 << 16;
