// Copies of a tensor and what overwrites one: clones, constants stored in
// place, and the memory of a tensor apart from its history.

import { checkHolds } from "../batching.ts";
import { isTracked, record } from "../../grad/history.ts";
import { MODE } from "../../grad/mode.ts";
import { RuntimeError } from "../errors.ts";
import { beginInplace, beginReview, endInplace } from "../inplace.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { viewOf } from "../move_op.ts";
import { type Complex, isComplexNumber } from "../complex_number.ts";
import {
  castTo,
  complexScalar,
  emptyTensor,
  scalarTensor,
  toDense,
} from "../op.ts";
import { checkFits } from "../number_range.ts";
import { checkOverlap, sameMemory } from "../overlap.ts";
import { broadcastShapes, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

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
 * Copies a tensor into memory of its own, in row-major order; gradients flow
 * back to it. See `torch.clone`.
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

/**
 * The tensor itself where its elements lie in row-major order without gaps, else
 * a copy in which they do. See `Tensor.contiguous`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([2, 3]).t();
 * assertEquals(x.isContiguous(), false);
 * assertEquals(x.contiguous().isContiguous(), true);
 * ```
 */
export function contiguous(x: Tensor): Tensor {
  return x.dense ? x : clone(x);
}

/**
 * The same memory without history: no gradient flows through the result. See `Tensor.detach`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(2, { requiresGrad: true });
 * assertEquals(dg.detach(x.mul(2)).requiresGrad, false);
 * ```
 */
export function detach(x: Tensor): Tensor {
  return x.detach();
}

/** Cuts a tensor off its history, in place; fails for views. See `Tensor.detach_`. */
export function detach_(x: Tensor): Tensor {
  if (x.viewInfo !== null) {
    throw new RuntimeError(
      "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
      `the tensor is a view made by ${x.viewInfo.op}()`,
    );
  }
  x.node = null;
  x.outputNr = 0;
  x.tracked = false;
  return x;
}

const FILL = defineKernel<null>({
  name: "fill",
  forward: ([x, value]) => {
    const out = emptyTensor(x!.storage.device, x!.info, x!.shape);
    out.storage.device.copy(out, castTo(value!, x!.info));
    return out;
  },
  vjps: [(g) => g.newZeros(g.shape), (g) => g.sum()],
});

/** PyTorch numbers the nodes of its four forms: from a number or a tensor, and both in place. */
const FILLS = [0, 1, 2, 3].map((k) => ({ ...FILL, node: `FillBackward${k}` }));

function fillValue(x: Tensor, value: FillValue): Tensor {
  if (isComplexNumber(value)) return complexScalar(value, x.info);
  if (typeof value === "object") {
    if (value.shape.length > 0) {
      throw new RuntimeError(
        `fill only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
      );
    }
    return value;
  }
  checkFits(value, x.info);
  return scalarTensor(value, x.info);
}

/** What {@linkcode fill} stores: a number or a 0-d tensor. */
export type FillValue = Tensor | number | bigint | boolean | Complex;

/**
 * A tensor like `x` that holds one value; a 0-d tensor gets the gradient of all
 * elements. See `torch.fill`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.fill(dg.zeros(2), 7).tolist(), [7, 7]);
 * ```
 */
export function fill(x: Tensor, value: FillValue): Tensor {
  const source = fillValue(x, value);
  return run(FILLS[typeof value === "object" ? 1 : 0]!, [x, source], null);
}

/** Stores one value everywhere; see {@linkcode fill}. */
export function fill_(x: Tensor, value: FillValue): Tensor {
  if (isComplexNumber(value)) return fill_(x, complexScalar(value, x.info));
  if (typeof value !== "object") {
    if (!(MODE.grad && isTracked(x))) {
      // Memory that is written twice gets the same value twice.
      beginReview(x, false);
      checkFits(value, x.info);
      x.storage.device.fill(
        x,
        typeof value === "boolean" ? Number(value) : value,
      );
      x.storage.version++;
      return x;
    }
    return overwrite(FILLS[2]!, x, [x], fillValue(x, value));
  }
  if (value.shape.length > 0) {
    throw new RuntimeError(
      `fill_ only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
    );
  }
  return overwrite(FILLS[3]!, x, [x, value], value);
}

const ZERO = defineKernel<null>({
  name: "zero",
  forward: ([x]) => x!.newZeros(x!.shape),
  vjps: [(g) => g.newZeros(g.shape)],
});

/** Stores zeros everywhere. See `Tensor.zero_`. */
export function zero_(x: Tensor): Tensor {
  if (!(MODE.grad && isTracked(x))) return fill_(x, 0);
  return overwrite(ZERO, x, [x], scalarTensor(0, x.info));
}

const COPY = defineKernel<null>({
  name: "copy",
  node: "CopyBackwards",
  forward: ([x, source]) => castTo(toDense(source!.expand(x!.shape)), x!.info),
  vjps: [(g) => g.newZeros(g.shape), (g) => g],
});

/**
 * Stores the values of `source` in `x`, converted, broadcast and moved to its
 * device. See `torch.Tensor.copy_`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.zeros([2, 2]);
 * x.copy_(dg.tensor([1, 2]));
 * assertEquals(x.tolist(), [[1, 2], [1, 2]]);
 * ```
 */
export function copy_(x: Tensor, source: Tensor): Tensor {
  checkTensor(source, "copy_", "source");
  const shape = broadcastShapes(x.shape, source.shape);
  if (!sameShape(shape, x.shape)) {
    throw new RuntimeError(
      `output with shape ${
        showShape(x.shape)
      } doesn't match the broadcast shape ${showShape(shape)}`,
      "an op in place cannot make its tensor larger",
    );
  }
  const { device } = x.storage;
  if (source.storage.device !== device) {
    checkHolds(device, source.storage.device);
    return copy_(x, source.to({ device, dtype: x.dtype }));
  }
  checkOverlap(x, source);
  // Reading and writing the same memory in different orders needs a copy.
  const safe = sameMemory(source.storage, x.storage) && source !== x
    ? detachedCopy(source)
    : source;
  return overwrite(COPY, x, [x, source], safe);
}

function detachedCopy(x: Tensor): Tensor {
  const out = emptyTensor(x.storage.device, x.info, x.shape);
  x.storage.device.copy(out, x);
  return out;
}

/** Stores `value`, broadcast, in `x` and records that `op` did it. */
function overwrite(
  op: typeof FILL,
  x: Tensor,
  inputs: readonly Tensor[],
  value: Tensor,
): Tensor {
  const tracked = MODE.grad && x.info.category >= 2 && inputs.some(isTracked);
  checkHolds(x.storage.device, value.storage.device);
  beginInplace(x, tracked);
  if (!tracked) {
    x.storage.device.copy(x, value);
    x.storage.version++;
    return x;
  }
  const fitted = castTo(value, x.info);
  const { shape, strides } = fitted.detach().expand(x.shape);
  const result = viewOf(fitted, shape, strides, fitted.offset, op.name);
  result.viewInfo = null;
  record(op, inputs, result, null);
  return endInplace(x, result);
}
