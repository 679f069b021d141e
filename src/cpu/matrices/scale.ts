// Numbers by which a matrix is divided before its elements are squared.

/**
 * A power of two by which elements of which the largest is `most` are divided,
 * so that neither squares nor sums of them overflow or vanish; 1 where nothing
 * is in danger, NaN where an element is not finite.
 */
export function scaleOf(most: number): number {
  if (!(most < Infinity)) return NaN;
  if (most === 0 || (most > 1e-100 && most < 1e100)) return 1;
  // From 2^-1074 to 2^1024; the quotient stays finite.
  const power = Math.floor(Math.log2(most));
  return 2 ** Math.max(Math.min(power, 1000), -1000);
}
