// Where PyTorch's quickselect finds the k-th smallest of a row: of equal
// elements it names the one that its exchanges happened to bring there. Pure:
// knows rows of numbers only.

/** Whether `a` comes after `b`; NaN is larger than all. */
function after(a: number | bigint, b: number | bigint): boolean {
  return (a !== a && b === b) || a > b;
}

/**
 * The position of the `k`-th smallest element, counted from 0, of `n` elements
 * that begin at `start`. See quick_select_template in PyTorch's Sorting.cpp.
 */
export function quickSelect(
  row: ArrayLike<number> | ArrayLike<bigint>,
  start: number,
  n: number,
  k: number,
): number {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const at = (i: number): number | bigint => row[start + order[i]!]!;
  const swap = (i: number, j: number): void => {
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  };
  let left = 0;
  let right = n - 1;
  while (right > left) {
    if (right === left + 1) {
      if (after(at(left), at(right))) swap(left, right);
      break;
    }
    // The median of three becomes the pivot.
    swap(left + ((right - left) >> 1), left + 1);
    if (after(at(left + 1), at(right))) swap(left + 1, right);
    if (after(at(left), at(right))) swap(left, right);
    if (after(at(left + 1), at(left))) swap(left + 1, left);
    let i = left + 1;
    let j = right;
    const pivot = at(left);
    while (true) {
      do i++; while (after(pivot, at(i)));
      do j--; while (after(at(j), pivot));
      if (j < i) break;
      swap(i, j);
    }
    swap(left, j);
    if (j <= k) left = i;
    if (j >= k) right = j - 1;
  }
  return order[k]!;
}
