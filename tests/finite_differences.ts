// Numerical derivatives of a plain function of numbers: what a test compares a
// derivative with when it must not trust the tape. Knows nothing of tensors.

/**
 * Computes the Jacobian of `f` at `x` by central differences, a row for each
 * output and a column for each input. With the default step the error is about
 * 1e-9 relative to the size of `f`, if `f` computes in float64 and is smooth.
 */
export function centralDifferences(
  f: (x: readonly number[]) => readonly number[],
  x: readonly number[],
  step: number = 1e-5,
): number[][] {
  const rows: number[][] = f(x).map(() => []);
  x.forEach((value, column) => {
    const h = step * Math.max(1, Math.abs(value));
    const above = f(x.with(column, value + h));
    const below = f(x.with(column, value - h));
    // The step that was really taken: value + h was rounded.
    const taken = (value + h) - (value - h);
    rows.forEach((row, i) => {
      row.push(((above[i] ?? NaN) - (below[i] ?? NaN)) / taken);
    });
  });
  return rows;
}
