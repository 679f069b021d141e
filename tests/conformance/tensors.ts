// Tensors for the conformance test, of every geometry that a device meets,
// made without the ops under test.

import { flatValues } from "../../src/tensor/core_reading.ts";
import { hostDevice } from "../../src/tensor/device.ts";
import { type DTypeInfo, FLOAT64 } from "../../src/tensor/dtype.ts";
import { makeTensor } from "../../src/tensor/fields.ts";
import { emptyTensor, toDense } from "../../src/tensor/op.ts";
import {
  contiguousStrides,
  countElements,
  type Shape,
} from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { isDense } from "../../src/tensor/view.ts";

/** A dense tensor of the given values. */
export function tensorOf(
  values: readonly number[],
  shape: Shape = [values.length],
  info: DTypeInfo = FLOAT64,
): Tensor {
  const out = emptyTensor(hostDevice(), info, shape);
  if (values.length > 0) out.storage.device.write(out, values);
  return out;
}

/** A leaf that wants a gradient. */
export function leafOf(
  values: readonly number[],
  shape: Shape,
  info: DTypeInfo = FLOAT64,
): Tensor {
  return tensorOf(values, shape, info).requiresGrad_();
}

/** The elements, row-major, as numbers. */
export function valuesOf(x: Tensor): number[] {
  return flatValues(x).map(Number);
}

/** Looks at fresh memory of `length` elements and copies `x` into what it sees. */
function into(
  x: Tensor,
  length: number,
  strides: readonly number[],
  offset: number,
): Tensor {
  const storage = x.storage.device.allocate(x.info, length);
  const out = makeTensor(
    storage,
    x.info,
    x.shape,
    strides,
    offset,
    x.count,
    isDense(x.shape, strides),
  );
  x.storage.device.copy(out, x);
  return out;
}

/** The same values with a gap after each element and before the first. */
export function spaced(x: Tensor): Tensor {
  const strides = contiguousStrides(x.shape).map((n) => 2 * n);
  return into(x, 2 * x.count + 3, strides, 3);
}

/** The same values with the first dimension innermost in memory. */
export function transposed(x: Tensor): Tensor {
  const strides = contiguousStrides(x.shape.toReversed()).toReversed();
  return into(x, Math.max(x.count, 1), strides, 0);
}

/** One element repeated by a stride of zero. */
export function repeated(x: Tensor, shape: Shape): Tensor {
  const { storage, info, offset } = x;
  const strides = shape.map(() => 0);
  const count = countElements(shape);
  return makeTensor(storage, info, shape, strides, offset, count, false);
}

/** The elements of `x` as it broadcasts to `shape`. */
export function broadcastValues(x: Tensor, shape: Shape): number[] {
  const values = valuesOf(toDense(x));
  const pad = shape.length - x.shape.length;
  const own = contiguousStrides(x.shape);
  return Array.from({ length: countElements(shape) }, (_, flat) => {
    let at = 0;
    let rest = flat;
    for (let d = shape.length - 1; d >= 0; d--) {
      const i = rest % shape[d]!;
      rest = (rest - i) / shape[d]!;
      if (d >= pad && x.shape[d - pad] !== 1) at += i * own[d - pad]!;
    }
    return values[at]!;
  });
}

/** Fails unless the elements are the expected ones: NaN is NaN, -0 is not 0. */
export function assertValues(
  actual: Tensor,
  expected: readonly number[],
  what: string,
): void {
  const values = valuesOf(actual);
  if (values.length !== expected.length) {
    throw new Error(
      `${what}: ${values.length} elements, expected ${expected.length}`,
    );
  }
  const at = values.findIndex((value, i) => !Object.is(value, expected[i]));
  if (at < 0) return;
  throw new Error(
    `${what}: element ${at} is ${show(values[at]!)}, expected ${
      show(expected[at]!)
    }`,
  );
}

function show(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
