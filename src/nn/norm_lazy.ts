// Norms that learn from their first input how many channels there are.

import { IndexError } from "../tensor/errors.ts";
import { checkTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { factoryOptions } from "./factory.ts";
import {
  assignSettings,
  hasUninitializedParams,
  initializeAtFirstCall,
  laterParameter,
} from "./lazy.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type ChannelNorm,
  type ChannelNormOptions,
} from "./norm_batch.ts";
import {
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
} from "./norm_instance.ts";
import { materialize, UninitializedBuffer } from "./uninitialized_parameter.ts";

/** What lazy norms do unless told otherwise, those over instances as well. */
const ALL = { affine: true, trackRunningStats: true };

/** Takes the place of what the constructor of the plain norm made for no channels. */
function prepare(norm: ChannelNorm, options: ChannelNormOptions): void {
  const made = factoryOptions(options);
  if (norm.weight !== null) norm.weight = laterParameter(made);
  if (norm.bias !== null) norm.bias = laterParameter(made);
  if (!norm.trackRunningStats) return;
  norm.runningMean = new UninitializedBuffer(made);
  norm.runningVar = new UninitializedBuffer(made);
}

function initialize(norm: ChannelNorm, input: Tensor): void {
  checkTensor(input, norm.constructor.name, "input");
  if (!hasUninitializedParams(norm)) return;
  const numFeatures = input.shape[1];
  if (numFeatures === undefined) {
    throw new IndexError(
      "tuple index out of range",
      "the channels are dimension 1 of the input",
    );
  }
  assignSettings(norm, { numFeatures });
  const { weight, bias, runningMean, runningVar } = norm;
  for (const x of [weight, bias, runningMean, runningVar]) {
    if (x !== null) materialize(x, numFeatures);
  }
  norm.resetParameters();
}

/**
 * A {@linkcode BatchNorm1d} that learns `numFeatures` from its first input, and
 * is an ordinary one from then on. See `torch.nn.LazyBatchNorm1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyBatchNorm1d();
 * assertEquals(layer.call(dg.ones([2, 3, 5])).shape, [2, 3, 5]);
 * assertEquals(layer.weight!.shape, [3]);
 * ```
 */
export class LazyBatchNorm1d extends BatchNorm1d {
  /** Takes options. */
  constructor(options: ChannelNormOptions = {}) {
    super(0, { ...ALL, ...options });
    prepare(this, options);
  }

  static {
    initializeAtFirstCall<ChannelNorm>(this, BatchNorm1d, initialize);
  }
}

/**
 * A {@linkcode BatchNorm2d} that learns `numFeatures` from its first input, and
 * is an ordinary one from then on. See `torch.nn.LazyBatchNorm2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyBatchNorm2d();
 * assertEquals(layer.call(dg.ones([2, 3, 5, 5])).shape, [2, 3, 5, 5]);
 * assertEquals(layer.weight!.shape, [3]);
 * ```
 */
export class LazyBatchNorm2d extends BatchNorm2d {
  /** Takes options. */
  constructor(options: ChannelNormOptions = {}) {
    super(0, { ...ALL, ...options });
    prepare(this, options);
  }

  static {
    initializeAtFirstCall<ChannelNorm>(this, BatchNorm2d, initialize);
  }
}

/**
 * A {@linkcode BatchNorm3d} that learns `numFeatures` from its first input, and
 * is an ordinary one from then on. See `torch.nn.LazyBatchNorm3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyBatchNorm3d();
 * assertEquals(layer.call(dg.ones([2, 3, 5, 5, 5])).shape, [2, 3, 5, 5, 5]);
 * assertEquals(layer.weight!.shape, [3]);
 * ```
 */
export class LazyBatchNorm3d extends BatchNorm3d {
  /** Takes options. */
  constructor(options: ChannelNormOptions = {}) {
    super(0, { ...ALL, ...options });
    prepare(this, options);
  }

  static {
    initializeAtFirstCall<ChannelNorm>(this, BatchNorm3d, initialize);
  }
}

/**
 * An {@linkcode InstanceNorm1d} that learns `numFeatures` from its first input, and
 * is an ordinary one from then on. Channels have factors and running statistics
 * unless `affine` and `trackRunningStats` say otherwise. See `torch.nn.LazyInstanceNorm1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyInstanceNorm1d();
 * assertEquals(layer.call(dg.ones([2, 3, 5])).shape, [2, 3, 5]);
 * assertEquals(layer.weight!.shape, [3]);
 * ```
 */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  /** Takes options. */
  constructor(options: ChannelNormOptions = {}) {
    super(0, { ...ALL, ...options });
    prepare(this, options);
  }

  static {
    initializeAtFirstCall<ChannelNorm>(this, InstanceNorm1d, initialize);
  }
}

/**
 * An {@linkcode InstanceNorm2d} that learns `numFeatures` from its first input, and
 * is an ordinary one from then on. Channels have factors and running statistics
 * unless `affine` and `trackRunningStats` say otherwise. See `torch.nn.LazyInstanceNorm2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyInstanceNorm2d();
 * assertEquals(layer.call(dg.ones([2, 3, 5, 5])).shape, [2, 3, 5, 5]);
 * assertEquals(layer.weight!.shape, [3]);
 * ```
 */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  /** Takes options. */
  constructor(options: ChannelNormOptions = {}) {
    super(0, { ...ALL, ...options });
    prepare(this, options);
  }

  static {
    initializeAtFirstCall<ChannelNorm>(this, InstanceNorm2d, initialize);
  }
}

/**
 * An {@linkcode InstanceNorm3d} that learns `numFeatures` from its first input, and
 * is an ordinary one from then on. Channels have factors and running statistics
 * unless `affine` and `trackRunningStats` say otherwise. See `torch.nn.LazyInstanceNorm3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.LazyInstanceNorm3d();
 * assertEquals(layer.call(dg.ones([2, 3, 5, 5, 5])).shape, [2, 3, 5, 5, 5]);
 * assertEquals(layer.weight!.shape, [3]);
 * ```
 */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  /** Takes options. */
  constructor(options: ChannelNormOptions = {}) {
    super(0, { ...ALL, ...options });
    prepare(this, options);
  }

  static {
    initializeAtFirstCall<ChannelNorm>(this, InstanceNorm3d, initialize);
  }
}
