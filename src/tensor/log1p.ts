// The logarithm of 1 - u for random u, with the bits of the C library that
// PyTorch calls. Pure arithmetic: knows nothing of generators or tensors.

const LN2_HIGH = 6.93147180369123816490e-01;
const LN2_LOW = 1.90821492927058770002e-10;
const P1 = 6.666666666666735130e-01;
const P2 = 3.999999999940941908e-01;
const P3 = 2.857142874366239149e-01;
const P4 = 2.222219843214978396e-01;
const P5 = 1.818357216161805012e-01;
const P6 = 1.531383769920937332e-01;
const P7 = 1.479819860511658591e-01;

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/**
 * ln(1 - u) for u from 0 to 1 - 2^-53.
 *
 * V8's `Math.log1p` is as accurate, but one result in fourteen differs from
 * glibc's in the last bit. Both are Sun's fdlibm; glibc sums the polynomial
 * in pairs of terms, and so does this.
 */
export function logOneMinus(u: number): number {
  const x = -u;
  // Tiny draws, one in 2^29, never reach the reduction.
  if (u < 2 ** -29) return u < 2 ** -54 ? x : x - x * x * 0.5;
  let k = 0;
  let f = x;
  let c = 0;
  let high = 1;
  if (u > 0.2928932309150696) {
    // 1 + x = 2^k (1 + f), with f near 0; c is what rounding 1 + x lost.
    const sum = 1 + x;
    double[0] = sum;
    high = words[1]!;
    k = (high >> 20) - 1023;
    c = (x - (sum - 1)) / sum;
    high &= 0xfffff;
    if (high < 0x6a09e) {
      words[1] = high | 0x3ff00000;
    } else {
      k += 1;
      words[1] = high | 0x3fe00000;
      high = (0x00100000 - high) >> 2;
    }
    f = double[0]! - 1;
  }
  const half = 0.5 * f * f;
  if (high === 0) {
    if (f === 0) return k * LN2_HIGH + (c + k * LN2_LOW);
    const r = half * (1 - 0.66666666666666666 * f);
    return k * LN2_HIGH - ((r - (k * LN2_LOW + c)) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const z2 = z * z;
  const z4 = z2 * z2;
  const r = z * P1 + z2 * (P2 + z * P3) + z4 * (P4 + z * P5) +
    z4 * z2 * (P6 + z * P7);
  if (k === 0) return f - (half - s * (half + r));
  return k * LN2_HIGH - ((half - (s * (half + r) + (k * LN2_LOW + c))) - f);
}
