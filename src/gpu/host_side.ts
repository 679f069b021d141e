// What stands on the host beside tensors of the GPU: elements on their way, and
// plain numbers.

import { hostDevice, type Strided } from "../tensor/device.ts";
import { type DTypeInfo, INT32, INT64 } from "../tensor/dtype.ts";
import { contiguousStrides } from "../tensor/shape.ts";

/** Elements of the host with the geometry and the type of others, dense; int64 has no place here. */
export function hostOf(x: Pick<Strided, "info" | "shape" | "count">): Strided {
  const device = hostDevice();
  const info = x.info === INT64 ? INT32 : x.info;
  const { shape, count } = x;
  const strides = contiguousStrides(shape);
  const storage = device.allocate(info, count);
  return { storage, info, shape, strides, offset: 0, count, dense: true };
}

/** A number of the host as an element. */
export function hostNumber(info: DTypeInfo, value: number | bigint): Strided {
  const out = hostOf({ info, shape: [], count: 1 });
  out.storage.device.fill(out, value);
  return out;
}

/** Whether all elements are one and the same. */
export function isNumber({ shape, strides }: Strided): boolean {
  return strides.every((step, d) => step === 0 || shape[d] === 1);
}
