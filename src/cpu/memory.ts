// The memory that WebAssembly kernels work in: one shared block of 4 GiB,
// reserved at the start and touched only as it is used, handed out by size
// class. Where it cannot be had, tensors live in garbage-collected arrays.

import type { MemoryLimits } from "./wasm/emitter.ts";

/** Limits that every kernel's module must import the memory with. */
export const LIMITS: MemoryLimits = {
  initial: 65536,
  maximum: 65536,
  shared: true,
};

function reserve(): WebAssembly.Memory | null {
  try {
    return new WebAssembly.Memory({ ...LIMITS });
  } catch {
    return null;
  }
}

/** The memory, or null where it could not be reserved. */
export const MEMORY: WebAssembly.Memory | null = reserve();

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
