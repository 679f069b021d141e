// Filling the main diagonal of a matrix, through a view of it.

import { RuntimeError } from "../errors.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { FillValue } from "./copying.ts";

/** Options of `fillDiagonal_`. */
export interface FillDiagonalOptions {
  /** In a tall matrix, begins again one row below where the diagonal ended. */
  readonly wrap?: boolean;
}

/**
 * Writes a number to the main diagonal, in place: of a matrix of any shape, or
 * of a tensor whose dimensions are of equal length. See
 * `torch.Tensor.fill_diagonal_`.
 */
export function fillDiagonal_(
  x: Tensor,
  fillValue: FillValue,
  options: FillDiagonalOptions = {},
): Tensor {
  checkOptions(options, ["wrap"], "fillDiagonal_");
  const { shape, strides, offset } = x;
  if (shape.length < 2) {
    throw new RuntimeError("dimensions must larger than 1");
  }
  const [height, width] = shape as [number, number];
  if (shape.length > 2 && shape.some((n) => n !== height)) {
    throw new RuntimeError(
      "all dimensions of input must be of equal length",
    );
  }
  const step = strides.reduce((sum, stride) => sum + stride, 0);
  const length = Math.min(height, width);
  x.asStrided([length], [step], offset).fill_(fillValue);
  if (options.wrap === true && shape.length === 2 && height > width + 1) {
    const more = Math.ceil(x.count / (width + 1)) - length;
    const start = offset + strides[0]! * (width + 1);
    x.asStrided([more], [step], start).fill_(fillValue);
  }
  return x;
}
