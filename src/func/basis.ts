// The standard basis of the space that several tensors make up together: what
// enters at outputs, or at inputs, for each row of a Jacobian.

import type { Tensor } from "../tensor/tensor.ts";

/** For each tensor, `[end - begin, ...shape]`: the vectors of the basis from `begin` to `end`. */
export function basisFor(
  tensors: readonly Tensor[],
  begin: number,
  end: number,
): Tensor[] {
  let first = 0;
  return tensors.map((x) => {
    const rows = x.newZeros([end - begin, x.count]);
    // Where the rows of this tensor overlap with those that are wanted.
    const from = Math.max(begin, first);
    const to = Math.min(end, first + x.count);
    if (from < to) {
      rows.narrow(0, from - begin, to - from)
        .narrow(1, from - first, to - from).diagonal().fill_(1);
    }
    first += x.count;
    return rows.reshape([end - begin, ...x.shape]);
  });
}

/** How many vectors the basis has. */
export function basisSize(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, x) => sum + x.count, 0);
}
