// What functions of float64 vectors are written with. They need not be exact to
// the last place: their results are rounded to float32, and relative errors are
// below 1e-9. Polynomials are Chebyshev fits.

import type { Value, VectorCode } from "./vector_code.ts";

/** The shape of the vectors. */
export const D = "f64x2";

/** The sum. */
export function add(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.add", x, y);
}

/** The difference. */
export function sub(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.sub", x, y);
}

/** The product. */
export function mul(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.mul", x, y);
}

/** The quotient. */
export function div(v: VectorCode, x: Value, y: Value): Value {
  return v.op("f64x2.div", x, y);
}

/** A constant. */
export function k(v: VectorCode, value: number): Value {
  return v.splat(D, value);
}

/** The magnitude. */
export function abs(v: VectorCode, x: Value): Value {
  return v.op("f64x2.abs", x);
}

/** The sign bit alone. */
export function signOf(v: VectorCode, x: Value): Value {
  return v.op("v128.and", x, v.i64x2(1n << 63n));
}

/** Gives `x`, which has no sign bit, that of `y`. */
export function withSign(v: VectorCode, x: Value, y: Value): Value {
  return v.op("v128.or", x, signOf(v, y));
}

/** Adding it to a double leaves the nearest integer in the low bits. */
export const MAGIC = 6755399441055744;
