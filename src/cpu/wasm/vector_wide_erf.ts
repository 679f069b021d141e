// The error function and its relatives of float64 vectors, by the formulas of
// math_erf.ts; ACCURACY.md says how exact they are.

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

/** erfc of a magnitude past {@linkcode CENTRE}; `isLong` is whether results may be subnormal. */
function erfcTail(v: VectorCode, y: Value, isLong: boolean): Value {
  const ratio = quotient(v, y, [
    1.23033935479799725e3,
    2.05107837782607147e3,
    1.71204761263407058e3,
    8.81952221241769090e2,
    2.98635138197400131e2,
    6.61191906371416295e1,
    8.88314979438837594,
    5.64188496988670089e-1,
    2.15311535474403846e-8,
  ], [
    1.23033935480374942e3,
    3.43936767414372164e3,
    4.36261909014324716e3,
    3.29079923573345963e3,
    1.62138957456669019e3,
    5.37181101862009858e2,
    1.17693950891312499e2,
    1.57449261107098347e1,
    1,
  ]);
  replace(v, v.op("f64x2.le", y, k(v, 4)), ratio, () => {
    const w = div(v, k(v, 1), mul(v, y, y));
    const part = quotient(v, w, [
      6.58749161529837803e-4,
      1.60837851487422766e-2,
      1.25781726111229246e-1,
      3.60344899949804439e-1,
      3.05326634961232344e-1,
      1.63153871373020978e-2,
    ], [
      2.33520497626869185e-3,
      6.05183413124413191e-2,
      5.27905102951428412e-1,
      1.87295284992346047,
      2.56852019228982242,
      1,
    ]);
    return div(v, sub(v, k(v, 5.6418958354775628695e-1), mul(v, w, part)), y);
  });
  // As there: exp of the square of y cut short, and a series for the rest.
  const scaled = v.op("f64x2.trunc", mul(v, y, k(v, 1048576)));
  const head = mul(v, scaled, k(v, 1 / 1048576));
  const d = mul(v, sub(v, y, head), add(v, y, head));
  const series = v.polynomial(D, d, [-1, 0.5, -1 / 6]);
  const rest = v.madd(D, ratio, mul(v, d, series), ratio);
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
  const ratio = quotient(v, mul(v, x, x), [
    3.20937758913846947e3,
    3.77485237685302021e2,
    1.13864154151050156e2,
    3.16112374387056560,
    1.85777706184603153e-1,
  ], [
    2.84423683343917062e3,
    1.28261652607737228e3,
    2.44024637934444173e2,
    2.36012909523441209e1,
    1,
  ]);
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

/** The inverse of erf; `refines` is whether the last digits of float64 matter. */
export function erfinv(v: VectorCode, x: Value, refines: boolean): Value {
  const y = abs(v, x);
  const r = sub(v, k(v, 0.180625), mul(v, mul(v, x, x), k(v, 0.25)));
  const ratio = quotient(
    v,
    r,
    [
      3.3871328727963666080,
      1.3314166789178437745e2,
      1.9715909503065514427e3,
      1.3731693765509461125e4,
      4.5921953931549871457e4,
      6.7265770927008700853e4,
      3.3430575583588128105e4,
      2.5090809287301226727e3,
    ].map((c) => c * 0.35355339059327376220),
    [
      1,
      4.2313330701600911252e1,
      6.8718700749205790830e2,
      5.3941960214247511077e3,
      2.1213794301586595867e4,
      3.9307895800092710610e4,
      2.8729085735721942674e4,
      5.2264952788528545610e3,
    ],
  );
  const result = mul(v, y, ratio);
  replace(v, v.op("f64x2.le", y, k(v, 0.85)), result, () => {
    const one = k(v, 1);
    const left = sub(v, one, y);
    const inside = v.op("f64x2.lt", y, one);
    const tail = erfinvTail(v, left, refines);
    const ends = v.op("f64x2.eq", y, one);
    const outside = v.choose(ends, k(v, Infinity), k(v, NaN));
    return v.choose(inside, tail, outside);
  });
  return withSign(v, abs(v, result), x);
}

/** erfinv of what is `left` below 1. */
function erfinvTail(v: VectorCode, left: Value, refines: boolean): Value {
  const logarithm = log(v, mul(v, left, k(v, 0.5)));
  const root = v.op("f64x2.sqrt", v.op("f64x2.neg", logarithm));
  const ratio = quotient(v, sub(v, root, k(v, 1.6)), [
    1.42343711074968357734,
    4.63033784615654529590,
    5.76949722146069140550,
    3.64784832476320460504,
    1.27045825245236838258,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
  ], [
    1,
    2.05319162663775882187,
    1.67638483018380384940,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
  ]);
  replace(
    v,
    v.op("f64x2.le", root, k(v, 5)),
    ratio,
    () =>
      quotient(v, sub(v, root, k(v, 5)), [
        6.65790464350110377720,
        5.46378491116411436990,
        1.78482653991729133580,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
      ], [
        1,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
      ]),
  );
  const value = mul(v, ratio, k(v, Math.SQRT1_2));
  if (!refines) return value;
  // One step of Newton's, as there.
  const density = exp(v, v.op("f64x2.neg", mul(v, value, value)));
  const slope = mul(v, density, k(v, 1.1283791670955126));
  const off = sub(v, erfcTail(v, value, false), left);
  return add(v, value, div(v, off, slope));
}
