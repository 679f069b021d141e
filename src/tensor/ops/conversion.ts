// Conversion between element types and devices.

import { type Device, hostDevice } from "../device.ts";
import { type DType, dtypeInfo, DTYPES } from "../dtype.ts";
import { ValueError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { castTo } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const TO_COPY = defineKernel<DType>({
  name: "toCopy",
  forward: ([x], dtype) => castTo(x!, dtypeInfo(dtype)),
  // The engine converts the gradient to the type of the input.
  vjps: [(g) => g],
});

/**
 * Converts to another element type or moves to a device; the same tensor where
 * nothing changes. See `Tensor.to`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.tensor([1.7, -1.7]).to("int64").tolist(), [1, -1]);
 * ```
 */
export function to(x: Tensor, target: DType | "cpu" | Device): Tensor {
  if (typeof target === "object" || target === "cpu") {
    const device = target === "cpu" ? hostDevice() : target;
    if (device === x.storage.device) return x;
    throw new ValueError(
      `cannot move a tensor to ${String(device)}`,
      "only the CPU device exists in this version",
    );
  }
  if (!DTYPES.some((info) => info.name === target)) dtypeInfo(target);
  if (x.dtype === target) return x;
  return run(TO_COPY, [x], target);
}
