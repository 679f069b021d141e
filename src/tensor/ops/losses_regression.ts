// Losses of numbers: how far a prediction is from its target.

import { anywhere } from "../batching.ts";
import { call, type Expr, param } from "../expr.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { unrecorded } from "../kernel_op.ts";
import {
  checkReduction,
  defineLoss,
  loss,
  type LossOptions,
  reduceLoss,
  type Reduction,
} from "../loss_op.ts";
import { checkOptions, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode mseLoss} and {@linkcode l1Loss}. */
export interface WeightedLossOptions extends LossOptions {
  /** Factor of each loss, shaped like the input; the mean is then the weighted one. */
  readonly weight?: Tensor;
}

/** Multiplies losses with weights and reduces them. */
function weighted(
  losses: Tensor,
  x: Tensor,
  weight: Tensor,
  reduction: Reduction,
): Tensor {
  if (!sameShape(weight.shape, x.shape)) {
    throw new ValueError("Weights and input must have the same size.");
  }
  const all = losses.mul(weight);
  if (reduction === "none") return all;
  return reduction === "sum" ? all.sum() : all.sum().div(weight.sum());
}

const MSE = defineLoss({
  name: "mseLoss",
  node: "MseLossBackward0",
  arity: 2,
  element: (x, y) => {
    const rest = call("sub", x!, y!);
    return call("mul", rest, rest);
  },
  rules: [
    (g, [x, y]) => x!.sub(y!).mul(g.mul(2)),
    (g, [x, y]) => x!.sub(y!).mul(g.mul(-2)),
  ],
  slopes: [2, -2].map((factor) => (g, x, y) =>
    call("mul", call("sub", x, y), call("mul", g, factor))
  ),
});

/**
 * Mean squared error. The shapes broadcast. See
 * `torch.nn.functional.mse_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const loss = F.mseLoss(dg.tensor([1, 2]), dg.tensor([1, 4]));
 * assertEquals(loss.item(), 2);
 * ```
 */
export function mseLoss(
  x: Tensor,
  target: Tensor,
  options: WeightedLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "weight"], "mseLoss");
  const { weight } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  if (weight === undefined) return loss(MSE, [x, target], reduction);
  return weighted(x.sub(target).pow(2), x, weight, reduction);
}

/**
 * Mean absolute error. The shapes broadcast. See
 * `torch.nn.functional.l1_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const loss = F.l1Loss(dg.tensor([1, 2]), dg.tensor([1, 4]));
 * assertEquals(loss.item(), 1);
 * ```
 */
export function l1Loss(
  x: Tensor,
  target: Tensor,
  options: WeightedLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "weight"], "l1Loss");
  const { weight } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  const losses = x.sub(target).abs();
  if (weight !== undefined) return weighted(losses, x, weight, reduction);
  return reduceLoss(losses, reduction);
}

/** The distance over beta, brought into [-1, 1] where it is a number, times the gradient. */
function smoothSlope(g: Expr, rest: Expr): Expr {
  const share = call("div", rest, param(0));
  const above = call("select", call("lt", share, -1), -1, share);
  return call("mul", call("select", call("gt", above, 1), 1, above), g);
}

const SMOOTH_L1 = defineLoss({
  name: "smoothL1Loss",
  node: "SmoothL1LossBackward0",
  arity: 2,
  element: (x, y) => {
    const beta = param(0);
    const z = call("abs", call("sub", x!, y!));
    const near = call("div", call("mul", call("mul", 0.5, z), z), beta);
    const far = call("sub", z, call("mul", 0.5, beta));
    return call("select", call("lt", z, beta), near, far);
  },
  rules: [
    (g, [x, y], [beta]) =>
      x!.sub(y!).div(beta!).clamp({ min: -1, max: 1 }).mul(g),
    (g, [x, y], [beta]) =>
      y!.sub(x!).div(beta!).clamp({ min: -1, max: 1 }).mul(g),
  ],
  slopes: [
    (g, x, y) => smoothSlope(g, call("sub", x, y)),
    (g, x, y) => smoothSlope(g, call("sub", y, x)),
  ],
});

/** Options of {@linkcode smoothL1Loss}. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Distance up to which the loss is quadratic; 1 where not given. */
  readonly beta?: number;
}

/**
 * Squared error below `beta`, absolute error beyond. The shapes broadcast. See
 * `torch.nn.functional.smooth_l1_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const options = { reduction: "none" } as const;
 * const loss = F.smoothL1Loss(dg.tensor([1, 0]), dg.tensor([0.5, 4]), options);
 * assertEquals(loss.tolist(), [0.125, 3.5]);
 * ```
 */
export function smoothL1Loss(
  x: Tensor,
  target: Tensor,
  options: SmoothL1LossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "beta"], "smoothL1Loss");
  const { beta = 1 } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  if (beta < 0) {
    throw new RuntimeError(
      "smoothL1Loss does not support negative values for beta.",
    );
  }
  if (beta === 0) return l1Loss(x, target, { reduction });
  return loss(SMOOTH_L1, [x, target], reduction, [beta]);
}

const HUBER = defineLoss({
  name: "huberLoss",
  node: "HuberLossBackward0",
  arity: 2,
  element: (x, y) => {
    const delta = param(0);
    const z = call("abs", call("sub", x!, y!));
    const near = call("mul", call("mul", 0.5, z), z);
    const far = call("mul", delta, call("sub", z, call("mul", 0.5, delta)));
    return call("select", call("le", z, delta), near, far);
  },
  rules: [
    (g, [x, y], [delta]) =>
      x!.sub(y!).clamp({ min: -delta!, max: delta! }).mul(g),
    (g, [x, y], [delta]) =>
      y!.sub(x!).clamp({ min: -delta!, max: delta! }).mul(g),
  ],
});

/** Options of {@linkcode huberLoss}. */
export interface HuberLossOptions extends WeightedLossOptions {
  /** Distance up to which the loss is quadratic; 1 where not given. */
  readonly delta?: number;
}

/**
 * Squared error up to `delta`, absolute error times `delta` beyond. The shapes
 * broadcast. See `torch.nn.functional.huber_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const options = { reduction: "none", delta: 2 } as const;
 * const loss = F.huberLoss(dg.tensor([1, 0]), dg.tensor([0, 4]), options);
 * assertEquals(loss.tolist(), [0.5, 6]);
 * ```
 */
export function huberLoss(
  x: Tensor,
  target: Tensor,
  options: HuberLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "delta", "weight"], "huberLoss");
  const { delta = 1, weight } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  if (!(delta > 0)) {
    throw new RuntimeError(
      "huberLoss does not support non-positive values for delta.",
    );
  }
  if (weight === undefined) {
    return loss(HUBER, [x, target], reduction, [delta]);
  }
  if (!sameShape(weight.shape, x.shape)) {
    throw new ValueError("Weights and input must have the same size.");
  }
  const losses = loss(HUBER, [x, target], "none", [delta]).mul(weight);
  return reduceLoss(losses, reduction);
}

/** Options of {@linkcode poissonNllLoss}. */
export interface PoissonNllLossOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate; true where not given. */
  readonly logInput?: boolean;
  /** Adds Stirling's approximation of the term that depends on the target only. */
  readonly full?: boolean;
  /** Added to the rate before its logarithm is taken; 1e-8 where not given. */
  readonly eps?: number;
}

/**
 * Negative log likelihood of counts under Poisson distributions. See
 * `torch.nn.functional.poisson_nll_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const loss = F.poissonNllLoss(dg.tensor([0, 0]), dg.tensor([1, 2]));
 * assertEquals(loss.item(), 1);
 * ```
 */
export function poissonNllLoss(
  x: Tensor,
  target: Tensor,
  options: PoissonNllLossOptions = {},
): Tensor {
  const known = ["reduction", "logInput", "full", "eps"];
  checkOptions(options, known, "poissonNllLoss");
  const { logInput = true, full = false, eps = 1e-8 } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  let losses = logInput
    ? x.exp().sub(target.mul(x))
    : x.sub(target.mul(x.add(eps).log()));
  if (full) {
    const stirling = target.mul(target.log()).sub(target)
      .add(target.mul(2 * Math.PI).log().mul(0.5));
    losses = losses.add(stirling.maskedFill(target.le(1), 0));
  }
  return reduceLoss(losses, reduction);
}

/** Options of {@linkcode gaussianNllLoss}. */
export interface GaussianNllLossOptions extends LossOptions {
  /** Adds the constant term. */
  readonly full?: boolean;
  /** Least variance; 1e-6 where not given. */
  readonly eps?: number;
}

/** The variances in a shape that broadcasts to the input. */
function varianceFor(x: Tensor, variance: Tensor): Tensor {
  const { shape } = variance;
  if (sameShape(shape, x.shape)) return variance;
  if (sameShape(x.shape.slice(0, -1), shape)) return variance.unsqueeze(-1);
  const differ = x.shape.filter((n, d) => n !== shape[d]);
  const other = shape.filter((n, d) => n !== x.shape[d]);
  const sum = other.reduce((total, n) => total + n, 0);
  if (shape.length === x.shape.length && differ.length > 0 && sum === 1) {
    return variance;
  }
  throw new ValueError(
    "var is of incorrect size",
    "it has the input's shape, or 1 in place of one length, or lacks the last dimension",
  );
}

/**
 * Negative log likelihood of targets under normal distributions with the given
 * means and variances. See `torch.nn.functional.gaussian_nll_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const mean = dg.tensor([1, 2]);
 * const loss = F.gaussianNllLoss(mean, dg.tensor([1, 4]), dg.ones(2));
 * assertEquals(loss.item(), 1);
 * ```
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options: GaussianNllLossOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "full", "eps"], "gaussianNllLoss");
  const { full = false, eps = 1e-6, reduction = "mean" } = options;
  const given = typeof variance === "number"
    ? x.detach().mul(0).add(variance)
    : variance;
  if (anywhere(given.detach().lt(0))) {
    throw new ValueError("var has negative entry/entries");
  }
  const shaped = varianceFor(x, given);
  if (reduction !== "none" && reduction !== "mean" && reduction !== "sum") {
    throw new ValueError(`${reduction as string} is not valid`);
  }
  const safe = shaped.clone();
  // The bound is no part of the derivative.
  unrecorded(() => safe.clamp_({ min: eps }));
  const rest = x.sub(target);
  const losses = safe.log().add(rest.mul(rest).div(safe)).mul(0.5);
  const all = full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses;
  return reduceLoss(all, reduction);
}

/** Options of {@linkcode klDiv}. */
export interface KlDivOptions {
  /** As in other losses, or `"batchmean"`: the sum over the length of the first dimension. */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target is a logarithm too. */
  readonly logTarget?: boolean;
}

/**
 * Kullback-Leibler divergence of target probabilities from predicted ones,
 * whose logarithms are given. See `torch.nn.functional.kl_div`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const F = dg.nn.functional;
 * const target = dg.tensor([[1, 0]]);
 * const loss = F.klDiv(dg.tensor([[-1, -2]]), target, { reduction: "batchmean" });
 * assertEquals(loss.item(), 1);
 * ```
 */
export function klDiv(
  x: Tensor,
  target: Tensor,
  options: KlDivOptions = {},
): Tensor {
  checkOptions(options, ["reduction", "logTarget"], "klDiv");
  if (x.info.category === 3 || target.info.category === 3) {
    throw new RuntimeError("kl_div: Complex inputs not supported.");
  }
  const { reduction = "mean", logTarget = false } = options;
  const batch = reduction === "batchmean";
  const plain = batch ? "sum" : checkReduction(reduction);
  const losses = logTarget
    ? target.exp().mul(target.sub(x))
    : target.xlogy(target).sub(target.mul(x));
  const out = reduceLoss(losses, plain);
  return batch && x.shape.length > 0 ? out.div(x.shape[0]!) : out;
}
