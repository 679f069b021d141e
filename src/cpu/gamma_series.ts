// Coefficients of the gamma function's relatives, the constant one first: the
// loops in JavaScript and the vector kernels compute with the same.
// A&S is Abramowitz and Stegun, Handbook of Mathematical Functions, chapter 6.
// tests/goldens/make_math_goldens.py --coefficients prints the fitted ones.

/**
 * `lgamma(y) / ((y - 1) * (y - 2))` in `y - 7/4` for 1 <= y <= 5/2, fitted on
 * Chebyshev nodes: it hardly varies, so that both zeros, and all between them,
 * are relatively exact.
 */
export const LGAMMA_NEAR: readonly number[] = [
  0.4501393121092563,
  -0.11948158662524273,
  0.04452044719851477,
  -0.01905395783025038,
  0.008776370424820181,
  -0.004226194125675554,
  0.0020955338945061364,
  -0.0010605660833747756,
  0.0005448967395731498,
  -0.0002831904844654093,
  0.000148519311589166,
  -7.846314845465087e-05,
  4.168906612494944e-05,
  -2.227242258991742e-05,
  1.2018712758946373e-05,
  -6.474995691895185e-06,
  3.3111117558652085e-06,
  -1.7932743600527255e-06,
  1.3252079532403106e-06,
  -7.242058089691726e-07,
  -1.7642211252539126e-08,
  1.1196787207499e-08,
  2.7358340821171866e-07,
  -1.5069416728386754e-07,
];

/** The same within 1e-9, for results that are rounded to float32. */
export const LGAMMA_NEAR_SHORT: readonly number[] = [
  0.4501393121092563,
  -0.1194815826767905,
  0.04452044507106896,
  -0.01905415322525948,
  0.008776475700834384,
  -0.00422345573033752,
  0.0020940586182937636,
  -0.001076806668565686,
  0.0005536447636753813,
  -0.000237435471803552,
  0.00012387955566703883,
  -0.00013694791679720177,
  7.317447525282773e-05,
];

/** `digamma(2 + z)` for |z| <= 1/2: A&S 6.3.14, refitted on Chebyshev nodes. */
export const DIGAMMA_NEAR_TWO: readonly number[] = [
  0.42278433509846713,
  0.6449340668482264,
  -0.2020569031595943,
  0.08232323371114006,
  -0.03692775514337086,
  0.017343061984288078,
  -0.0083492773818423,
  0.004077356204303644,
  -0.002008392829261749,
  0.0009945749900394508,
  -0.000494188535232711,
  0.00024608834332408985,
  -0.00012271424255306068,
  6.123361261842341e-05,
  -3.05809753599574e-05,
  1.5356187450230485e-05,
  -7.674160254961053e-06,
  3.5894120527625994e-06,
  -1.7942765098136759e-06,
  1.3349723794099688e-06,
  -6.674305497396081e-07,
];

/** `digamma(root + z) / z` for |z| <= 0.3: its Taylor series there, refitted. */
export const DIGAMMA_NEAR_ROOT: readonly number[] = [
  0.9676722454476212,
  -0.4427631689835921,
  0.25849976095564775,
  -0.1639427054424043,
  0.10782405069222596,
  -0.07219956125711396,
  0.0488042880544983,
  -0.03316112639983284,
  0.022597654472087007,
  -0.0154247701740136,
  0.010538592597880845,
  -0.007204398225837358,
  0.004930495852633737,
  -0.003372342935560877,
  0.002265023075842018,
  -0.0015494997640094039,
  0.001308005831219245,
  -0.0008948669306500375,
];

/** The positive root of digamma. */
export const ROOT = 1.4616321449683622;
/** What float64 cuts off from {@linkcode ROOT}. */
export const ROOT_REST = 9.549995429965697e-17;

/** Stirling's series in 1 / x**2, times x: A&S 6.1.41. */
export const STIRLING: readonly number[] = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
];

/** `log(2 pi) / 2 - 1 / 2`, what {@linkcode STIRLING} is added to. */
export const STIRLING_CONSTANT = 0.4189385332046727;

/** digamma far out, in 1 / x**2, after its first two terms: A&S 6.3.18. */
export const DIGAMMA_FAR: readonly number[] = [
  -1 / 12,
  1 / 120,
  -1 / 252,
  1 / 240,
  -1 / 132,
  691 / 32760,
  -1 / 12,
];

/** The same of trigamma, less a power: A&S 6.4.12. */
export const TRIGAMMA_FAR: readonly number[] = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
];

/** `B(2j) / (2j)!` for j from 1 on, of Euler and Maclaurin's formula. */
export const EULER_MACLAURIN: readonly number[] = [
  1 / 12,
  -1.38888888888888889e-3,
  3.30687830687830688e-5,
  -8.26719576719576720e-7,
  2.08767569878680990e-8,
  -5.28419013868749318e-10,
  1.33825365306846788e-11,
  -3.38968029632258287e-13,
  8.58606205627784456e-15,
  -2.17486869855806187e-16,
  5.50900282836022952e-18,
  -1.3954464685812523e-19,
];
