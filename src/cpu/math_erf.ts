// The error function and its relatives as plain number -> number functions.
// The loops of the CPU device call them; they know neither tensors nor dtypes.
// Everything is float64; a float32 result is this one, rounded once.
// The long constants are printed to the digits of their papers.

/**
 * erfc(y) for y > 0.46875, from W. J. Cody, "Rational Chebyshev approximations
 * for the error function", Math. Comp. 23 (1969), as tabulated in CALERF.
 */
function erfcTail(y: number): number {
  let ratio: number;
  if (y <= 4) {
    let p = 2.15311535474403846e-8;
    p = p * y + 5.64188496988670089e-1;
    p = p * y + 8.88314979438837594;
    p = p * y + 6.61191906371416295e1;
    p = p * y + 2.98635138197400131e2;
    p = p * y + 8.81952221241769090e2;
    p = p * y + 1.71204761263407058e3;
    p = p * y + 2.05107837782607147e3;
    p = p * y + 1.23033935479799725e3;
    let q = y + 1.57449261107098347e1;
    q = q * y + 1.17693950891312499e2;
    q = q * y + 5.37181101862009858e2;
    q = q * y + 1.62138957456669019e3;
    q = q * y + 3.29079923573345963e3;
    q = q * y + 4.36261909014324716e3;
    q = q * y + 3.43936767414372164e3;
    q = q * y + 1.23033935480374942e3;
    ratio = p / q;
  } else {
    const w = 1 / (y * y);
    let p = 1.63153871373020978e-2;
    p = p * w + 3.05326634961232344e-1;
    p = p * w + 3.60344899949804439e-1;
    p = p * w + 1.25781726111229246e-1;
    p = p * w + 1.60837851487422766e-2;
    p = p * w + 6.58749161529837803e-4;
    let q = w + 2.56852019228982242;
    q = q * w + 1.87295284992346047;
    q = q * w + 5.27905102951428412e-1;
    q = q * w + 6.05183413124413191e-2;
    q = q * w + 2.33520497626869185e-3;
    ratio = (5.6418958354775628695e-1 - w * p / q) / y;
  }
  // exp(-y*y) would magnify the rounding of y*y by y*y. The square of head, y
  // cut to 20 bits after the point, is exact; exp(-d) is left, d below 6e-5,
  // for which four terms of the series do.
  const head = Math.trunc(y * 1048576) / 1048576;
  const d = (y - head) * (y + head);
  const rest = ratio - ratio * (d * (1 - d * (0.5 - d / 6)));
  if (y < 26) return Math.exp(-head * head) * rest;
  // Two halves, so that only the last product can become subnormal.
  const half = Math.exp(-0.5 * head * head);
  return half * rest * half;
}

/** erf(x) for |x| <= 0.46875, from the same paper. */
function erfCentre(x: number): number {
  const t = x * x;
  let p = 1.85777706184603153e-1;
  p = p * t + 3.16112374387056560;
  p = p * t + 1.13864154151050156e2;
  p = p * t + 3.77485237685302021e2;
  p = p * t + 3.20937758913846947e3;
  let q = t + 2.36012909523441209e1;
  q = q * t + 2.44024637934444173e2;
  q = q * t + 1.28261652607737228e3;
  q = q * t + 2.84423683343917062e3;
  return x * (p / q);
}

/**
 * The error function, 2/sqrt(pi) times the integral of exp(-t*t) from 0 to x.
 * erf(±inf) is ±1, and a zero keeps its sign. See torch.erf.
 */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return erfCentre(x);
  if (y > 6) return x > 0 ? 1 : -1;
  const value = 0.5 - erfcTail(y) + 0.5;
  return x < 0 ? -value : value;
}

/**
 * The complementary error function 1 - erf(x), with full relative accuracy in
 * the tail down to the subnormal numbers. See torch.erfc.
 */
export function erfc(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return 1 - erfCentre(x);
  if (x > 27.5) return 0;
  if (x < -6) return 2;
  const tail = erfcTail(y);
  return x < 0 ? 2 - tail : tail;
}

/**
 * The inverse of erf on [-1, 1]: ±1 gives ±inf, outside gives NaN. See
 * torch.erfinv. From M. J. Wichura, "Algorithm AS 241: the percentage points
 * of the normal distribution", Applied Statistics 37 (1988), through
 * erfinv(x) = normalQuantile((1 + x) / 2) / sqrt(2).
 */
export function erfinv(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.85) {
    const r = 0.180625 - 0.25 * x * x;
    let p = 2.5090809287301226727e3;
    p = p * r + 3.3430575583588128105e4;
    p = p * r + 6.7265770927008700853e4;
    p = p * r + 4.5921953931549871457e4;
    p = p * r + 1.3731693765509461125e4;
    p = p * r + 1.9715909503065514427e3;
    p = p * r + 1.3314166789178437745e2;
    p = p * r + 3.3871328727963666080;
    let q = 5.2264952788528545610e3;
    q = q * r + 2.8729085735721942674e4;
    q = q * r + 3.9307895800092710610e4;
    q = q * r + 2.1213794301586595867e4;
    q = q * r + 5.3941960214247511077e3;
    q = q * r + 6.8718700749205790830e2;
    q = q * r + 4.2313330701600911252e1;
    q = q * r + 1;
    // 0.5 * sqrt(0.5): half of x is the paper's q, and it could underflow.
    return x * (p / q * 0.35355339059327376220);
  }
  if (!(y < 1)) return y === 1 ? x * Infinity : NaN;
  // 1 - y is exact here, and so is its half.
  const root = Math.sqrt(-Math.log(0.5 * (1 - y)));
  let ratio: number;
  if (root <= 5) {
    const r = root - 1.6;
    let p = 7.74545014278341407640e-4;
    p = p * r + 2.27238449892691845833e-2;
    p = p * r + 2.41780725177450611770e-1;
    p = p * r + 1.27045825245236838258;
    p = p * r + 3.64784832476320460504;
    p = p * r + 5.76949722146069140550;
    p = p * r + 4.63033784615654529590;
    p = p * r + 1.42343711074968357734;
    let q = 1.05075007164441684324e-9;
    q = q * r + 5.47593808499534494600e-4;
    q = q * r + 1.51986665636164571966e-2;
    q = q * r + 1.48103976427480074590e-1;
    q = q * r + 6.89767334985100004550e-1;
    q = q * r + 1.67638483018380384940;
    q = q * r + 2.05319162663775882187;
    q = q * r + 1;
    ratio = p / q;
  } else {
    const r = root - 5;
    let p = 2.01033439929228813265e-7;
    p = p * r + 2.71155556874348757815e-5;
    p = p * r + 1.24266094738807843860e-3;
    p = p * r + 2.65321895265761230930e-2;
    p = p * r + 2.96560571828504891230e-1;
    p = p * r + 1.78482653991729133580;
    p = p * r + 5.46378491116411436990;
    p = p * r + 6.65790464350110377720;
    let q = 2.04426310338993978564e-15;
    q = q * r + 1.42151175831644588870e-7;
    q = q * r + 1.84631831751005468180e-5;
    q = q * r + 7.86869131145613259100e-4;
    q = q * r + 1.48753612908506148525e-2;
    q = q * r + 1.36929880922735805310e-1;
    q = q * r + 5.99832206555887937690e-1;
    q = q * r + 1;
    ratio = p / q;
  }
  // One step of Newton's: the rounding of log and sqrt shows in the last digits,
  // while an error of erfc's counts here only divided by 2 * value**2.
  let value = ratio * Math.SQRT1_2;
  const slope = 1.1283791670955126 * Math.exp(-value * value); // 2 / sqrt(pi)
  value += (erfcTail(value) - (1 - y)) / slope;
  return x < 0 ? -value : value;
}
