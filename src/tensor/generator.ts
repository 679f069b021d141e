// The random generator: the Mersenne twister MT19937 with PyTorch's seeding,
// order of draws, cache of normal samples and state layout, so that a seed
// gives the stream that PyTorch gives on the CPU. Pure: knows nothing of
// tensors or devices; distributions.ts turns the draws into numbers.

import { logOneMinus } from "./log1p.ts";
import { RuntimeError, ValueError } from "./errors.ts";

/** Words in the state of the twister. */
const N = 624;
/** Distance between the words that one step of the twister mixes. */
const M = 397;
/** The seed of `torch.Generator()` where none is given. */
const DEFAULT_SEED = 67280421310721n;
const MASK_64 = 0xffffffffffffffffn;

/** Bytes of a saved state and where its fields lie, as in PyTorch's C struct. */
const STATE_BYTES = 5056;
const AT_LEFT = 8;
const AT_SEEDED = 12;
const AT_NEXT = 16;
const AT_WORDS = 24;
const AT_DOUBLE_NORMAL = 5024;
const AT_DOUBLE_NORMAL_VALID = 5040;
const AT_FLOAT_NORMAL = 5048;
const AT_FLOAT_NORMAL_VALID = 5052;

/** A seed as the 64 bits that PyTorch keeps; negative seeds wrap around. */
function seedBits(seed: number | bigint): bigint {
  if (typeof seed !== "bigint") {
    if (typeof seed !== "number") {
      throw new TypeError(`manualSeed expected a long, but got ${typeof seed}`);
    }
    if (!Number.isInteger(seed)) {
      throw new RuntimeError(
        "manualSeed expected a long, but got float",
        "a seed is an integer: a number or a bigint",
      );
    }
    seed = BigInt(seed);
  }
  if (seed < -(1n << 63n) || seed > MASK_64) {
    throw new ValueError(
      "Overflow when unpacking long long",
      "a seed lies between -2^63 and 2^64 - 1",
    );
  }
  return seed & MASK_64;
}

/** A 64-bit integer as a number where that is exact. */
function numberIfSafe(value: bigint): number | bigint {
  return value <= 0x1fffffffffffffn ? Number(value) : value;
}

/** 64 bits that nobody can predict. */
function entropy(): bigint {
  const words = crypto.getRandomValues(new Uint32Array(2));
  return (BigInt(words[0]!) << 32n) | BigInt(words[1]!);
}

/**
 * A source of random numbers with its own state. See `torch.Generator`.
 *
 * The stream is PyTorch's CPU stream: the same seed gives the same numbers.
 *
 * @example
 * ```ts
 * import { Generator } from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const generator = new Generator(7);
 * const state = generator.getState();
 * const first = generator.random32();
 * generator.setState(state);
 * assertEquals(generator.random32(), first);
 * assertEquals(generator.initialSeed(), 7);
 * ```
 */
export class Generator {
  /** Where the generator draws: always on the host. */
  readonly device = "cpu";
  readonly #words = new Int32Array(N);
  /** Whether the words are still to be made of the seed: programs that draw nothing need none. */
  #unmade = true;
  #next = N;
  /** True until the first draw: PyTorch writes that down as position 0. */
  #fresh = true;
  #seed = 0n;
  // NaN is no sample, so it can stand for "none".
  #cachedNormal = NaN;
  /** Never set by a CPU kernel, but a saved state has a place for it. */
  #cachedFloatNormal = NaN;

  /** Makes a generator; without a seed it starts from PyTorch's fixed default. */
  constructor(seed: number | bigint = DEFAULT_SEED) {
    this.manualSeed(seed);
  }

  /**
   * Restarts the stream from `seed`. See `torch.Generator.manual_seed`.
   *
   * Negative seeds wrap around 2^64. The twister uses the low 32 bits.
   * Throws RuntimeError if `seed` is no integer and ValueError if it needs
   * more than 64 bits.
   */
  manualSeed(seed: number | bigint): this {
    this.#seed = seedBits(seed);
    this.#unmade = true;
    this.#next = N;
    this.#fresh = true;
    this.#cachedNormal = NaN;
    this.#cachedFloatNormal = NaN;
    return this;
  }

  /**
   * Restarts the stream from an unpredictable seed and returns that seed, a
   * bigint where a number could not hold it. See `torch.Generator.seed`.
   */
  seed(): number | bigint {
    const seed = entropy();
    this.manualSeed(seed);
    return numberIfSafe(seed);
  }

  /**
   * Returns the seed that the stream started from, a bigint where a number
   * could not hold it. See `torch.Generator.initial_seed`.
   */
  initialSeed(): number | bigint {
    return numberIfSafe(this.#seed);
  }

  /**
   * Returns a copy of the state, byte for byte as PyTorch's
   * `torch.Generator.get_state` gives it.
   */
  getState(): Uint8Array<ArrayBuffer> {
    if (this.#unmade) this.#make();
    const bytes = new Uint8Array(STATE_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, this.#seed, true);
    view.setInt32(AT_LEFT, this.#fresh ? 1 : N + 1 - this.#next, true);
    view.setInt32(AT_SEEDED, 1, true);
    view.setUint32(AT_NEXT, this.#fresh ? 0 : this.#next, true);
    for (let i = 0; i < N; i++) {
      view.setInt32(AT_WORDS + 8 * i, this.#words[i]!, true);
    }
    if (!Number.isNaN(this.#cachedNormal)) {
      view.setFloat64(AT_DOUBLE_NORMAL, this.#cachedNormal, true);
      view.setInt32(AT_DOUBLE_NORMAL_VALID, 1, true);
    }
    if (!Number.isNaN(this.#cachedFloatNormal)) {
      view.setFloat32(AT_FLOAT_NORMAL, this.#cachedFloatNormal, true);
      view.setUint8(AT_FLOAT_NORMAL_VALID, 1);
    }
    return bytes;
  }

  /**
   * Continues from a state that {@linkcode Generator.getState} or PyTorch
   * returned. See `torch.Generator.set_state`.
   *
   * Throws RuntimeError if `state` has another size or is no valid state, and
   * leaves the generator as it was.
   */
  setState(state: Uint8Array): void {
    if (!(state instanceof Uint8Array)) {
      throw new TypeError(
        `expected a torch.ByteTensor, but got ${typeof state}`,
      );
    }
    if (state.length !== STATE_BYTES) {
      throw new RuntimeError(
        `Expected a CPUGeneratorImplState of size ${STATE_BYTES} but found the input RNG state size to be ${state.length}`,
        "pass what getState() returned",
      );
    }
    const view = new DataView(state.buffer, state.byteOffset, STATE_BYTES);
    const left = view.getInt32(AT_LEFT, true);
    const next = view.getUint32(AT_NEXT, true);
    const fresh = left === 1 && next === 0;
    const valid = view.getInt32(AT_SEEDED, true) !== 0 &&
      (fresh || (next >= 1 && next <= N && left === N + 1 - next));
    if (!valid) throw new RuntimeError("Invalid mt19937 state");
    this.#seed = view.getBigUint64(0, true);
    this.#unmade = false;
    this.#fresh = fresh;
    this.#next = fresh ? N : next;
    for (let i = 0; i < N; i++) {
      this.#words[i] = view.getInt32(AT_WORDS + 8 * i, true);
    }
    this.#cachedNormal = view.getInt32(AT_DOUBLE_NORMAL_VALID, true) !== 0
      ? view.getFloat64(AT_DOUBLE_NORMAL, true)
      : NaN;
    this.#cachedFloatNormal = view.getUint8(AT_FLOAT_NORMAL_VALID) !== 0
      ? view.getFloat32(AT_FLOAT_NORMAL, true)
      : NaN;
  }

  /** Draws 32 random bits, as an integer from 0 to 2^32 - 1. */
  random32(): number {
    if (this.#next === N) this.#twist();
    let y = this.#words[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Draws 32 random bits for each of the first `count` elements of `out`; faster than one by one. */
  fillRandom32(out: Int32Array, count: number): void {
    const words = this.#words;
    for (let at = 0; at < count;) {
      if (this.#next === N) this.#twist();
      const next = this.#next;
      const length = Math.min(count - at, N - next);
      for (let i = 0; i < length; i++) {
        let y = words[next + i]!;
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        out[at + i] = y ^ (y >>> 18);
      }
      this.#next = next + length;
      at += length;
    }
  }

  /**
   * Sets each element to 1 where a draw of 53 bits, as a part of 1, falls below
   * `p`, else to 0; faster than one by one.
   */
  fillBelow(out: { length: number; [i: number]: number }, p: number): void {
    const words = this.#words;
    // The upper 21 bits decide, but where they are those of the bound.
    const bound = p * 2 ** 53;
    const top = Math.floor(bound / 4294967296);
    const rest = bound - top * 4294967296;
    const count = out.length;
    for (let i = 0; i < count;) {
      if (this.#next === N) this.#twist();
      const pairs = Math.min(count - i, (N - this.#next) >> 1);
      let next = this.#next;
      for (const end = i + pairs; i < end; i++, next += 2) {
        let y = words[next]!;
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        const high = (y ^ (y >>> 18)) & 0x1fffff;
        if (high === top) {
          this.#next = next + 1;
          out[i] = this.random32() < rest ? 1 : 0;
        } else out[i] = (high - top) >>> 31; // without a branch
      }
      this.#next = next;
      if (i === count || next === N) continue;
      // The two words of a draw lie in different blocks.
      out[i++] = this.random53() * 2 ** -53 < p ? 1 : 0;
    }
  }

  /**
   * Draws 64 random bits and returns the lower 53 of them, as an integer.
   * PyTorch's 64-bit draw puts the first 32-bit draw on top.
   */
  random53(): number {
    const high = this.random32();
    return (high & 0x1fffff) * 4294967296 + this.random32();
  }

  /** Draws 64 random bits, all of them: see random53 where speed matters. */
  random64(): bigint {
    const high = this.random32();
    return (BigInt(high) << 32n) | BigInt(this.random32());
  }

  /**
   * Draws from the standard normal distribution by Box and Muller's
   * transform, which makes two samples at a time: the second one is kept for
   * the next call, as PyTorch does.
   */
  nextNormal(): number {
    const cached = this.#cachedNormal;
    if (cached === cached) {
      this.#cachedNormal = NaN;
      return cached;
    }
    const u1 = this.random53() * 2 ** -53;
    const u2 = this.random53() * 2 ** -53;
    const radius = Math.sqrt(-2 * logOneMinus(u2));
    const theta = 2 * Math.PI * u1;
    this.#cachedNormal = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }

  /** Makes the first 624 words, of the seed. */
  #make(): void {
    const words = this.#words;
    let word = Number(this.#seed & 0xffffffffn) | 0;
    words[0] = word;
    for (let i = 1; i < N; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
      words[i] = word;
    }
    this.#unmade = false;
  }

  /** Makes the next 624 words. */
  #twist(): void {
    if (this.#unmade) this.#make();
    const words = this.#words;
    let current = words[0]!;
    for (let i = 0; i < N; i++) {
      const following = words[i === N - 1 ? 0 : i + 1]!;
      const mixed = (current & 0x80000000) | (following & 0x7fffffff);
      const far = words[i < N - M ? i + M : i + M - N]!;
      // -(x & 1) is a mask of ones where the lowest bit is set.
      words[i] = far ^ (mixed >>> 1) ^ (-(following & 1) & 0x9908b0df);
      current = following;
    }
    this.#next = 0;
    this.#fresh = false;
  }
}

/**
 * The generator of every random function that is not given one. It starts
 * from an unpredictable seed. See `torch.default_generator`.
 */
export const defaultGenerator: Generator = new Generator(entropy());

/**
 * Restarts the default generator from `seed` and returns it. See
 * `torch.manual_seed`.
 *
 * A fraction is cut off, as Python's `int` does; negative seeds wrap around.
 * Throws ValueError if the seed is not finite or needs more than 64 bits.
 *
 * @example
 * ```ts
 * import { initialSeed, manualSeed } from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(manualSeed(42).random32(), 1608637542);
 * assertEquals(initialSeed(), 42);
 * ```
 */
export function manualSeed(seed: number | bigint): Generator {
  if (typeof seed === "number") {
    if (!Number.isFinite(seed)) {
      throw new ValueError(`cannot convert ${seed} to an integer seed`);
    }
    seed = Math.trunc(seed);
  }
  return defaultGenerator.manualSeed(seed);
}

/**
 * Restarts the default generator from an unpredictable seed and returns that
 * seed, a bigint where a number could not hold it. See `torch.seed`.
 *
 * @example
 * ```ts
 * import { initialSeed, seed } from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(seed(), initialSeed());
 * ```
 */
export function seed(): number | bigint {
  return defaultGenerator.seed();
}

/**
 * Returns the seed that the default generator started from. See
 * `torch.initial_seed`.
 *
 * @example
 * ```ts
 * import { initialSeed, manualSeed } from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * manualSeed(-1);
 * assertEquals(initialSeed(), 2n ** 64n - 1n);
 * ```
 */
export function initialSeed(): number | bigint {
  return defaultGenerator.initialSeed();
}
