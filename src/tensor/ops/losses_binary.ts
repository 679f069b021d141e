// Losses of yes and no: of probabilities, of logits, and of several labels.

import { readable } from "../batching.ts";
import { call, type Expr } from "../expr.ts";
import { hostDevice } from "../device.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import {
  checkReduction,
  defineLoss,
  loss,
  type LossOptions,
  type LossRule,
  reduceLoss,
} from "../loss_op.ts";
import { checkOptions, sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { logistic } from "./activation.ts";

/** Options of {@linkcode binaryCrossEntropy} and {@linkcode multilabelSoftMarginLoss}. */
export interface BinaryLossOptions extends LossOptions {
  /** Factor of each loss; broadcasts to the input. */
  readonly weight?: Tensor;
}

function crossEntropyOf(x: Expr, y: Expr): Expr {
  // As in PyTorch, logarithms count as -100 at least.
  const no = call("max", call("log1p", call("neg", x)), -100);
  const yes = call("max", call("log", x), -100);
  return call("sub", call("mul", call("sub", y, 1), no), call("mul", y, yes));
}

/** Below, a product of probabilities would divide by nothing. */
const LEAST = 1e-12;

const probability: LossRule = (g, [x, y]) =>
  g.mul(x!.sub(y!)).div(x!.mul(x!.neg().add(1)).clamp({ min: LEAST }));

/** The difference of the logarithms. */
const label: LossRule = (g, [x]) =>
  g.mul(
    x!.neg().log1p().clamp({ min: -100 }).sub(x!.log().clamp({ min: -100 })),
  );

/** A rule of a loss that is multiplied with a weight, its last input. */
function times(rule: LossRule): LossRule {
  return (g, x, params) => rule(g.mul(x.at(-1)!), x, params);
}

const BCE = defineLoss({
  name: "binaryCrossEntropy",
  node: "BinaryCrossEntropyBackward0",
  arity: 2,
  element: (x, y) => crossEntropyOf(x!, y!),
  rules: [probability, label],
  slopes: [(g, x, y) => {
    const room = call("mul", x, call("add", call("neg", x), 1));
    const least = call("select", call("lt", room, LEAST), LEAST, room);
    return call("div", call("mul", g, call("sub", x, y)), least);
  }],
});

const BCE_WEIGHTED = defineLoss({
  name: "binaryCrossEntropy",
  node: "BinaryCrossEntropyBackward0",
  arity: 3,
  element: (x, y, weight) => call("mul", crossEntropyOf(x!, y!), weight!),
  rules: [times(probability), times(label), null],
});

/** Whether all elements lie between 0 and 1; a NaN does not. */
function areProbabilities(x: Tensor): Tensor {
  const [least, most] = readable(x.detach()).aminmax();
  return least!.ge(0).logicalAnd(most!.le(1));
}

function checkProbabilities(x: Tensor, name: string): void {
  const [least, most] = readable(x.detach()).aminmax();
  if (least!.item<number>() >= 0 && most!.item<number>() <= 1) return;
  throw new RuntimeError(
    `all elements of ${name} should be between 0 and 1`,
    "binaryCrossEntropyWithLogits() takes numbers of any size",
  );
}

/** Fails unless all elements of both lie between 0 and 1. */
function checkBoth(x: Tensor, target: Tensor): void {
  if (x.count === 0) return;
  // A GPU is waited for once, in place of four times.
  if (
    x.storage.device !== hostDevice() &&
    areProbabilities(x).logicalAnd(areProbabilities(target)).item<boolean>()
  ) return;
  checkProbabilities(x, "input");
  checkProbabilities(target, "target");
}

/**
 * Binary cross entropy between probabilities and targets of one shape. See
 * `torch.nn.functional.binary_cross_entropy`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const loss = F.binaryCrossEntropy(dg.tensor([1, 0]), dg.tensor([1, 1]));
 * assertEquals(loss.item(), 50);
 * ```
 */
export function binaryCrossEntropy(
  x: Tensor,
  target: Tensor,
  options: BinaryLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "weight"], "binaryCrossEntropy");
  const { weight } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  if (!sameShape(x.shape, target.shape)) {
    throw new ValueError(
      `Using a target size (${
        showShape(target.shape)
      }) that is different to the input size (${
        showShape(x.shape)
      }) is deprecated. Please ensure they have the same size.`,
    );
  }
  if (x.info !== target.info) {
    throw new RuntimeError(
      `Found dtype ${target.info.scalarName} but expected ${x.info.scalarName}`,
      `convert the target with to("${x.dtype}")`,
    );
  }
  checkBoth(x, target);
  return weight === undefined
    ? loss(BCE, [x, target], reduction)
    : loss(BCE_WEIGHTED, [x, target, weight], reduction);
}

/** `log(1 + exp(-x))` without overflow. */
function softplusOfNegative(x: Expr): Expr {
  const below = call("exp", call("neg", call("abs", x)));
  // The logarithm of a sum that was rounded, times what the rounding changed:
  // as exact as log1p, and faster.
  const sum = call("add", below, 1);
  const rounded = call("sub", sum, 1);
  const log = call("mul", call("log", sum), call("div", below, rounded));
  const part = call("select", call("gt", rounded, 0), log, below);
  return call("add", part, call("max", call("neg", x), 0));
}

function logitsOf(x: Expr, y: Expr, positive: Expr | null): Expr {
  const rest = call("mul", call("sub", 1, y), x);
  const soft = softplusOfNegative(x);
  if (positive === null) return call("add", rest, soft);
  const factor = call("add", call("mul", call("sub", positive, 1), y), 1);
  return call("add", rest, call("mul", factor, soft));
}

const logit: LossRule = (g, [x, y]) => g.mul(x!.sigmoid().sub(y!));

const logitLabel: LossRule = (g, [x]) => g.mul(x!.neg());

/** As {@linkcode logit}, with a factor for positive targets as input 2. */
const positiveLogit: LossRule = (g, [x, y, positive]) => {
  const t = positive!.mul(y!);
  const factor = t.add(1).sub(y!);
  return g.mul(factor.mul(x!.sigmoid()).sub(t));
};

const positiveLabel: LossRule = (g, [x, , positive]) => {
  const soft = x!.neg().abs().neg().exp().log1p().add(
    x!.neg().clamp({ min: 0 }),
  );
  return g.mul(positive!.sub(1).mul(soft).sub(x!));
};

const LOGITS_NODE = "BinaryCrossEntropyWithLogitsBackward0";

const LOGITS = defineLoss({
  name: "binaryCrossEntropyWithLogits",
  node: LOGITS_NODE,
  arity: 2,
  element: (x, y) => logitsOf(x!, y!, null),
  rules: [logit, logitLabel],
  slopes: [(g, x, y) => call("mul", g, call("sub", logistic(x), y))],
});

const LOGITS_WEIGHTED = defineLoss({
  name: "binaryCrossEntropyWithLogits",
  node: LOGITS_NODE,
  arity: 3,
  element: (x, y, weight) => call("mul", logitsOf(x!, y!, null), weight!),
  rules: [times(logit), times(logitLabel), null],
});

const LOGITS_POSITIVE = defineLoss({
  name: "binaryCrossEntropyWithLogits",
  node: LOGITS_NODE,
  arity: 3,
  element: (x, y, positive) => logitsOf(x!, y!, positive!),
  rules: [positiveLogit, positiveLabel, null],
});

const LOGITS_BOTH = defineLoss({
  name: "binaryCrossEntropyWithLogits",
  node: LOGITS_NODE,
  arity: 4,
  element: (x, y, positive, weight) =>
    call("mul", logitsOf(x!, y!, positive!), weight!),
  rules: [times(positiveLogit), times(positiveLabel), null, null],
});

/** Options of {@linkcode binaryCrossEntropyWithLogits}. */
export interface LogitsLossOptions extends BinaryLossOptions {
  /** Factor of the losses of positive targets; broadcasts to the input. */
  readonly posWeight?: Tensor;
}

/**
 * Binary cross entropy between the logistic function of logits and targets of
 * one shape, without overflow. See
 * `torch.nn.functional.binary_cross_entropy_with_logits`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const logits = dg.tensor([1000, -1000]);
 * const loss = F.binaryCrossEntropyWithLogits(logits, dg.tensor([1, 1]));
 * assertEquals(loss.item(), 500);
 * ```
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  options: LogitsLossOptions = {},
): Tensor {
  const known = ["reduction", "weight", "posWeight"];
  checkOptions(options, known, "binaryCrossEntropyWithLogits");
  const { weight, posWeight } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  if (!sameShape(x.shape, target.shape)) {
    throw new ValueError(
      `Target size (${
        showShape(target.shape)
      }) must be the same as input size (${showShape(x.shape)})`,
    );
  }
  if (posWeight === undefined) {
    return weight === undefined
      ? loss(LOGITS, [x, target], reduction)
      : loss(LOGITS_WEIGHTED, [x, target, weight], reduction);
  }
  return weight === undefined
    ? loss(LOGITS_POSITIVE, [x, target, posWeight], reduction)
    : loss(LOGITS_BOTH, [x, target, posWeight, weight], reduction);
}

const SOFT_MARGIN = defineLoss({
  name: "softMarginLoss",
  node: "SoftMarginLossBackward0",
  arity: 2,
  element: (x, y) => softplusOfNegative(call("mul", x!, y!)),
  rules: [(g, [x, y]) => g.mul(y!.neg()).mul(x!.mul(y!).neg().sigmoid()), null],
});

/**
 * Logistic loss between scores and targets of 1 and -1. See
 * `torch.nn.functional.soft_margin_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const loss = F.softMarginLoss(dg.tensor([50, -50]), dg.tensor([1, 1]));
 * assertEquals(loss.item(), 25);
 * ```
 */
export function softMarginLoss(
  x: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  checkOptions(options, ["reduction"], "softMarginLoss");
  const reduction = checkReduction(options.reduction ?? "mean");
  return loss(SOFT_MARGIN, [x, target], reduction);
}

/**
 * Binary cross entropy of several labels per row, averaged over the last
 * dimension. See `torch.nn.functional.multilabel_soft_margin_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const logits = dg.tensor([[100, -100]]);
 * const loss = F.multilabelSoftMarginLoss(logits, dg.tensor([[1, 1]]));
 * assertEquals(loss.item(), 50);
 * ```
 */
export function multilabelSoftMarginLoss(
  x: Tensor,
  target: Tensor,
  options: BinaryLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "weight"], "multilabelSoftMarginLoss");
  const { weight, reduction = "mean" } = options;
  if (reduction !== "none" && reduction !== "mean" && reduction !== "sum") {
    throw new ValueError(`${reduction as string} is not valid`);
  }
  const yes = target.mul(logSigmoidOf(x));
  const no = target.neg().add(1).mul(logSigmoidOf(x.neg()));
  const losses = yes.add(no).neg();
  const all = weight === undefined ? losses : losses.mul(weight);
  const dim = x.shape.length - 1;
  return reduceLoss(all.sum(dim).div(x.shape[dim] ?? 1), reduction);
}

/** The logarithm of the logistic function, without overflow. */
function logSigmoidOf(x: Tensor): Tensor {
  return x.clamp({ max: 0 }).sub(x.abs().neg().exp().log1p());
}
