// Pointwise scalar functions that JavaScript lacks or defines differently from
// C and PyTorch, as plain number -> number functions in float64.
// The loops of the CPU device call them; they know neither tensors nor dtypes.
// What Math does just as PyTorch (exp, log1p, expm1, tanh ...) is not repeated.

/** 2 to the power x. See torch.exp2. */
export function exp2(x: number): number {
  return Math.pow(2, x);
}

/**
 * x to the power y as C's pow has it: 1 to any power is 1 and -1 to the power
 * ±inf is 1, where JavaScript answers NaN. See torch.pow.
 */
export function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return Math.pow(x, y);
}

/** log(exp(a) + exp(b)) without overflow. See torch.logaddexp. */
export function logaddexp(a: number, b: number): number {
  // Equal infinities would give inf - inf below.
  if (a === b) return a + Math.LN2;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** log2(2**a + 2**b) without overflow. See torch.logaddexp2. */
export function logaddexp2(a: number, b: number): number {
  if (a === b) return a + 1;
  const small = Math.pow(2, -Math.abs(a - b));
  return Math.max(a, b) + Math.log1p(small) * Math.LOG2E;
}

/** x * log(y); 0 where x is 0, unless y is NaN. See torch.xlogy. */
export function xlogy(x: number, y: number): number {
  if (y !== y) return NaN;
  return x === 0 ? 0 : x * Math.log(y);
}

/**
 * sin(pi x) / (pi x), and 1 at 0. The product is rounded before the sine is
 * taken, as in PyTorch, so that integers give about 1e-17. See torch.sinc.
 */
export function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = Math.PI * x;
  return Math.sin(angle) / angle;
}

/** sqrt(x*x + y*y) without overflow; an infinity wins over NaN. See torch.hypot. */
export function hypot(x: number, y: number): number {
  const a = Math.abs(x);
  const b = Math.abs(y);
  const sum = a * a + b * b;
  // Inside this range neither square loses anything that could matter.
  if (sum > 1e-280 && sum < 1e300) return Math.sqrt(sum);
  if (a === Infinity || b === Infinity) return Infinity;
  // Powers of two change no digit.
  if (sum >= 1e300) {
    const c = a * 2 ** -600;
    const d = b * 2 ** -600;
    return Math.sqrt(c * c + d * d) * 2 ** 600;
  }
  const c = a * 2 ** 600;
  const d = b * 2 ** 600;
  return Math.sqrt(c * c + d * d) * 2 ** -600;
}

/** The angle of the point (x, y), in [-pi, pi]. See torch.atan2. */
export function atan2(y: number, x: number): number {
  return Math.atan2(y, x);
}

/**
 * Whether the sign bit is set, so true for -0. A NaN counts as positive:
 * JavaScript hides its sign. See torch.signbit.
 */
export function signbit(x: number): boolean {
  return x < 0 || (x === 0 && 1 / x < 0);
}

/** The magnitude of the first with the sign of the second. See torch.copysign. */
export function copysign(magnitude: number, sign: number): number {
  const m = Math.abs(magnitude);
  return signbit(sign) ? -m : m;
}

/** 1, -1 or 0; +0 for -0 and for NaN, as in PyTorch. See torch.sign. */
export function sign(x: number): number {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

/** C's fmod: the remainder has the sign of a. See torch.fmod. */
export function fmod(a: number, b: number): number {
  return a % b;
}

/** Python's modulo: the remainder has the sign of b. See torch.remainder. */
export function remainder(a: number, b: number): number {
  const mod = a % b;
  return mod !== 0 && (b < 0) !== (mod < 0) ? mod + b : mod;
}

/**
 * Python's floor division of floats, exact where floor(a / b) is one too many
 * because a / b was rounded up; a / b where b is 0. See torch.floor_divide
 * (c10's div_floor_floating).
 */
export function floorDiv(a: number, b: number): number {
  if (b === 0) return a / b;
  const mod = a % b;
  let div = (a - mod) / b;
  if (mod !== 0 && (b < 0) !== (mod < 0)) div -= 1;
  if (div === 0) return copysign(0, a / b);
  const floor = Math.floor(div);
  return div - floor > 0.5 ? floor + 1 : floor;
}

/** The nearest integer, ties to even; zeros keep their sign. See torch.round. */
export function roundHalfEven(x: number): number {
  const up = Math.round(x); // ties towards +inf
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/**
 * Rounds to a number of decimals by scaling, as PyTorch does: values whose
 * scaled form overflows give inf or NaN. See torch.round with decimals.
 */
export function roundDecimals(x: number, decimals: number): number {
  if (decimals === 0) return roundHalfEven(x);
  const scale = Math.pow(10, Math.abs(decimals));
  return decimals < 0
    ? roundHalfEven(x / scale) * scale
    : roundHalfEven(x * scale) / scale;
}

/**
 * roundDecimals with each step in float32. A product rounded to float32 can
 * land on a tie that float64 sees beside it, as for 1.015 to 2 decimals (1.02
 * here, 1.01 there), and no rounding afterwards repairs it.
 */
export function roundDecimals32(x: number, decimals: number): number {
  if (decimals === 0) return roundHalfEven(x);
  const scale = Math.fround(Math.pow(10, Math.abs(decimals)));
  return decimals < 0
    ? Math.fround(roundHalfEven(Math.fround(x / scale)) * scale)
    : Math.fround(roundHalfEven(Math.fround(x * scale)) / scale);
}

/**
 * start + weight * (end - start), taken from the nearer end, so that weight 1
 * gives end exactly. See torch.lerp.
 */
export function lerp(start: number, end: number, weight: number): number {
  const span = end - start;
  return Math.abs(weight) < 0.5
    ? start + weight * span
    : end - span * (1 - weight);
}

/** 0 below zero and for NaN, `atZero` at ±0, 1 above. See torch.heaviside. */
export function heaviside(x: number, atZero: number): number {
  return x === 0 ? atZero : x > 0 ? 1 : 0;
}

/**
 * x * 2**n. As in PyTorch 2**n is formed first, so it overflows beyond 1023
 * and vanishes below -1074. See torch.ldexp.
 */
export function ldexp(x: number, n: number): number {
  return x * Math.pow(2, n);
}

/** Replaces NaN and the infinities; others pass. See torch.nan_to_num. */
export function nanToNum(
  x: number,
  nan: number,
  posinf: number,
  neginf: number,
): number {
  if (x !== x) return nan;
  return x === Infinity ? posinf : x === -Infinity ? neginf : x;
}

/**
 * The larger one; NaN if either is. Of 0 and -0 it is 0, whichever comes
 * first (PyTorch's answer depends on its vector length). See torch.maximum.
 */
export function maximum(a: number, b: number): number {
  return Math.max(a, b);
}

/** The smaller one; NaN if either is; -0 below 0. See torch.minimum. */
export function minimum(a: number, b: number): number {
  return Math.min(a, b);
}

/** The larger one; NaN only if both are. See torch.fmax. */
export function fmax(a: number, b: number): number {
  return a !== a ? b : b !== b ? a : Math.max(a, b);
}

/** The smaller one; NaN only if both are. See torch.fmin. */
export function fmin(a: number, b: number): number {
  return a !== a ? b : b !== b ? a : Math.min(a, b);
}

/** 1 / (1 + exp(-x)), without overflow on either side. See torch.sigmoid. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/**
 * log(x / (1 - x)), the inverse of sigmoid: ∓inf at 0 and 1, NaN outside.
 * Clamping to [eps, 1 - eps] is the caller's. See torch.logit.
 */
export function logit(x: number): number {
  // Around 1/2 the quotient is near 1, and its logarithm would lose digits.
  if (x > 0.25 && x < 0.75) return Math.log1p((2 * x - 1) / (1 - x));
  return Math.log(x / (1 - x));
}

/**
 * log(1 + exp(beta x)) / beta, and x itself where beta x exceeds the
 * threshold. See torch.nn.functional.softplus.
 */
export function softplus(x: number, beta = 1, threshold = 20): number {
  const scaled = x * beta;
  return scaled > threshold ? x : Math.log1p(Math.exp(scaled)) / beta;
}

const FLOAT32 = new Float32Array(1);
const BITS32 = new Uint32Array(FLOAT32.buffer);

/**
 * The 16 bits of the nearest bfloat16, ties to even, by way of float32 as in
 * PyTorch; every NaN becomes 0x7fc0. See c10::BFloat16.
 */
export function floatToBfloat16Bits(x: number): number {
  if (x !== x) return 0x7fc0;
  FLOAT32[0] = x;
  const bits = BITS32[0]!;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The number whose bfloat16 representation has these 16 bits. */
export function bfloat16BitsToFloat(bits: number): number {
  BITS32[0] = bits << 16;
  return FLOAT32[0]!;
}
