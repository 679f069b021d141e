// Layers that learn from their first input how large their parameters are: what
// all of them share. The first call gives the parameters their size and draws
// them, makes the module one of the plain class, and goes on with that one's.

import { noGrad } from "../grad/mode.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isUninitialized } from "../tensor/uninitialized.ts";
import { type FactoryOptions, factoryOptions } from "./factory.ts";
import type { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { UninitializedParameter } from "./uninitialized_parameter.ts";

/** A parameter for a layer that is made with these options. */
export function laterParameter(options: FactoryOptions): Parameter {
  return new UninitializedParameter(factoryOptions(options));
}

/** Writes settings that are read-only for users. */
export function assignSettings<M extends Module>(
  module: M,
  settings: Partial<M>,
): void {
  Object.assign(module, settings);
}

/** Whether the size of a parameter or buffer of the module's own is not known yet. */
export function hasUninitializedParams(module: Module): boolean {
  return module.members().some(({ value }) =>
    isTensor(value) && isUninitialized(value)
  );
}

/**
 * Makes the first call of modules of a class do what is said above: `initialize`
 * gives the parameters their size, and `plain` is the class from then on. What
 * PyTorch has as a hook is a method of the class, so that copies have it too and
 * nothing is left of it afterwards.
 */
export function initializeAtFirstCall<M extends Module>(
  lazy: { readonly prototype: M },
  plain: { readonly prototype: Module },
  initialize: (module: M, input: Tensor) => void,
): void {
  Object.defineProperty(lazy.prototype, "call", {
    configurable: true,
    writable: true,
    value(this: M, ...inputs: unknown[]): unknown {
      noGrad(() => initialize(this, inputs[0] as Tensor));
      if (hasUninitializedParams(this)) {
        throw new RuntimeError(
          `module ${this.constructor.name} has not been fully initialized`,
        );
      }
      Object.setPrototypeOf(this, plain.prototype);
      const { call }: { call: (...inputs: never[]) => unknown } = this;
      return call.apply(this, inputs as never[]);
    },
  });
}
