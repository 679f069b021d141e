// Questions about tensors and shapes, as functions; most are methods, too.

import { checkInteger } from "../arguments.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { toLong } from "../op.ts";
import { type Shape, showShape, type Size, toShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * The number of elements. See `torch.numel`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.numel(dg.ones([2, 3])), 6);
 * ```
 */
export function numel(x: Tensor): number {
  return x.numel();
}

/**
 * Tells whether the element type is a floating-point type. See
 * `torch.is_floating_point`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.isFloatingPoint(dg.ones(2)), true);
 * ```
 */
export function isFloatingPoint(x: Tensor): boolean {
  return x.isFloatingPoint();
}

/**
 * Tells whether the element type has a sign: all but uint8 and bool. See
 * `torch.is_signed`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.isSigned(dg.ones(2, { dtype: "uint8" })), false);
 * ```
 */
export function isSigned(x: Tensor): boolean {
  return x.isSigned();
}

/**
 * Tells whether two tensors have the same shape. See `torch.is_same_size`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.isSameSize(dg.ones(2), dg.ones(3)), false);
 * ```
 */
export function isSameSize(x: Tensor, y: Tensor): boolean {
  return x.isSameSize(y);
}

/**
 * Tells whether a tensor was made in inference mode. See `torch.is_inference`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.isInference(dg.ones(2)), false);
 * ```
 */
export function isInference(x: Tensor): boolean {
  return x.isInference();
}

/**
 * Tells whether the only element of a tensor is not zero. Throws a RuntimeError
 * where there are more or none. See `torch.is_nonzero`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.isNonzero(dg.tensor([2])), true);
 * ```
 */
export function isNonzero(x: Tensor): boolean {
  if (x.count === 1) return x.ne(0).item<boolean>();
  const much = x.count === 0 ? "no values" : "more than one value";
  throw new RuntimeError(
    `Boolean value of Tensor with ${much} is ambiguous`,
    "any() and all() ask all elements",
  );
}

/** A shape as Python shows it as an argument. */
function showTuple(shape: Shape): string {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

/**
 * The shape that tensors of the given shapes have together. Throws a
 * RuntimeError where two do not fit. See `torch.broadcast_shapes`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.broadcastShapes([[2, 1], [3], 1]), [2, 3]);
 * ```
 */
export function broadcastShapes(shapes: readonly Size[]): Shape {
  const all = shapes.map((size) => {
    const shape = typeof size === "number" ? [size] : size;
    if (shape.some((n) => n < 0)) {
      throw new ValueError(
        "Attempting to broadcast a dimension with negative length!",
      );
    }
    return toShape(shape);
  });
  const out = new Array<number>(
    Math.max(0, ...all.map((shape) => shape.length)),
  ).fill(1);
  all.forEach((shape, k) => {
    for (let i = 1; i <= shape.length; i++) {
      const n = shape.at(-i)!;
      const at = out.length - i;
      if (n === 1 || n === out[at]) continue;
      if (out[at] !== 1) {
        throw new RuntimeError(
          `Attempting to broadcast a dimension of length ${n} at ${-i}! Mismatching argument at index ${k} had ${
            showTuple(shape)
          }; but expected shape should be broadcastable to ${showShape(out)}`,
        );
      }
      out[at] = n;
    }
  });
  return out;
}

/**
 * The coordinates along each dimension of positions in a flattened tensor of
 * the given shape: a tensor of positions for each dimension. See
 * `torch.unravel_index`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const flat = dg.tensor([5, 7], { dtype: "int64" });
 * const [rows, columns] = dg.unravelIndex(flat, [3, 4]);
 * assertEquals(rows!.tolist(), [1, 1]);
 * assertEquals(columns!.tolist(), [1, 3]);
 * ```
 */
export function unravelIndex(indices: Tensor, shape: Size): Tensor[] {
  if (indices.info.category !== 1) {
    throw new TypeError(
      `expected 'indices' to be integer dtype, but got ${indices.dtype}`,
    );
  }
  const sizes = typeof shape === "number" ? [shape] : shape;
  for (const n of sizes) checkInteger(n, "unravelIndex", "shape");
  if (sizes.some((n) => n < 0)) {
    throw new ValueError(
      `'shape' cannot have negative values, but got ${showTuple(sizes)}`,
    );
  }
  const flat = toLong(indices);
  const out: Tensor[] = [];
  let step = 1;
  for (const n of sizes.toReversed()) {
    out.unshift(flat.floorDivide(step).remainder(n));
    step *= n;
  }
  return out;
}
