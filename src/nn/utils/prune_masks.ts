// Which elements pruning leaves: masks of ones and zeros, of elements, of
// channels, and on top of earlier ones.

import { IndexError, ValueError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Computes the mask of elements: 1 where they stay. */
export type MaskOf = (scores: Tensor, mask: Tensor) => Tensor;

/** A method that looks at elements, at whole channels along a dimension, or at all at once. */
export interface Method {
  /** What it looks at. */
  readonly type: "unstructured" | "structured" | "global";
  /** The dimension of channels. */
  readonly dim?: number;
  /** Computes the mask. */
  readonly maskOf: MaskOf;
}

function checkAmount(amount: number): void {
  if (typeof amount !== "number" || Number.isNaN(amount)) {
    throw new TypeError(
      `Invalid type for amount: ${String(amount)}. Must be int or float.`,
    );
  }
  if (amount >= 0 && (amount <= 1 || Number.isInteger(amount))) return;
  throw new ValueError(
    `amount=${amount} should either be a float in the range [0, 1] or a non-negative integer`,
  );
}

/** How many of `size` an amount is. */
function countOf(amount: number, size: number): number {
  if (!Number.isInteger(amount)) return roundHalfEven(amount * size);
  if (amount <= size) return amount;
  throw new ValueError(
    `amount=${amount} should be smaller than the number of parameters to prune=${size}`,
  );
}

/** As Python rounds. */
function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** A mask without the elements at some row-major positions. */
function without(mask: Tensor, positions: Tensor): Tensor {
  return mask.reshape(-1).indexFill(0, positions, 0).reshape(mask.shape);
}

/** Prunes elements by the order of `ranks`. */
export function unstructured(
  amount: number,
  largest: boolean,
  ranks: (scores: Tensor) => Tensor,
): Method {
  checkAmount(amount);
  return {
    type: "unstructured",
    maskOf: (scores, mask) => {
      const count = countOf(amount, scores.numel());
      if (count === 0) return mask.clone();
      const order = ranks(scores).reshape(-1);
      return without(mask, order.topk(count, -1, { largest }).indices);
    },
  };
}

/** Prunes channels along `dim`; `keptOf` gives 1 for those that stay. */
export function structured(
  amount: number,
  dim: number,
  keptOf: (scores: Tensor, size: number, count: number) => Tensor,
): Method {
  checkAmount(amount);
  return {
    type: "structured",
    dim,
    maskOf: (scores, mask) => {
      const rank = scores.shape.length;
      if (rank <= 1) {
        throw new ValueError(
          `Structured pruning can only be applied to multidimensional tensors. Found tensor of shape ${
            showShape(scores.shape)
          } with ${rank} dims`,
        );
      }
      if (dim >= rank || dim < -rank) {
        throw new IndexError(
          `Invalid index ${dim} for tensor of size ${showShape(scores.shape)}`,
        );
      }
      const at = dim < 0 ? dim + rank : dim;
      const size = scores.shape[at]!;
      const count = countOf(amount, size);
      if (count === 0) return mask;
      const shape = scores.shape.map((_, d) => d === at ? size : 1);
      return mask.mul(keptOf(scores, size, count).reshape(shape));
    },
  };
}

/** The mask of a method on top of an earlier one: only what is left is looked at. */
export function combined(method: Method, scores: Tensor, mask: Tensor): Tensor {
  if (method.type === "global") return method.maskOf(scores, mask);
  if (method.type === "unstructured") {
    const left = mask.reshape(-1).nonzero().reshape(-1);
    const part = method.maskOf(
      scores.reshape(-1).indexSelect(0, left),
      mask.reshape(-1).indexSelect(0, left),
    );
    return mask.reshape(-1).indexCopy(0, left, part).reshape(mask.shape);
  }
  const rank = scores.shape.length;
  const dim = method.dim! < 0 ? method.dim! + rank : method.dim!;
  const others = mask.shape.map((_, d) => d).filter((d) => d !== dim);
  const left = mask.sum(others).nonzero().reshape(-1);
  const part = method.maskOf(
    scores.indexSelect(dim, left),
    mask.indexSelect(dim, left),
  );
  return mask.indexCopy(dim, left, part);
}
