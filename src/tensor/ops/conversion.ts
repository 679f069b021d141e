// Conversion between element types and devices.

import {
  type Device,
  type DeviceLike,
  deviceOf,
  hostDevice,
} from "../device.ts";
import {
  ALL_DTYPES,
  type DType,
  type DTypeInfo,
  dtypeInfo,
  INT64,
} from "../dtype.ts";
import { RuntimeError, ValueError } from "../errors.ts";
import { isTensor } from "../is_tensor.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { integerFits } from "../number_range.ts";
import { checkHasType, emptyTensor } from "../op.ts";
import { checkOptions } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Where a copy goes, and where its gradient comes back to. */
interface Move {
  readonly info: DTypeInfo;
  readonly to: Device;
  readonly from: Device;
}

const TO_COPY = defineKernel<Move>({
  name: "toCopy",
  forward: ([x], { info, to }) => {
    const out = emptyTensor(to, info, x!.shape);
    copyBetween(out, x!);
    return out;
  },
  // The engine converts the gradient to the type of the input.
  vjps: [(g, _n, { from }) => g.to(from)],
});

/** Copies between any two devices: the one that is not the host does it. */
function copyBetween(out: Tensor, x: Tensor): void {
  const to = out.storage.device;
  const from = x.storage.device;
  if (to === from || from === hostDevice() || to.holds?.(from) === true) {
    to.copy(out, x);
  } else if (to === hostDevice()) from.copy(out, x);
  else {
    const between = emptyTensor(hostDevice(), x.info, x.shape);
    from.copy(between, x);
    to.copy(out, between);
  }
}

/** What {@linkcode to} converts to, in full. */
export interface ToOptions {
  /** Element type; that of the tensor where not given. */
  readonly dtype?: DType;
  /** Where the result lives; where the tensor does where not given. */
  readonly device?: DeviceLike;
  /** Copies even where nothing changes. */
  readonly copy?: boolean;
}

/** A type, a device, a tensor whose type and device to take, or options. */
export type ToTarget = DType | DeviceLike | Tensor | ToOptions;

const TO_KEYS = ["dtype", "device", "copy"];

function isDevice(target: object): target is Device {
  return "allocate" in target;
}

function toOptions(target: ToTarget): ToOptions {
  if (typeof target === "object" && target !== null) {
    if (isDevice(target)) return { device: target };
    if (isTensor(target)) return { dtype: target.dtype, device: target.device };
    checkOptions(target, TO_KEYS, "to");
    return target;
  }
  if (target === "cpu" || target === "webgpu") return { device: target };
  if (ALL_DTYPES.some((info) => info.name === target)) return { dtype: target };
  throw new ValueError(
    `unknown dtype or device ${JSON.stringify(target)}`,
    `the dtypes are ${
      ALL_DTYPES.map((info) => info.name).join(", ")
    }; a device is "cpu", "webgpu" or a device object`,
  );
}

/** The type that a tensor has on a device: int64 is int32 where there is none, if all elements fit. */
function infoOn(device: Device, x: Tensor): DTypeInfo {
  const { indexInfo } = device;
  if (x.info !== INT64 || indexInfo === INT64) return x.info;
  if (x.count > 0) {
    const all = x.detach();
    for (const end of [all.amin(), all.amax()]) {
      const value = end.itemBigInt();
      if (!integerFits(value, indexInfo)) {
        throw new RuntimeError(
          `value cannot be converted to type ${indexInfo.name} without overflow`,
          `the device has no int64, and ${value} is no ${indexInfo.name}`,
        );
      }
    }
  }
  return indexInfo;
}

/**
 * Converts to another element type or moves to a device; the same tensor where
 * nothing changes. The target is a type, a device, a tensor to take both from,
 * or `{ dtype, device, copy }`. On a GPU, which has no int64, such a tensor
 * becomes int32 where no type is named; a RuntimeError says if a value does not
 * fit. See `Tensor.to`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([1.7, -1.7]);
 * assertEquals(x.to("int64").tolist(), [1, -1]);
 * assertEquals(x.to("float32") === x, true);
 * assertEquals(x.to({ dtype: "float32", copy: true }) === x, false);
 * ```
 */
export function to(x: Tensor, target: ToTarget): Tensor {
  const { dtype, device, copy = false } = toOptions(target);
  const named = device === undefined ? x.storage.device : deviceOf(device);
  // What vmap maps is where its samples are.
  const where = x.storage.device.lift !== undefined &&
      x.storage.device.holds!(named)
    ? x.storage.device
    : named;
  const info = dtype === undefined ? infoOn(where, x) : dtypeInfo(dtype);
  const from = x.storage.device;
  if (where === from && x.info === info && !copy) return x;
  checkHasType(where, info);
  return run(TO_COPY, [x], { info, to: where, from });
}
