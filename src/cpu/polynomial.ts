// Polynomials in JavaScript, for the functions of math_*.ts.

/**
 * A polynomial; the constant coefficient comes first. Even and odd powers of a
 * long one are summed apart, so that two sums go on at the same time.
 */
export function polynomial(
  coefficients: readonly number[],
  x: number,
): number {
  let k = coefficients.length - 1;
  if (k < 12) {
    let sum = coefficients[k]!;
    while (k > 0) sum = sum * x + coefficients[--k]!;
    return sum;
  }
  const square = x * x;
  let even = k % 2 === 0 ? coefficients[k--]! : 0;
  let odd = 0;
  for (; k > 0; k -= 2) {
    odd = odd * square + coefficients[k]!;
    even = even * square + coefficients[k - 1]!;
  }
  return odd * x + even;
}
