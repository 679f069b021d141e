// Padding: what an image is continued with beyond its edges.

import { pad, type PadMode } from "../tensor/ops/padding.ts";
import type { Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { perDimension } from "./convolution.ts";
import { Module } from "./module.ts";
import { py } from "./module_repr.ts";

/** A layer that adds elements at the edges. */
export abstract class Padding extends Module {
  /** How many are added, at both ends of the last dimension first. */
  readonly padding: readonly number[];
  private readonly _mode: PadMode;

  /** Takes how many are added: one number, or one for each end. */
  constructor(dimensions: number, mode: PadMode, padding: Size) {
    super();
    this.padding = perDimension(padding, 2 * dimensions);
    this._mode = mode;
  }

  /** Adds elements at the edges. */
  forward(input: Tensor): Tensor {
    return pad(input, this.padding, { mode: this._mode });
  }

  /** Shows how many are added. */
  override extraRepr(): string {
    return py(this.padding);
  }
}

/**
 * Continues `[n, c, w]` with mirrored elements. See `torch.nn.ReflectionPad1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReflectionPad1d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 10]);
 * ```
 */
export class ReflectionPad1d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(1, "reflect", padding);
  }
}

/**
 * Continues `[n, c, h, w]` with mirrored elements. See
 * `torch.nn.ReflectionPad2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReflectionPad2d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 10, 10]);
 * ```
 */
export class ReflectionPad2d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(2, "reflect", padding);
  }
}

/**
 * Continues `[n, c, d, h, w]` with mirrored elements. See
 * `torch.nn.ReflectionPad3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReflectionPad3d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 10, 10, 10]);
 * ```
 */
export class ReflectionPad3d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(3, "reflect", padding);
  }
}

/**
 * Continues `[n, c, w]` with the elements at the edges. See
 * `torch.nn.ReplicationPad1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReplicationPad1d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 10]);
 * ```
 */
export class ReplicationPad1d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(1, "replicate", padding);
  }
}

/**
 * Continues `[n, c, h, w]` with the elements at the edges. See
 * `torch.nn.ReplicationPad2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReplicationPad2d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 10, 10]);
 * ```
 */
export class ReplicationPad2d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(2, "replicate", padding);
  }
}

/**
 * Continues `[n, c, d, h, w]` with the elements at the edges. See
 * `torch.nn.ReplicationPad3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ReplicationPad3d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 10, 10, 10]);
 * ```
 */
export class ReplicationPad3d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(3, "replicate", padding);
  }
}

/**
 * Continues `[n, c, w]` with elements from the other end. See
 * `torch.nn.CircularPad1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.CircularPad1d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 10]);
 * ```
 */
export class CircularPad1d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(1, "circular", padding);
  }
}

/**
 * Continues `[n, c, h, w]` with elements from the other end. See
 * `torch.nn.CircularPad2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.CircularPad2d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 10, 10]);
 * ```
 */
export class CircularPad2d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(2, "circular", padding);
  }
}

/**
 * Continues `[n, c, d, h, w]` with elements from the other end. See
 * `torch.nn.CircularPad3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.CircularPad3d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 10, 10, 10]);
 * ```
 */
export class CircularPad3d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(3, "circular", padding);
  }
}

/**
 * Continues `[n, c, w]` with zeros. See `torch.nn.ZeroPad1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ZeroPad1d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 10]);
 * ```
 */
export class ZeroPad1d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(1, "constant", padding);
  }
}

/**
 * Continues `[n, c, h, w]` with zeros. See `torch.nn.ZeroPad2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ZeroPad2d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 10, 10]);
 * ```
 */
export class ZeroPad2d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(2, "constant", padding);
  }
}

/**
 * Continues `[n, c, d, h, w]` with zeros. See `torch.nn.ZeroPad3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ZeroPad3d(1);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 10, 10, 10]);
 * ```
 */
export class ZeroPad3d extends Padding {
  /** Takes how many are added: one number, or one for each end, those of the last dimension first. */
  constructor(padding: Size) {
    super(3, "constant", padding);
  }
}
