// Parameters and buffers: tensors that are marked, so that a module finds them
// among its fields.

import {
  isParameter,
  markBuffer,
  markParameter,
} from "../tensor/parameter_mark.ts";
import { isTensor } from "../tensor/is_tensor.ts";
import { keep } from "../tensor/scope.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A tensor that a module trains; made with `new Parameter(data)`. */
export interface Parameter extends Tensor {
  /** True: it is a parameter. */
  readonly isParameter: true;
}

/** Options of {@linkcode Parameter}. */
export interface ParameterOptions {
  /** Whether a gradient is computed for it; true where not given. */
  readonly requiresGrad?: boolean;
}

/** What makes a {@linkcode Parameter}. */
export interface ParameterConstructor {
  /** Makes a parameter of a tensor's memory. */
  new (data: Tensor, options?: ParameterOptions): Parameter;
  /** That of tensors. */
  readonly prototype: Parameter;
  /** `x instanceof Parameter` tells whether a value is a parameter. */
  [Symbol.hasInstance](x: unknown): x is Parameter;
}

/**
 * A tensor that a module finds among its fields and trains: it shares the
 * memory of `data`, and requires a gradient. It outlives the scope in which it
 * is made. See `torch.nn.Parameter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const p = new dg.nn.Parameter(dg.ones(2));
 * assertEquals(
 *   String(p),
 *   "Parameter containing:\ntensor([1., 1.], requires_grad=True)",
 * );
 * assertEquals(p instanceof dg.nn.Parameter, true);
 * ```
 */
export const Parameter: ParameterConstructor = makeConstructor(
  function Parameter(data: Tensor, options: ParameterOptions = {}): Tensor {
    checkOptions(options, ["requiresGrad"], "Parameter");
    checkData(data, "Parameter");
    const x = data.detach();
    if (options.requiresGrad !== false) x.requiresGrad_();
    markParameter(x);
    return keep(x);
  },
  (x) => isParameter(x),
);

/** A tensor that a module keeps, but does not train; made with `new Buffer(data)`. */
export type Buffer = Tensor;

/** Options of {@linkcode Buffer}. */
export interface BufferOptions {
  /** Whether it is part of the module's state dict; true where not given. */
  readonly persistent?: boolean;
}

/** What makes a {@linkcode Buffer}. */
export interface BufferConstructor {
  /** Makes a buffer of a tensor's memory. */
  new (data: Tensor, options?: BufferOptions): Buffer;
  /** That of tensors. */
  readonly prototype: Buffer;
}

/**
 * A tensor that a module finds among its fields, moves and saves with its
 * parameters, but does not train. `module.registerBuffer()` does the same. See
 * `torch.nn.Buffer`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * class Scale extends dg.nn.Module {
 *   scale = new dg.nn.Buffer(dg.ones(1));
 *   forward(x: dg.Tensor): dg.Tensor {
 *     return x.mul(this.scale);
 *   }
 * }
 * assertEquals(Object.keys(new Scale().stateDict()), ["scale"]);
 * ```
 */
export const Buffer: BufferConstructor = makeConstructor(
  function Buffer(data: Tensor, options: BufferOptions = {}): Tensor {
    checkOptions(options, ["persistent"], "Buffer");
    checkData(data, "Buffer");
    const x = data.detach();
    markBuffer(x, options.persistent ?? true);
    return keep(x);
  },
);

function checkData(data: unknown, name: string): void {
  if (isTensor(data)) return;
  throw new TypeError(
    `${name}(): argument 'data' must be Tensor, not ${typeof data}; tensor() makes one`,
  );
}

/** A function that returns an object can be called with `new`; classes cannot skip `super()`. */
export function makeConstructor<T>(
  make:
    | ((data: Tensor, options?: never) => Tensor)
    | ((options?: never) => Tensor),
  has?: (x: object) => boolean,
): T {
  if (has !== undefined) {
    Object.defineProperty(make, Symbol.hasInstance, {
      value: (x: unknown) => typeof x === "object" && x !== null && has(x),
    });
  }
  return make as unknown as T;
}
