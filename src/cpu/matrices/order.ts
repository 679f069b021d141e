// The order of a few numbers.

/** Up to this many numbers are put in order one by one. */
const FEW = 24;

/** The positions of numbers in ascending order, equal ones as they stand; NaN comes last. */
export function ascending(values: ArrayLike<number>): Int32Array {
  const order = new Int32Array(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  if (order.length > FEW) {
    return order.sort((i, j) => {
      const a = values[i]!;
      const b = values[j]!;
      return a < b ? -1 : a > b ? 1 : i - j;
    });
  }
  for (let i = 1; i < order.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! > value; at--) {
      order[at] = order[at - 1]!;
    }
    order[at] = i;
  }
  return order;
}
