// The error function and its relatives of float64 vectors. The fits are printed by
// tests/goldens/make_math_goldens.py; ACCURACY.md says how exact they are.

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
  const p = v.longPolynomial(D, t, [
    1.2329951186255526,
    -0.13962111684056255,
    0.015379652102618777,
    0.06809705425469767,
    -0.1010390660362383,
    0.09373283499818905,
    -0.06633036581397628,
    0.037167515539714355,
    -0.01619773403380318,
    0.00503196996281551,
    -0.0007577734795646601,
    -0.00019925665014089585,
    0.0001506226249164781,
    -2.4399175070253008e-05,
    -1.1225068998628388e-05,
    5.7089944714048155e-06,
    3.000847947399063e-07,
    -8.229342631323104e-07,
    6.656895690237857e-08,
    1.0588287063449777e-07,
    -1.2056910206403893e-08,
    -1.051462539841937e-08,
  ]);
  const ratio = div(v, p, v.madd(D, y, k(v, 2), k(v, 1)));
  // exp of the square of y cut short, which is exact, and a series for the rest.
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
  const factor = v.longPolynomial(D, sub(v, w, k(v, 3.125)), [
    1.6536545626831027,
    0.24015818242558834,
    -0.006033670871426851,
    -0.0007407025341546431,
    0.00018673420801981186,
    -1.3882523393957483e-05,
    -1.3654691758785656e-06,
    4.23478816822246e-07,
    -2.907039127564132e-08,
    -4.1126604371632185e-09,
    1.051223377050429e-09,
    -5.414303283919504e-11,
    -1.2978805369932565e-11,
    2.6305268312595183e-12,
    -8.07192593899004e-14,
    -4.0020031087558496e-14,
    6.521333511502239e-15,
    -3.94018812230432e-17,
    -1.2215637192404172e-16,
    1.5510787009902526e-17,
    6.075050702072414e-19,
    -3.4734793888538036e-19,
    1.999259988861535e-20,
    3.194015548136271e-21,
    -3.5932028927020693e-22,
  ]);
  replace(v, v.op("f64x2.lt", w, k(v, 6.25)), factor, () => {
    const root = v.op("f64x2.sqrt", w);
    const tail = v.longPolynomial(D, sub(v, root, k(v, 3.25)), [
      3.0838856104922208,
      1.0052589676941652,
      0.00537091455357168,
      -0.003751208508215561,
      0.0024914420969817607,
      -0.0016882755357337071,
      0.0009532893637435638,
      -0.00035503780975963814,
      2.4031257015092525e-05,
      6.828708654753377e-05,
      -4.731898412011245e-05,
      1.2465167157087251e-05,
      2.9257291901789823e-06,
      -3.986084395214756e-06,
      1.4987130784186127e-06,
      -2.7004219280868947e-08,
      -2.713451105439456e-07,
      1.3104351499972014e-07,
      6.969241977629694e-10,
      -1.5102695423335065e-08,
    ]);
    replace(
      v,
      v.op("f64x2.lt", root, k(v, 4)),
      tail,
      () =>
        v.longPolynomial(D, sub(v, root, k(v, 5)), [
          4.849906401408584,
          1.0103004648645453,
          -0.0001387193183793902,
          -0.00021503011982656274,
          7.599527807604776e-05,
          -1.9681770719043677e-05,
          4.526052743790951e-06,
          -9.9302927406069e-07,
          2.290516780486715e-07,
          -6.755650411430056e-08,
          2.9021987809100164e-08,
          -1.525464535688987e-08,
          7.815701028842222e-09,
          -3.471592786518304e-09,
          1.3217356090705066e-09,
          -4.3752073162016196e-10,
          6.646144734325842e-11,
          4.2883063927487056e-11,
          -1.968931701962242e-11,
        ]),
    );
    // Outside w is NaN, and so is this.
    return v.choose(v.op("f64x2.eq", y, one), k(v, Infinity), tail);
  });
  return withSign(v, abs(v, mul(v, y, factor)), x);
}
