// Complex elements lie in memory as pairs of real numbers. What a device is
// asked for with them becomes calls of the same device with the parts, which
// are ordinary operands of twice the strides: no device needs complex kernels.
// Here: how the parts lie, and what moves elements without looking at them.

import type { Device, ScatterMode, Storage, Strided } from "./device.ts";
import type { TypedArray } from "./device.ts";
import { BOOL, type DTypeInfo, FLOAT32, partInfo } from "./dtype.ts";
import { refuseComplex } from "./complex_refusal.ts";
import { RuntimeError } from "./errors.ts";
import { call, type Expr, input } from "./expr.ts";
import { updateKernel } from "./device_updates.ts";
import { contiguousStrides, countElements } from "./shape.ts";

/** The real (0) or imaginary (1) parts of complex elements. */
export function part(x: Strided, which: 0 | 1): Strided {
  return {
    storage: x.storage,
    info: partInfo(x.info),
    shape: x.shape,
    strides: x.strides.map((step) => 2 * step),
    offset: 2 * x.offset + which,
    count: x.count,
    dense: x.count < 2,
  };
}

/** Both parts of complex elements: a last dimension of length 2. */
export function pairs(x: Strided): Strided {
  return {
    storage: x.storage,
    info: partInfo(x.info),
    shape: [...x.shape, 2],
    strides: [...x.strides.map((step) => 2 * step), 1],
    offset: 2 * x.offset,
    count: 2 * x.count,
    dense: x.dense,
  };
}

/** Memory beneath for a while; {@linkcode release} gives it back. */
export function scratch(
  device: Device,
  info: DTypeInfo,
  shape: readonly number[],
): Strided {
  const count = countElements(shape);
  return {
    storage: device.allocate(info, count),
    info,
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
    count,
    dense: true,
  };
}

/** Gives back what {@linkcode scratch} took. */
export function release(device: Device, ...operands: Strided[]): void {
  for (const { storage } of operands) device.free(storage);
}

/** Whether one of some operands is complex. */
export function anyComplex(operands: readonly (Strided | null)[]): boolean {
  // No closure: each step of an optimizer asks.
  for (let k = 0; k < operands.length; k++) {
    if (operands[k]?.info.category === 3) return true;
  }
  return false;
}

const NOT_ZERO = updateKernel([
  choose(call("or", call("ne", input(1), 0), call("ne", input(2), 0))),
  null,
  null,
]);

function choose(condition: Expr): Expr {
  return call("select", condition, 1, 0);
}

/** 1 where a complex element is not zero, else 0: dense, of the type of its parts. */
function notZero(device: Device, x: Strided): Strided {
  const out = scratch(device, partInfo(x.info), x.shape);
  device.update(NOT_ZERO, [out, part(x, 0), part(x, 1)], []);
  return out;
}

/** See `Device.copy`; at least one of both is complex. */
export function copyComplex(device: Device, out: Strided, x: Strided): void {
  if (out.info.category === 3) {
    if (x.info.category === 3) device.copy(pairs(out), pairs(x));
    else {
      device.copy(part(out, 0), x);
      device.fill(part(out, 1), 0);
    }
  } else if (out.info === BOOL) {
    const truth = notZero(device, x);
    device.copy(out, truth);
    release(device, truth);
  } else device.copy(out, part(x, 0));
}

/** See `Device.fill`: a real number. */
export function fillComplex(
  device: Device,
  out: Strided,
  value: number | bigint,
): void {
  if (value === 0 && !Object.is(value, -0)) device.fill(pairs(out), 0);
  else {
    device.fill(part(out, 0), value);
    device.fill(part(out, 1), 0);
  }
}

/** See `Device.write`: real numbers, or pairs, twice as many as elements. */
export function writeComplex(
  device: Device,
  out: Strided,
  values: ArrayLike<number> | ArrayLike<bigint>,
): void {
  if (values.length === 2 * out.count) {
    device.write(pairs(out), values);
    return;
  }
  const both = new Float64Array(2 * values.length);
  for (let i = 0; i < values.length; i++) both[2 * i] = Number(values[i]!);
  device.write(pairs(out), both);
}

/** See `Device.read`: pairs, twice as many numbers as elements. */
export function readComplex(device: Device, x: Strided): TypedArray {
  return device.read(pairs(x));
}

/** See `Device.readOne`, whose result is one real number. */
export function readOneComplex(x: Strided): never {
  throw new RuntimeError(
    `value cannot be converted to type ${
      partInfo(x.info) === FLOAT32 ? "float" : "double"
    } without overflow`,
    "a complex number is no real one; take real(), imag() or abs() first",
  );
}

/** See `Device.nonzero`. */
export function nonzeroComplex(device: Device, x: Strided): Storage {
  const truth = notZero(device, x);
  const found = device.nonzero(truth);
  release(device, truth);
  return found;
}

/** See `Device.gather`. */
export function gatherComplex(
  device: Device,
  out: Strided,
  x: Strided,
  dim: number,
  index: Strided,
): void {
  device.gather(part(out, 0), part(x, 0), dim, index);
  device.gather(part(out, 1), part(x, 1), dim, index);
}

/** See `Device.scatter`. */
export function scatterComplex(
  device: Device,
  out: Strided,
  dim: number,
  index: Strided,
  src: Strided,
  mode: ScatterMode,
): void {
  if (mode !== "set" && mode !== "sum") {
    refuseComplex(`scatter_reduce_${mode}`, out.info);
  }
  device.scatter(part(out, 0), dim, index, part(src, 0), mode);
  device.scatter(part(out, 1), dim, index, part(src, 1), mode);
}
