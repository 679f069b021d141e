// The negative log likelihood of classes.

import { MODE } from "../../grad/mode.ts";
import { IN1, IN2 } from "../../grad/node.ts";
import {
  checkedTargets,
  type ClassContext,
  classTargets,
  combine,
  pickClasses,
  slopes,
} from "../class_op.ts";
import { INT32, UINT8 } from "../dtype.ts";
import { refuseComplex } from "../complex_refusal.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { defineKernel, type KernelOp, run } from "../kernel_op.ts";
import { checkReduction, type LossOptions } from "../loss_op.ts";
import { isLong } from "../op.ts";
import { fitsRow, rowKernel, runRows, runRowsOver } from "../row_op.ts";
import { checkOptions, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The sum of all, with opposite sign, divided by a number. */
const TOTAL = rowKernel({
  name: "nllLoss",
  arity: 1,
  steps: [{ fold: "sum", of: ([x]) => call("neg", x!) }],
  totals: ([sum]) => [call("div", sum!, param(0))],
});

/** The gradient where all targets count: the factor, divided by a number, at the class. */
const AT_CLASS = rowKernel({
  name: "nllLossBackward",
  arity: 2,
  single: [0, 1],
  steps: [],
  result: ([g, target], _, __, at) =>
    call("select", call("eq", target!, at), call("div", g!, param(0)), 0),
});

function nll(name: string, node: string): KernelOp<ClassContext> {
  return defineKernel<ClassContext>({
    name,
    node,
    forward: ([x, target, weight], o) => {
      const { reduction, ignoreIndex } = o;
      const targets = classTargets(target!, x!.shape[1]!, ignoreIndex);
      o.targets = targets;
      const picked = pickClasses(x!, targets.index);
      const { count } = picked;
      if (
        targets.counts === null && weight === undefined && count > 0 &&
        reduction !== "none" && fitsRow(picked, count)
      ) {
        const dims = picked.shape.map((_, d) => d);
        const divisor = [reduction === "mean" ? count : 1];
        const { totals } = runRowsOver(
          TOTAL,
          picked.shape,
          dims,
          [picked],
          divisor,
        );
        return totals[0]!;
      }
      return combine(picked.neg(), targets, weight, reduction);
    },
    vjps: [
      (g, n, o) => {
        const weight = n.edges.length > 2 ? n.input(2) : undefined;
        const { reduction, shape } = o;
        const targets = checkedTargets(n, o);
        const at = targets.index.unsqueeze(1);
        if (
          !MODE.grad && weight === undefined && targets.counts === null &&
          at.info === INT32 && fitsRow(g, shape[1]!)
        ) {
          const count = reduction === "mean" ? targets.index.count : 1;
          const inputs = [g.shape.length === 0 ? g : g.unsqueeze(1), at];
          return runRows(AT_CLASS, shape, 1, inputs, [-count]).out;
        }
        const each = slopes(g, targets, weight, reduction).neg();
        return g.newZeros(shape).scatter(1, at, each.unsqueeze(1));
      },
      null,
      null,
    ],
    saves: [IN1 | IN2],
  });
}

const NLL = nll("nllLoss", "NllLossBackward0");
const NLL_2D = nll("nllLoss", "NllLoss2DBackward0");

/** Options of {@linkcode nllLoss}. */
export interface NllLossOptions extends LossOptions {
  /** Factor of each class. */
  readonly weight?: Tensor;
  /** Target that does not count; -100 where not given. */
  readonly ignoreIndex?: number;
}

function checkTarget(x: Tensor, target: Tensor): void {
  if (isLong(target) || target.info === UINT8) return;
  throw new RuntimeError(
    `expected target dtype to be Long or Byte, but got ${target.info.scalarName}`,
    "convert it with long()" +
      (target.info.category === 2 && sameShape(x.shape, target.shape)
        ? "; crossEntropy() takes probabilities"
        : ""),
  );
}

function checkWeight(x: Tensor, weight: Tensor, classes: number): void {
  if (weight.shape.length !== 1 || weight.count !== classes) {
    throw new RuntimeError(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${
        showShape(weight.shape)
      }`,
    );
  }
  if (weight.info !== x.info) {
    throw new RuntimeError(
      `expected scalar type ${x.info.scalarName} but found ${weight.info.scalarName}`,
      `convert the weight with to("${x.dtype}")`,
    );
  }
}

/** Rows of logarithms and a target for each: [N, C] and [N], or [C] and []. */
function nllOfRows(
  x: Tensor,
  target: Tensor,
  weight: Tensor | undefined,
  context: ClassContext,
): Tensor {
  if (target.shape.length > 1) {
    throw new RuntimeError(
      "0D or 1D target tensor expected, multi-target not supported",
    );
  }
  checkTarget(x, target);
  if (x.shape.length === 1 && target.count !== 1) {
    throw new ValueError(
      `For 1D input, 1D target must have size 1, but got target size: ${target.count}`,
      "rows of classes are [N, C], with a target [N]",
    );
  }
  const classes = x.shape[x.shape.length - 1]!;
  if (weight !== undefined) checkWeight(x, weight, classes);
  const inputs = (rows: Tensor, targets: Tensor) =>
    weight === undefined ? [rows, targets] : [rows, targets, weight];
  if (x.shape.length > 1) return run(NLL, inputs(x, target), context);
  return run(NLL_ONE, inputs(x, target), context);
}

/** As {@linkcode NLL}, of one row without a dimension of rows. */
const NLL_ONE = defineKernel<ClassContext>({
  name: "nllLoss",
  node: "NllLossBackward0",
  forward: ([x, target, weight], o) => {
    const { reduction, ignoreIndex } = o;
    const { shape } = target!;
    const targets = classTargets(target!.reshape(1), x!.count, ignoreIndex);
    o.targets = targets;
    const losses = pickClasses(x!.unsqueeze(0), targets.index).neg();
    const out = combine(losses, targets, weight, reduction);
    return reduction === "none" ? out.reshape(shape) : out;
  },
  vjps: [
    (g, n, o) => {
      const { reduction } = o;
      const weight = n.edges.length > 2 ? n.input(2) : undefined;
      const targets = checkedTargets(n, o);
      const one = reduction === "none" ? g.reshape(1) : g;
      const each = slopes(one, targets, weight, reduction).neg();
      return g.newZeros(o.shape).scatter(0, targets.index, each);
    },
    null,
    null,
  ],
  saves: [IN1 | IN2],
});

/**
 * Negative log likelihood: of logarithms of probabilities [N, C, ...] those of
 * the target classes [N, ...], with opposite sign. A single row is [C] with a
 * 0-d target. See `torch.nn.functional.nll_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const target = dg.tensor([1, 0], { dtype: "int64" });
 * const loss = F.nllLoss(dg.tensor([[-1, -2], [-4, -8]]), target);
 * assertEquals(loss.item(), 3);
 * ```
 */
export function nllLoss(
  x: Tensor,
  target: Tensor,
  options: NllLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "weight", "ignoreIndex"], "nllLoss");
  if (x.info.category === 3) refuseComplex("nll_loss_out_frame", x.info);
  const { weight, ignoreIndex = -100 } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  const { shape } = x;
  const rank = shape.length;
  if (rank < 1) {
    throw new ValueError(`Expected 1 or more dimensions (got ${rank})`);
  }
  if (rank !== 1 && (target.shape[0] ?? 0) !== shape[0]) {
    throw new ValueError(
      `Expected input batch_size (${shape[0]}) to match target batch_size (${
        target.shape[0] ?? 0
      }).`,
    );
  }
  const targets = null;
  const context: ClassContext = { reduction, ignoreIndex, shape, targets };
  if (rank <= 2) return nllOfRows(x, target, weight, context);
  return nllOfPlanes(x, target, weight, context);
}

/** Logarithms [N, C, ...] and targets [N, ...]. */
function nllOfPlanes(
  x: Tensor,
  target: Tensor,
  weight: Tensor | undefined,
  context: ClassContext,
): Tensor {
  const { shape } = x;
  const rest = [shape[0]!, ...shape.slice(2)];
  const planes = shape.length === 4;
  if (!planes && !sameShape(target.shape, rest)) {
    throw new RuntimeError(
      `Expected target size ${showShape(rest)}, got ${showShape(target.shape)}`,
    );
  }
  if (planes && target.shape.length !== 3) {
    throw new RuntimeError(
      `only batches of spatial targets supported (3D tensors) but got targets of dimension: ${target.shape.length}`,
    );
  }
  if (!sameShape(target.shape, rest)) {
    throw new RuntimeError(
      `size mismatch (got input: ${showShape(shape)} , target: ${
        showShape(target.shape)
      }`,
    );
  }
  checkTarget(x, target);
  if (weight !== undefined) checkWeight(x, weight, shape[1]!);
  // PyTorch looks at other ranks as planes, which its graph shows.
  const size = [shape[0]!, shape[1]!, 1, -1];
  const count = rest.slice(1).reduce((n, length) => n * length, 1);
  const seen = planes ? x : x.reshape(size.with(3, count));
  const targets = planes ? target : target.reshape([shape[0]!, 1, count]);
  const inputs = weight === undefined
    ? [seen, targets]
    : [seen, targets, weight];
  const out = run(NLL_2D, inputs, { ...context, shape: seen.shape });
  return planes || context.reduction !== "none" ? out : out.reshape(rest);
}
