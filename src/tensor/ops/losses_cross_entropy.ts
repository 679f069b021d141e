// Cross entropy of logits, with classes or probabilities as targets.

import { MODE } from "../../grad/mode.ts";
import { IN0, IN1 } from "../../grad/node.ts";
import {
  checkedTargets,
  type ClassContext,
  classTargets,
  combine,
  factorsOf,
  pickClasses,
  slopes,
} from "../class_op.ts";
import { INT32, UINT8 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { call, param } from "../expr.ts";
import { checkTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { checkReduction, reduceLoss, type Reduction } from "../loss_op.ts";
import { isLong } from "../op.ts";
import { fitsRow, rowKernel, runRows } from "../row_op.ts";
import { checkOptions, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { nllLoss, type NllLossOptions } from "./losses_nll.ts";

/** The largest logit of each row and the logarithm of the sum of exponentials below it. */
const LOG_SUM_ROWS = rowKernel({
  name: "crossEntropy",
  arity: 1,
  steps: [{ fold: "max", of: ([x]) => x! }, {
    fold: "sum",
    of: ([x], [top]) => call("exp", call("sub", x!, top!)),
    finish: (sum) => call("log", sum),
  }],
  totals: (values) => values,
});

/** Probabilities times the factor of the row. */
const SLOPE_ROWS = rowKernel({
  name: "crossEntropyBackward",
  arity: 4,
  steps: [],
  result: ([x, top, log, factor]) =>
    call("mul", call("exp", call("sub", call("sub", x!, top!), log!)), factor!),
});

/** The same, and the loss of each row; the second input is its class. */
const LOSS_ROWS = rowKernel({
  name: "crossEntropy",
  arity: 2,
  single: [1],
  steps: [{ fold: "max", of: ([x]) => x! }, {
    fold: "sum",
    of: ([x], [top]) => call("exp", call("sub", x!, top!)),
    finish: (sum) => call("log", sum),
  }, {
    fold: "sum",
    of: ([x, target], _, at) => call("select", call("eq", target!, at), x!, 0),
  }],
  totals: ([top, log, own]) => [
    call("sub", log!, call("sub", own!, top!)),
    top!,
    log!,
  ],
});

/** The gradient as a whole; the factor is what the losses' is divided by. */
const GRADIENT_ROWS = rowKernel({
  name: "crossEntropyBackward",
  arity: 5,
  single: [1, 2, 3, 4],
  steps: [],
  result: ([x, target, top, log, g], _, __, at) => {
    const factor = call("div", g!, param(0));
    const share = call("exp", call("sub", call("sub", x!, top!), log!));
    const own = call("select", call("eq", target!, at), factor, 0);
    return call("sub", call("mul", share, factor), own);
  },
});

/** What the forward pass leaves for the backward pass. */
interface CrossContext extends ClassContext {
  /** The largest logit and the logarithm of each row. */
  totals: readonly Tensor[];
  /** Whether rows found their classes themselves: all targets count. */
  whole: boolean;
}

/** Whether rows find their classes themselves: where targets are numbers that rows can be asked for. */
function findsClasses(x: Tensor, target: Tensor): boolean {
  return fitsRow(x, x.shape[1]!) && target.info === INT32;
}

/** Both steps at once: the logarithms of all probabilities are nowhere stored. */
const CROSS_ENTROPY = defineKernel<CrossContext>({
  name: "crossEntropy",
  node: "NllLossBackward0",
  forward: ([x, target], o) => {
    const { shape, reduction, ignoreIndex } = o;
    const targets = classTargets(target!, shape[1]!, ignoreIndex);
    o.targets = targets;
    if (targets.counts === null && findsClasses(x!, target!)) {
      const inputs = [x!, target!.unsqueeze(1)];
      const [losses, ...totals] = runRows(LOSS_ROWS, shape, 1, inputs).totals;
      o.totals = totals;
      o.whole = true;
      return reduceLoss(losses!, reduction);
    }
    o.totals = runRows(LOG_SUM_ROWS, shape, 1, [x!]).totals;
    const [top, log] = o.totals as [Tensor, Tensor];
    const losses = log.sub(pickClasses(x!, targets.index).sub(top));
    return combine(losses, targets, undefined, reduction);
  },
  vjps: [
    (g, n, o) => {
      const { shape, reduction, totals, whole } = o;
      const x = n.input(0);
      if (whole && !MODE.grad) {
        const [target, top, log] = [n.input(1), ...totals].map((y) =>
          y.unsqueeze(1)
        );
        const inputs = [x, target!, top!, log!, oneForEach(g)];
        const count = [reduction === "mean" ? shape[0]! : 1];
        return runRows(GRADIENT_ROWS, shape, 1, inputs, count).out;
      }
      const targets = checkedTargets(n, o);
      const each = slopes(g, targets, undefined, reduction);
      const factor = each.unsqueeze(1);
      const index = targets.index.unsqueeze(1);
      if (MODE.grad) {
        return x.softmax(1).mul(factor).scatterAdd(1, index, factor.neg());
      }
      const [top, log] = totals.map((total) => total.unsqueeze(1));
      const inputs = [x, top!, log!, factor];
      const { out } = runRows(SLOPE_ROWS, shape, 1, inputs);
      return out!.scatterAdd_(1, index, factor.neg());
    },
    null,
  ],
  saves: [IN0 | IN1],
});

/** The gradient of the losses beside their rows. */
function oneForEach(g: Tensor): Tensor {
  return g.shape.length === 0 ? g : g.unsqueeze(1);
}

/** Elements from which on both steps are done at once. */
const FUSED_LEAST = 16384;

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions extends NllLossOptions {
  /** Share of the target that is spread evenly over all classes; 0 where not given. */
  readonly labelSmoothing?: number;
}

/**
 * Cross entropy between logits [N, C, ...] and targets: class indices [N, ...],
 * or probabilities of the logits' shape. A single row is [C]. Many
 * elements, and any on WebGPU, go through one kernel; their graph lacks PyTorch's `LogSoftmaxBackward0` between
 * loss and logits. See `torch.nn.functional.cross_entropy`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const target = dg.tensor([0, 1], { dtype: "int64" });
 * const loss = F.crossEntropy(dg.tensor([[0, -1000], [0, -1000]]), target);
 * assertEquals(loss.item(), 500);
 * ```
 */
export function crossEntropy(
  x: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const known = ["reduction", "weight", "ignoreIndex", "labelSmoothing"];
  checkOptions(options, known, "crossEntropy");
  checkTensor(x, "crossEntropy", "input");
  checkTensor(target, "crossEntropy", "target");
  const { weight, ignoreIndex = -100, labelSmoothing = 0 } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  const { shape } = x;
  if (sameShape(shape, target.shape)) {
    if (target.info.category !== 2) {
      throw new RuntimeError(
        `Expected floating point type for target with class probabilities, got ${target.info.scalarName}`,
        "class indices have the shape of the logits without dimension 1",
      );
    }
    if (ignoreIndex >= 0) {
      throw new RuntimeError(
        "ignoreIndex is not supported for floating point target",
      );
    }
    return probabilities(x, target, weight, reduction, labelSmoothing);
  }
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RuntimeError(
      `labelSmoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`,
    );
  }
  const classDim = shape.length > 1 ? 1 : 0;
  const fuses = shape.length === 2 && target.shape.length === 1 &&
    target.count === shape[0] &&
    (x.count >= FUSED_LEAST || findsClasses(x, target)) &&
    weight === undefined && labelSmoothing === 0 && x.info.category === 2 &&
    x.info.bytes >= 4 && (isLong(target) || target.info === UINT8);
  if (fuses) {
    const context: CrossContext = {
      reduction,
      ignoreIndex,
      shape,
      targets: null,
      totals: [],
      whole: false,
    };
    return run(CROSS_ENTROPY, [x, target], context);
  }
  const logs = x.logSoftmax(classDim);
  const rest = {
    reduction,
    ignoreIndex,
    ...(weight === undefined ? {} : { weight }),
  };
  const plain = nllLoss(logs, target, rest);
  if (labelSmoothing === 0) return plain;
  return smoothed(plain, logs, target, rest, labelSmoothing);
}

/** Adds the share that is spread over all classes. */
function smoothed(
  plain: Tensor,
  logs: Tensor,
  target: Tensor,
  options: NllLossOptions,
  share: number,
): Tensor {
  const { weight, reduction = "mean", ignoreIndex = -100 } = options;
  const dim = logs.shape.length > 1 ? 1 : 0;
  const classes = logs.shape[dim]!;
  const size = logs.shape.map((_, d) => d === dim ? classes : 1);
  const all = weight === undefined ? logs : logs.mul(weight.reshape(size));
  const ignored = target.eq(ignoreIndex);
  const losses = all.sum(dim).neg().maskedFill(ignored, 0);
  const spread = ((): Tensor => {
    if (reduction === "none") return losses;
    if (reduction === "sum") return losses.sum();
    if (weight === undefined) {
      return losses.sum().div(ignored.logicalNot().sum());
    }
    const { total } = factorsOf(
      classTargets(target, classes, ignoreIndex),
      weight,
      logs,
    );
    return losses.sum().div(total);
  })();
  return plain.mul(1 - share).add(spread.mul(share / classes));
}

/** A quotient that PyTorch's graph shows by another name. */
const PER_ROW = defineKernel<number>({
  name: "crossEntropy",
  node: "DivBackward1",
  forward: ([x], count) => x!.div(count),
  vjps: [(g, _, count) => g.div(count)],
  saves: [0],
});

/** Cross entropy with probabilities as targets. */
function probabilities(
  x: Tensor,
  target: Tensor,
  weight: Tensor | undefined,
  reduction: Reduction,
  share: number,
): Tensor {
  const { shape } = x;
  const dim = shape.length > 1 ? 1 : 0;
  const classes = shape[dim] ?? 1;
  if (weight !== undefined && weight.count !== classes) {
    throw new RuntimeError(
      `crossEntropy: weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${
        showShape(weight.shape)
      }`,
    );
  }
  const wanted = share > 0
    ? target.mul(1 - share).add(share / classes)
    : target;
  const logs = x.logSoftmax(dim);
  const size = shape.map((_, d) => d === dim ? classes : 1);
  const products = logs.mul(wanted);
  const all = weight === undefined
    ? products
    : products.mul(weight.reshape(size));
  if (reduction === "none") return all.sum(dim).neg();
  const sum = all.sum().neg();
  if (reduction === "sum") return sum;
  return run(PER_ROW, [sum], x.count / classes);
}
