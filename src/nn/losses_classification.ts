// Losses of classifiers.

import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  multilabelSoftMarginLoss,
} from "../tensor/ops/losses_binary.ts";
import { ctcLoss, type CtcLossOptions } from "../tensor/ops/losses_ctc.ts";
import { crossEntropy } from "../tensor/ops/losses_cross_entropy.ts";
import { nllLoss } from "../tensor/ops/losses_nll.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Loss, WeightedLoss, type WeightedLossLayerOptions } from "./loss.ts";
import { present } from "./norm_batch.ts";

/** What losses with weights are given where they have it. */
interface Weights {
  weight: Tensor;
}

/** Options of {@linkcode NLLLoss}. */
export interface NLLLossLayerOptions extends WeightedLossLayerOptions {
  /** A class whose elements do not count; -100 where not given. */
  readonly ignoreIndex?: number;
}

/** Options of {@linkcode CrossEntropyLoss}. */
export interface CrossEntropyLossLayerOptions extends NLLLossLayerOptions {
  /** Share of probability that is spread over all classes; 0 where not given. */
  readonly labelSmoothing?: number;
}

/** Options of {@linkcode BCEWithLogitsLoss}. */
export interface BCEWithLogitsLossLayerOptions
  extends WeightedLossLayerOptions {
  /** Factors of the positive examples, kept as a buffer. */
  readonly posWeight?: Tensor | null;
}

/**
 * The negative log likelihood of the right classes, for log probabilities `[n,
 * c]` or `[n, c, ...]`. `weight` has one factor for each class. See
 * `torch.nn.NLLLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.NLLLoss();
 * const target = dg.tensor([1], { dtype: "int64" });
 * assertEquals(loss.call(dg.tensor([[-1, -3]]), target).item(), 3);
 * ```
 */
export class NLLLoss extends WeightedLoss<NLLLossLayerOptions> {
  /** A class whose elements do not count. */
  readonly ignoreIndex: number;

  /** Takes the options. */
  constructor(options: NLLLossLayerOptions = {}) {
    super(options, ["ignoreIndex"]);
    this.ignoreIndex = options.ignoreIndex ?? -100;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, ignoreIndex, weight } = this;
    return nllLoss(input, target, {
      reduction,
      ignoreIndex,
      ...present<Weights>({ weight }),
    });
  }
}

/**
 * The cross entropy of the softmax of logits `[n, c]` or `[n, c, ...]` and
 * classes, or probabilities of classes. `weight` has one factor for each class.
 * See `torch.nn.CrossEntropyLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.CrossEntropyLoss();
 * const target = dg.tensor([1], { dtype: "int64" });
 * assertEquals(loss.call(dg.tensor([[-100, 100]]), target).item(), 0);
 * ```
 */
export class CrossEntropyLoss
  extends WeightedLoss<CrossEntropyLossLayerOptions> {
  /** A class whose elements do not count. */
  readonly ignoreIndex: number;
  /** Share of probability that is spread over all classes. */
  readonly labelSmoothing: number;

  /** Takes the options. */
  constructor(options: CrossEntropyLossLayerOptions = {}) {
    super(options, ["ignoreIndex", "labelSmoothing"]);
    this.ignoreIndex = options.ignoreIndex ?? -100;
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, ignoreIndex, labelSmoothing, weight } = this;
    return crossEntropy(input, target, {
      reduction,
      ignoreIndex,
      labelSmoothing,
      ...present<Weights>({ weight }),
    });
  }
}

/**
 * The cross entropy of probabilities and targets between 0 and 1. See
 * `torch.nn.BCELoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.BCELoss();
 * assertEquals(loss.call(dg.tensor([1, 0]), dg.tensor([1, 0])).item(), 0);
 * ```
 */
export class BCELoss extends WeightedLoss<WeightedLossLayerOptions> {
  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, weight } = this;
    return binaryCrossEntropy(input, target, {
      reduction,
      ...present<Weights>({ weight }),
    });
  }
}

/**
 * The cross entropy of the sigmoid of logits and targets between 0 and 1. See
 * `torch.nn.BCEWithLogitsLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.BCEWithLogitsLoss();
 * assertEquals(loss.call(dg.tensor([200]), dg.ones(1)).item(), 0);
 * ```
 */
export class BCEWithLogitsLoss
  extends WeightedLoss<BCEWithLogitsLossLayerOptions> {
  /** Factors of the positive examples, or null. */
  posWeight: Tensor | null;

  /** Takes the options. */
  constructor(options: BCEWithLogitsLossLayerOptions = {}) {
    super(options, ["posWeight"]);
    this.posWeight = this.registerBuffer(
      "posWeight",
      options.posWeight ?? null,
    );
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, weight, posWeight } = this;
    return binaryCrossEntropyWithLogits(input, target, {
      reduction,
      ...present<Weights & { posWeight: Tensor }>({ weight, posWeight }),
    });
  }
}

/**
 * The mean over the classes of the cross entropies of logits `[n, c]` and
 * targets 0 and 1. See `torch.nn.MultiLabelSoftMarginLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.MultiLabelSoftMarginLoss();
 * assertEquals(loss.call(dg.tensor([[200]]), dg.ones([1, 1])).item(), -0);
 * ```
 */
export class MultiLabelSoftMarginLoss
  extends WeightedLoss<WeightedLossLayerOptions> {
  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, weight } = this;
    return multilabelSoftMarginLoss(input, target, {
      reduction,
      ...present<Weights>({ weight }),
    });
  }
}

/**
 * The loss of label sequences whose alignment is not known, for log
 * probabilities `[t, n, c]` or `[t, c]` (Graves et al., 2006). See
 * `torch.nn.CTCLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.CTCLoss();
 * const logProbs = dg.ones([4, 1, 3]).logSoftmax(2);
 * const target = dg.tensor([[1, 2]], { dtype: "int64" });
 * assertEquals(loss.call(logProbs, target, [4], [2]).shape, []);
 * ```
 */
export class CTCLoss extends Loss<CtcLossOptions> {
  /** The class that stands for no label. */
  readonly blank: number;
  /** Whether infinite losses count as zero. */
  readonly zeroInfinity: boolean;

  /** Takes the options. */
  constructor(options: CtcLossOptions = {}) {
    super(options, ["blank", "zeroInfinity"]);
    this.blank = options.blank ?? 0;
    this.zeroInfinity = options.zeroInfinity ?? false;
  }

  /** Computes the loss. */
  forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[] | number,
    targetLengths: Tensor | readonly number[] | number,
  ): Tensor {
    const { reduction, blank, zeroInfinity } = this;
    const options = { reduction, blank, zeroInfinity };
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, options);
  }
}
