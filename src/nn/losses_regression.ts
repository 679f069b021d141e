// Losses between numbers.

import type { Reduction } from "../tensor/loss_op.ts";
import {
  gaussianNllLoss,
  type GaussianNllLossOptions,
  huberLoss,
  klDiv,
  type KlDivOptions,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  type PoissonNllLossOptions,
  smoothL1Loss,
  type SmoothL1LossOptions,
} from "../tensor/ops/losses_regression.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Loss, type LossLayerOptions } from "./loss.ts";

/** Options of {@linkcode HuberLoss}. */
export interface HuberLossLayerOptions {
  /** What becomes of the elements' losses; `"mean"` where not given. */
  readonly reduction?: Reduction;
  /** Where the square becomes a line; 1 where not given. */
  readonly delta?: number;
}

/**
 * The mean distance. See `torch.nn.L1Loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.L1Loss();
 * assertEquals(loss.call(dg.tensor([1, 2]), dg.tensor([3, 2])).item(), 1);
 * ```
 */
export class L1Loss extends Loss<LossLayerOptions> {
  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, { reduction: this.reduction });
  }
}

/**
 * The mean squared distance. See `torch.nn.MSELoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.MSELoss();
 * assertEquals(loss.call(dg.tensor([1, 2]), dg.tensor([3, 2])).item(), 2);
 * ```
 */
export class MSELoss extends Loss<LossLayerOptions> {
  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * The distance, and below `beta` its square divided by `2 * beta`. See
 * `torch.nn.SmoothL1Loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.SmoothL1Loss();
 * assertEquals(loss.call(dg.tensor([1, 2]), dg.tensor([3, 2])).item(), 0.75);
 * ```
 */
export class SmoothL1Loss extends Loss<SmoothL1LossOptions> {
  /** Below which distance the square counts. */
  readonly beta: number;

  /** Takes the options. */
  constructor(options: SmoothL1LossOptions = {}) {
    super(options, ["beta"]);
    this.beta = options.beta ?? 1;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, beta } = this;
    return smoothL1Loss(input, target, { reduction, beta });
  }
}

/**
 * Half the squared distance, and above `delta` a line. See
 * `torch.nn.HuberLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.HuberLoss();
 * assertEquals(loss.call(dg.tensor([1, 2]), dg.tensor([3, 2])).item(), 0.75);
 * ```
 */
export class HuberLoss extends Loss<HuberLossLayerOptions> {
  /** Where the square becomes a line. */
  readonly delta: number;

  /** Takes the options. */
  constructor(options: HuberLossLayerOptions = {}) {
    super(options, ["delta"]);
    this.delta = options.delta ?? 1;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, delta } = this;
    return huberLoss(input, target, { reduction, delta });
  }
}

/**
 * The negative log likelihood of counts of a Poisson distribution whose rate,
 * or its logarithm, is the input. See `torch.nn.PoissonNLLLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.PoissonNLLLoss({ logInput: true });
 * assertEquals(loss.call(dg.tensor([0]), dg.tensor([3])).item(), 1);
 * ```
 */
export class PoissonNLLLoss extends Loss<PoissonNllLossOptions> {
  /** Whether the input is the logarithm of the rate. */
  readonly logInput: boolean;
  /** Whether Stirling's term is added. */
  readonly full: boolean;
  /** Keeps the logarithm of a rate of zero finite. */
  readonly eps: number;

  /** Takes the options. */
  constructor(options: PoissonNllLossOptions = {}) {
    super(options, ["logInput", "full", "eps"]);
    this.logInput = options.logInput ?? true;
    this.full = options.full ?? false;
    this.eps = options.eps ?? 1e-8;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, logInput, full, eps } = this;
    return poissonNllLoss(input, target, { reduction, logInput, full, eps });
  }
}

/**
 * The negative log likelihood of a normal distribution with the mean `input`
 * and the variance `variance`. See `torch.nn.GaussianNLLLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.GaussianNLLLoss();
 * const y = loss.call(dg.tensor([1]), dg.tensor([3]), dg.tensor([1]));
 * assertEquals(y.item(), 2);
 * ```
 */
export class GaussianNLLLoss extends Loss<GaussianNllLossOptions> {
  /** Whether the constant term is added. */
  readonly full: boolean;
  /** Smallest variance. */
  readonly eps: number;

  /** Takes the options. */
  constructor(options: GaussianNllLossOptions = {}) {
    super(options, ["full", "eps"]);
    this.full = options.full ?? false;
    this.eps = options.eps ?? 1e-6;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { reduction, full, eps } = this;
    return gaussianNllLoss(input, target, variance, { reduction, full, eps });
  }
}

/**
 * The divergence of the target distribution from the one whose logarithm is the
 * input (Kullback and Leibler). The reduction `"batchmean"` is the mathematical
 * one. See `torch.nn.KLDivLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.KLDivLoss({ reduction: "batchmean" });
 * assertEquals(loss.call(dg.zeros([1, 1]), dg.ones([1, 1])).item(), 0);
 * ```
 */
export class KLDivLoss extends Loss<KlDivOptions> {
  /** Whether the target is a logarithm as well. */
  readonly logTarget: boolean;

  /** Takes the options. */
  constructor(options: KlDivOptions = {}) {
    super(options, ["logTarget"]);
    this.logTarget = options.logTarget ?? false;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, logTarget } = this;
    return klDiv(input, target, { reduction, logTarget });
  }
}
