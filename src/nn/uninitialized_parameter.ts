// Parameters and buffers whose size is not known yet: what makes them, and what
// makes them ordinary ones.

import type { DeviceLike } from "../tensor/device.ts";
import type { DType } from "../tensor/dtype.ts";
import { empty } from "../tensor/create_filled.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { aliasOf } from "../tensor/fields.ts";
import { setData } from "../tensor/set_data.ts";
import { checkOptions, type Size } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isUninitialized, UNINITIALIZED } from "../tensor/uninitialized.ts";
import {
  FACTORY_KEYS,
  type FactoryOptions,
  factoryOptions,
} from "./factory.ts";
import { Buffer, makeConstructor, Parameter } from "./parameter.ts";

/** Options of {@linkcode UninitializedParameter}. */
export interface UninitializedOptions extends FactoryOptions {
  /** Whether a gradient is computed for it; true where not given. */
  readonly requiresGrad?: boolean;
}

/** Options of {@linkcode UninitializedBuffer}. */
export interface UninitializedBufferOptions extends FactoryOptions {
  /** Whether it is part of the module's state dict; true where not given. */
  readonly persistent?: boolean;
}

/** What makes an {@linkcode UninitializedParameter}. */
export interface UninitializedParameterConstructor {
  /** Makes a parameter whose size is not known yet. */
  new (options?: UninitializedOptions): Parameter;
  /** That of tensors. */
  readonly prototype: Parameter;
  /** `x instanceof UninitializedParameter` tells whether the size of a parameter is not known yet. */
  [Symbol.hasInstance](x: unknown): x is Parameter;
}

/** What makes an {@linkcode UninitializedBuffer}. */
export interface UninitializedBufferConstructor {
  /** Makes a buffer whose size is not known yet. */
  new (options?: UninitializedBufferOptions): Buffer;
  /** That of tensors. */
  readonly prototype: Buffer;
  /** `x instanceof UninitializedBuffer` tells whether the size of a buffer is not known yet. */
  [Symbol.hasInstance](x: unknown): x is Buffer;
}

/**
 * A parameter whose size is not known yet: it has an element type and a device,
 * and refuses all else until {@linkcode materialize} gives it a size. Lazy
 * layers have such. See `torch.nn.UninitializedParameter`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const p = new dg.nn.UninitializedParameter();
 * assertEquals(String(p), "<UninitializedParameter>");
 * assertThrows(() => p.add(1), dg.ValueError, "Attempted to use an uninitialized");
 * dg.nn.materialize(p, [2, 3]);
 * assertEquals(p.add(1).shape, [2, 3]);
 * ```
 */
export const UninitializedParameter: UninitializedParameterConstructor =
  makeConstructor(
    function UninitializedParameter(
      options: UninitializedOptions = {},
    ): Tensor {
      const known = ["requiresGrad", ...FACTORY_KEYS];
      checkOptions(options, known, "UninitializedParameter");
      const { requiresGrad = true } = options;
      const data = empty(0, factoryOptions(options));
      return withoutSize(new Parameter(data, { requiresGrad }));
    },
    (x) => hasNoSize(x) && x.isParameter,
  );

/**
 * A buffer whose size is not known yet; see {@linkcode UninitializedParameter}.
 * See `torch.nn.UninitializedBuffer`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = new dg.nn.UninitializedBuffer();
 * assertEquals(String(x), "<UninitializedBuffer>");
 * dg.nn.materialize(x, 3);
 * assertEquals(x.shape, [3]);
 * ```
 */
export const UninitializedBuffer: UninitializedBufferConstructor =
  makeConstructor(
    function UninitializedBuffer(
      options: UninitializedBufferOptions = {},
    ): Tensor {
      const known = ["persistent", ...FACTORY_KEYS];
      checkOptions(options, known, "UninitializedBuffer");
      const { persistent = true } = options;
      const data = empty(0, factoryOptions(options));
      return withoutSize(new Buffer(data, { persistent }));
    },
    (x) => hasNoSize(x) && !x.isParameter,
  );

/**
 * Gives a parameter or buffer whose size is not known yet a size, and memory
 * whose values are yet to be written: it is an ordinary one from then on. See
 * `UninitializedParameter.materialize`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const p = new dg.nn.UninitializedParameter();
 * dg.nn.materialize(p, [2, 3], { dtype: "float64" });
 * assertEquals(p instanceof dg.nn.UninitializedParameter, false);
 * assertEquals([p.shape, p.dtype], [[2, 3], "float64"]);
 * ```
 */
export function materialize(
  x: Tensor,
  size: Size,
  options: FactoryOptions = {},
): void {
  checkOptions(options, FACTORY_KEYS, "materialize");
  if (!isUninitialized(x)) {
    throw new RuntimeError(
      `materialize() takes an uninitialized parameter or buffer, but this one has the shape [${
        x.shape.join(", ")
      }]`,
    );
  }
  const dtype: DType = options.dtype ?? x.dtype;
  const device: DeviceLike = options.device ?? x.device;
  const data = empty(size, { dtype, device });
  x.shape = data.shape;
  setData(x, data);
}

/** Converts or moves what has no size yet, as `convert` does it with ordinary tensors. */
export function convertUninitialized(
  x: Tensor,
  convert: (x: Tensor) => Tensor,
): void {
  const plain = aliasOf(x);
  plain.shape = [0];
  plain.strides = [1];
  plain.count = 0;
  plain.dense = true;
  const data = convert(plain);
  x.shape = data.shape;
  setData(x, data);
  withoutSize(x);
}

/** Takes a tensor's size away. */
function withoutSize(x: Tensor): Tensor {
  x.shape = UNINITIALIZED;
  x.strides = UNINITIALIZED;
  // Neither empty nor a single element nor dense: all that skips the look.
  x.count = 2;
  x.dense = false;
  return x;
}

function hasNoSize(x: object): x is Tensor {
  return "shape" in x && x.shape === UNINITIALIZED;
}
