// Losses with a margin between the scores of classes. Targets are indices.

import { checkNotComplex } from "../complex_refusal.ts";
import { anywhere } from "../batching.ts";
import { IN0, IN1, IN2 } from "../../grad/node.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import {
  checkReduction,
  type LossOptions,
  reduceLoss,
  type Reduction,
} from "../loss_op.ts";
import { toLong } from "../op.ts";
import { checkOptions, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { MarginLossOptions } from "./losses_margin.ts";

/** What the rules of losses over classes know. */
interface ClassesContext {
  readonly p: number;
  readonly margin: number;
  readonly reduction: Reduction;
}

/** A vector counts as a row. */
function asRows(x: Tensor): Tensor {
  return x.shape.length < 2 ? x.reshape([1, -1]) : x;
}

/** The gradient of each row's loss. */
function perRow(g: Tensor, rows: number, reduction: Reduction): Tensor {
  if (reduction === "none") return g.reshape([rows, 1]);
  return reduction === "mean" ? g.div(rows) : g;
}

/** The sum for each row: a vector gives a number. */
function rowLosses(all: Tensor, x: Tensor, reduction: Reduction): Tensor {
  const rows = all.sum(1).div(all.shape[1]!);
  return reduceLoss(x.shape.length < 2 ? rows.reshape([]) : rows, reduction);
}

function excess(x: Tensor, target: Tensor, margin: number) {
  const rows = asRows(x);
  const index = toLong(target).reshape([-1, 1]);
  const z = rows.sub(rows.gather(1, index)).add(margin);
  const own = z.detach().mul(0).scatter(1, index, 1).ne(0);
  return {
    rows,
    index,
    z,
    counts: z.detach().gt(0).logicalAnd(own.logicalNot()),
  };
}

const MULTI_MARGIN = defineKernel<ClassesContext>({
  name: "multiMarginLoss",
  node: "MultiMarginLossBackward0",
  forward: ([x, target, weight], { p, margin, reduction }) => {
    const { index, z, counts } = excess(x!, target!, margin);
    const powers = (p === 2 ? z.mul(z) : z).where(counts, 0);
    const all = weight === undefined
      ? powers
      : powers.mul(weight.indexSelect(0, index.reshape(-1)).unsqueeze(1));
    return rowLosses(all, x!, reduction);
  },
  vjps: [
    (g, n, { p, margin, reduction }) => {
      const x = n.input(0);
      const { rows, index, z, counts } = excess(x, n.input(1), margin);
      const [m, classes] = rows.shape as [number, number];
      let scale = perRow(g, m, reduction).div(classes);
      if (n.edges.length > 2) {
        const factors = n.input(2).indexSelect(0, index.reshape(-1));
        scale = scale.mul(factors.unsqueeze(1));
      }
      const slope = (p === 2 ? z.mul(2) : z.mul(0).add(1)).where(counts, 0);
      const each = slope.mul(scale);
      const out = each.scatterAdd(
        1,
        index,
        each.sum(1, { keepdim: true }).neg(),
      );
      return out.reshape(x.shape);
    },
    null,
    null,
  ],
  saves: [IN0 | IN1 | IN2],
});

/** The number of classes of a vector or matrix; fails where there are none. */
function classesOf(x: Tensor): number {
  const rank = x.shape.length;
  const classes = x.shape[rank - 1] ?? 1;
  if (rank > 2 || classes === 0) {
    throw new RuntimeError(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${
        showShape(x.shape)
      }`,
    );
  }
  return classes;
}

/** Options of {@linkcode multiMarginLoss}. */
export interface MultiMarginLossOptions extends MarginLossOptions {
  /** Power of each loss, 1 or 2. */
  readonly p?: number;
  /** Factor of each class. */
  readonly weight?: Tensor;
}

/**
 * What the score of the right class lacks to exceed each other one by `margin`,
 * 1 where not given, averaged over the classes. Targets are indices. See
 * `torch.nn.functional.multi_margin_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const target = dg.tensor([0], { dtype: "int64" });
 * const loss = F.multiMarginLoss(dg.tensor([[2, 1.5]]), target);
 * assertEquals(loss.item(), 0.25);
 * ```
 */
export function multiMarginLoss(
  x: Tensor,
  target: Tensor,
  options: MultiMarginLossOptions = {},
): Tensor {
  const known = ["reduction", "margin", "p", "weight"];
  checkOptions(options, known, "multiMarginLoss");
  const { margin = 1, p = 1, weight } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  if (p !== 1 && p !== 2) {
    throw new ValueError("only p == 1 and p == 2 supported");
  }
  if (weight !== undefined && weight.shape.length !== 1) {
    throw new ValueError("weight must be one-dimensional");
  }
  if (weight !== undefined) checkNotComplex("multi_margin_loss", weight.info);
  const classes = classesOf(x);
  const rows = x.shape.length < 2 ? 1 : x.shape[0]!;
  if (target.shape.length > 1 || target.count !== rows) {
    throw new RuntimeError(
      `multiMarginLoss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [${rows}], but got ${
        showShape(target.shape)
      }. Input has shape ${showShape(x.shape)}.`,
    );
  }
  if (weight !== undefined && weight.count !== classes) {
    throw new RuntimeError(
      `inconsistent weight size, expected ${classes} but got ${
        showShape(weight.shape)
      }`,
    );
  }
  const outside = target.lt(0).logicalOr(target.ge(classes));
  if (anywhere(outside)) {
    throw new RuntimeError("target out of range");
  }
  const inputs = weight === undefined ? [x, target] : [x, target, weight];
  return run(MULTI_MARGIN, inputs, { p, margin, reduction });
}

/** The targets of each row up to the first -1, and which classes are among them. */
function labels(rows: Tensor, target: Tensor) {
  const index = toLong(asRows(target));
  const listed = toLong(index.lt(0)).cumsum(1).eq(0);
  const safe = index.where(listed, 0);
  const isLabel = rows.detach().mul(0).scatterAdd(
    1,
    safe,
    listed.to(rows.dtype),
  ).gt(0);
  return { listed, safe, isLabel };
}

/** `1 - x[target] + x[other]` for each listed target and each class that is none, [rows, targets, classes]. */
function labelExcess(x: Tensor, target: Tensor) {
  const rows = asRows(x);
  const { listed, safe, isLabel } = labels(rows, target);
  const own = rows.gather(1, safe).unsqueeze(2);
  const z = rows.unsqueeze(1).sub(own).add(1);
  const counts = z.detach().gt(0)
    .logicalAnd(listed.unsqueeze(2))
    .logicalAnd(isLabel.logicalNot().unsqueeze(1));
  return { rows, safe, z, counts };
}

const MULTILABEL_MARGIN = defineKernel<Reduction>({
  name: "multilabelMarginLoss",
  node: "MultilabelMarginLossBackward0",
  forward: ([x, target], reduction) => {
    const { z, counts } = labelExcess(x!, target!);
    return rowLosses(z.where(counts, 0).sum(1), x!, reduction);
  },
  vjps: [
    (g, n, reduction) => {
      const x = n.input(0);
      const { rows, safe, counts } = labelExcess(x.detach(), n.input(1));
      const [m, classes] = rows.shape as [number, number];
      const scale = perRow(g, m, reduction).div(classes);
      const hits = counts.to(x.dtype);
      const others = hits.sum(1).mul(scale);
      const own = hits.sum(2).mul(scale).neg();
      return others.scatterAdd(1, safe, own).reshape(x.shape);
    },
    null,
  ],
  saves: [IN0 | IN1],
});

/**
 * What the scores of a row's labels lack to exceed each other score by 1,
 * averaged over the classes. Targets are indices, up to the first -1. See
 * `torch.nn.functional.multilabel_margin_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const target = dg.tensor([[0, -1]], { dtype: "int64" });
 * const loss = F.multilabelMarginLoss(dg.tensor([[2, 1.5]]), target);
 * assertEquals(loss.item(), 0.25);
 * ```
 */
export function multilabelMarginLoss(
  x: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  checkOptions(options, ["reduction"], "multilabelMarginLoss");
  const reduction = checkReduction(options.reduction ?? "mean");
  const classes = classesOf(x);
  if (!sameShape(x.shape, target.shape)) {
    throw new RuntimeError(
      `inconsistent target size: ${
        showShape(target.shape)
      } for input of size: ${showShape(x.shape)}`,
    );
  }
  const outside = target.lt(-1).logicalOr(target.ge(classes));
  if (anywhere(outside)) {
    throw new RuntimeError("argument #2 'target' is out of range");
  }
  return run(MULTILABEL_MARGIN, [x, target], reduction);
}
