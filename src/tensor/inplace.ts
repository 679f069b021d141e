// Changing a tensor in place: what autograd forbids, and how a tensor takes
// over the history of the result that its memory now holds.

import {
  isTracked,
  moveHistory,
  nodeOf,
  preserveSaved,
  rebase,
  record,
  type ViewInfo,
} from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import { type Differentiable, nextSequence } from "../grad/node.ts";
import { refuseView } from "../grad/refusal.ts";
import { makeTensor } from "./fields.ts";
import { checkHolds } from "./batching.ts";
import type { Storage } from "./device.ts";
import type { DTypeInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { isTensor } from "./is_tensor.ts";
import { SCOPE } from "./scope.ts";
import { sameShape, type Shape, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { overlapsItself } from "./view.ts";

/** Fails where autograd forbids to change `x` in place; `recorded` tells whether the op will be recorded. */
export function beginReview(x: Tensor, recorded: boolean): void {
  if (x.inference && !MODE.inference) {
    throw new RuntimeError(
      "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.",
    );
  }
  if (recorded && MODE.grad) checkHistory(x);
}

/** Fails where `x` must not be written to; `recorded` tells whether the op will be recorded. */
export function beginInplace(x: Tensor, recorded: boolean): void {
  beginReview(x, recorded);
  if (!x.dense && overlapsItself(x.shape, x.strides)) {
    throw new RuntimeError(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
      "an expanded tensor repeats the same memory; clone() makes it separate",
    );
  }
}

function checkHistory(x: Tensor): void {
  if (x.viewInfo !== null) checkView(x, x.viewInfo);
  if (!isTracked(x)) return;
  const node = nodeOf(x);
  if (node === null || node.op.isInput === true) {
    throw new RuntimeError(
      "a leaf Variable that requires grad is being used in an in-place operation.",
      "update it inside noGrad(), or work on a clone()",
    );
  }
}

function checkView(x: Tensor, view: ViewInfo): void {
  if (view.kind !== "view") refuseView(x, view, false);
  if (isTracked(x) && nodeOf(view.base) === null) {
    throw new RuntimeError(
      "a view of a leaf Variable that requires grad is being used in an in-place operation.",
      `it was made by ${view.op}(); update it inside noGrad(), or work on a clone()`,
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

/** What becomes of the history of a tensor that is overwritten with a constant. */
const CUT: Differentiable = {
  name: "zero",
  node: "ZeroBackward0",
  vjps: [(g) => g.newZeros(g.shape)],
  saves: [0],
};

/**
 * Stores a result in the memory of `x`, which takes over its history. Comes
 * after {@linkcode beginInplace}. `since` numbers the first node that the op
 * made, where it made several.
 */
export function endInplace(x: Tensor, result: Tensor, since?: number): Tensor {
  checkResult(x, result.shape, result.info);
  const recorded = MODE.grad && (isTracked(result) || isTracked(x));
  const fresh = recorded ? freshResult(x, result, since) : result;
  checkHolds(x.storage.device, fresh.storage.device);
  if (recorded) preserveSaved(x, fresh.node!, since ?? fresh.node!.sequence);
  x.storage.device.copy(x, fresh);
  x.storage.version++;
  if (recorded) rebase(x, fresh);
  return x;
}

/** A result with a node that nothing else hangs on, so that `x` can take it over. */
function freshResult(
  x: Tensor,
  result: Tensor,
  since: number | undefined,
): Tensor {
  if (!isTracked(result)) {
    const constant = result.detach();
    record(CUT, [x], constant, null);
    return constant;
  }
  const node = nodeOf(result);
  const old = node === null || (since !== undefined && node.sequence < since);
  return old ? result.clone() : result;
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
  for (const y of others) {
    if (isTensor(y)) checkHolds(x.storage.device, y.storage.device);
  }
  beginInplace(x, tracked);
  const since = nextSequence();
  return endInplace(x, op(x), since);
}

/** Changes where `x` looks into its memory, for `squeeze_`, `t_` and their like. */
export function reviewInplace(x: Tensor, viewed: Tensor): Tensor {
  const { node } = viewed;
  x.shape = viewed.shape;
  x.strides = viewed.strides;
  x.offset = viewed.offset;
  x.count = viewed.count;
  x.dense = viewed.dense;
  x.storage.version++;
  if (node === null) return x;
  moveHistory(x, node, viewed.outputNr);
  if (x.viewInfo !== null) x.viewInfo.version = x.storage.version;
  return x;
}

/** Another name for a piece of memory. */
export function aliasStorage(storage: Storage): Storage {
  const out = storage.device.alias(storage);
  if (SCOPE.current !== null) SCOPE.current.add(out);
  return out;
}

/** The memory of a tensor under a version of its own: `x.data`. */
export function dataAlias(x: Tensor): Tensor {
  return makeTensor(
    aliasStorage(x.storage),
    x.info,
    x.shape,
    x.strides,
    x.offset,
    x.count,
    x.dense,
  );
}
