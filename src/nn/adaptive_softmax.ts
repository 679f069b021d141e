// The softmax over many classes, most of them rare.

import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { cat } from "../tensor/ops/joining.ts";
import { type Named, named } from "../tensor/results.ts";
import { checkOptions, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { ModuleList, Sequential } from "./sequential.ts";

/** Options of {@linkcode AdaptiveLogSoftmaxWithLoss}. */
export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** How much smaller the features of each next cluster are; 4 where not given. */
  readonly divValue?: number;
  /** Whether the head has a bias; false where not given. */
  readonly headBias?: boolean;
}

/**
 * A softmax over many classes, sorted from frequent to rare: those before the
 * first cutoff are computed always, the clusters between the cutoffs only where
 * they are needed, with fewer features (Grave et al., 2017). The result has
 * `output`, the log probabilities of the targets, and `loss`, their negative
 * mean. See `torch.nn.AdaptiveLogSoftmaxWithLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10]);
 * const target = dg.tensor([0, 7, 19], { dtype: "int64" });
 * const { output, loss } = layer.call(dg.randn([3, 8]), target);
 * assertEquals([output.shape, loss.shape], [[3], []]);
 * assertEquals(layer.logProb(dg.randn([3, 8])).shape, [3, 20]);
 * ```
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  /** Scores of the frequent classes and of the clusters. */
  head: Linear;
  /** For each cluster, the scores of its classes. */
  tail: ModuleList<Sequential>;
  /** Length of the input's last dimension. */
  readonly inFeatures: number;
  /** Number of classes. */
  readonly nClasses: number;
  /** Where the clusters begin, and the number of classes. */
  readonly cutoffs: readonly number[];
  /** How much smaller the features of each next cluster are. */
  readonly divValue: number;
  /** Whether the head has a bias. */
  readonly headBias: boolean;

  /** Takes the numbers of features and classes, where the clusters begin, and options. */
  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    options: AdaptiveLogSoftmaxOptions = {},
  ) {
    super();
    const known = ["divValue", "headBias", ...FACTORY_KEYS];
    checkOptions(options, known, "AdaptiveLogSoftmaxWithLoss");
    checkCutoffs(cutoffs, nClasses);
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = options.divValue ?? 4;
    this.headBias = options.headBias ?? false;
    const made = factoryOptions(options);
    this.head = new Linear(inFeatures, cutoffs[0]! + cutoffs.length, {
      ...made,
      bias: this.headBias,
    });
    const plain = { ...made, bias: false };
    this.tail = new ModuleList(cutoffs.map((start, i) => {
      const hidden = Math.floor(inFeatures / this.divValue ** (i + 1));
      const classes = this.cutoffs[i + 1]! - start;
      return new Sequential(
        new Linear(inFeatures, hidden, plain),
        new Linear(hidden, classes, plain),
      );
    }));
  }

  /** Draws the parameters anew. */
  resetParameters(): void {
    this.head.resetParameters();
    for (const cluster of this.tail) {
      for (const layer of cluster) (layer as Linear).resetParameters();
    }
  }

  /** Computes the log probabilities of the targets, and the loss. */
  forward(input: Tensor, target: Tensor): Named<"output" | "loss"> {
    checkTarget(input, target);
    const single = target.ndim === 0;
    const x = single ? input.unsqueeze(0) : input;
    const classes = single ? target.unsqueeze(0) : target;
    let local = x.newZeros(classes.shape);
    let columns = classes;
    let used = classes.lt(this.cutoffs[0]!).logicalAnd(classes.ge(0))
      .sum().item();
    [...this.tail].forEach((cluster, i) => {
      const low = this.cutoffs[i]!;
      const mask = classes.ge(low).logicalAnd(classes.lt(this.cutoffs[i + 1]!));
      const rows = mask.nonzero().squeeze(1);
      if (rows.numel() === 0) return;
      used += rows.numel();
      const scores = cluster.call(x.indexSelect(0, rows)).logSoftmax(1);
      const inside = classes.indexSelect(0, rows).sub(low).unsqueeze(1);
      local = local.indexCopy(0, rows, scores.gather(1, inside).squeeze(1));
      columns = columns.indexFill(0, rows, this.cutoffs[0]! + i);
    });
    if (used !== classes.numel()) {
      throw new RuntimeError(
        `Target values should be in [0, ${
          this.nClasses - 1
        }], but values in range [${classes.min().item()}, ${classes.max().item()}] were found. `,
      );
    }
    const head = this.head.call(x).logSoftmax(1);
    const output = local.add(head.gather(1, columns.unsqueeze(1)).squeeze(1));
    const loss = output.neg().mean();
    return named({ output: single ? output.squeeze(0) : output, loss });
  }

  /** Computes the log probabilities of all classes, `[n, nClasses]`. See `AdaptiveLogSoftmaxWithLoss.log_prob`. */
  logProb(input: Tensor): Tensor {
    const head = this.head.call(input).logSoftmax(1);
    const frequent = this.cutoffs[0]!;
    const clusters = Array.from(
      this.tail,
      (cluster, i) =>
        cluster.call(input).logSoftmax(1)
          .add(head.narrow(1, frequent + i, 1)),
    );
    return cat([head.narrow(1, 0, frequent), ...clusters], 1);
  }

  /** The most probable class of each row. See `AdaptiveLogSoftmaxWithLoss.predict`. */
  predict(input: Tensor): Tensor {
    return this.logProb(input).argmax(1);
  }
}

function checkCutoffs(cutoffs: readonly number[], nClasses: number): void {
  if (cutoffs.length === 0) {
    throw new ValueError(
      "cutoffs should be a sequence of length larger than 0",
    );
  }
  const rising = cutoffs.every((cutoff, i) =>
    Number.isInteger(cutoff) && cutoff > (i === 0 ? 0 : cutoffs[i - 1]!) &&
    cutoff < nClasses
  );
  if (rising) return;
  throw new ValueError(
    "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1",
  );
}

function checkTarget(input: Tensor, target: Tensor): void {
  if (target.ndim > 1) {
    throw new RuntimeError(
      "0D or 1D target tensor expected, multi-target not supported",
    );
  }
  if (target.ndim === 1 && input.shape[0] !== target.shape[0]) {
    throw new RuntimeError(
      "Input and target should have the same size in the batch dimension.",
    );
  }
  if (input.ndim !== target.ndim + 1) {
    throw new RuntimeError(
      `${target.ndim}D target tensor expects ${
        target.ndim + 1
      }D input tensors, but found inputs with size ${showShape(input.shape)}`,
    );
  }
}
