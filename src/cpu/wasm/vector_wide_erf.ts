// The error function and its relatives of float64 vectors, by the formulas of
// math_erf.ts; ACCURACY.md says how exact they are.

import {
  ERF_BOTTOM,
  ERF_TOP,
  ERFC_LEAD,
  ERFC_TAIL,
  ERFINV_END,
  ERFINV_NEAR,
  ERFINV_TAIL,
} from "../erf_series.ts";
import type { Value, VectorCode } from "./vector_code.ts";
import { abs, add, D, div, k, mul, sub, withSign } from "./vector_double.ts";
import { unlessAll } from "./vector_single.ts";
import { exp, log } from "./vector_wide.ts";

/** Up to here erf is a quotient of polynomials in the square. */
const CENTRE = 0.46875;

function quotient(
  v: VectorCode,
  x: Value,
  top: readonly number[],
  bottom: readonly number[],
): Value {
  return div(v, v.polynomial(D, x, top), v.polynomial(D, x, bottom));
}

/** Puts what `other` gives in place of a variable's lanes that are not `usual`. */
function replace(
  v: VectorCode,
  usual: Value,
  variable: Value,
  other: () => Value,
): void {
  unlessAll(v, usual, () => {
    v.fn.get(v.choose(usual, variable, other())).set(variable);
  });
}

/**
 * erfc of a magnitude past {@linkcode CENTRE}: `exp(-y * y) / (1 + 2 y)` times
 * a fit in `(y - 4) / (y + 4)`, whose first term leads, so that little is lost
 * in its sum. `isLong` is whether results may be subnormal.
 */
function erfcTail(v: VectorCode, y: Value, isLong: boolean): Value {
  const four = k(v, 4);
  const t = div(v, sub(v, y, four), add(v, y, four));
  const one = k(v, 1);
  const lead = k(v, ERFC_LEAD);
  const more = mul(v, t, v.longPolynomial(D, t, ERFC_TAIL));
  const top = add(v, lead, more);
  const twice = add(v, y, y);
  const bottom = add(v, twice, one);
  const ratio = div(v, top, bottom);
  // What both sums lost, in parts of the ratio; 0.82 is near enough to 1 / top.
  const ofTop = sub(v, more, sub(v, top, lead));
  const ofBottom = sub(v, one, sub(v, bottom, twice));
  const lost = sub(v, ofTop, mul(v, ratio, ofBottom));
  // exp of the square of y cut short, which is exact, and a series for the rest.
  const scaled = v.op("f64x2.trunc", mul(v, y, k(v, 1048576)));
  const head = mul(v, scaled, k(v, 1 / 1048576));
  const d = mul(v, sub(v, y, head), add(v, y, head));
  const series = v.polynomial(D, d, [-1, 0.5, -1 / 6]);
  const factor = v.madd(D, lost, k(v, 0.82), mul(v, d, series));
  const rest = v.madd(D, ratio, factor, ratio);
  const square = mul(v, head, head);
  const result = mul(v, exp(v, v.op("f64x2.neg", square)), rest);
  if (!isLong) return result;
  replace(v, v.op("f64x2.lt", y, k(v, 26)), result, () => {
    const half = exp(v, mul(v, square, k(v, -0.5)));
    return mul(v, mul(v, half, rest), half);
  });
  return result;
}

/** erf up to {@linkcode CENTRE}. */
function erfCentre(v: VectorCode, x: Value): Value {
  const ratio = quotient(v, mul(v, x, x), ERF_TOP, ERF_BOTTOM);
  return mul(v, x, ratio);
}

/** The error function. */
export function erf(v: VectorCode, x: Value): Value {
  // Past 6 it is 1; pmin keeps a NaN that is its first operand.
  const y = v.op("f64x2.pmin", abs(v, x), k(v, 6.5));
  const result = erfCentre(v, y);
  replace(v, v.op("f64x2.le", y, k(v, CENTRE)), result, () => {
    const half = k(v, 0.5);
    return add(v, sub(v, half, erfcTail(v, y, false)), half);
  });
  return withSign(v, abs(v, result), x);
}

/** The complementary error function. */
export function erfc(v: VectorCode, x: Value): Value {
  // Past 27.5 it is 0, below -6 it is 2.
  const y = v.op("f64x2.pmin", abs(v, x), k(v, 28));
  const result = sub(v, k(v, 1), erfCentre(v, x));
  replace(v, v.op("f64x2.le", y, k(v, CENTRE)), result, () => {
    const tail = erfcTail(v, y, true);
    const negative = v.op("f64x2.lt", x, k(v, 0));
    return v.choose(negative, sub(v, k(v, 2), tail), tail);
  });
  return result;
}

/**
 * The inverse of erf: the argument times a fit in `w = -log(1 - x * x)`, or in
 * its root near ±1, as in M. Giles, "Approximating the erfinv function", GPU
 * Computing Gems, Jade Edition (2011).
 */
export function erfinv(v: VectorCode, x: Value): Value {
  const y = abs(v, x);
  const one = k(v, 1);
  const left = mul(v, sub(v, one, y), add(v, one, y));
  const w = v.op("f64x2.neg", log(v, left));
  const factor = v.longPolynomial(D, sub(v, w, k(v, 3.125)), ERFINV_NEAR);
  replace(v, v.op("f64x2.lt", w, k(v, 6.25)), factor, () => {
    const root = v.op("f64x2.sqrt", w);
    const tail = v.longPolynomial(D, sub(v, root, k(v, 3.25)), ERFINV_TAIL);
    replace(
      v,
      v.op("f64x2.lt", root, k(v, 4)),
      tail,
      () => v.longPolynomial(D, sub(v, root, k(v, 5)), ERFINV_END),
    );
    // Outside w is NaN, and so is this.
    return v.choose(v.op("f64x2.eq", y, one), k(v, Infinity), tail);
  });
  return withSign(v, abs(v, mul(v, y, factor)), x);
}
