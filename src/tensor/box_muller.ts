// Box and Muller's transform on blocks of 16: how PyTorch fills 16 and more
// normal samples. The float32 form follows the AVX2 kernel step by step, with
// its polynomials (Cephes) and its fused multiply-adds, so that every bit
// agrees. Pure: knows generators, nothing of tensors.

import type { Generator } from "./generator.ts";

/** Samples that one step of the transform makes. */
export const BLOCK = 16;
const HALF = 8;
/** Draws that are made at a time. */
const CHUNK = 1024;

const round = Math.fround;

const LOG_0 = round(7.0376836292e-2);
const LOG_1 = round(-1.1514610310e-1);
const LOG_2 = round(1.1676998740e-1);
const LOG_3 = round(-1.2420140846e-1);
const LOG_4 = round(1.4249322787e-1);
const LOG_5 = round(-1.6668057665e-1);
const LOG_6 = round(2.0000714765e-1);
const LOG_7 = round(-2.4999993993e-1);
const LOG_8 = round(3.3333331174e-1);
/** The logarithm of 2 in two parts, low and high. */
const LN2_LOW = round(-2.12194440e-4);
const LN2_HIGH = round(0.693359375);
/** The square root of a half, times 2^24. */
const SQRT_HALF = 11863283;

const SIN_0 = round(-1.9515295891e-4);
const SIN_1 = round(8.3321608736e-3);
const SIN_2 = round(-1.6666654611e-1);
const COS_0 = round(2.443315711809948e-5);
const COS_1 = round(-1.388731625493765e-3);
const COS_2 = round(4.166664568298827e-2);
const FOUR_OVER_PI = round(1.27323954473516);
/** A quarter of pi in three parts. */
const QUARTER_1 = -0.78515625;
const QUARTER_2 = round(-2.4187564849853515625e-4);
const QUARTER_3 = round(-3.77489497744594108e-8);
const TWO_PI = round(2 * Math.PI);

// Which polynomial gives sine and cosine in an octant, and with which sign.
// Tables, because branches on random bits are mispredicted half of the time.
const SINE_OF_S: Float64Array = Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, 1);
const SINE_OF_C: Float64Array = Float64Array.of(0, 0, 1, 0, 0, 0, -1, 0, 0);
const COSINE_OF_C: Float64Array = SINE_OF_S;
const COSINE_OF_S: Float64Array = Float64Array.of(0, 0, -1, 0, 0, 0, 1, 0, 0);

/**
 * The square root of -2 ln(k / 2^24), for k from 1 to 2^24.
 *
 * `round(a * b + c)` is a fused multiply-add: the product of two float32
 * is exact in a double.
 */
function radius32(k: number): number {
  if (k === 16777216) return 0;
  const shift = Math.clz32(k) - 8;
  const mantissa = k << shift;
  // 1 where the mantissa is below the square root of a half.
  const small = (mantissa - SQRT_HALF) >>> 31;
  const e = -shift - small;
  const x = (mantissa << small) * 2 ** -24 - 1;
  const z = round(x * x);
  let y = round(LOG_0 * x + LOG_1);
  y = round(y * x + LOG_2);
  y = round(y * x + LOG_3);
  y = round(y * x + LOG_4);
  y = round(y * x + LOG_5);
  y = round(y * x + LOG_6);
  y = round(y * x + LOG_7);
  y = round(y * x + LOG_8);
  y = round(y * x);
  y = round(y * z + round(e * LN2_LOW));
  y = round(y - z * 0.5);
  const log = round(e * LN2_HIGH + round(x + y));
  return round(Math.sqrt(-2 * log));
}

/**
 * Turns 16 draws, the low 24 bits of each, into 16 float32 normal samples, at
 * `out[at]` and on: the first 8 give the radii, the last 8 the angles.
 */
function transform32(
  draws: Int32Array,
  from: number,
  out: Float32Array,
  at: number,
  mean: number,
  std: number,
): void {
  for (let i = 0; i < HALF; i++) {
    const radius = radius32(16777216 - (draws[from + i]! & 0xffffff));
    const angle = draws[from + i + HALF]! & 0xffffff;
    const theta = round(TWO_PI * (angle * 2 ** -24));
    // The octant, rounded up to an even one, decides polynomial and signs.
    const octant = ((round(theta * FOUR_OVER_PI) | 0) + 1) & ~1;
    let x = round(octant * QUARTER_1 + theta);
    x = round(octant * QUARTER_2 + x);
    x = round(octant * QUARTER_3 + x);
    const z = round(x * x);
    let c = round(COS_0 * z + COS_1);
    c = round(c * z + COS_2);
    c = round(c * z);
    c = round(c * z - z * 0.5);
    c = round(c + 1);
    let s = round(SIN_0 * z + SIN_1);
    s = round(s * z + SIN_2);
    s = round(s * z);
    s = round(s * x + x);
    const cosine = c * COSINE_OF_C[octant]! + s * COSINE_OF_S[octant]!;
    const sine = s * SINE_OF_S[octant]! + c * SINE_OF_C[octant]!;
    const n1 = round(radius * cosine);
    const n2 = round(radius * sine);
    out[at + i] = n1 * std + mean;
    out[at + i + HALF] = n2 * std + mean;
  }
}

/**
 * a * b + c with one rounding (but for ties beyond the 100th bit), as the
 * fused multiply-add that C++ compilers emit.
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b;
  if (c === 0 || b === 1 || !Number.isFinite(product)) return product + c;
  // Veltkamp's splitting and Dekker's product: product + low is exact.
  let t = 134217729 * a;
  const aHigh = t - (t - a);
  const aLow = a - aHigh;
  t = 134217729 * b;
  const bHigh = t - (t - b);
  const bLow = b - bHigh;
  const low = aLow * bLow -
    (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const sum = product + c;
  const shifted = sum - product;
  const lost = (product - (sum - shifted)) + (c - shifted);
  const result = sum + (lost + low);
  // Splitting overflows next to the largest double.
  return result === result ? result : sum;
}

/** Fills one block of float64 samples from 16 53-bit draws. */
function transform64(
  draws: Float64Array,
  out: Float64Array,
  at: number,
  mean: number,
  std: number,
): void {
  for (let i = 0; i < HALF; i++) {
    const u1 = 1 - draws[i]! * 2 ** -53;
    const radius = Math.sqrt(-2 * Math.log(u1));
    const theta = 2 * Math.PI * (draws[i + HALF]! * 2 ** -53);
    out[at + i] = fma(radius * Math.cos(theta), std, mean);
    out[at + i + HALF] = fma(radius * Math.sin(theta), std, mean);
  }
}

/**
 * Fills `out`, of at least 16 elements, with float32 normal samples.
 *
 * A size that is no multiple of 16 gets its last 16 elements made again from
 * new draws. PyTorch first draws for the elements of the unfinished block
 * too, except for its 16-bit types: `skipTail` tells which.
 */
export function normalBlocks32(
  generator: Generator,
  out: Float32Array,
  mean: number,
  std: number,
  skipTail: boolean,
): void {
  const size = out.length;
  const draws = new Int32Array(Math.min(CHUNK, size));
  mean = round(mean);
  std = round(std);
  let at = 0;
  while (at + BLOCK <= size) {
    const length = Math.min(CHUNK, (size - at) & ~(BLOCK - 1));
    generator.fillRandom32(draws, length);
    for (let from = 0; from < length; from += BLOCK, at += BLOCK) {
      transform32(draws, from, out, at, mean, std);
    }
  }
  if (at === size) return;
  if (!skipTail) generator.fillRandom32(draws, size - at);
  generator.fillRandom32(draws, BLOCK);
  transform32(draws, 0, out, size - BLOCK, mean, std);
}

/** Fills `out`, of at least 16 elements, with float64 normal samples. */
export function normalBlocks64(
  generator: Generator,
  out: Float64Array,
  mean: number,
  std: number,
): void {
  const size = out.length;
  const draws = new Float64Array(BLOCK);
  const draw = (): void => {
    for (let i = 0; i < BLOCK; i++) draws[i] = generator.random53();
  };
  let at = 0;
  for (; at + BLOCK <= size; at += BLOCK) {
    draw();
    transform64(draws, out, at, mean, std);
  }
  if (at === size) return;
  for (; at < size; at++) generator.random53();
  draw();
  transform64(draws, out, size - BLOCK, mean, std);
}
