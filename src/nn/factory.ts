// Where a module's tensors are made: the options that all modules with tensors
// know, and the makers.

import { uniform_ } from "../tensor/random_inplace.ts";
import { empty } from "../tensor/create_filled.ts";
import type { DeviceLike } from "../tensor/device.ts";
import type { DType } from "../tensor/dtype.ts";
import { noGrad } from "../grad/mode.ts";
import type { Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Parameter } from "./parameter.ts";

/** Options of all modules that have tensors. */
export interface FactoryOptions {
  /** Where the tensors live. */
  readonly device?: DeviceLike;
  /** Their element type. */
  readonly dtype?: DType;
}

/** The known options of {@linkcode FactoryOptions}, for error messages. */
export const FACTORY_KEYS: readonly string[] = ["device", "dtype"];

/** The options that are about tensors, of all options of a module. */
export function factoryOptions(options: FactoryOptions): FactoryOptions {
  const { device, dtype } = options;
  return {
    ...(device === undefined ? {} : { device }),
    ...(dtype === undefined ? {} : { dtype }),
  };
}

/** A parameter whose values are yet to be written. */
export function emptyParameter(size: Size, options: FactoryOptions): Parameter {
  return new Parameter(empty(size, factoryOptions(options)));
}

/** Overwrites a parameter with uniform samples between `-bound` and `bound`. */
export function spread(x: Tensor, bound: number): void {
  noGrad(() => uniform_(x, { from: -bound, to: bound }));
}
