// What floating-point numbers are made of: neighbours, mantissas and exponents,
// as plain number -> number functions. The loops of the CPU device call them;
// they know neither tensors nor dtypes.

const FLOAT = new Float32Array(1);
const WORD = new Int32Array(FLOAT.buffer);
const DOUBLE = new Float64Array(1);
const LONG = new BigInt64Array(DOUBLE.buffer);

/** The float32 next to x towards y. See torch.nextafter. */
export function nextafter32(x: number, y: number): number {
  if (x !== x || y !== y) return NaN;
  if (x === y) return y;
  if (x === 0) return y > 0 ? 2 ** -149 : -(2 ** -149);
  FLOAT[0] = x;
  // Away from zero the bits count up.
  WORD[0]! += (y > x) === (x > 0) ? 1 : -1;
  return FLOAT[0]!;
}

/** The float64 next to x towards y. See torch.nextafter. */
export function nextafter64(x: number, y: number): number {
  if (x !== x || y !== y) return NaN;
  if (x === y) return y;
  if (x === 0) return y > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  DOUBLE[0] = x;
  LONG[0]! += (y > x) === (x > 0) ? 1n : -1n;
  return DOUBLE[0]!;
}

/** The n of x = m * 2 ** n with 1/2 <= |m| < 1; 0 where x is 0 or not finite. See torch.frexp. */
export function exponent(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0;
  DOUBLE[0] = x;
  const biased = Number(LONG[0]! >> 52n & 0x7ffn);
  if (biased > 0) return biased - 1022;
  // A subnormal number, made a normal one first.
  return exponent(x * 2 ** 64) - 64;
}

/** The m of x = m * 2 ** n with 1/2 <= |m| < 1; x where that is 0 or not finite. See torch.frexp. */
export function mantissa(x: number): number {
  const n = exponent(x);
  // In two steps, none of which leaves the range.
  const half = n >> 1;
  return x * 2 ** -half * 2 ** (half - n);
}
