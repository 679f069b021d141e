// The affine layer of a classifier together with its loss.

import { RuntimeError } from "../tensor/errors.ts";
import { linearCrossEntropy } from "../tensor/ops/losses_linear.ts";
import { countElements, sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { Linear } from "./linear.ts";
import { WeightedLoss, type WeightedLossLayerOptions } from "./loss.ts";
import { py, pyFloat } from "./module_repr.ts";

/** Options of {@linkcode LinearCrossEntropyLoss}. */
export interface LinearCrossEntropyLossLayerOptions
  extends WeightedLossLayerOptions, FactoryOptions {
  /** Dimensions of the loss behind that of the classes; none where not given. */
  readonly outFeatures?: readonly number[];
  /** Whether the layer has a bias; false where not given. */
  readonly bias?: boolean;
  /** A class whose elements do not count, or null. */
  readonly ignoreIndex?: number | null;
  /** Share of probability that is spread over all classes; 0 where not given. */
  readonly labelSmoothing?: number;
}

const KEYS = [
  "outFeatures",
  "bias",
  "ignoreIndex",
  "labelSmoothing",
  ...FACTORY_KEYS,
];

/**
 * An affine layer to the logits of classes, and the cross entropy of these. See
 * `torch.nn.LinearCrossEntropyLoss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new dg.nn.LinearCrossEntropyLoss(4, 3);
 * const target = dg.tensor([0, 2], { dtype: "int64" });
 * assertEquals(loss.call(dg.randn([2, 4]), target).shape, []);
 * assertEquals(Object.keys(loss.stateDict()), ["linear.weight"]);
 * ```
 */
export class LinearCrossEntropyLoss
  extends WeightedLoss<LinearCrossEntropyLossLayerOptions> {
  /** The layer. */
  linear: Linear;
  /** Number of classes. */
  readonly numClasses: number;
  /** Dimensions of the loss behind that of the classes. */
  readonly outFeatures: readonly number[];
  /** A class whose elements do not count, or null. */
  readonly ignoreIndex: number | null;
  /** Share of probability that is spread over all classes. */
  readonly labelSmoothing: number;

  /** Takes the numbers of features and classes, and options. */
  constructor(
    inFeatures: number,
    numClasses: number,
    options: LinearCrossEntropyLossLayerOptions = {},
  ) {
    super(options, KEYS);
    const { weight, labelSmoothing = 0, outFeatures = [] } = options;
    if (weight && !sameShape(weight.shape, [numClasses])) {
      throw new RuntimeError(
        `expected weight shape to be [${numClasses}], got ${
          showShape(weight.shape)
        }`,
      );
    }
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new RuntimeError(
        `expected label_smoothing to be in range [0, 1], got ${labelSmoothing}`,
      );
    }
    this.numClasses = numClasses;
    this.outFeatures = outFeatures;
    this.ignoreIndex = options.ignoreIndex ?? null;
    this.labelSmoothing = labelSmoothing;
    const outputs = numClasses * countElements(outFeatures);
    this.linear = new Linear(inFeatures, outputs, {
      ...factoryOptions(options),
      bias: options.bias ?? false,
    });
  }

  /** Computes the loss. */
  forward(input: Tensor, target: Tensor): Tensor {
    const { linear, reduction, ignoreIndex, labelSmoothing, weight } = this;
    const classes = [this.numClasses, ...this.outFeatures];
    const rows = linear.weight.reshape([...classes, linear.inFeatures]);
    return linearCrossEntropy(input, rows, target, {
      linearBias: linear.bias === null ? null : linear.bias.reshape(classes),
      reduction,
      ignoreIndex,
      labelSmoothing,
      weight,
    });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    const { linear, numClasses, outFeatures, reduction, ignoreIndex } = this;
    return [
      `in_features=${linear.inFeatures}`,
      `num_classes=${numClasses}`,
      `out_features=${py(outFeatures)}`,
      `bias=${py(linear.bias !== null)}`,
      `reduction=${reduction}`,
      `ignore_index=${py(ignoreIndex)}`,
      `label_smoothing=${pyFloat(this.labelSmoothing)}`,
      "options=None",
    ].join(", ");
  }
}
