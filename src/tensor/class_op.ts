// What losses of classes share: targets are checked, those to be ignored left
// out, weights looked up and losses reduced.

import type { Node } from "../grad/node.ts";
import { reshaped } from "./along_op.ts";
import { INT32, INT64 } from "./dtype.ts";
import { IndexError } from "./errors.ts";
import type { Reduction } from "./loss_op.ts";
import { castTo, emptyTensor, toDense } from "./op.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Checked targets; not recorded. */
export interface ClassTargets {
  /** Classes, int64; 0 where ignored. */
  readonly index: Tensor;
  /** Which targets count, bool; null where all do. */
  readonly counts: Tensor | null;
}

/** The first target that is no class, or null. */
function firstOutside(index: Tensor, classes: number): number | null {
  const { device } = index.storage;
  if (device.knowsIndex?.(index, classes) === true) return null;
  const out = emptyTensor(device, INT32, index.shape);
  return device.foldIndex(out, index, classes, false, 1, false);
}

/** Checks targets and finds those that are to be ignored. */
export function classTargets(
  target: Tensor,
  classes: number,
  ignoreIndex: number,
): ClassTargets {
  const index = castTo(target.detach(), INT64);
  const known = ignoreIndex >= 0 && ignoreIndex < classes;
  if (!known && firstOutside(index, classes) === null) {
    return { index, counts: null };
  }
  const counts = index.ne(ignoreIndex);
  const safe = index.mul(counts);
  const outside = firstOutside(safe, classes);
  if (outside !== null) {
    throw new IndexError(
      `Target ${outside} is out of bounds.`,
      `there are ${classes} classes, from 0 on`,
    );
  }
  return { index: safe, counts };
}

/** The elements of dimension 1 that the targets point to; not recorded. */
export function pickClasses(x: Tensor, index: Tensor): Tensor {
  const { device } = x.storage;
  const shape = [x.shape[0]!, 1, ...x.shape.slice(2)];
  const out = emptyTensor(device, x.info, shape);
  // The caller's own targets may lie in any order, or repeat.
  device.gather(out, x, 1, reshaped(toDense(index), shape));
  return reshaped(out, index.shape);
}

/** What the rules know. */
export interface ClassContext {
  readonly reduction: Reduction;
  readonly ignoreIndex: number;
  readonly shape: Shape;
  /** What the forward pass found: checking again would wait for a GPU again. */
  targets: ClassTargets | null;
}

/** The targets of a node, as its forward pass found them. */
export function checkedTargets(
  n: Node,
  { targets }: ClassContext,
): ClassTargets {
  // Recalling them fails if they were changed since.
  n.input(1);
  return targets!;
}

/** The factor of each target, and what the mean divides by. */
export function factorsOf(
  { index, counts }: ClassTargets,
  weight: Tensor | undefined,
  x: Tensor,
): { factors: Tensor | null; total: Tensor | number } {
  if (weight === undefined) {
    if (counts === null) return { factors: null, total: index.count };
    const factors = counts.to(x.dtype);
    return { factors, total: factors.sum() };
  }
  const all = weight.detach().indexSelect(0, index.reshape(-1))
    .reshape(index.shape);
  const factors = counts === null
    ? all
    : all.maskedFill(counts.logicalNot(), 0);
  return { factors, total: factors.sum() };
}

/** Losses of targets, weighted and reduced. */
export function combine(
  losses: Tensor,
  targets: ClassTargets,
  weight: Tensor | undefined,
  reduction: Reduction,
): Tensor {
  const { factors, total } = factorsOf(targets, weight, losses);
  const { counts } = targets;
  // What is ignored does not count, whatever the input is there.
  const valid = counts === null ? losses : losses.where(counts, 0);
  const all = factors === null ? valid : valid.mul(factors);
  if (reduction === "none") return all;
  const sum = all.sum();
  return reduction === "sum" ? sum : sum.div(total);
}

/** The factor of each target's derivative, shaped like the targets. */
export function slopes(
  g: Tensor,
  targets: ClassTargets,
  weight: Tensor | undefined,
  reduction: Reduction,
): Tensor {
  const { factors, total } = factorsOf(targets, weight, g);
  const each = reduction === "mean" ? g.div(total) : g;
  if (factors === null) return each.expand(targets.index.shape);
  const { counts } = targets;
  // Where nothing counts, the mean divides by 0.
  return counts === null
    ? each.mul(factors)
    : each.mul(factors).where(counts, 0);
}
