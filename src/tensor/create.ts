// Making tensors from values: the options that all makers share, and tensor()
// with its kin.

import {
  checkOptions,
  countElements,
  type Shape,
  type Size,
  toShape,
} from "./shape.ts";
import { shown } from "./arguments.ts";
import { type DeviceLike, deviceOf } from "./device.ts";
import { type DType, type DTypeInfo, dtypeInfo, INT64 } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import {
  type HostArray,
  type HostValues,
  readData,
  type TensorData,
  toIntegers,
} from "./host_data.ts";
import { isTensor } from "./is_tensor.ts";
import { checkHasType, emptyTensor } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** Options of functions that make tensors. */
export interface CreateOptions {
  /** Element type. */
  readonly dtype?: DType;
  /** Where the tensor lives; the default device where not given. */
  readonly device?: DeviceLike;
  /** Whether gradients are accumulated for the tensor. */
  readonly requiresGrad?: boolean;
}

/** The known options, for error messages. */
export const CREATE_KEYS: readonly string[] = [
  "dtype",
  "device",
  "requiresGrad",
];

/** Makes an uninitialised tensor as the options say. */
export function allocateLike(
  shape: Shape,
  info: DTypeInfo,
  options: CreateOptions,
): Tensor {
  const device = deviceOf(options.device);
  const wanted = options.dtype === undefined ? info : dtypeInfo(options.dtype);
  if (options.dtype !== undefined) checkHasType(device, wanted);
  return emptyTensor(device, wanted, shape);
}

/** Applies `requiresGrad`, which every maker of tensors takes. */
export function finish(x: Tensor, options: CreateOptions): Tensor {
  if (!options.requiresGrad) return x;
  if (x.info.category < 2) {
    throw new RuntimeError(
      "Only Tensors of floating point and complex dtype can require gradients",
      `the tensor would be ${x.info.name}; give it { dtype: "float32" }`,
    );
  }
  return x.requiresGrad_();
}

function fromValues(data: HostValues, options: CreateOptions): Tensor {
  // A bigint is int64 where that exists, and int32 on a GPU, if it fits.
  const implied = data.info === INT64
    ? deviceOf(options.device).indexInfo
    : data.info;
  const { dtype = implied.name } = options;
  const out = allocateLike(data.shape, implied, { ...options, dtype });
  const { values } = data;
  const { info, storage: { device } } = out;
  if (data.info.category === 3 && info.category < 3) {
    throw new TypeError(
      "must be real number, not complex",
    );
  }
  device.write(
    out,
    info.category === 1 && values.length > 0
      ? toIntegers(values, info)
      : values,
  );
  return finish(out, options);
}

/**
 * Makes a tensor from a number, a boolean, a bigint, nested arrays of them or a
 * typed array, always by copying. Numbers make float32 (the default type),
 * booleans bool, bigints int64 (int32 on a GPU, if they fit), and a mixture the
 * type that holds them; typed arrays keep their type, where it exists
 * (Uint16Array makes int32, Uint32Array and BigUint64Array int64). Throws a
 * ValueError where rows differ in length and a RuntimeError where a value does
 * not fit an integer type. See `torch.tensor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([[1, 2], [3, 4]]).shape, [2, 2]);
 * assertEquals(dg.tensor([1, 2], { dtype: "int64" }).dtype, "int64");
 * assertEquals(dg.tensor(new Int32Array([1, 2])).dtype, "int32");
 * ```
 */
export function tensor(
  data: TensorData,
  options: CreateOptions = {},
): Tensor {
  checkOptions(options, CREATE_KEYS, "tensor");
  if (isTensor(data)) {
    return finish(
      data.detach().to({ ...placeOf(options), copy: true }),
      options,
    );
  }
  return fromValues(readData(data), options);
}

/** The part of the options that says what and where. */
function placeOf(
  { dtype, device }: CreateOptions,
): { dtype?: DType; device?: DeviceLike } {
  return {
    ...(dtype === undefined ? {} : { dtype }),
    ...(device === undefined ? {} : { device }),
  };
}

/** Options of {@linkcode asTensor}. */
export type AsTensorOptions = Omit<CreateOptions, "requiresGrad">;

/**
 * A tensor itself, converted only where the options ask for it, gradients flowing
 * back; anything else goes through {@linkcode tensor}. Unlike NumPy arrays in
 * PyTorch, typed arrays are copied: a tensor's memory belongs to its device. See
 * `torch.as_tensor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones(2);
 * assertEquals(dg.asTensor(x) === x, true);
 * assertEquals(dg.asTensor([1, 2], { dtype: "int64" }).tolist(), [1, 2]);
 * ```
 */
export function asTensor(
  data: TensorData,
  options: AsTensorOptions = {},
): Tensor {
  checkOptions(options, ["dtype", "device"], "asTensor");
  if (isTensor(data)) {
    return data.to(placeOf(options));
  }
  return tensor(data, options);
}

/**
 * Makes a tensor of a given shape from the elements of a typed array, row-major,
 * by copying. Without a shape the tensor has one dimension. See `torch.from_numpy`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.fromTypedArray(new Float64Array([1, 2, 3, 4]), [2, 2]);
 * assertEquals(x.dtype, "float64");
 * assertEquals(x.tolist(), [[1, 2], [3, 4]]);
 * ```
 */
export function fromTypedArray(
  data: HostArray,
  size: Size = data.length,
  options: CreateOptions = {},
): Tensor {
  checkOptions(options, CREATE_KEYS, "fromTypedArray");
  if (!ArrayBuffer.isView(data)) {
    throw new TypeError(
      `fromTypedArray(): expected a typed array, not ${
        shown(data)
      }; tensor() takes nested arrays`,
    );
  }
  const shape = toShape(size);
  if (countElements(shape) !== data.length) {
    throw new RuntimeError(
      `shape '[${
        shape.join(", ")
      }]' is invalid for input of size ${data.length}`,
    );
  }
  const { values, info } = readData(data);
  return fromValues({ values, info, shape }, options);
}
