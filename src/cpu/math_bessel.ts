// Bessel functions of order 0 and 1 as plain number -> number functions in
// float64. The loops of the CPU device call them; they know neither tensors nor
// dtypes. The coefficients are those of bessel_*series.ts. Where a function goes
// up and down, its error is small beside the height of its waves.

import {
  I0_FAR,
  I0_NEAR,
  I1_FAR,
  I1_NEAR,
  K0_FAR,
  K0_MIDDLE,
  K0_NEAR,
  K1_FAR,
  K1_MIDDLE,
  K1_NEAR,
} from "./bessel_modified_series.ts";
import {
  J0_FIRST,
  J0_SECOND,
  J0_ZEROS,
  J1_FIRST,
  J1_SECOND,
  J1_ZEROS,
  P0,
  P1,
  Q0,
  Q1,
  Y0_FIRST,
  Y0_SECOND,
  Y0_THIRD,
  Y0_ZEROS,
  Y1_FIRST,
  Y1_SECOND,
  Y1_THIRD,
  Y1_ZEROS,
} from "./bessel_series.ts";
import { polynomial } from "./polynomial.ts";

/** Above this exp(y) is infinite before i0(y) and i1(y) are. */
const EXP_END = 709;

/** exp(-y) i0(y) or exp(-y) i1(y) for y > 8. */
function iFar(series: readonly number[], y: number): number {
  return polynomial(series, 1 / y - 0.0625) / Math.sqrt(y);
}

/** `exp(y) * rest` where that may be finite although exp(y) is not. */
function timesExp(y: number, rest: number): number {
  if (y < EXP_END) return Math.exp(y) * rest;
  if (y === Infinity) return y;
  const root = Math.exp(y / 2);
  return root * rest * root;
}

function i0Near(y: number): number {
  const half = y / 2;
  return polynomial(I0_NEAR, half * half);
}

function i1Near(y: number): number {
  const half = y / 2;
  return y * polynomial(I1_NEAR, half * half);
}

/** The modified Bessel function of the first kind of order 0. See torch.special.i0. */
export function i0(x: number): number {
  const y = Math.abs(x);
  return y <= 8 ? i0Near(y) : timesExp(y, iFar(I0_FAR, y));
}

/** exp(-|x|) i0(x). See torch.special.i0e. */
export function i0e(x: number): number {
  const y = Math.abs(x);
  return y <= 8 ? Math.exp(-y) * i0Near(y) : iFar(I0_FAR, y);
}

/** The modified Bessel function of the first kind of order 1. See torch.special.i1. */
export function i1(x: number): number {
  if (x === 0) return x;
  const y = Math.abs(x);
  const value = y <= 8 ? i1Near(y) : timesExp(y, iFar(I1_FAR, y));
  return x < 0 ? -value : value;
}

/** exp(-|x|) i1(x). See torch.special.i1e. */
export function i1e(x: number): number {
  if (x === 0) return x;
  const y = Math.abs(x);
  const value = y <= 8 ? Math.exp(-y) * i1Near(y) : iFar(I1_FAR, y);
  return x < 0 ? -value : value;
}

/** exp(x) times a modified Bessel function of the second kind, for x > 1.5. */
function kFar(
  middle: readonly number[],
  far: readonly number[],
  x: number,
): number {
  const value = x < 8
    ? polynomial(middle, 1 / x - 0.4)
    : polynomial(far, 1 / x - 0.0625);
  return value / Math.sqrt(x);
}

function k0Near(x: number): number {
  return polynomial(K0_NEAR, x * x) - Math.log(x / 2) * i0Near(x);
}

function k1Near(x: number): number {
  return 1 / x + (Math.log(x / 2) * i1Near(x) + x * polynomial(K1_NEAR, x * x));
}

/** What functions that are infinite at 0 and not defined left of it answer there. */
function pole(x: number, there: number): number {
  return x === 0 ? there : NaN;
}

/** The modified Bessel function of the second kind of order 0. See torch.special.modified_bessel_k0. */
export function k0(x: number): number {
  if (!(x > 0)) return pole(x, Infinity);
  return x <= 1.5 ? k0Near(x) : Math.exp(-x) * kFar(K0_MIDDLE, K0_FAR, x);
}

/** exp(x) k0(x). See torch.special.scaled_modified_bessel_k0. */
export function k0e(x: number): number {
  if (!(x > 0)) return pole(x, Infinity);
  return x <= 1.5 ? Math.exp(x) * k0Near(x) : kFar(K0_MIDDLE, K0_FAR, x);
}

/** The modified Bessel function of the second kind of order 1. See torch.special.modified_bessel_k1. */
export function k1(x: number): number {
  if (!(x > 0)) return pole(x, Infinity);
  return x <= 1.5 ? k1Near(x) : Math.exp(-x) * kFar(K1_MIDDLE, K1_FAR, x);
}

/** exp(x) k1(x). See torch.special.scaled_modified_bessel_k1. */
export function k1e(x: number): number {
  if (!(x > 0)) return pole(x, Infinity);
  return x <= 1.5 ? Math.exp(x) * k1Near(x) : kFar(K1_MIDDLE, K1_FAR, x);
}

/** The distance to a zero, of which no double is. */
function from(zero: readonly [number, number], x: number): number {
  return x - zero[0] - zero[1];
}

/** (x - zero) (x + zero) */
function besides(zero: readonly [number, number], x: number): number {
  return from(zero, x) * (x + zero[0]);
}

const ROOT_PI = 1 / Math.sqrt(Math.PI);

/**
 * For x >= 8, `p` times the cosine minus `q` times the sine of x less a quarter
 * of π: Abramowitz and Stegun 9.2.5; with other signs, the other functions.
 */
function wave(
  x: number,
  p: number,
  q: number,
): number {
  const s = Math.sin(x);
  const c = Math.cos(x);
  return (p * (c + s) - q * (s - c)) * (ROOT_PI / Math.sqrt(x));
}

function slowly(series: readonly number[], x: number): number {
  return polynomial(series, 1 / (x * x));
}

/** The power series of j0 in x * x / 4: (-1)**k / (k!)**2. */
const J0_SMALL: readonly number[] = [
  1,
  -1,
  1 / 4,
  -1 / 36,
  1 / 576,
  -1 / 14400,
  1 / 518400,
  -1 / 25401600,
  1 / 1625702400,
  -1 / 131681894400,
];

/** The Bessel function of the first kind of order 0. See torch.special.bessel_j0. */
export function j0(x: number): number {
  const y = Math.abs(x);
  if (y < 1) {
    const half = y / 2;
    return polynomial(J0_SMALL, half * half);
  }
  if (y < 4) {
    return besides(J0_ZEROS[0]!, y) * polynomial(J0_FIRST, y * y - 8);
  }
  if (y < 8) {
    return besides(J0_ZEROS[1]!, y) * polynomial(J0_SECOND, y * y - 40);
  }
  return wave(y, slowly(P0, y), slowly(Q0, y) / y);
}

/** The Bessel function of the first kind of order 1. See torch.special.bessel_j1. */
export function j1(x: number): number {
  const y = Math.abs(x);
  if (y < 5.4) {
    return x * besides(J1_ZEROS[0]!, y) * polynomial(J1_FIRST, y * y - 15);
  }
  if (y < 8) {
    return x * besides(J1_ZEROS[1]!, y) * polynomial(J1_SECOND, y * y - 46);
  }
  // A half turn less another quarter: sine and cosine change places.
  const value = wave(y, slowly(Q1, y) / y, -slowly(P1, y));
  return x < 0 ? -value : value;
}

/** The Bessel function of the second kind of order 0. See torch.special.bessel_y0. */
export function y0(x: number): number {
  if (!(x > 0)) return pole(x, -Infinity);
  if (x < 2.2) {
    const zero = Y0_ZEROS[0]!;
    const away = from(zero, x);
    const log = Math.abs(away) < 0.3
      ? Math.log1p(away / zero[0])
      : Math.log(x / zero[0]);
    return 2 / Math.PI * log * j0(x) +
      away * (x + zero[0]) * polynomial(Y0_FIRST, x * x);
  }
  if (x < 5.4) return from(Y0_ZEROS[1]!, x) * polynomial(Y0_SECOND, x - 3.8);
  if (x < 8) return from(Y0_ZEROS[2]!, x) * polynomial(Y0_THIRD, x - 6.7);
  return wave(x, slowly(Q0, x) / x, -slowly(P0, x));
}

/** The Bessel function of the second kind of order 1. See torch.special.bessel_y1. */
export function y1(x: number): number {
  if (!(x > 0)) return pole(x, -Infinity);
  if (x < 1.5) {
    const near = Math.log(x) * j1(x) - 1 / x;
    return 2 / Math.PI * near + x * polynomial(Y1_FIRST, x * x);
  }
  if (x < 4) return from(Y1_ZEROS[0]!, x) * polynomial(Y1_SECOND, x - 2.75);
  if (x < 8) return from(Y1_ZEROS[1]!, x) * polynomial(Y1_THIRD, x - 6);
  return wave(x, -slowly(P1, x), -slowly(Q1, x) / x);
}

/** sin(x) / x, 1 at 0. See torch.special.spherical_bessel_j0. */
export function sphericalJ0(x: number): number {
  if (Math.abs(x) === Infinity) return 0;
  return x === 0 ? 1 : Math.sin(x) / x;
}
