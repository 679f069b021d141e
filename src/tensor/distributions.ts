// The fillers of continuous distributions and of Bernoulli's: each takes a
// generator and an array and draws in the order in which PyTorch's CPU kernels
// draw. The array decides where a number goes, the element type decides the
// stream. Pure: knows nothing of tensors; arrays are contiguous.

import {
  BFLOAT16,
  type DTypeInfo,
  FLOAT16,
  FLOAT32,
  FLOAT64,
} from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { BLOCK, fma, normalBlocks32, normalBlocks64 } from "./box_muller.ts";
import type { Generator } from "./generator.ts";
import { logOneMinus } from "./log1p.ts";

/**
 * Where a filler writes. `float16` and `bfloat16` come as float32 values that
 * are already rounded to the type.
 */
export type RandomArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array;

const TWO_32 = 4294967296;
/** Draws that are made at a time. */
const CHUNK = 1024;

/** Rounds to the type, through float32 where C++ goes through it. */
export function roundTo(dtype: DTypeInfo, value: number): number {
  if (dtype === FLOAT16) return Math.f16round(Math.fround(value));
  if (dtype === BFLOAT16) return roundBfloat16(value);
  return dtype === FLOAT64 ? value : Math.fround(value);
}

const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

function roundBfloat16(value: number): number {
  single[0] = value;
  if (value !== value) return value;
  const word = bits[0]!;
  bits[0] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  return single[0]!;
}

/** Writes one sample after the other, converted as C++ converts a double. */
export function fillWith(
  out: RandomArray,
  dtype: DTypeInfo,
  sample: () => number,
): void {
  const size = out.length;
  if (out instanceof BigInt64Array) {
    // The two halves as 32-bit words: a BigInt per element would be slow.
    const words = new Int32Array(out.buffer, out.byteOffset, 2 * size);
    for (let i = 0; i < size; i++) {
      const value = sample();
      words[2 * i] = value;
      words[2 * i + 1] = Math.floor(value / TWO_32);
    }
  } else if (dtype === FLOAT16 || dtype === BFLOAT16) {
    for (let i = 0; i < size; i++) out[i] = roundTo(dtype, sample());
  } else {
    for (let i = 0; i < size; i++) out[i] = sample();
  }
}

/** A number as C++ streams print it, for error messages. */
function shown(value: number): string {
  if (value !== value) return "nan";
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  return String(Number(value.toPrecision(6)));
}

function requireFloating(dtype: DTypeInfo, kernel: string): void {
  if (dtype.category === 2) return;
  throw new RuntimeError(
    `"${kernel}" not implemented for '${dtype.scalarName}'`,
    "only floating-point types can hold such samples",
  );
}

/** The largest finite value of a floating-point type. */
function largest(dtype: DTypeInfo): number {
  if (dtype === FLOAT64) return Number.MAX_VALUE;
  if (dtype === FLOAT16) return 65504;
  return dtype === BFLOAT16 ? 3.3895313892515355e38 : 3.4028234663852886e38;
}

/**
 * Fills with uniform samples of [from, to). See `torch.Tensor.uniform_`;
 * with the defaults, `torch.rand`.
 *
 * Throws RuntimeError where PyTorch does: `from` above `to`, bounds or width
 * out of the type's range, a type that is not floating point.
 */
export function fillUniform(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  from = 0,
  to = 1,
): void {
  requireFloating(dtype, "check_uniform_bounds");
  const max = largest(dtype);
  for (const [name, bound] of [["from", from], ["to", to]] as const) {
    if (bound >= -max && bound <= max) continue;
    throw new RuntimeError(`${name} is out of bounds for ${dtype.cName}`);
  }
  if (!(from <= to)) {
    throw new RuntimeError(
      `uniform_ expects to return a [from, to) range, but found from=${
        shown(from)
      } > to=${shown(to)}`,
    );
  }
  if (!(to - from <= max)) {
    throw new RuntimeError(
      `uniform_ expects to-from <= std::numeric_limits<${dtype.scalarName}>::max(), but found to=${
        shown(to)
      } and from=${shown(from)} which result in to-from to exceed the limit`,
    );
  }
  const size = out.length;
  if (dtype === FLOAT64) {
    const width = to - from;
    for (let i = 0; i < size; i++) {
      const value = fma(generator.random53() * 2 ** -53, width, from);
      out[i] = value === to ? from : value;
    }
    return;
  }
  const low = Math.fround(from);
  const width = Math.fround(Math.fround(to) - low);
  const end = roundTo(dtype, to);
  const start = roundTo(dtype, from);
  if (dtype === FLOAT16 || dtype === BFLOAT16) {
    for (let i = 0; i < size; i++) {
      const draw = (generator.random32() & 0xffffff) * 2 ** -24;
      const value = roundTo(dtype, draw * width + low);
      out[i] = value === end ? start : value;
    }
    return;
  }
  const draws = new Int32Array(Math.min(size, CHUNK));
  for (let at = 0; at < size; at += CHUNK) {
    const length = Math.min(size - at, CHUNK);
    generator.fillRandom32(draws, length);
    for (let i = 0; i < length; i++) {
      const draw = (draws[i]! & 0xffffff) * 2 ** -24;
      const value = Math.fround(draw * width + low);
      out[at + i] = value === end ? start : value;
    }
  }
}

/**
 * Fills with normal samples. See `torch.Tensor.normal_`; with the defaults,
 * `torch.randn`.
 *
 * Fewer than 16 elements use the generator's cached second sample; 16 and
 * more are made in blocks of 16, unless `scattered` says that they will not lie
 * one after the other. Throws RuntimeError if `std` is negative or the type is
 * not floating point.
 */
export function fillNormal(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  mean = 0,
  std = 1,
  scattered = false,
): void {
  if (!(std >= 0)) {
    throw new RuntimeError(
      `normal expects std >= 0.0, but found std ${shown(std)}`,
    );
  }
  if (out.length === 0) return;
  requireFloating(dtype, "normal_kernel_cpu");
  if (out.length < BLOCK || scattered) {
    fillWith(out, dtype, () => fma(generator.nextNormal(), std, mean));
  } else if (out instanceof Float64Array && dtype === FLOAT64) {
    normalBlocks64(generator, out, mean, std);
  } else if (out instanceof Float32Array && dtype === FLOAT32) {
    normalBlocks32(generator, out, mean, std, false);
  } else {
    const wide = new Float32Array(out.length);
    normalBlocks32(generator, wide, mean, std, true);
    let i = 0;
    fillWith(out, dtype, () => wide[i++]!);
  }
}

/**
 * Fills with normal samples, each of its own mean and standard deviation. See
 * `torch.normal` with tensors. `mean` and `std` are numbers or have the length
 * of `out`. Throws RuntimeError if an element of `std` is negative.
 */
export function fillNormalFrom(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  mean: number | ArrayLike<number>,
  std: number | ArrayLike<number>,
): void {
  if (typeof std === "number") {
    fillNormal(generator, out, dtype, 0, std);
  } else {
    for (let i = 0; i < std.length; i++) {
      if (std[i]! >= 0) continue;
      throw new RuntimeError("normal expects all elements of std >= 0.0");
    }
    fillNormal(generator, out, dtype);
    for (let i = 0; i < out.length; i++) {
      out[i] = roundTo(dtype, Number(out[i]) * roundTo(dtype, std[i]!));
    }
  }
  for (let i = 0; i < out.length; i++) {
    const shift = typeof mean === "number" ? mean : mean[i]!;
    out[i] = roundTo(dtype, Number(out[i]) + roundTo(dtype, shift));
  }
}

/**
 * Fills with log-normal samples: the exponential of normal ones. See
 * `torch.Tensor.log_normal_`.
 */
export function fillLogNormal(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  mean = 1,
  std = 2,
): void {
  if (!(std > 0)) {
    throw new RuntimeError(
      `logNormal_ expects std > 0.0, but found std=${shown(std)}`,
    );
  }
  requireFloating(dtype, "log_normal_cpu");
  fillWith(
    out,
    dtype,
    () => Math.exp(fma(generator.nextNormal(), std, mean)),
  );
}

/**
 * Fills with samples of the exponential distribution of rate `lambda`. See
 * `torch.Tensor.exponential_`.
 */
export function fillExponential(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  lambda = 1,
): void {
  if (!(lambda > 0)) {
    throw new RuntimeError(
      `exponential_ expects lambda > 0.0, but found lambda=${shown(lambda)}`,
    );
  }
  requireContinuous(dtype, "Exponential", dtype.scalarName);
  const scale = -1 / lambda;
  fillWith(
    out,
    dtype,
    () => scale * logOneMinus(generator.random53() * 2 ** -53),
  );
}

/** Fills with samples of Cauchy's distribution. See `torch.Tensor.cauchy_`. */
export function fillCauchy(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  median = 0,
  sigma = 1,
): void {
  if (!(sigma > 0)) {
    throw new RuntimeError(
      `cauchy_ expects sigma > 0.0, but found sigma=${shown(sigma)}`,
    );
  }
  requireContinuous(dtype, "Cauchy", dtype.cName);
  fillWith(out, dtype, () => {
    const u = generator.random53() * 2 ** -53;
    return fma(sigma, Math.tan(Math.PI * (u - 0.5)), median);
  });
}

function requireContinuous(dtype: DTypeInfo, name: string, type: string): void {
  if (dtype.category === 2) return;
  throw new RuntimeError(
    `${name} distribution is a continuous probability distribution. dtype must be a floating point but you specified ${type}`,
  );
}

/**
 * Fills with the number of trials until the first success of probability `p`.
 * See `torch.Tensor.geometric_`. Any type but `bool`.
 */
export function fillGeometric(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  p: number,
): void {
  if (!(0 < p && p < 1)) {
    throw new RuntimeError(
      `geometric_ expects p to be in (0, 1), but got p=${shown(p)}`,
    );
  }
  if (dtype.category === 0) {
    throw new RuntimeError(`"geometric_cpu" not implemented for 'Bool'`);
  }
  const scale = Math.log1p(-p);
  fillWith(
    out,
    dtype,
    () => Math.ceil(Math.log(generator.random53() * 2 ** -53) / scale),
  );
}

/**
 * Fills with 1 where a draw falls below the one probability `p`, else 0. See
 * `torch.Tensor.bernoulli_(p)`: it takes 64 bits an element, whatever the
 * type.
 */
export function fillBernoulli(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  p = 0.5,
): void {
  if (!(p >= 0 && p <= 1)) {
    throw new RuntimeError(
      `bernoulli_ expects p to be in [0, 1], but got p=${shown(p)}`,
    );
  }
  if (out instanceof BigInt64Array) {
    fillWith(out, dtype, () => generator.random53() * 2 ** -53 < p ? 1 : 0);
  } else generator.fillBelow(out, p);
}

/**
 * Fills with 1 where a draw falls below that element's probability, else 0.
 * See `torch.bernoulli` and `torch.Tensor.bernoulli_` with a tensor.
 *
 * `probabilities` has the length of `out` and the floating-point element type
 * `pDtype`: float64 takes 64 bits an element, every other type 32.
 */
export function fillBernoulliFrom(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  probabilities: ArrayLike<number>,
  pDtype: DTypeInfo,
): void {
  if (out.length === 0) return;
  requireFloating(pDtype, "bernoulli_tensor_cpu_p_");
  const wide = pDtype === FLOAT64;
  let i = 0;
  fillWith(out, dtype, () => {
    const p = probabilities[i++]!;
    if (!(p >= 0 && p <= 1)) {
      throw new RuntimeError(
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)",
        `a probability lies between 0 and 1, and element ${i - 1} is ${p}`,
      );
    }
    const u = wide
      ? generator.random53() * 2 ** -53
      : (generator.random32() & 0xffffff) * 2 ** -24;
    return u < p ? 1 : 0;
  });
}
