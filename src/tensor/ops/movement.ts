// Views: the same memory under another shape, and copies that make a tensor
// contiguous again.

import { emptyTensor } from "../op.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { defineMove, move } from "../move_op.ts";
import { inferSize, showShape, type Size } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { viewStrides } from "../view.ts";

const CLONE = defineKernel<null>({
  name: "clone",
  forward: ([x]) => {
    const out = emptyTensor(x!.storage.device, x!.info, x!.shape);
    x!.storage.device.copy(out, x!);
    return out;
  },
  vjps: [(g) => g],
});

/**
 * Copies a tensor; gradients flow back to it. See `torch.clone`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1, 2]);
 * x.clone().zero_();
 * assertEquals(x.tolist(), [1, 2]);
 * ```
 */
export function clone(x: Tensor): Tensor {
  return run(CLONE, [x], null);
}

const VIEW = defineMove<null>({
  name: "view",
  vjp: (g, n) => g.reshape(n.inputShape(0)),
});

/** As {@linkcode VIEW}; where `reshape` made the view PyTorch shows this name. */
const UNSAFE_VIEW = { ...VIEW, name: "reshape", node: "ViewBackward0" };

/**
 * Gives a tensor another shape, as a view where strides allow, else as a copy.
 * One length may be `-1`. See `torch.reshape`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.arange(6).reshape([2, -1]).tolist(), [[0, 1, 2], [3, 4, 5]]);
 * ```
 */
export function reshape(x: Tensor, shape: Size): Tensor {
  const wanted = inferSize(shape, x.count);
  const strides = viewStrides(x.shape, x.strides, wanted);
  if (strides !== null) {
    return move(UNSAFE_VIEW, x, wanted, strides, x.offset, null);
  }
  const copy = clone(x);
  const dense = viewStrides(copy.shape, copy.strides, wanted)!;
  return move(UNSAFE_VIEW, copy, wanted, dense, 0, null);
}

const EXPAND = defineMove<null>({
  name: "expand",
  vjp: (g, n) => g.sumToSize(n.inputShape(0)),
});

/**
 * Repeats dimensions of length one without copying; `-1` keeps a length. See `Tensor.expand`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1], [2]]).expand([2, 3]).tolist(), [[1, 1, 1], [2, 2, 2]]);
 * ```
 */
export function expand(x: Tensor, size: Size): Tensor {
  const wanted = typeof size === "number" ? [size] : size;
  const pad = wanted.length - x.shape.length;
  if (pad < 0) {
    throw new RuntimeError(
      `expand(${x.info.scalarName}Tensor{${showShape(x.shape)}}, size=${
        showShape(wanted)
      }): the number of sizes provided (${wanted.length}) must be greater or equal to the number of dimensions in the tensor (${x.shape.length})`,
    );
  }
  const shape = new Array<number>(wanted.length);
  const strides = new Array<number>(wanted.length);
  for (let d = wanted.length - 1; d >= 0; d--) {
    const own = d < pad ? 1 : x.shape[d - pad]!;
    const n = wanted[d]! === -1 ? own : wanted[d]!;
    if (wanted[d] === -1 && d < pad) {
      throw new RuntimeError(
        `expand(${x.info.scalarName}Tensor{${showShape(x.shape)}}, size=${
          showShape(wanted)
        }): expanding to a new dimension of size -1 isn't allowed`,
      );
    }
    if (own !== 1 && own !== n) {
      throw new RuntimeError(
        `The expanded size of the tensor (${n}) must match the existing size (${own}) at non-singleton dimension ${d}.  Target sizes: ${
          showShape(wanted)
        }.  Tensor sizes: ${showShape(x.shape)}`,
      );
    }
    shape[d] = n;
    strides[d] = d < pad || (own === 1 && n !== 1) ? 0 : x.strides[d - pad]!;
  }
  return move(EXPAND, x, shape, strides, x.offset, null);
}
