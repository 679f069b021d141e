// Writes WebAssembly: bytes of functions and of the module around them. Knows
// the format and nothing of kernels.

import { LANE_OPS, MEMORY_OPS, OP, SIMD } from "./opcodes.ts";

/** The value type i32. */
export const I32 = 0x7f;
/** The value type i64. */
export const I64 = 0x7e;
/** The value type f32. */
export const F32 = 0x7d;
/** The value type f64. */
export const F64 = 0x7c;
/** The value type v128. */
export const V128 = 0x7b;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const out: number[] = [];
  let n = value >>> 0;
  do {
    const byte = n & 127;
    n >>>= 7;
    out.push(n ? byte | 128 : byte);
  } while (n);
  return out;
}

/** Signed LEB128 of a 32-bit integer. */
function signed(value: number): number[] {
  const out: number[] = [];
  let n = value | 0;
  while (true) {
    const byte = n & 127;
    n >>= 7;
    if ((n === 0 && !(byte & 64)) || (n === -1 && byte & 64)) {
      out.push(byte);
      return out;
    }
    out.push(byte | 128);
  }
}

function bytesOf(array: Float32Array | Float64Array | Int32Array): number[] {
  return [...new Uint8Array(array.buffer)];
}

/** A function under construction. Each call appends an instruction and returns the builder. */
export class FunctionBuilder {
  /** Types of the parameters. */
  readonly params: readonly number[];
  /** Types of the results. */
  readonly results: readonly number[];
  readonly #code: number[] = [];
  readonly #locals: number[] = [];
  readonly #prelude: number[] = [];
  readonly #hoisted = new Map<string, number>();

  /** Starts a function. */
  constructor(params: readonly number[], results: readonly number[] = []) {
    this.params = params;
    this.results = results;
  }

  /** Declares a local variable and returns its index. */
  local(type: number): number {
    this.#locals.push(type);
    return this.params.length + this.#locals.length - 1;
  }

  /** An instruction without immediate. */
  op(name: keyof typeof OP): this {
    this.#code.push(OP[name]);
    return this;
  }

  /** A vector instruction without immediate. */
  simd(name: keyof typeof SIMD): this {
    this.#code.push(0xfd, ...unsigned(SIMD[name]));
    return this;
  }

  /** A load or a store at the address on the stack plus `offset`. */
  memory(name: keyof typeof MEMORY_OPS, offset = 0): this {
    const [code, align] = MEMORY_OPS[name];
    if (code >= 0xfd00) this.#code.push(0xfd, ...unsigned(code & 0xff));
    else this.#code.push(code);
    this.#code.push(align, ...unsigned(offset));
    return this;
  }

  /** A load into or a store out of one lane. A load pops the vector that keeps the other lanes. */
  memoryLane(name: keyof typeof LANE_OPS, lane: number, offset = 0): this {
    const [code, align] = LANE_OPS[name];
    this.#code.push(0xfd, code, align, ...unsigned(offset), lane);
    return this;
  }

  /** Pops a length, an address to read and one to write, and copies bytes. */
  memoryCopy(): this {
    this.#code.push(0xfc, 10, 0, 0);
    return this;
  }

  /** Pushes a variable. */
  get(index: number): this {
    this.#code.push(0x20, ...unsigned(index));
    return this;
  }

  /** Pops into a variable. */
  set(index: number): this {
    this.#code.push(0x21, ...unsigned(index));
    return this;
  }

  /** Copies the top of the stack into a variable. */
  tee(index: number): this {
    this.#code.push(0x22, ...unsigned(index));
    return this;
  }

  /** Pushes a 32-bit integer. */
  i32(value: number): this {
    this.#code.push(0x41, ...signed(value));
    return this;
  }

  /** Pushes a 64-bit integer. */
  i64(value: bigint): this {
    this.#code.push(0x42);
    let n = BigInt.asIntN(64, value);
    while (true) {
      const byte = Number(n & 127n);
      n >>= 7n;
      if ((n === 0n && !(byte & 64)) || (n === -1n && byte & 64)) {
        this.#code.push(byte);
        return this;
      }
      this.#code.push(byte | 128);
    }
  }

  /** Pushes a float. */
  f32(value: number): this {
    this.#code.push(0x43, ...bytesOf(new Float32Array([value])));
    return this;
  }

  /** Pushes a double. */
  f64(value: number): this {
    this.#code.push(0x44, ...bytesOf(new Float64Array([value])));
    return this;
  }

  /** Pushes a vector of four equal floats. */
  f32x4(value: number): this {
    return this.vector(new Float32Array(4).fill(value));
  }

  /** Pushes a vector of two equal doubles. */
  f64x2(value: number): this {
    return this.vector(new Float64Array(2).fill(value));
  }

  /** Pushes a vector of four equal integers. */
  i32x4(value: number): this {
    return this.vector(new Int32Array(4).fill(value));
  }

  /** Pushes a constant vector. */
  vector(lanes: Float32Array | Float64Array | Int32Array): this {
    this.#code.push(0xfd, 12, ...bytesOf(lanes));
    return this;
  }

  /**
   * Index of a variable that holds a constant vector. It is set once, where the
   * function starts: V8 would make the constant anew in every turn of a loop.
   */
  hoisted(lanes: Float32Array | Float64Array | Int32Array): number {
    const bytes = bytesOf(lanes);
    const key = bytes.join();
    const known = this.#hoisted.get(key);
    if (known !== undefined) return known;
    const index = this.local(V128);
    this.#hoisted.set(key, index);
    this.#prelude.push(0xfd, 12, ...bytes, 0x21, ...unsigned(index));
    return index;
  }

  /** Pops a vector and pushes one of its lanes. */
  lane(type: "i32x4" | "i64x2" | "f32x4" | "f64x2", index: number): this {
    const code = { i32x4: 0x1b, i64x2: 0x1d, f32x4: 0x1f, f64x2: 0x21 }[type];
    this.#code.push(0xfd, code, index);
    return this;
  }

  /** Pops a number and a vector below it, and pushes the vector with that number in a lane. */
  replaceLane(type: "i32x4" | "i64x2", index: number): this {
    this.#code.push(0xfd, type === "i32x4" ? 0x1c : 0x1e, index);
    return this;
  }

  /** Pops two vectors and pushes bytes chosen from both. */
  shuffle(bytes: readonly number[]): this {
    this.#code.push(0xfd, 13, ...bytes);
    return this;
  }

  /** Opens a block that `br` leaves. */
  block(): this {
    this.#code.push(0x02, 0x40);
    return this;
  }

  /** Opens a loop that `br` repeats. */
  loop(): this {
    this.#code.push(0x03, 0x40);
    return this;
  }

  /** Pops a condition and opens the branch for when it holds. */
  if(): this {
    this.#code.push(0x04, 0x40);
    return this;
  }

  /** Opens the other branch. */
  else(): this {
    this.#code.push(0x05);
    return this;
  }

  /** Closes a block, a loop or a branch. */
  end(): this {
    this.#code.push(0x0b);
    return this;
  }

  /** Jumps to the `depth`-th enclosing block. */
  br(depth: number): this {
    this.#code.push(0x0c, ...unsigned(depth));
    return this;
  }

  /** Jumps if the popped condition holds. */
  brIf(depth: number): this {
    this.#code.push(0x0d, ...unsigned(depth));
    return this;
  }

  /** Calls a function of the same module. */
  call(index: number): this {
    this.#code.push(0x10, ...unsigned(index));
    return this;
  }

  /** The finished body, with its size and its local variables. */
  body(): number[] {
    const runs: [count: number, type: number][] = [];
    for (const type of this.#locals) {
      const last = runs[runs.length - 1];
      if (last !== undefined && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const body = [
      ...unsigned(runs.length),
      ...runs.flatMap(([count, type]) => [...unsigned(count), type]),
      ...this.#prelude,
      ...this.#code,
      0x0b,
    ];
    return [...unsigned(body.length), ...body];
  }
}

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...unsigned(bytes.length), ...bytes];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

/** How large the memory is that a module imports, in pages of 64 KiB. */
export interface MemoryLimits {
  /** Pages at the start. */
  readonly initial: number;
  /** Most pages. */
  readonly maximum: number;
  /** Whether threads share it. */
  readonly shared: boolean;
}

/**
 * Writes a module that imports `env.memory` and exports the functions by name.
 * Functions call each other by their place in the list.
 */
export function writeModule(
  functions: Readonly<Record<string, FunctionBuilder>>,
  memory: MemoryLimits,
): Uint8Array<ArrayBuffer> {
  const all = Object.values(functions);
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      list(all.map(({ params, results }) => [
        0x60,
        ...unsigned(params.length),
        ...params,
        ...unsigned(results.length),
        ...results,
      ])),
    ),
    ...section(
      2,
      list([[
        ...text("env"),
        ...text("memory"),
        2,
        memory.shared ? 3 : 1,
        ...unsigned(memory.initial),
        ...unsigned(memory.maximum),
      ]]),
    ),
    ...section(3, list(all.map((_, i) => unsigned(i)))),
    ...section(
      7,
      list(
        Object.keys(functions).map((name, i) => [
          ...text(name),
          0,
          ...unsigned(i),
        ]),
      ),
    ),
    ...section(10, list(all.map((fn) => fn.body()))),
  ]);
}
