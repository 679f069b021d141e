// Views by explicit strides.

import type { ViewPlace } from "../../grad/history.ts";
import { memoryRange } from "../view.ts";
import { isTracked } from "../../grad/history.ts";
import { MODE } from "../../grad/mode.ts";
import { checkArray, checkInteger, checkIntegers } from "../arguments.ts";
import { partInfo } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { beginReview, reviewInplace } from "../inplace.ts";
import { defineMove, move } from "../move_op.ts";
import { showShape, type Size, toShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const AS_STRIDED = defineMove<ViewPlace>({
  name: "asStrided",
  vjp: (g, _n, place) => g.embedView(place),
});

/**
 * Looks at the memory of a tensor under any shape, strides and offset, counted
 * in elements of the whole storage. Throws a RuntimeError where that reaches
 * beyond it. See `torch.as_strided`.
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
  checkArray(stride, "asStrided", "stride");
  checkIntegers(stride, "asStrided", "stride");
  checkInteger(storageOffset, "asStrided", "storageOffset");
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
  // Memory is counted in numbers; a complex element is two.
  const numbers = x.info.category === 3 ? 2 * high : high;
  if (numbers > x.storage.length || storageOffset < 0) {
    throw new RuntimeError(
      `setStorage: sizes ${showShape(shape)}, strides ${
        showShape(stride)
      }, storage offset ${storageOffset}, and itemsize ${x.info.bytes} requiring a storage size of ${
        high * x.info.bytes
      } are out of bounds for storage of size ${
        x.storage.length * partInfo(x.info).bytes
      }`,
    );
  }
  return move(AS_STRIDED, x, shape, stride, storageOffset, {
    view: { shape, strides: stride, offset: storageOffset },
    base: { shape: x.shape, strides: x.strides, offset: x.offset },
  });
}

/** Changes where `x` looks; see {@linkcode asStrided}. */
export function asStrided_(
  x: Tensor,
  size: Size,
  stride: readonly number[],
  storageOffset?: number,
): Tensor {
  beginReview(x, MODE.grad && isTracked(x));
  return reviewInplace(x, asStrided(x, size, stride, storageOffset));
}
