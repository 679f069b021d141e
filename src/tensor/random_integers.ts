// The fillers of whole numbers: ranges, full ranges and permutations, in the
// order in which PyTorch's CPU kernels draw. Pure: knows nothing of tensors;
// arrays are contiguous.

import {
  BFLOAT16,
  BOOL,
  type DTypeInfo,
  FLOAT16,
  FLOAT32,
  FLOAT64,
  INT64,
} from "./dtype.ts";
import { RuntimeError, ValueError } from "./errors.ts";
import { fillWith, type RandomArray, roundTo } from "./distributions.ts";
import type { Generator } from "./generator.ts";

const TWO_32 = 4294967296;
const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;
/** From this width on PyTorch draws 64 bits, to keep the remainder fair. */
const WIDE = 2 ** 28;

/** Bits of the significand: integers up to 2^digits are exact. */
function digits(dtype: DTypeInfo): number {
  if (dtype === FLOAT64) return 53;
  if (dtype === FLOAT32) return 24;
  return dtype === FLOAT16 ? 11 : 8;
}

/** An integer argument as PyTorch reads it. */
function integer(value: number | bigint, name: string): bigint {
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new TypeError(
      `random_(): argument '${name}' must be int, not float`,
    );
  }
  const wanted = BigInt(value);
  if (wanted < INT64_MIN || wanted > INT64_MAX) {
    throw new ValueError("Overflow when unpacking long long");
  }
  return wanted;
}

/** Where a floating-point type cannot hold `value`, the nearest one inside. */
function stepInside(
  value: bigint,
  direction: 1n | -1n,
  dtype: DTypeInfo,
): bigint {
  const next = value + direction;
  const rounded = roundTo(dtype, Number(next));
  if (!Number.isFinite(rounded)) return value;
  const cast = BigInt(rounded);
  if (direction === 1n ? cast >= value : cast < value) return value;
  const magnitude = next < 0n ? -next : next;
  const exponent = BigInt(magnitude.toString(2).length - digits(dtype));
  return cast + direction * (1n << (exponent > 0n ? exponent : 0n));
}

function requireInRange(
  from: bigint,
  last: bigint,
  dtype: DTypeInfo,
): void {
  let low = INT64_MIN;
  let high = INT64_MAX;
  if (dtype === FLOAT16) {
    low = -65504n;
    high = 65504n;
  } else if (dtype.category !== 2 && dtype !== INT64) {
    low = BigInt(dtype.min);
    high = BigInt(dtype.max);
  }
  for (const [name, value] of [["from", from], ["to - 1", last]] as const) {
    if (value >= low && value <= high) continue;
    throw new RuntimeError(
      `${name} is out of bounds for ${dtype.cName}`,
      `${dtype.name} holds integers from ${low} to ${high}`,
    );
  }
}

/**
 * Fills with integers of [from, to), or of [from, largest] if `to` is null.
 * See `torch.Tensor.random_(from, to)` and `torch.randint`; `from` -2^63 with
 * `to` null is the full range of 64 bits.
 *
 * Throws RuntimeError if the range is empty or leaves the type.
 */
export function fillRandomFromTo(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
  from: number | bigint,
  to: number | bigint | null,
): void {
  let base = integer(from, "from");
  let last: bigint;
  if (to !== null) {
    let end = integer(to, "to");
    if (base >= end) {
      throw new RuntimeError(
        `random_ expects 'from' to be less than 'to', but got from=${base} >= to=${end}`,
      );
    }
    if (dtype.category === 2) {
      base = stepInside(base, 1n, dtype);
      end = stepInside(end, -1n, dtype);
      if (base >= end) {
        throw new RuntimeError(
          `random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=${base} >= to=${end}`,
        );
      }
    }
    last = end - 1n;
  } else if (base !== INT64_MIN) {
    if (dtype.category === 2) {
      last = 1n << BigInt(digits(dtype));
      base = stepInside(base, 1n, dtype);
      if (base >= last) {
        throw new RuntimeError(
          `random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=${base} > to_inc=${last}`,
        );
      }
    } else {
      last = dtype === INT64 ? INT64_MAX : BigInt(dtype.max);
    }
  } else {
    fillFullRange(generator, out, dtype);
    return;
  }
  requireInRange(base, last, dtype);
  // Unsigned, as C++ computes it.
  const range = BigInt.asUintN(64, last - base + 1n);
  const offset = Number(base);
  if (Number.isSafeInteger(offset) && range <= TWO_32) {
    const width = Number(range);
    if (width < WIDE) {
      fillWith(out, dtype, () => generator.random32() % width + offset);
    } else {
      fillWith(out, dtype, () => remainder64(generator, width) + offset);
    }
    return;
  }
  const wide = range >= BigInt(WIDE);
  fillWithBigInts(out, dtype, () => {
    const draw = wide ? generator.random64() : BigInt(generator.random32());
    return draw % range + base;
  });
}

/** A 64-bit draw modulo `width`, at most 2^32, without a BigInt. */
function remainder64(generator: Generator, width: number): number {
  const high = generator.random32() % width;
  const low = generator.random32();
  const middle = (high * 65536 + (low >>> 16)) % width;
  return (middle * 65536 + (low & 0xffff)) % width;
}

function fillWithBigInts(
  out: RandomArray,
  dtype: DTypeInfo,
  sample: () => bigint,
): void {
  if (out instanceof BigInt64Array) {
    // Storing wraps to 64 bits, as C++ does.
    for (let i = 0; i < out.length; i++) out[i] = sample();
  } else {
    fillWith(out, dtype, () => Number(BigInt.asIntN(64, sample())));
  }
}

function fillFullRange(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
): void {
  if (dtype !== INT64 && (dtype.category !== 2 || dtype === FLOAT16)) {
    throw new RuntimeError(
      "random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16",
    );
  }
  fillWithBigInts(out, dtype, () => generator.random64());
}

/**
 * Fills with integers from 0 to the type's largest one, or up to
 * 2^digits for floating-point types. See `torch.Tensor.random_()`.
 */
export function fillRandom(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
): void {
  if (dtype === INT64) {
    fillWithBigInts(out, dtype, () => generator.random64() & INT64_MAX);
  } else if (dtype === FLOAT64) {
    fillWith(out, dtype, () => remainderTwo53PlusOne(generator));
  } else if (dtype.category === 2) {
    const width = 2 ** digits(dtype) + 1;
    fillWith(out, dtype, () => generator.random32() % width);
  } else {
    const width = dtype === BOOL ? 2 : dtype.max + 1;
    fillWith(out, dtype, () => generator.random32() % width);
  }
}

/** A 64-bit draw modulo 2^53 + 1: 2^53 is -1 there. */
function remainderTwo53PlusOne(generator: Generator): number {
  const high = generator.random32();
  const low = generator.random32();
  const top = high >>> 21;
  const rest = (high & 0x1fffff) * TWO_32 + low;
  return rest >= top ? rest - top : 2 ** 53 - (top - rest - 1);
}

/**
 * Fills with a permutation of 0 … n - 1, where n is the length of `out`. See
 * `torch.randperm`. Throws RuntimeError if the type cannot count to n.
 */
export function fillRandperm(
  generator: Generator,
  out: RandomArray,
  dtype: DTypeInfo,
): void {
  const n = out.length;
  requireCountable(n, dtype);
  const order = out instanceof BigInt64Array || out instanceof Float32Array
    ? new Int32Array(n)
    : out;
  for (let i = 0; i < n; i++) order[i] = i;
  for (let i = 0; i < n - 1; i++) {
    const other = i + generator.random32() % (n - i);
    const moved = order[i]!;
    order[i] = order[other]!;
    order[other] = moved;
  }
  if (order === out) return;
  let i = 0;
  fillWith(out, dtype, () => order[i++]!);
}

function requireCountable(n: number, dtype: DTypeInfo): void {
  if (dtype === BOOL) {
    throw new RuntimeError(`"randperm" not implemented for 'Bool'`);
  }
  if (dtype.category === 2) {
    // PyTorch lets bfloat16 round.
    const most = 2 ** digits(dtype) + 1;
    if (dtype === BFLOAT16 || n <= most) return;
    const shown = dtype === FLOAT16 ? "2049" : `2^${digits(dtype)}+1`;
    throw new RuntimeError(
      `n cannot be greater than ${shown} for ${dtype.scalarName} type.`,
    );
  }
  if (n > dtype.max + 1) {
    throw new RuntimeError(
      `value cannot be converted to type ${dtype.name}_t without overflow`,
      `randperm counts to n - 1, and ${dtype.name} ends at ${dtype.max}`,
    );
  }
}
