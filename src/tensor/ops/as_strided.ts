// Views by explicit strides, and what autograd needs of them when a view was
// changed in place: where the elements of a view lie in its base.

import { emptyTensor } from "../op.ts";
import { memoryRange } from "../view.ts";
import { RuntimeError } from "../errors.ts";
import { defineMove, move } from "../move_op.ts";
import { INT64 } from "../dtype.ts";
import {
  countElements,
  type Shape,
  showShape,
  type Size,
  toShape,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Strided } from "../device.ts";

/** Memory positions of all elements, row-major. */
function positions(x: Pick<Strided, "shape" | "strides" | "offset">): number[] {
  const { shape, strides, offset } = x;
  const out = new Array<number>(countElements(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = at;
    for (let d = shape.length - 1; d >= 0; d--) {
      index[d]!++;
      at += strides[d]!;
      if (index[d]! < shape[d]!) break;
      at -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return out;
}

/** For each element of a view, row-major, its row-major number in the base. */
function indexInBase(
  view: Pick<Strided, "shape" | "strides" | "offset">,
  base: Tensor,
): Tensor {
  const where = positions(view);
  if (base.dense) {
    for (let i = 0; i < where.length; i++) where[i]! -= base.offset;
  } else {
    const numbers = new Map(positions(base).map((at, i) => [at, i]));
    for (let i = 0; i < where.length; i++) where[i] = numbers.get(where[i]!)!;
  }
  const out = emptyTensor(base.storage.device, INT64, [where.length]);
  base.storage.device.write(out, where);
  return out;
}

/** The gradient of a base-shaped tensor from that of a view of it; for autograd only. */
export function asStridedBackward(
  g: Tensor,
  baseShape: Shape,
  view: Tensor,
): Tensor {
  const index = indexInBase(view, view.viewInfo!.base);
  return g.newZeros(countElements(baseShape))
    .indexAdd(0, index, g.reshape(-1)).reshape(baseShape);
}

/** A base-shaped gradient with zeros where a view looks; for autograd only. */
export function asStridedScatterLike(g: Tensor, view: Tensor): Tensor {
  const index = indexInBase(view, view.viewInfo!.base);
  return g.reshape(-1).indexFill(0, index, 0).reshape(g.shape);
}

/** What a view sees of a base-shaped gradient; for autograd only. */
export function asStridedLike(g: Tensor, view: Tensor): Tensor {
  const index = indexInBase(view, view.viewInfo!.base);
  return g.reshape(-1).indexSelect(0, index).reshape(view.shape);
}

/** What the rule of {@linkcode asStrided} knows: where it looked, and the input. */
interface AsStridedOptions {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly input: Tensor;
}

const AS_STRIDED = defineMove<AsStridedOptions>({
  name: "asStrided",
  vjp: (g, n, o) =>
    g.newZeros(countElements(n.inputShape(0)))
      .indexAdd(0, indexInBase(o, o.input), g.reshape(-1))
      .reshape(n.inputShape(0)),
});

/**
 * Looks at the memory of a tensor under any strides. See `torch.as_strided`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2, 3]);
 * assertEquals(x.asStrided([2, 2], [1, 1]).tolist(), [[1, 2], [2, 3]]);
 * ```
 */
export function asStrided(
  x: Tensor,
  size: Size,
  stride: readonly number[],
  storageOffset: number = x.offset,
): Tensor {
  const shape = toShape(size);
  if (shape.length !== stride.length) {
    throw new RuntimeError("mismatch in length of strides and shape");
  }
  if (stride.some((s) => s < 0)) {
    throw new RuntimeError(
      `as_strided: Negative strides are not supported at the moment, got strides: ${
        showShape(stride)
      }`,
    );
  }
  const [, high] = memoryRange(shape, stride, storageOffset);
  if (high > x.storage.length || storageOffset < 0) {
    throw new RuntimeError(
      `setStorage: sizes ${showShape(shape)}, strides ${
        showShape(stride)
      }, storage offset ${storageOffset}, and itemsize ${x.info.bytes} requiring a storage size of ${
        high * x.info.bytes
      } are out of bounds for storage of size ${
        x.storage.length * x.info.bytes
      }`,
    );
  }
  const input = x.detach();
  return move(AS_STRIDED, x, shape, stride, storageOffset, {
    shape,
    strides: stride,
    offset: storageOffset,
    input,
  });
}
