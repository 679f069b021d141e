// Padding with a value of one's choice.

import { pad } from "../tensor/ops/padding.ts";
import type { Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { py } from "./module_repr.ts";
import { Padding } from "./padding.ts";

/** A layer that adds one value at the edges. */
export abstract class ConstantPadding extends Padding {
  /** What is added. */
  readonly value: number;

  /** Takes how many are added, and the value. */
  constructor(dimensions: number, padding: Size, value: number) {
    super(dimensions, "constant", padding);
    this.value = value;
  }

  /** Adds elements at the edges. */
  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { value: this.value });
  }

  /** Shows the settings. */
  override extraRepr(): string {
    return `padding=${py(this.padding)}, value=${py(this.value)}`;
  }
}

/**
 * Continues `[n, c, w]` with one value. See `torch.nn.ConstantPad1d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ConstantPad1d(1, 3.5);
 * assertEquals(layer.call(dg.ones([1, 2, 8])).shape, [1, 2, 10]);
 * ```
 */
export class ConstantPad1d extends ConstantPadding {
  /** Takes how many are added, one number or one for each end, and the value. */
  constructor(padding: Size, value: number) {
    super(1, padding, value);
  }
}

/**
 * Continues `[n, c, h, w]` with one value. See `torch.nn.ConstantPad2d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ConstantPad2d(1, 3.5);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8])).shape, [1, 2, 10, 10]);
 * ```
 */
export class ConstantPad2d extends ConstantPadding {
  /** Takes how many are added, one number or one for each end, and the value. */
  constructor(padding: Size, value: number) {
    super(2, padding, value);
  }
}

/**
 * Continues `[n, c, d, h, w]` with one value. See `torch.nn.ConstantPad3d`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new dg.nn.ConstantPad3d(1, 3.5);
 * assertEquals(layer.call(dg.ones([1, 2, 8, 8, 8])).shape, [1, 2, 10, 10, 10]);
 * ```
 */
export class ConstantPad3d extends ConstantPadding {
  /** Takes how many are added, one number or one for each end, and the value. */
  constructor(padding: Size, value: number) {
    super(3, padding, value);
  }
}
