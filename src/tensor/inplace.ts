// Changing a tensor in place: what autograd forbids, and how a tensor takes
// over the history of the result that its memory now holds.

import { isTracked, preserveSaved, rebase } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import { makeTensor } from "./fields.ts";
import type { DTypeInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { sameShape, type Shape, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { overlapsItself } from "./view.ts";

/** Fails where `x` must not be changed in place; `recorded` tells whether the op will be recorded. */
export function beginInplace(x: Tensor, recorded: boolean): void {
  if (x.inference && !MODE.inference && recorded) {
    throw new RuntimeError(
      "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.",
    );
  }
  if (!x.dense && overlapsItself(x.shape, x.strides)) {
    throw new RuntimeError(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
      "an expanded tensor repeats the same memory; clone() makes it separate",
    );
  }
  if (!recorded || !MODE.grad) return;
  if (x.viewInfo !== null) checkView(x);
  if (isTracked(x) && x.node === null) {
    throw new RuntimeError(
      "a leaf Variable that requires grad is being used in an in-place operation.",
      "update it inside noGrad(), or work on a clone()",
    );
  }
}

function checkView(x: Tensor): void {
  const { base, kind, op } = x.viewInfo!;
  const tracked = isTracked(x);
  if (kind === "multiple") {
    throw new RuntimeError(
      `Output ${x.outputNr} of ${
        x.node?.name ?? op
      } is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.`,
      `${op}() returned several views at once; change at() or narrow() of the tensor instead`,
    );
  }
  if (kind === "noGrad") {
    throw new RuntimeError(
      "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
    );
  }
  if (tracked && base.node === null) {
    throw new RuntimeError(
      "a view of a leaf Variable that requires grad is being used in an in-place operation.",
      "update it inside noGrad(), or work on a clone()",
    );
  }
}

/** Fails where a result cannot be stored in `x`: its shape or its element type does not fit. */
export function checkResult(x: Tensor, shape: Shape, info: DTypeInfo): void {
  if (x.shape !== shape && !sameShape(x.shape, shape)) {
    throw new RuntimeError(
      `output with shape ${
        showShape(x.shape)
      } doesn't match the broadcast shape ${showShape(shape)}`,
      "an op in place cannot make its tensor larger; use the form without the trailing underscore",
    );
  }
  if (info.category > x.info.category) {
    throw new RuntimeError(
      `result type ${info.scalarName} can't be cast to the desired output type ${x.info.scalarName}`,
      `convert the tensor first, for example with to("${info.name}"), or use the form without the trailing underscore`,
    );
  }
}

/** Stores a result in the memory of `x`, which takes over its history. Comes after {@linkcode beginInplace}. */
export function endInplace(x: Tensor, result: Tensor): Tensor {
  checkResult(x, result.shape, result.info);
  const recorded = MODE.grad && result.node !== null && result.tracked;
  const fitted = recorded && result.info !== x.info
    ? result.to(x.info.name)
    : result;
  if (recorded) preserveSaved(fitted.node!, x);
  x.storage.device.copy(x, fitted);
  x.storage.version++;
  if (recorded) rebase(x, fitted);
  return x;
}

/** Runs the out-of-place form of an op and stores its result in `x`: the in-place form of any op. */
export function inplace(
  x: Tensor,
  others: readonly unknown[],
  op: (x: Tensor) => Tensor,
): Tensor {
  const tracked = MODE.grad &&
    (isTracked(x) ||
      others.some((y) => isTensor(y) && isTracked(y)));
  beginInplace(x, tracked);
  return endInplace(x, op(x));
}

/** Changes where `x` looks into its memory, for `squeeze_`, `t_` and their like. */
export function reviewInplace(x: Tensor, viewed: Tensor): Tensor {
  const { node, tracked, outputNr } = viewed;
  x.shape = viewed.shape;
  x.strides = viewed.strides;
  x.offset = viewed.offset;
  x.count = viewed.count;
  x.dense = viewed.dense;
  x.storage.version++;
  if (node !== null) {
    x.node = node;
    x.tracked = tracked;
    x.outputNr = outputNr;
  }
  // The view's own history is up to date; only others must look again.
  if (x.viewInfo !== null) x.viewInfo.version = x.storage.version;
  return x;
}

function isTensor(x: unknown): x is Tensor {
  return typeof x === "object" && x !== null && "storage" in x &&
    "strides" in x;
}

/** The memory of a tensor under a version of its own: `x.data`. */
export function dataAlias(x: Tensor): Tensor {
  return makeTensor(
    x.storage.device.alias(x.storage),
    x.info,
    x.shape,
    x.strides,
    x.offset,
    x.count,
    x.dense,
  );
}
