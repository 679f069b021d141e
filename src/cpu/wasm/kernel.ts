// A kernel: a compiled function over memory. All have one form,
// `run(arguments, begin, end)`: the arguments (pointers, strides, parameters)
// lie in memory, and the call does the items from `begin` to `end`, so that
// threads can share the work.

import { ARGUMENTS, limitsForKernel, MEMORY } from "../memory.ts";
import { share } from "../pool.ts";
import { TALLY } from "../tally.ts";
import { THREADS } from "../threads.ts";
import { TUNING } from "../tuning.ts";
import { type FunctionBuilder, writeModule } from "./emitter.ts";

/** A compiled kernel. */
export interface WasmKernel {
  /** Dense number of the kernel: threads know it by that. */
  readonly id: number;
  /** The module's bytes: threads compile their own copy. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Does the items from `begin` to `end`; pointer to the arguments first. */
  readonly run: (args: number, begin: number, end: number) => void;
}

let kernels = 0;

/** Compiles a kernel; its functions may call each other, `run` is the entry. */
export function compileKernel(
  functions: Readonly<Record<string, FunctionBuilder>> & {
    readonly run: FunctionBuilder;
  },
): WasmKernel {
  const bytes = writeModule(functions, limitsForKernel());
  const module = new WebAssembly.Module(bytes);
  const instance = new WebAssembly.Instance(module, {
    env: { memory: MEMORY! },
  });
  const id = kernels++;
  return { id, bytes, run: instance.exports.run as WasmKernel["run"] };
}

/** Compiles each kernel of a family when its key is first asked for. */
export function kernelTable(): (
  key: string,
  build: () => FunctionBuilder,
) => WasmKernel {
  const table = new Map<string, WasmKernel>();
  return (key, build) => {
    let kernel = table.get(key);
    if (kernel === undefined) {
      table.set(key, kernel = compileKernel({ run: build() }));
    }
    return kernel;
  };
}

/** How many kernels were compiled; each takes memory of V8's on every thread that ran it. */
export function kernelCount(): number {
  return kernels;
}

/** The arguments of the next call as 32-bit words: pointers, counts, strides in bytes. */
export const WORDS: Int32Array = MEMORY === null
  ? new Int32Array(64)
  : new Int32Array(MEMORY.buffer, ARGUMENTS, 64);

/** Numbers among the arguments, from byte 256 of the block on. */
export const NUMBERS: Float64Array = MEMORY === null
  ? new Float64Array(64)
  : new Float64Array(MEMORY.buffer, ARGUMENTS + 256, 64);

/** Byte offset of {@linkcode NUMBERS} in the block of arguments. */
export const NUMBERS_AT = 256;

/**
 * Runs a kernel over `items` items. From two grains on threads may share them:
 * in chunks that begin at multiples of `grain`, in any order, so items must not
 * depend on each other. Word 63 of the arguments is the number of the thread,
 * for kernels that need scratch memory; its arguments are a copy of its own.
 * {@linkcode TUNING}.threadLeast bounds the grain from above.
 */
export function launch(
  kernel: WasmKernel,
  items: number,
  grain: number,
): void {
  TALLY.kernels++;
  if (THREADS.count > 1) {
    const { threadLeast } = TUNING;
    const least = grain < threadLeast ? grain : threadLeast;
    if (
      items >= 2 * least && threadLeast !== Infinity &&
      share(kernel, items, least)
    ) return;
  }
  kernel.run(ARGUMENTS, 0, items);
}
