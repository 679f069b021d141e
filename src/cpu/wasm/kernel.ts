// A kernel: a compiled function over memory. All have one form,
// `run(arguments, begin, end)`: the arguments (pointers, strides, parameters)
// lie in memory, and the call does the items from `begin` to `end`, so that
// threads can share the work.

import { ARGUMENTS, LIMITS, MEMORY } from "../memory.ts";
import { type FunctionBuilder, writeModule } from "./emitter.ts";

/** A compiled kernel. */
export interface WasmKernel {
  /** The module's bytes: threads compile their own copy. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Does the items from `begin` to `end`; pointer to the arguments first. */
  readonly run: (args: number, begin: number, end: number) => void;
}

/** Compiles a kernel; its functions may call each other, `run` is the entry. */
export function compileKernel(
  functions: Readonly<Record<string, FunctionBuilder>> & {
    readonly run: FunctionBuilder;
  },
): WasmKernel {
  const bytes = writeModule(functions, LIMITS);
  const module = new WebAssembly.Module(bytes);
  const instance = new WebAssembly.Instance(module, {
    env: { memory: MEMORY! },
  });
  return { bytes, run: instance.exports.run as WasmKernel["run"] };
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

/** Runs a kernel over `items` items; at least `grain` of them go to one thread. */
export function launch(
  kernel: WasmKernel,
  items: number,
  _grain: number,
): void {
  kernel.run(ARGUMENTS, 0, items);
}
